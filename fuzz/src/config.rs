//! A configuration: it is understood or refused with a sentence, and its length bounds the work.

use std::path::PathBuf;

use boinc_exporter::cli::Cli;
use boinc_exporter::config::{Config, ConfigError};

use crate::cost::{assert_linear, repeated};
use crate::folder::Folder;

const LENGTH: usize = 32 << 10;

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// Reads it, and one that repeats it.
pub fn run(bytes: &[u8]) {
    if let Err(error) = load(bytes) {
        sentence(&error.to_string());
    }
    assert_linear(LENGTH, |length| repeated(bytes, length), |bytes| drop(load(bytes)));
}

fn load(bytes: &[u8]) -> Result<(), ConfigError> {
    let config = read(FOLDER.with(|folder| folder.write("config.toml", bytes)))?;
    config.targets()?;
    let _ = (config.limits(), config.prefix());
    Ok(())
}

/// Reads a configuration file.
pub fn read(file: PathBuf) -> Result<Config, ConfigError> {
    Config::load(&Cli { config_file: Some(file), ..Cli::default() })
}

/// Holds a message to what a terminal can show.
pub fn sentence(text: &str) {
    let odd = text.chars().find(|c| c.is_control() && *c != '\n');
    assert!(!text.is_empty() && odd.is_none(), "{odd:?} in {text:?}");
}
