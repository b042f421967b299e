//! Secrets in files: the first line of a file, or why it cannot be read and what to change. It does not know what the secret
//! opens.

use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use crate::files;

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

/// Whether the process, or the whole system, may open no more files.
#[must_use]
pub fn is_out_of_files(error: &io::Error) -> bool {
    // ENFILE and EMFILE, the same on all Unix systems; WSAEMFILE.
    let codes: &[i32] = if cfg!(windows) { &[10_024] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
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
    if is_out_of_files(error) {
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
        io::ErrorKind::PermissionDenied => denied(file, shown, name),
        io::ErrorKind::InvalidData => format!("the first line of the {name} {shown} is not valid UTF-8"),
        _ => format!("the {name} {shown} cannot be read: {error}"),
    })
}

/// Explains who can read the file, and so what to change.
#[cfg(unix)]
fn denied(file: &Path, shown: &str, name: &str) -> String {
    use std::os::unix::fs::MetadataExt;

    let Ok(metadata) = file.metadata() else {
        return format!(
            "the exporter's user cannot access the directory of the {name} {shown}: change the directory's mode or group"
        );
    };
    let group = name_of(Path::new("/etc/group"), metadata.gid());
    if metadata.mode() & 0o040 != 0 {
        return format!(
            "the exporter's user cannot read the {name} {shown}, but group {group} can: \
             add the user to that group and restart the exporter"
        );
    }
    let user = name_of(Path::new("/etc/passwd"), metadata.uid());
    format!(
        "only user {user} can read the {name} {shown}: let its group, {group}, read it (chmod g+r) and add the \
         exporter's user to that group, or give the exporter its own copy"
    )
}

#[cfg(not(unix))]
fn denied(_: &Path, shown: &str, name: &str) -> String {
    format!("the exporter's user cannot read the {name} {shown}: change its permissions")
}

/// The name of a user or group in a file of lines `name:password:id:…`, or the number if it is not listed.
#[cfg(unix)]
#[must_use]
pub fn name_of(names: &Path, id: u32) -> String {
    let names = std::fs::read_to_string(names).unwrap_or_default();
    let number = id.to_string();
    let name = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    name.map_or(number.clone(), |name| format!("`{name}`"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// `denied` is called directly, because tests that run as root are never denied anything.
    #[cfg(unix)]
    #[test]
    fn denied_says_who_can_read() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pw");
        fs::write(&file, "").unwrap();
        let metadata = file.metadata().unwrap();
        let group = name_of(Path::new("/etc/group"), metadata.gid());
        let user = name_of(Path::new("/etc/passwd"), metadata.uid());
        let text = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let text = denied(&file, &file.display().to_string(), "password file")
                .replace(&dir.path().display().to_string(), "DIR");
            text.replace(&group, "GROUP").replace(&user, "USER")
        };
        // A user may have the same name as the group: then both are replaced by the same word.
        let text = |mode| text(mode).replace("user GROUP", "user USER");
        insta::assert_snapshot!(text(0o640), @"the exporter's user cannot read the password file DIR/pw, but group GROUP can: add the user to that group and restart the exporter");
        insta::assert_snapshot!(text(0o600), @"only user USER can read the password file DIR/pw: let its group, GROUP, read it (chmod g+r) and add the exporter's user to that group, or give the exporter its own copy");
        insta::assert_snapshot!(denied(Path::new("/nonexistent/pw"), "/nonexistent/pw", "password file"), @"the exporter's user cannot access the directory of the password file /nonexistent/pw: change the directory's mode or group");
    }

    #[cfg(unix)]
    #[test]
    fn ids_have_names() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "root:x:0:\nbroken\nboinc:x:117:alice,bob\n").unwrap();
        assert_eq!(name_of(file.path(), 117), "`boinc`");
        assert_eq!(name_of(file.path(), 17), "17");
    }
}
