//! Secrets in files: the first line of a file, or why it cannot be read and what to change. It does not know what the secret
//! opens.

use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use crate::files;
use crate::platform;

/// No secret is longer; a client reads this many bytes of the first line of its password file.
const MAX_BYTES: u64 = 255;

/// What a file is for, in messages.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// "password file".
    pub name: &'static str,
    /// What to do if it does not exist: the end of a sentence.
    pub create: &'static str,
    /// "password".
    pub secret: &'static str,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unreadable {
    /// The process, or the system, may open no more files.
    #[error("the exporter has no file descriptor left for a file with a secret")]
    FileDescriptors,
    /// A sentence that names the file and says what to do. It never contains the secret.
    #[error("{0}")]
    Other(String),
}

/// Endings by which a name is known to be one.
const ENDINGS: [&str; 8] = ["pw", "cfg", "txt", "pass", "passwd", "password", "secret", "key"];

/// In place of a name that could be a password.
const NOT_SHOWN: &str = "<not shown>";

/// A name for messages: not if it could be a password, that was written where the name of its file belongs.
#[must_use]
pub fn shown_name(name: &Path) -> String {
    let is_name = name.extension().and_then(|end| end.to_str()).is_some_and(|end| ENDINGS.contains(&end));
    if is_name || name.is_absolute() { name.display().to_string() } else { NOT_SHOWN.to_owned() }
}

/// The first line of a file, without white space; `None` if it is empty. `shown` is its path for messages.
///
/// # Errors
/// The file cannot be read, or its first line is not UTF-8.
pub fn first_line(file: &Path, shown: &str, purpose: Purpose) -> Result<Option<SecretString>, Unreadable> {
    line(file).map_err(|error| unreadable(file, shown, &error, purpose))
}

/// The same of the first of these files that can be read; `None` if none can.
#[must_use]
pub fn first_of(files: &[impl AsRef<Path>]) -> Option<SecretString> {
    files.iter().find_map(|file| line(file.as_ref()).ok()).flatten()
}

fn line(path: &Path) -> io::Result<Option<SecretString>> {
    let opened = files::open(path).map_err(|problem| match problem {
        files::Unreadable::Io(error) => error,
        _ => io::Error::other("not a regular file"),
    })?;
    let mut bytes = Vec::new();
    opened.take(MAX_BYTES).read_to_end(&mut bytes)?;
    // Editors on Windows put a byte-order mark before the text.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    // This error does not contain any of the bytes.
    let line = str::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Some(line).filter(|line| !line.is_empty()).map(SecretString::from))
}

fn unreadable(file: &Path, shown: &str, error: &io::Error, Purpose { name, create, secret }: Purpose) -> Unreadable {
    if platform::is_out_of_files(error) {
        return Unreadable::FileDescriptors;
    }
    Unreadable::Other(match error.kind() {
        io::ErrorKind::NotFound => format!(
            "the {name} {shown} does not exist: {create}{}",
            if shown.ends_with(NOT_SHOWN) {
                format!("; its name is not shown, as it could be the {secret} itself")
            } else {
                String::new()
            }
        ),
        io::ErrorKind::PermissionDenied => platform::cannot_read(file, shown, name),
        io::ErrorKind::InvalidData => format!("the first line of the {name} {shown} is not valid UTF-8"),
        _ => format!("the {name} {shown} cannot be read: {error}"),
    })
}
