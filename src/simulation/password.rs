//! The password of simulated clients, in a file as the exporter wants it.

use std::io::{Result, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::world::World;
use crate::client::target::Password;

/// A file with the clients' password, readable by this user alone, if they want one. Deleted when dropped.
#[derive(Debug)]
pub struct PasswordFile(Option<NamedTempFile>);

impl PasswordFile {
    /// Of these clients.
    ///
    /// # Errors
    /// No temporary file can be written.
    pub fn of(world: &World) -> Result<Self> {
        if world.password().is_empty() {
            return Ok(Self(None));
        }
        let mut file = NamedTempFile::new()?;
        writeln!(file, "{}", world.password())?;
        Ok(Self(Some(file)))
    }

    /// Where it is; `None` if the clients want no password.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(NamedTempFile::path)
    }

    /// How to log in.
    #[must_use]
    pub fn password(&self) -> Password {
        self.path().map_or(Password::None, |path| Password::File(path.to_owned()))
    }
}
