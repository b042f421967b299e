//! The commands of the program: one file each. They put the parts together.
//!
//! | module | what it does |
//! |---|---|
//! | [`serve`] | answers Prometheus until told to stop |
//! | [`scrape`] | prints one exposition |
//! | [`check`] | finds out what is wrong with a client |
//! | [`config_check`] | says what a configuration means |
//! | [`reference`] | prints every metric |
//! | [`backfill`] | writes what a client remembers of the past |
//! | [`import_computers`] | takes over the computers of `BoincTasks` |
//! | [`healthcheck`] | asks a running exporter whether it is healthy |
//! | [`hash_password`] | hashes a password for the web configuration |
//! | `demo` | serves simulated clients |

pub mod backfill;
pub mod check;
pub mod config_check;
#[cfg(feature = "demo")]
pub mod demo;
pub mod hash_password;
pub mod healthcheck;
pub mod import_computers;
pub mod reference;
pub mod scrape;
pub mod serve;

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;

/// Prints to stdout. A reader that went away (`| head`) is no error.
///
/// # Errors
/// Stdout cannot be written.
pub fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to stdout"),
        _ => Ok(()),
    }
}
