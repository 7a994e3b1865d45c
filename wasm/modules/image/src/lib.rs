abi::export_models! { 1 => imaging::Image }
