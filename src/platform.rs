//! What differs between operating systems: files and who may use them, signals and services, sockets, where BOINC keeps its
//! data, what a process uses. One interface; whoever uses it does not ask on which system the program runs.
//!
//! | module | what it knows |
//! |---|---|
//! | `unix`, `windows` | the interface, once for each kind of system |
//! | [`boinc`] | where the client's installer puts its data directory, and this program's its configuration |
//! | [`folder`] | reading files among which somebody may have put links, pipes and devices |
//! | [`process`] | what this process uses |

pub mod boinc;
pub mod folder;
pub mod process;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

#[cfg(unix)]
pub use self::unix::*;
#[cfg(windows)]
pub use self::windows::*;

/// What a path names, for who wants to write to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    Regular,
    /// Takes text, and must stay what it is.
    Stream,
    /// What it is: a noun with its article.
    Other(&'static str),
}

/// Changes whenever a file is written or replaced.
#[derive(Debug, PartialEq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// A file that replaces another may have the same length and age.
    identity: Option<Identity>,
}

impl Stamp {
    /// Of the file at this path; `None` if there is none to be seen.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let found: Metadata = fs::metadata(path).ok()?;
        Some(Self { length: found.len(), modified: found.modified().ok(), identity: Identity::of(path, &found) })
    }
}
