//! Files: opening, creating, replacing them.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::Path;

use rustix::fs::OFlags;

use crate::platform::Kind;

/// Which file it is, and when its owner, its mode or its content last changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    device_and_inode: [u64; 2],
    status_changed: [i64; 2],
}

impl Identity {
    /// Of the file with these metadata.
    #[must_use]
    pub fn of(_: &Path, found: &Metadata) -> Option<Self> {
        Some(Self { device_and_inode: [found.dev(), found.ino()], status_changed: [found.ctime(), found.ctime_nsec()] })
    }
}

/// Opens for reading, and does not wait for the other end of a pipe, or for some files of `/proc`.
///
/// # Errors
/// Those of the system.
pub fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

/// Makes a file, which must not exist, and opens it for writing. Only its owner can read it.
///
/// # Errors
/// Those of the system.
pub fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a folder and those above it, where there are none. Only their owner can enter them.
///
/// # Errors
/// Those of the system.
pub fn create_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file that is to replace the old one, if there is one. It has the mode of the old one from the start, and its owner if
/// this user may give files away.
///
/// # Errors
/// Those of the system.
pub fn create_like(path: &Path, old: Option<&Metadata>) -> io::Result<File> {
    let Some(old) = old else { return OpenOptions::new().write(true).create_new(true).open(path) };
    let file = create_private(path)?;
    // Only root may give files away; others may give them to their own groups.
    if fchown(&file, Some(old.uid()), Some(old.gid())).is_err() {
        let _ = fchown(&file, None, Some(old.gid()));
    }
    file.set_permissions(old.permissions())?;
    Ok(file)
}

/// Who else may write the file that this program takes its orders from: nobody that matters. It lies in `/etc`, or where a person
/// says.
///
/// # Errors
/// None here.
pub const fn written_by_others(_: &Path) -> io::Result<Option<String>> {
    Ok(None)
}

/// What there is.
#[must_use]
pub fn kind(found: &Metadata) -> Kind {
    let kind = found.file_type();
    if kind.is_file() {
        Kind::Regular
    } else if kind.is_fifo() || kind.is_char_device() {
        Kind::Stream
    } else if kind.is_dir() {
        Kind::Other("a directory")
    } else if kind.is_socket() {
        Kind::Other("a socket")
    } else {
        Kind::Other("a block device")
    }
}
