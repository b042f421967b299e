//! Files that a person names. A path comes in; what is in the file goes out, or why it cannot be read: a pipe would be waited for,
//! and some devices never end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::platform;

/// Why a file cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// It is a folder, a pipe or a device.
    NotRegular,
    /// It is larger than allowed.
    TooLarge,
    /// The operating system says why.
    Io(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The content of a regular file of at most so many bytes.
///
/// # Errors
/// It is something else, longer, or cannot be read.
pub fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Unreadable> {
    if path == Path::new(platform::NOTHING) { Ok(Vec::new()) } else { read_to_end(open(path)?, max_bytes) }
}

/// A regular file, opened for reading.
///
/// # Errors
/// It is something else, or cannot be opened.
pub fn open(path: &Path) -> Result<File, Unreadable> {
    // To open some devices is to use them.
    if !fs::metadata(path)?.is_file() {
        return Err(Unreadable::NotRegular);
    }
    // A pipe may have taken its place meanwhile.
    let file = platform::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(Unreadable::NotRegular) }
}

/// What comes from here, of at most so many bytes.
///
/// # Errors
/// It is longer, or cannot be read.
pub fn read_to_end(source: impl Read, max_bytes: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    source.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes { Err(Unreadable::TooLarge) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_a_sane_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"text");
        assert!(matches!(read(&file, 3), Err(Unreadable::TooLarge)));
        assert!(matches!(read(folder.path(), 4), Err(Unreadable::NotRegular)));
        assert!(matches!(read(&folder.path().join("none"), 4), Err(Unreadable::Io(_))));
        if cfg!(unix) {
            assert_eq!(read(Path::new(platform::NOTHING), 4).unwrap(), b"");
            assert!(matches!(read(Path::new("/dev/zero"), 4), Err(Unreadable::NotRegular)));
            assert!(matches!(read_to_end(File::open("/dev/zero").unwrap(), 4), Err(Unreadable::TooLarge)));
        }
    }
}
