//! The configuration in words, for `--config.check`: what would be watched, and what looks wrong about it.

use std::fmt::Write;

use super::{Config, ConfigError};
use crate::client::gui_rpc::address::Address;
use crate::client::target::{Password, Target};

impl Config {
    /// A few lines that a person can compare with what was meant. Reads the password files to see whether it can. The
    /// pages are served over `scheme`.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn summary(&self, scheme: &str) -> Result<String, ConfigError> {
        let targets = self.targets()?;
        let mut text = match &self.file {
            Some(file) => format!("{} is right.\n", file.display()),
            None => "There is no configuration file; defaults, environment and flags are right.\n".to_owned(),
        };
        let plural = if targets.len() == 1 { "client" } else { "clients" };
        let _ = writeln!(text, "It watches {} {plural}:", targets.len());
        let width = targets.iter().map(|target| target.name.chars().count()).max().unwrap_or_default();
        for target in &targets {
            let _ = writeln!(text, "  {:width$}  {}, {}", target.name, target.address, password(target));
            if let Some(warning) = warning(target) {
                let _ = writeln!(text, "  {:width$}  warning: {warning}", "");
            }
        }
        for address in &self.web.listen_address {
            // "All addresses" cannot be visited.
            let host = if address.ip().is_unspecified() {
                format!("localhost:{}", address.port())
            } else {
                address.to_string()
            };
            let _ = writeln!(text, "Metrics are at {scheme}://{host}{}", self.web.telemetry_path);
        }
        Ok(text)
    }
}

fn password(target: &Target) -> String {
    match &target.password {
        Password::None => "no password".to_owned(),
        Password::File(file) => format!("password in {}", file.display()),
        Password::FirstOf(_) => "password from where BOINC keeps it".to_owned(),
    }
}

fn warning(target: &Target) -> Option<String> {
    match (&target.password, &target.address) {
        (Password::None, Address::Tcp { host, .. }) if host != "127.0.0.1" => {
            Some("BOINC answers another computer only after a password; set `password_file`".to_owned())
        }
        (password, _) => password.read().err(),
    }
}
