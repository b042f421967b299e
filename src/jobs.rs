//! The commands of the program, one file each.
//!
//! | module | what it does |
//! |---|---|
//! | [`serve`] | answers Prometheus until it is told to stop |
//! | [`scrape`] | scrapes once and prints the metrics |
//! | [`check`] | tests each client step by step |
//! | [`config_check`] | summarizes a configuration |
//! | [`mod@reference`] | prints the documentation of all metrics |
//! | [`backfill`] | exports the history that a client keeps |
//! | [`import_computers`] | converts the computers of `BoincTasks` |
//! | [`healthcheck`] | checks whether a running exporter is healthy |
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
