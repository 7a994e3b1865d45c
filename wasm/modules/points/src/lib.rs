abi::export_models! { 1 => lidar::Points }
