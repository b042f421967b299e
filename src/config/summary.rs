//! The text of `--config.check`: what would be monitored, and what looks wrong.

use std::fmt::Write;

use super::{Config, ConfigError, Projects, Watched};
use crate::client::gui_rpc::address::Address;
use crate::client::target::{Password, Target};
use crate::project::target::read_key;

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
        if !targets.is_empty() {
            let _ = writeln!(text, "Monitoring {} {plural}:", targets.len());
        }
        let width = targets.iter().map(|target| target.name.chars().count()).max().unwrap_or_default();
        for target in &targets {
            let problem = target.password.read().err().map(|error| error.to_string());
            let password = password(&target.password, problem.is_none());
            let _ = writeln!(text, "  {:width$}  {}, {password}", target.name, target.address);
            if let Some(warning) = missing(target).or(problem) {
                let _ = writeln!(text, "  {:width$}  warning: {warning}", "");
            }
        }
        projects(&mut text, &self.projects);
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

/// Projects, and key files that cannot be read.
fn projects(text: &mut String, projects: &Projects) {
    let plural = if projects.list.len() == 1 { "project" } else { "projects" };
    match (projects.list.len(), projects.watch) {
        (0, Watched::Listed) => return,
        (count, Watched::Listed) => _ = writeln!(text, "Watching {count} {plural}:"),
        (0, Watched::Attached) => _ = writeln!(text, "Watching the projects that clients are attached to."),
        (count, Watched::Attached) => {
            _ = writeln!(text, "Watching the projects that clients are attached to, and {count} {plural}:");
        }
    }
    for project in &projects.list {
        let _ = writeln!(text, "  {}", project.name.as_ref().unwrap_or(&project.url));
        for file in [&project.account_key_file, &project.submitter].into_iter().flatten() {
            if let Err(error) = read_key(file) {
                let _ = writeln!(text, "  warning: {error}");
            }
        }
    }
    if projects.contact.is_none() {
        text.push_str("  warning: nobody can be asked about these requests; set `contact` in [projects]\n");
    }
}

fn password(password: &Password, can_be_read: bool) -> String {
    match password {
        Password::None => "no password".to_owned(),
        Password::File(_) | Password::InFolder { .. } => {
            format!("password in {}", if can_be_read { password.path() } else { password.to_string() })
        }
        Password::FirstOf(_) => "password from BOINC's data directory".to_owned(),
    }
}

/// The warning about a client that lacks a password.
fn missing(target: &Target) -> Option<String> {
    match (&target.password, &target.address) {
        (Password::None, Address::Tcp { host, .. }) if host != "127.0.0.1" => {
            Some("BOINC requires a password from other computers; set `password_file`".to_owned())
        }
        _ => None,
    }
}
