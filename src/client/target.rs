//! One client to poll: its address, its password and what to collect. Comes from the configuration; passwords are read
//! here, from their files. It does not know the protocol.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::collectors::Collectors;
use super::data_directory::Place;
use super::gui_rpc::address::Address;
use super::gui_rpc::error::Error;
use crate::secret_file::{self, Purpose, Unreadable, shown_name};

const PASSWORD_FILE: Purpose = Purpose {
    name: "password file",
    create: "create it with the first line of the client's gui_rpc_auth.cfg",
    secret: "password",
};

/// A BOINC client to collect from.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The label `client`: the configured name, or the address as written.
    pub name: String,
    /// The address the client listens on.
    pub address: Address,
    /// The source of the password.
    pub password: Password,
    /// Its data directory.
    pub data_directory: Place,
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
            Self::File(file) => self.first_line(file),
            Self::InFolder { folder, name } => self.first_line(&folder.join(name)),
            Self::FirstOf(files) => Ok(secret_file::first_of(files)),
        }
    }

    fn first_line(&self, file: &Path) -> Result<Option<SecretString>, Error> {
        let shown = self.to_string();
        secret_file::first_line(file, &shown, PASSWORD_FILE).map_err(|error| match error {
            Unreadable::FileDescriptors => Error::FileDescriptors { what: format!("the password file {shown}") },
            Unreadable::Other(sentence) => Error::PasswordFile(sentence),
        })
    }
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

    /// The same on all systems.
    fn shown(error: &str, folder: &Path) -> String {
        error.replace(&folder.display().to_string(), "DIR").replace('\\', "/")
    }

    #[test]
    fn errors_name_the_file_and_not_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pw");
        let error = |file: &Path| {
            let error = Password::File(file.to_owned()).read().unwrap_err().to_string();
            shown(&error, dir.path())
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
            shown(&password.read().unwrap_err().to_string(), dir.path())
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
}
