//! `boinc_exporter hash-password`: reads a password and prints its hash.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::print;
use crate::http;

/// Reads a password and prints its hash.
///
/// # Errors
/// There is no password, or it is too long.
pub fn hash_password(cost: u32) -> anyhow::Result<()> {
    let password = if std::io::stdin().is_terminal() {
        let password = SecretString::from(rpassword::prompt_password("Password: ")?);
        let again = SecretString::from(rpassword::prompt_password("Repeat password: ")?);
        anyhow::ensure!(password.expose_secret() == again.expose_secret(), "the passwords do not match");
        password
    } else {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("the password on stdin is not valid UTF-8")?;
        let end = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(end);
        SecretString::from(line)
    };
    print(&(http::hash_password(&password, cost)? + "\n"))
}
