//! Cargo, run by a test.

use std::process::Command;

/// As outside of a test: what cargo says to one about its package would make the build start anew. And with a release that is not
/// optimized, which takes most of the time, as `deploy/dist --dry` has it.
pub fn unoptimized(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name.to_string_lossy().starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    for (setting, value) in [("OPT_LEVEL", "0"), ("LTO", "off"), ("CODEGEN_UNITS", "16")] {
        command.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    command
}
