//! None: on Windows what applications report is in memory that has a name, and an open file keeps the client from cleaning a
//! slot.

use std::io;
use std::path::Path;

use super::{Content, Facts, Unreadable};

/// A folder that cannot be opened here.
#[derive(Debug)]
pub enum Folder {}

impl Folder {
    /// Whether folders are opened here at all.
    pub const READS: bool = false;

    /// Opens nothing.
    ///
    /// # Errors
    /// Always: data directories are read on Unix systems only.
    pub fn open(_: &Path) -> Result<Self, Unreadable> {
        Err(Unreadable::Io(io::Error::new(io::ErrorKind::Unsupported, "data directories are read on Unix only")))
    }

    /// As on Unix.
    ///
    /// # Errors
    /// Never: there is no such folder.
    pub fn folder(&self, _: &str) -> Result<Self, Unreadable> {
        match *self {}
    }

    /// As on Unix.
    ///
    /// # Errors
    /// Never: there is no such folder.
    pub fn names(&self) -> Result<Vec<String>, Unreadable> {
        match *self {}
    }

    /// As on Unix.
    #[must_use]
    pub fn has(&self, _: &str) -> bool {
        match *self {}
    }

    /// As on Unix.
    ///
    /// # Errors
    /// Never: there is no such folder.
    pub fn read(&self, _: &str, _: u64, _: u64) -> Result<Content, Unreadable> {
        match *self {}
    }

    /// As on Unix.
    ///
    /// # Errors
    /// Never: there is no such folder.
    pub fn facts(&self, _: &str) -> Result<Facts, Unreadable> {
        match *self {}
    }
}
