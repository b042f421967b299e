//! A web configuration, or a template of one: it is understood or refused with a sentence that tells no hash, and its length bounds the work.

use boinc_exporter::http::{WebAccess, WebConfigError};

use crate::config::sentence;
use crate::cost::{assert_linear, filled};
use crate::folder::Folder;

const SHORT: usize = 4 << 10;

const MAX_LENGTH: usize = 256 << 10;

/// The length of the part of a hash by bcrypt that makes it one: version, cost, salt and digest.
const HASH: usize = 60;

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// Reads it, and longer ones.
pub fn run(bytes: &[u8]) {
    if let Err(error) = load(&filled(bytes, SHORT)) {
        let text = error.to_string();
        sentence(&text);
        let hash = |at: usize| text.get(at..at + HASH).is_some_and(|hash| !hash.contains(char::is_whitespace));
        assert!(!text.match_indices("$2").any(|(at, _)| hash(at)), "a hash in {text}");
    }
    assert_linear(bytes, MAX_LENGTH, |bytes| drop(load(bytes)));
}

fn load(bytes: &[u8]) -> Result<(), WebConfigError> {
    let file = FOLDER.with(|folder| folder.write("web.yml", bytes));
    WebAccess::load(&file).map(drop)
}
