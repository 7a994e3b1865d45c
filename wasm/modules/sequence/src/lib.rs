abi::export_models! { 1 => sequencing::Fastq, 2 => variants::Vcf }
