//! BOINC's installer lets people choose the directory, and writes down which one they chose.

use std::path::PathBuf;

use windows_registry::LOCAL_MACHINE;

use crate::platform::program_data;

const KEY: &str = r"SOFTWARE\Space Sciences Laboratory, U.C. Berkeley\BOINC Setup";

/// The directories in which a client of this computer may run, the most likely first.
#[must_use]
pub fn directories() -> Vec<PathBuf> {
    let chosen = LOCAL_MACHINE.open(KEY).and_then(|setup| setup.get_string("DATADIR"));
    let chosen = chosen.ok().filter(|directory| !directory.is_empty()).map(PathBuf::from);
    chosen.into_iter().chain([program_data().join("BOINC")]).collect()
}
