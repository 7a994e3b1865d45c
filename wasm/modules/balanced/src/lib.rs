abi::export_models! { 1 => bwt::Bwt, 2 => bwt::BwtLight }
