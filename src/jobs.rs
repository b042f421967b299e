//! The commands of the program, one file each.
//!
//! | module | what it does |
//! |---|---|
//! | [`serve`] | answers Prometheus until it is told to stop |
//! | [`scrape`] | scrapes once and prints the metrics |
//! | [`check`] | tests each client and project step by step |
//! | [`config_check`] | summarizes a configuration |
//! | [`mod@dashboards`] | writes dashboards, rules and alerts |
//! | [`mod@reference`] | prints the documentation of all metrics |
//! | [`backfill`] | exports the history that a client keeps |
//! | [`login`] | looks up an account at a project |
//! | [`import_computers`] | converts the computers of `BoincTasks` |
//! | [`healthcheck`] | checks whether a running exporter is healthy |
//! | [`hash_password`] | hashes a password for the web configuration |
//! | [`man`], [`completions`] | print what a package installs for `man` and for shells |
//! | `demo` | serves simulated clients |
//! | `service` | runs as a Windows service |

pub mod backfill;
pub mod check;
pub mod completions;
pub mod config_check;
pub mod dashboards;
#[cfg(feature = "demo")]
pub mod demo;
pub mod hash_password;
pub mod healthcheck;
pub mod import_computers;
pub mod login;
pub mod man;
pub mod reference;
pub mod scrape;
pub mod serve;
#[cfg(windows)]
pub mod service;

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};

use crate::platform;

/// Prints to stdout. It is not an error if the reader has gone (`| head`).
///
/// # Errors
/// Writing to stdout failed.
pub fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to stdout"),
        _ => Ok(()),
    }
}

/// Writes a secret to a file that only its owner can read. An existing file is not changed, because it may be in use.
fn write_secret(path: &Path, secret: &SecretString) -> anyhow::Result<()> {
    let line = SecretString::from(format!("{}\n", secret.expose_secret()));
    let shown = path.display();
    match platform::create_private(path) {
        Ok(mut file) => {
            file.write_all(line.expose_secret().as_bytes()).with_context(|| format!("cannot write {shown}"))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let same = fs::read(path).is_ok_and(|bytes| bytes == line.expose_secret().as_bytes());
            anyhow::ensure!(
                same,
                "{shown} already exists and contains another password; remove it or choose another directory"
            );
            Ok(())
        }
        Err(error) => Err(error).with_context(|| format!("cannot write {shown}")),
    }
}
