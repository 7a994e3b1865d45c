abi::export_models! { 1 => structured::Structured }
