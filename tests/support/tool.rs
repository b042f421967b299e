//! Programs that judge: what they say, if they are content.

use std::path::Path;
use std::process::{Command, Output};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program that must be content, and gives back what it says on both streams.
pub fn content(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("cannot start {program}: {e}; `make tools` installs what is needed"));
    let Output { status, stdout, stderr } = output;
    let words = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert!(status.success(), "{command:?}: {status}\n{words}");
    words
}
