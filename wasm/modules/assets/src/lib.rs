abi::export_models! { 1 => web::Web, 2 => web::WebLight, 3 => web::WebDelta }
