//! One client to poll: its address, its password and what to collect. Comes from the configuration; passwords are read
//! here, from their files. It does not know the protocol.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::collectors::Collectors;
use super::gui_rpc::address::Address;
use super::gui_rpc::error::Error;
use crate::secret_file::{self, Purpose, Unreadable};

const PASSWORD_FILE: Purpose =
    Purpose { name: "password file", create: "create it with the first line of the client's gui_rpc_auth.cfg" };

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
#[derive(Debug, Clone, PartialEq)]
pub enum Password {
    /// No password. Enough for a client on this computer, which answers read requests without one.
    None,
    /// The first line of a file.
    File(PathBuf),
    /// The first of these files that can be read, or no password: where a local client keeps its password.
    FirstOf(Vec<PathBuf>),
}

impl fmt::Display for Password {
    /// Shows the path of the file, or of the first of several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::File(file) => file.display().fmt(f),
            Self::FirstOf(files) => files.first().map_or(Ok(()), |file| file.display().fmt(f)),
        }
    }
}

impl Password {
    /// Reads the password.
    ///
    /// # Errors
    /// A message that names the file and the problem. It never contains the password.
    pub fn read(&self) -> Result<Option<SecretString>, Error> {
        match self {
            Self::None => Ok(None),
            Self::File(file) => secret_file::first_line(file, PASSWORD_FILE).map_err(|error| match error {
                Unreadable::FileDescriptors => {
                    Error::FileDescriptors { what: format!("the password file {}", file.display()) }
                }
                error @ Unreadable::Other(_) => Error::PasswordFile(error.to_string()),
            }),
            Self::FirstOf(files) => Ok(secret_file::first_of(files)),
        }
    }
}
