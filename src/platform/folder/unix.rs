//! Folders as open files, each opened inside the one above it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};

use super::{Content, Facts, Unreadable};

/// Names of one folder that are looked at. A client's folder has a few for each project, `slots` one for each task.
const MAX_NAMES: usize = 20_000;

/// Reaches what is inside a folder without the right to list it: Debian's `slots/0` may be entered by everyone and listed by
/// its group.
#[cfg(target_os = "linux")]
const ENTER: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const ENTER: OFlags = OFlags::RDONLY;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// A folder.
#[derive(Debug)]
pub struct Folder(OwnedFd);

impl Folder {
    /// Whether folders are opened here at all.
    pub const READS: bool = true;

    /// The folder at this path. Links in the path are followed: it is named by the operator or by a package.
    ///
    /// # Errors
    /// There is none, or it may not be entered.
    pub fn open(path: &Path) -> Result<Self, Unreadable> {
        Self::enter(rustix::fs::open(path, ENTER | FOLDER, Mode::empty()).map_err(io::Error::from)?)
    }

    /// A folder may be opened on the way to what is in it, without the right to go there.
    fn enter(folder: OwnedFd) -> Result<Self, Unreadable> {
        statat(&folder, ".", AtFlags::empty()).map_err(io::Error::from)?;
        Ok(Self(folder))
    }

    /// A folder in this one; no link to one.
    ///
    /// # Errors
    /// There is none, or it may not be entered.
    pub fn folder(&self, name: &str) -> Result<Self, Unreadable> {
        let flags = ENTER | FOLDER | OFlags::NOFOLLOW;
        Self::enter(openat(&self.0, name, flags, Mode::empty()).map_err(io::Error::from)?)
    }

    /// The names in it, in no order.
    ///
    /// # Errors
    /// It may not be listed.
    pub fn names(&self) -> Result<Vec<String>, Unreadable> {
        let folder = openat(&self.0, ".", OFlags::RDONLY | FOLDER, Mode::empty()).map_err(io::Error::from)?;
        let mut names = Vec::new();
        for entry in Dir::new(folder).map_err(io::Error::from)?.take(MAX_NAMES) {
            // A name that is not UTF-8 is none of BOINC's.
            if let Ok(name) = entry.map_err(io::Error::from)?.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Whether there is something of this name, whatever it is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Up to `max` bytes of a file in this folder, from this position on.
    ///
    /// # Errors
    /// There is none, it is no regular file, or it cannot be read.
    pub fn read(&self, name: &str, from: u64, max: u64) -> Result<Content, Unreadable> {
        let (mut file, facts) = self.file(name)?;
        if from > 0 {
            file.seek(SeekFrom::Start(from))?;
        }
        let mut bytes = Vec::new();
        file.take(max).read_to_end(&mut bytes)?;
        Ok(Content { bytes, facts })
    }

    /// The facts of a regular file.
    ///
    /// # Errors
    /// There is none, it is no regular file, or it cannot be read.
    pub fn facts(&self, name: &str) -> Result<Facts, Unreadable> {
        Ok(self.file(name)?.1)
    }

    fn file(&self, name: &str) -> Result<(File, Facts), Unreadable> {
        // To open a pipe wakes who waits at its other end, and to open some devices is to use them.
        let before = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Err(Unreadable::NotRegular);
        }
        // Something else may have taken its place meanwhile.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat(&self.0, name, flags, Mode::empty()).map_err(io::Error::from)?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Unreadable::NotRegular);
        }
        let id = (metadata.dev(), metadata.ino());
        Ok((file, Facts { id, length: metadata.len(), modified: metadata.modified()? }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_regular_files_inside_are_read_and_no_more_of_them_than_wanted() {
        let place = tempfile::tempdir().unwrap();
        let inside = place.path().join("inside");
        fs::create_dir(&inside).unwrap();
        fs::write(place.path().join("secret"), "hunter2").unwrap();
        fs::write(inside.join("file"), "0123456789").unwrap();
        symlink("../secret", inside.join("link")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        fs::create_dir(inside.join("folder")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(inside.join("pipe")).status().unwrap();
        assert!(pipe.success());
        let folder = Folder::open(&inside).unwrap();
        let read = |name: &str, from, max| match folder.read(name, from, max) {
            Ok(content) => String::from_utf8(content.bytes).unwrap(),
            Err(problem) => format!("{problem:?}"),
        };
        assert_eq!(read("file", 0, 100), "0123456789");
        assert_eq!(read("file", 3, 4), "3456");
        assert_eq!(read("file", 30, 4), "");
        for name in ["link", "pipe", "folder", "up"] {
            assert_eq!(read(name, 0, 100), "NotRegular", "{name}");
        }
        assert_eq!(read("none", 0, 100), "Absent");
        assert!(folder.folder("up").is_err(), "a link to a folder is not entered");
        assert!(folder.has("link") && !folder.has("none"));
        let mut names = folder.folder("folder").map(|_| folder.names().unwrap()).unwrap();
        names.sort();
        assert_eq!(names, ["file", "folder", "link", "pipe", "up"]);
    }
}
