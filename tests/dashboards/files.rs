//! What is shipped, and programs that judge it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A file of the repository.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// # Panics
/// When it is not there.
pub fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files of all dashboards.
pub fn dashboards() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path("dashboards")).expect("there are dashboards");
    let files = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    assert!(files.len() >= 5, "only these dashboards were found: {files:?}");
    files
}

/// # Panics
/// When it is no JSON.
pub fn json(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).expect("a dashboard can be read");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What a program says on both streams, and whether it was content.
pub struct Verdict {
    pub content: bool,
    pub words: String,
}

/// # Panics
/// When there is no such program.
pub fn ask(command: &mut Command) -> Verdict {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("cannot start {program}: {e}; `make tools` installs what the tests need"));
    let words = [output.stdout, output.stderr].concat();
    Verdict { content: output.status.success(), words: String::from_utf8_lossy(&words).into_owned() }
}

/// Asks a program that must be content.
///
/// # Panics
/// With its words, when it is not.
pub fn must(command: &mut Command) -> String {
    let verdict = ask(command);
    assert!(verdict.content, "{command:?} says:\n{}", verdict.words);
    verdict.words
}
