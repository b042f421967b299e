//! A list of computers: it becomes a configuration that is understood, passwords go to the folder that is meant for them and
//! nowhere else, and its length bounds the work.

use boinc_exporter::jobs::import_computers::computers;

use crate::config::{read, sentence};
use crate::cost::{assert_linear, repeated};
use crate::folder::Folder;

const LENGTH: usize = 32 << 10;

/// Imports it, and a list that repeats it.
pub fn run(bytes: &[u8]) {
    let folder = Folder::new();
    let file = folder.write("computers.xml", bytes);
    match computers(&file, Some(&folder.path("passwords"))) {
        Ok(toml) => {
            let beside: Vec<_> = folder.names().into_iter().filter(|name| name != "passwords").collect();
            assert_eq!(beside, ["computers.xml"]);
            let config = read(folder.write("config.toml", toml.as_bytes()));
            assert!(config.is_ok(), "{}\n{toml}", config.err().map(|error| error.to_string()).unwrap_or_default());
        }
        Err(error) => sentence(&format!("{error:#}")),
    }
    let item = bytes.strip_prefix(b"<computers>").unwrap_or(bytes);
    let fill = |length| [b"<computers>", &repeated(item, length)[..], b"</computers>"].concat();
    assert_linear(LENGTH, fill, |bytes| drop(computers(&folder.write("computers.xml", bytes), None)));
}
