abi::export_models! { 1 => alignments::Bam }
