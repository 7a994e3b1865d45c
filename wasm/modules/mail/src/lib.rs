abi::export_models! { 1 => mailing::MailText }
