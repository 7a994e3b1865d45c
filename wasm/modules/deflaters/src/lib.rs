abi::export_models! { 1 => bgzf::Deflate, 2 => bgzf::Stream }
