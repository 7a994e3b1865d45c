abi::export_models! { 1 => recompressors::Deflate }
