//! The password of simulated clients, in a file that the exporter can read.

use std::io::{Result, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::world::World;
use crate::client::target::Password;

/// A file with the clients' password, if they require one. Only this user can read it. Deleted when dropped.
#[derive(Debug)]
pub struct PasswordFile(Option<NamedTempFile>);

impl PasswordFile {
    /// Writes the password of these clients.
    ///
    /// # Errors
    /// If no temporary file can be written.
    pub fn of(world: &World) -> Result<Self> {
        if world.password().is_empty() {
            return Ok(Self(None));
        }
        let mut file = NamedTempFile::new()?;
        writeln!(file, "{}", world.password())?;
        Ok(Self(Some(file)))
    }

    /// Path of the file; `None` if the clients require no password.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(NamedTempFile::path)
    }

    /// The password setting for the exporter.
    #[must_use]
    pub fn password(&self) -> Password {
        self.path().map_or(Password::None, |path| Password::File(path.to_owned()))
    }
}
