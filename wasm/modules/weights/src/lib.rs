abi::export_models! { 1 => tensors::Tensor, 2 => tensors::Plane, 3 => floats::Floats }
