abi::export_models! { 1 => bwt::Bwt }
