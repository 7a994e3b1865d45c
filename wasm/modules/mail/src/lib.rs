abi::export_models! { 1 => mailing::MailText, 2 => mailing::LightMailText }
