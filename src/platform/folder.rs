//! Opens and reads what lies in a folder in which others write. A name comes in; bytes go out, or why there are none. Programs
//! that nobody trusts run in slots: a name there may be a link to elsewhere, a pipe or a device, and a file may be of any
//! size. So folders are opened one inside the other and links are never followed, nothing but a regular file is opened, and no
//! more of it is read than was asked for. Nothing is ever opened for writing.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::time::SystemTime;

/// Why a file has no content.
#[derive(Debug)]
pub enum Unreadable {
    /// There is none.
    Absent,
    /// The exporter's user may not read it.
    Denied,
    /// It is a link, a pipe, a device or a folder.
    NotRegular,
    /// The operating system says why.
    Io(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Io(error),
        }
    }
}

/// What a file holds.
#[derive(Debug)]
pub struct Content {
    /// Its bytes, as many as were asked for.
    pub bytes: Vec<u8>,
    /// Its facts, from before it was read.
    pub facts: Facts,
}

/// What the operating system knows of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Which file it is, under whatever name.
    pub id: (u64, u64),
    /// Bytes.
    pub length: u64,
    /// When it was last written.
    pub modified: SystemTime,
}

#[cfg(unix)]
pub use unix::Folder;
#[cfg(windows)]
pub use windows::Folder;
