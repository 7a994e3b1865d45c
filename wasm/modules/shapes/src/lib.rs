abi::export_models! { 1 => vertices::Shapes, 2 => vertices::Table }
