//! The recorded replies, by folder.

use std::path::{Path, PathBuf};

use super::DATA;

/// The folder of recorded replies with this name.
pub fn replies(folder: &str) -> PathBuf {
    Path::new(DATA).join("replies").join(folder)
}

/// The names of all folders of recorded replies, sorted.
pub fn reply_folders() -> Vec<String> {
    folders(&replies(""))
}

/// The names of all folders in a folder, sorted.
pub fn folders(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("its entries can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("folder names are UTF-8"))
        .collect();
    names.sort();
    names
}
