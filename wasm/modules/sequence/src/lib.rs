abi::export_models! { 1 => sequencing::Fastq }
