//! BOINC's installer has one place.

use std::path::PathBuf;

/// The directories in which a client of this computer may run.
#[must_use]
pub fn directories() -> Vec<PathBuf> {
    vec![PathBuf::from("/Library/Application Support/BOINC Data")]
}
