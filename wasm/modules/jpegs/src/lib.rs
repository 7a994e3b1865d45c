abi::export_models! { 1 => jpeg::Jpeg }
