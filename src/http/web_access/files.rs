//! The files of a web configuration: reading them, and noticing that they have changed. Everything here blocks.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::files::{self, Unreadable};
use crate::platform::Stamp;

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
