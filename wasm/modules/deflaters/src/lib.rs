abi::export_models! { 1 => bgzf::Deflate }
