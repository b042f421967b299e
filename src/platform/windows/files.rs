//! Files: opening, creating, replacing them.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

use winapi_util::Handle;
use winapi_util::file::information;

use super::access::keep_private;
use crate::platform::Kind;

/// Which file it is. When it was made does not tell: Windows gives a new file of the same name the time of the one before.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    volume: u64,
    index: u64,
}

impl Identity {
    /// Of the file at this path.
    #[must_use]
    pub fn of(path: &Path, _: &Metadata) -> Option<Self> {
        let found = information(&Handle::from_path_any(path).ok()?).ok()?;
        Some(Self { volume: found.volume_serial_number(), index: found.file_index() })
    }
}

/// Opens for reading.
///
/// # Errors
/// Those of the system.
pub fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Makes a file, which must not exist, and opens it for writing. Only its owner and administrators can read it.
///
/// # Errors
/// Those of the system.
pub fn create_private(path: &Path) -> io::Result<File> {
    // Nobody opens it before it is private.
    let file = OpenOptions::new().write(true).create_new(true).share_mode(0).open(path)?;
    keep_private(path)?;
    Ok(file)
}

/// Makes a folder and those above it, where there are none. Only their owner and administrators can read what is in it.
///
/// # Errors
/// Those of the system.
pub fn create_folders(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    keep_private(path)
}

/// Makes a file that is to replace the old one, if there is one. Who may use it is a matter of its folder.
///
/// # Errors
/// Those of the system.
pub fn create_like(path: &Path, _: Option<&Metadata>) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// What there is.
#[must_use]
pub fn kind(found: &Metadata) -> Kind {
    if found.is_file() {
        Kind::Regular
    } else if found.is_dir() {
        Kind::Other("a directory")
    } else {
        Kind::Stream
    }
}
