abi::export_models! { 1 => geometry::Geometry }
