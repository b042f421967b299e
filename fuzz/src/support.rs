//! What the exporter's own tests have for this: a client that answers what it is told to, and a strict reader of expositions.

#![allow(dead_code, unused_imports, reason = "a part of it is used here")]

#[path = "../../tests/support/data.rs"]
mod data;
#[path = "../../tests/support/offline.rs"]
mod offline;
#[path = "../../tests/support/strict.rs"]
mod strict;

pub use data::replies;
use data::{folders, reply_folders};
pub use offline::{Offline, Replies};
pub use strict::check;

mod process {
    use std::time::Duration;

    pub const PATIENCE: Duration = Duration::from_secs(600);
}

/// Where the data of the tests are.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data");
