abi::export_models! { 1 => pictures::Jpeg, 2 => pictures::Ccitt, 3 => pictures::JpegSeries }
