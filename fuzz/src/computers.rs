//! A list of computers, or a template of one: it becomes a configuration that is understood, passwords go to the folder that is meant for them and
//! nowhere else, and its length bounds the work.

use boinc_exporter::jobs::import_computers::computers;

use crate::config::{read, sentence};
use crate::cost::{assert_linear, filled};
use crate::folder::Folder;

const SHORT: usize = 4 << 10;

const MAX_LENGTH: usize = 256 << 10;

/// Imports it, and longer ones.
pub fn run(bytes: &[u8]) {
    let folder = Folder::new();
    let file = folder.write("computers.xml", &filled(bytes, SHORT));
    match computers(&file, Some(&folder.path("passwords"))) {
        Ok(toml) => {
            let beside: Vec<_> = folder.names().into_iter().filter(|name| name != "passwords").collect();
            assert_eq!(beside, ["computers.xml"]);
            let config = read(folder.write("config.toml", toml.as_bytes()));
            assert!(config.is_ok(), "{}\n{toml}", config.err().map(|error| error.to_string()).unwrap_or_default());
        }
        Err(error) => sentence(&format!("{error:#}")),
    }
    let import = |bytes: &[u8]| drop(computers(&folder.write("computers.xml", bytes), None));
    assert_linear(bytes, MAX_LENGTH, import);
}
