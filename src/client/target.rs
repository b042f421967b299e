//! One client to poll: its address, its password and what to collect. Comes from the configuration; passwords are read
//! here, from their files. It does not know the protocol.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::collectors::Collectors;
use super::gui_rpc::address::Address;
use super::gui_rpc::error::{Error, is_out_of_files};
use crate::files::{self, Unreadable};

/// A BOINC client to collect from.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The label `client`: the configured name, or the address as written.
    pub name: String,
    /// The address the client listens on.
    pub address: Address,
    /// The source of the password.
    pub password: Password,
    /// User-defined labels, exported in `boinc_client_info`.
    pub labels: BTreeMap<String, String>,
    /// What to collect.
    pub collectors: Collectors,
    /// The maximum duration of one poll.
    pub timeout: Duration,
}

/// The source of a password. It is read again at each poll, so a changed file needs no reload.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Password {
    /// No password. Enough for a client on this computer, which answers read requests without one.
    None,
    /// The first line of a file.
    File(PathBuf),
    /// The same, of a file that is named relative to a folder. By mistake this name may be the password itself.
    InFolder {
        /// The folder.
        folder: PathBuf,
        /// The name.
        name: PathBuf,
    },
    /// The first of these files that can be read, or no password: where a local client keeps its password.
    FirstOf(Vec<PathBuf>),
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

impl fmt::Display for Password {
    /// Shows the path of the file, or of the first of several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::File(file) => f.write_str(&shown_name(file)),
            Self::InFolder { folder, name } => folder.join(shown_name(name)).display().fmt(f),
            Self::FirstOf(files) => files.first().map_or(Ok(()), |file| file.display().fmt(f)),
        }
    }
}

impl Password {
    /// The path of the file for messages, once it was read: so it is no password.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::File(file) => file.display().to_string(),
            Self::InFolder { folder, name } => folder.join(name).display().to_string(),
            Self::None | Self::FirstOf(_) => self.to_string(),
        }
    }

    /// Reads the password.
    ///
    /// # Errors
    /// A message that names the file and the problem. It never contains the password.
    pub fn read(&self) -> Result<Option<SecretString>, Error> {
        match self {
            Self::None => Ok(None),
            Self::File(file) => first_line(file).map_err(|error| unreadable(file, &self.to_string(), &error)),
            Self::InFolder { folder, name } => {
                let file = folder.join(name);
                first_line(&file).map_err(|error| unreadable(&file, &self.to_string(), &error))
            }
            Self::FirstOf(files) => Ok(files.iter().find_map(|file| first_line(file).ok()).flatten()),
        }
    }
}

/// The client reads this many bytes of the first line of its file and strips white space.
const MAX_PASSWORD_BYTES: u64 = 255;

fn first_line(path: &Path) -> io::Result<Option<SecretString>> {
    let opened = files::open(path).map_err(|problem| match problem {
        Unreadable::Io(error) => error,
        _ => io::Error::other("not a regular file"),
    })?;
    let mut bytes = Vec::new();
    opened.take(MAX_PASSWORD_BYTES).read_to_end(&mut bytes)?;
    // Editors on Windows put a byte-order mark before the text.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    // This error does not contain any of the bytes.
    let line = str::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Some(line).filter(|line| !line.is_empty()).map(SecretString::from))
}

fn unreadable(file: &Path, shown: &str, error: &io::Error) -> Error {
    if is_out_of_files(error) {
        return Error::FileDescriptors { what: format!("the password file {shown}") };
    }
    Error::PasswordFile(match error.kind() {
        io::ErrorKind::NotFound => format!(
            "the password file {shown} does not exist: create it with the first line of the client's gui_rpc_auth.cfg{}",
            if shown.ends_with(NOT_SHOWN) { "; its name is not shown, as it could be the password itself" } else { "" }
        ),
        io::ErrorKind::PermissionDenied => denied(file, shown),
        io::ErrorKind::InvalidData => format!("the first line of the password file {shown} is not valid UTF-8"),
        _ => format!("the password file {shown} cannot be read: {error}"),
    })
}

/// Explains who can read the file, and so what to change.
#[cfg(unix)]
fn denied(file: &Path, shown: &str) -> String {
    use std::os::unix::fs::MetadataExt;

    let Ok(metadata) = file.metadata() else {
        return format!(
            "the exporter's user cannot access the directory of the password file {shown}: change the directory's mode or group"
        );
    };
    let group = name_of(Path::new("/etc/group"), metadata.gid());
    if metadata.mode() & 0o040 != 0 {
        return format!(
            "the exporter's user cannot read the password file {shown}, but group {group} can: \
             add the user to that group and restart the exporter"
        );
    }
    let user = name_of(Path::new("/etc/passwd"), metadata.uid());
    format!(
        "only user {user} can read the password file {shown}: let its group, {group}, read it (chmod g+r) and add the \
         exporter's user to that group, or give the exporter its own copy"
    )
}

#[cfg(not(unix))]
fn denied(_: &Path, shown: &str) -> String {
    format!("the exporter's user cannot read the password file {shown}: change its permissions")
}

/// The name of a user or group in a file of lines `name:password:id:…`, or the number if it is not listed.
#[cfg(unix)]
fn name_of(names: &Path, id: u32) -> String {
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
    use secrecy::ExposeSecret;
    use std::fs;

    use super::*;

    /// The password read from a file with these bytes.
    fn read(bytes: &[u8]) -> Option<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let password = Password::File(file.path().to_owned()).read().unwrap();
        password.map(|password| password.expose_secret().to_owned())
    }

    #[test]
    fn password_is_the_first_line_as_the_client_reads_it() {
        assert_eq!(read(b"a1b2"), Some("a1b2".to_owned()));
        assert_eq!(read(b" \ta b\r\nsecond\n"), Some("a b".to_owned()));
        assert_eq!(read("gar\u{e7}on\n\u{ff}".as_bytes()), Some("gar\u{e7}on".to_owned()));
        assert_eq!(read("\u{feff}word\r\n".as_bytes()), Some("word".to_owned()));
        assert_eq!(read(b""), None);
        assert_eq!(read(b"\n"), None);
        assert_eq!(read(b"  \nsecond\n"), None);
        assert_eq!(read(&[b'x'; 300]), Some("x".repeat(255)));
        assert_eq!(read(&[b"\n".as_slice(), &[0xff; 9]].concat()), None);
    }

    #[test]
    fn the_first_readable_file_counts_even_if_it_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("empty"), "\n").unwrap();
        fs::write(path("full"), "word\n").unwrap();
        let read = |names: &[&str]| {
            let password = Password::FirstOf(names.iter().map(|name| path(name)).collect()).read().unwrap();
            password.map(|password| password.expose_secret().to_owned())
        };
        assert_eq!(read(&["missing", "full", "empty"]), Some("word".to_owned()));
        assert_eq!(read(&["missing", "empty", "full"]), None);
        assert_eq!(read(&["missing"]), None);
    }

    #[test]
    fn errors_name_the_file_and_not_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pw");
        let error = |file: &Path| {
            let error = Password::File(file.to_owned()).read().unwrap_err().to_string();
            error.replace(&dir.path().display().to_string(), "DIR")
        };
        insta::assert_snapshot!(error(&file), @"the password file DIR/pw does not exist: create it with the first line of the client's gui_rpc_auth.cfg");
        insta::assert_snapshot!(error(dir.path()), @"the password file DIR cannot be read: not a regular file");
        fs::write(&file, b"hunter\xff\n").unwrap();
        insta::assert_snapshot!(error(&file), @"the first line of the password file DIR/pw is not valid UTF-8");
    }

    #[test]
    fn a_name_that_could_be_the_password_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let error = |name: &str| {
            let password = Password::InFolder { folder: dir.path().to_owned(), name: name.into() };
            password.read().unwrap_err().to_string().replace(&dir.path().display().to_string(), "DIR")
        };
        insta::assert_snapshot!(error("attic.pw"), @"the password file DIR/attic.pw does not exist: create it with the first line of the client's gui_rpc_auth.cfg");
        for password in
            ["hunter2", "correct.horse", "abc/def+gh==", "5f4dcc3b5aa765d61d8327deb882cf99", &"x".repeat(300), "\0"]
        {
            assert!(!error(password).contains(password), "{password}");
        }
        insta::assert_snapshot!(error("hunter2"), @"the password file DIR/<not shown> does not exist: create it with the first line of the client's gui_rpc_auth.cfg; its name is not shown, as it could be the password itself");
        let relative = Password::File("hunter2".into()).read().unwrap_err().to_string();
        assert!(!relative.contains("hunter2"), "{relative}");
    }

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
            let text = denied(&file, &file.display().to_string()).replace(&dir.path().display().to_string(), "DIR");
            text.replace(&group, "GROUP").replace(&user, "USER")
        };
        // A user may have the same name as the group: then both are replaced by the same word.
        let text = |mode| text(mode).replace("user GROUP", "user USER");
        insta::assert_snapshot!(text(0o640), @"the exporter's user cannot read the password file DIR/pw, but group GROUP can: add the user to that group and restart the exporter");
        insta::assert_snapshot!(text(0o600), @"only user USER can read the password file DIR/pw: let its group, GROUP, read it (chmod g+r) and add the exporter's user to that group, or give the exporter its own copy");
        insta::assert_snapshot!(denied(Path::new("/nonexistent/pw"), "/nonexistent/pw"), @"the exporter's user cannot access the directory of the password file /nonexistent/pw: change the directory's mode or group");
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
