abi::export_models! { 1 => structured::Structured, 2 => structured::Columns }
