//! A configuration, or a template of one: it is understood or refused with a sentence, and its length bounds the work.

use std::path::PathBuf;

use boinc_exporter::cli::Cli;
use boinc_exporter::config::{Config, ConfigError};

use crate::cost::{assert_linear, filled};
use crate::folder::Folder;

/// Longer than what one width of a formatted text can be.
const SHORT: usize = 70_000;

const MAX_LENGTH: usize = 256 << 10;

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// Reads it, and longer ones.
pub fn run(bytes: &[u8]) {
    if let Err(error) = load(&filled(bytes, SHORT)) {
        sentence(&error.to_string());
    }
    assert_linear(bytes, MAX_LENGTH, |bytes| drop(load(bytes)));
}

fn load(bytes: &[u8]) -> Result<(), ConfigError> {
    let config = read(FOLDER.with(|folder| folder.write("config.toml", bytes)))?;
    config.targets()?;
    config.summary("http").map(drop)
}

/// Reads a configuration file.
///
/// # Errors
/// It is invalid.
pub fn read(file: PathBuf) -> Result<Config, ConfigError> {
    Config::load(&Cli { config_file: Some(file), ..Cli::default() })
}

/// Holds a message to what a terminal can show.
pub fn sentence(text: &str) {
    let odd = text.chars().find(|c| c.is_control() && *c != '\n');
    assert!(!text.is_empty() && odd.is_none(), "{odd:?} in {text:?}");
}
