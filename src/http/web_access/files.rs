//! The files of a web configuration: reading them, and noticing that they have changed. Everything here blocks.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::{self, Unreadable};

/// A hundred times the longest certificate chain. A longer file is something else.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The files that one attempt has read, each with its state just before.
#[derive(Debug, Default)]
pub struct ReadFiles(Vec<(PathBuf, Option<Stamp>)>);

impl ReadFiles {
    /// The content of a file, or the end of a sentence about it.
    pub fn read(&mut self, path: &Path) -> Result<Vec<u8>, String> {
        self.0.push((path.to_owned(), Stamp::of(path)));
        content(path)
    }

    /// Whether any of them differs from what was read.
    pub fn have_changed(&self) -> bool {
        self.0.iter().any(|(path, stamp)| Stamp::of(path) != *stamp)
    }
}

/// Changes whenever a file is written or replaced.
#[derive(Debug, PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and inode: a file that replaces another may have the same length and age.
    identity: [u64; 2],
    status_changed: [i64; 2],
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let (identity, status_changed) = unix(&metadata);
        Some(Self { length: metadata.len(), modified: metadata.modified().ok(), identity, status_changed })
    }
}

#[cfg(unix)]
fn unix(metadata: &Metadata) -> ([u64; 2], [i64; 2]) {
    use std::os::unix::fs::MetadataExt as _;
    ([metadata.dev(), metadata.ino()], [metadata.ctime(), metadata.ctime_nsec()])
}

#[cfg(not(unix))]
fn unix(_: &Metadata) -> ([u64; 2], [i64; 2]) {
    ([0; 2], [0; 2])
}

fn content(path: &Path) -> Result<Vec<u8>, String> {
    match files::read(path, MAX_FILE_BYTES) {
        Ok(bytes) => Ok(bytes),
        Err(Unreadable::NotRegular | Unreadable::TooLarge) => {
            Err(format!("is not a file of at most {MAX_FILE_BYTES} bytes"))
        }
        Err(Unreadable::Io(error)) => Err(match error.kind() {
            ErrorKind::NotFound => "does not exist".to_owned(),
            ErrorKind::PermissionDenied => {
                "may not be read by the exporter's user; change its owner or mode".to_owned()
            }
            _ => format!("cannot be read: {error}"),
        }),
    }
}
