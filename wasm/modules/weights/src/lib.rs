abi::export_models! { 1 => tensors::Tensor, 2 => tensors::Elements, 3 => floats::Floats }
