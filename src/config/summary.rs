//! The text of `--config.check`: what would be monitored, and what looks wrong.

use std::fmt::Write;

use super::{Config, ConfigError};
use crate::client::gui_rpc::address::Address;
use crate::client::target::{Password, Target};

impl Config {
    /// A few lines for people. Warns about password files that cannot be read. The pages are served over `scheme`.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn summary(&self, scheme: &str) -> Result<String, ConfigError> {
        let targets = self.targets()?;
        let mut text = match &self.file {
            Some(file) => format!("{} is valid.\n", file.display()),
            None => "No configuration file; defaults, environment and flags are valid.\n".to_owned(),
        };
        let plural = if targets.len() == 1 { "client" } else { "clients" };
        let _ = writeln!(text, "Monitoring {} {plural}:", targets.len());
        let width = targets.iter().map(|target| target.name.chars().count()).max().unwrap_or_default();
        for target in &targets {
            let _ = writeln!(text, "  {:width$}  {}, {}", target.name, target.address, password(target));
            if let Some(warning) = warning(target) {
                let _ = writeln!(text, "  {:width$}  warning: {warning}", "");
            }
        }
        let prefix = self.web.prefix();
        for address in &self.web.listen_address {
            // "All addresses" cannot be opened.
            let host = if address.ip().is_unspecified() {
                format!("localhost:{}", address.port())
            } else {
                address.to_string()
            };
            let _ = writeln!(text, "Metrics: {scheme}://{host}{prefix}{}", self.web.telemetry_path);
        }
        Ok(text)
    }
}

fn password(target: &Target) -> String {
    match &target.password {
        Password::None => "no password".to_owned(),
        Password::File(_) | Password::InFolder { .. } => format!("password in {}", target.password),
        Password::FirstOf(_) => "password from BOINC's data directory".to_owned(),
    }
}

fn warning(target: &Target) -> Option<String> {
    match (&target.password, &target.address) {
        (Password::None, Address::Tcp { host, .. }) if host != "127.0.0.1" => {
            Some("BOINC requires a password from other computers; set `password_file`".to_owned())
        }
        (password, _) => password.read().err().map(|error| error.to_string()),
    }
}
