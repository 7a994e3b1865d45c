abi::export_models! { 1 => general::General }
