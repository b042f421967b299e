//! Writes text to whatever a path names. A regular file is replaced atomically: its reader sees the old text or the new one.
//! Pipes and terminals are written to; what cannot take the text is refused.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;

use crate::platform::{self, Kind};

/// As many links as Linux follows.
const MAX_LINKS: usize = 40;

/// What a path names, after all links.
#[derive(Debug)]
enum Destination {
    /// A regular file, or nothing yet: put a new file there. The metadata are those of the old file.
    Replace(PathBuf, Option<Metadata>),
    /// A pipe, a character device or an open file: write to it.
    Write(PathBuf),
}

/// Writes `text` to `file`.
///
/// # Errors
/// A sentence that names the file.
pub fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let shown = file.display();
    let written = match Destination::of(file)? {
        Destination::Replace(path, old) => replace(&path, old.as_ref(), text),
        Destination::Write(path) => append(&path, text),
    };
    written.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::ResourceBusy => "; it is mounted there, so mount its directory instead",
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory => {
                "; check that its directory exists and is writable"
            }
            _ => "",
        };
        anyhow::Error::new(error).context(format!("cannot write {shown}{advice}"))
    })
}

impl Destination {
    fn of(file: &Path) -> anyhow::Result<Self> {
        let shown = file.display();
        let refused = |what: &str| anyhow::anyhow!("cannot write {shown}: it is {what}; name a file or a pipe");
        // The name of nothing: a path that ends in `/` or `..`.
        if file.as_os_str().as_encoded_bytes().ends_with(b"/") || file.file_name().is_none() {
            return Err(refused("a directory"));
        }
        let mut path = file.to_owned();
        for _ in 0..MAX_LINKS {
            let found = match fs::symlink_metadata(&path) {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::Replace(path, None)),
                Err(error) => return Err(error).with_context(|| format!("cannot write {shown}")),
            };
            if !found.is_symlink() {
                return match platform::kind(&found) {
                    Kind::Regular => Ok(Self::Replace(path, Some(found))),
                    Kind::Stream => Ok(Self::Write(path)),
                    Kind::Other(what) => Err(refused(what)),
                };
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // /dev/stdout and /dev/fd/N lead here: these links are open files, and what they read is only for people.
            if fs::canonicalize(folder).is_ok_and(|folder| folder.starts_with("/proc")) {
                return Ok(Self::Write(path));
            }
            path = folder.join(fs::read_link(&path).with_context(|| format!("cannot write {shown}"))?);
        }
        anyhow::bail!("cannot write {shown}: it is a link that leads in a circle")
    }
}

/// It is not an error if the reader has gone.
fn append(path: &Path, text: &str) -> std::io::Result<()> {
    match OpenOptions::new().append(true).open(path).and_then(|mut file| file.write_all(text.as_bytes())) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Replaces a file atomically. The new one has the mode of the old one, and its owner if this user may give files away.
fn replace(path: &Path, old: Option<&Metadata>, text: &str) -> std::io::Result<()> {
    let name = path.file_name().ok_or(ErrorKind::IsADirectory)?.to_string_lossy();
    // In containers, all processes may have the same number.
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    // node_exporter reads `*.prom`, so it ignores this file.
    let temporary = path.with_file_name(format!(".{name}.{}-{time}.tmp", std::process::id()));
    let written = platform::create_like(&temporary, old)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort; the first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// What would be done, without doing it.
    fn decided(file: &Path) -> String {
        match Destination::of(file) {
            Ok(Destination::Replace(path, old)) => {
                format!("{} {}", if old.is_some() { "replace" } else { "create" }, path.display())
            }
            Ok(Destination::Write(path)) => format!("write {}", path.display()),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn devices_and_open_files_are_written_to() {
        assert_eq!(decided(Path::new("/dev/null")), "write /dev/null");
        for open in ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1"] {
            assert!(decided(Path::new(open)).starts_with("write "), "{open}");
        }
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/dev/null", &link).unwrap();
        assert_eq!(decided(&link), "write /dev/null");
    }

    #[test]
    fn links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let shown = |name: &str| decided(&path(name)).replace(&folder.path().display().to_string(), "DIR");
        fs::create_dir(path("sub")).unwrap();
        fs::write(path("sub/file"), "").unwrap();
        for (name, goal) in
            [("one", "sub/file"), ("two", "one"), ("none", "sub/new"), ("circle", "circle"), ("folder", "sub")]
        {
            symlink(goal, path(name)).unwrap();
        }
        symlink("../sub/file", path("sub/up")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        assert_eq!(shown("one"), "replace DIR/sub/file");
        assert_eq!(shown("two"), "replace DIR/sub/file");
        assert_eq!(shown("folder/up"), "replace DIR/folder/../sub/file");
        assert_eq!(shown("none"), "create DIR/sub/new");
        assert_eq!(shown("circle"), "cannot write DIR/circle: it is a link that leads in a circle");
        for directory in ["folder", "sub", "sub/", "sub/.."] {
            let expected = format!("cannot write DIR/{directory}: it is a directory; name a file or a pipe");
            assert_eq!(shown(directory), expected);
        }
        assert_eq!(shown("socket"), "cannot write DIR/socket: it is a socket; name a file or a pipe");
    }
}
