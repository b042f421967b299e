//! Passes build information to the program, for `--version` and `boinc_exporter_build_info`: the revision, the compiler and the
//! target. The same sources and compiler always give the same three values.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.toml");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-env-changed=BOINC_EXPORTER_REVISION");
    let rustc = env::var("RUSTC").ok().and_then(|rustc| output(Command::new(rustc).arg("--version")));
    set("BOINC_EXPORTER_REVISION", revision().as_deref());
    set("BOINC_EXPORTER_RUSTC", rustc.as_deref());
    set("BOINC_EXPORTER_TARGET", env::var("TARGET").ok().as_deref());
}

/// The revision from the environment (a container image is built without the repository), otherwise from git.
fn revision() -> Option<String> {
    if let Some(given) = env::var("BOINC_EXPORTER_REVISION").ok().filter(|given| !given.is_empty()) {
        return Some(given);
    }
    // Sources unpacked inside another repository must not use its revision.
    if !Path::new(".git").exists() {
        return None;
    }
    for name in ["HEAD", "index", "refs", "packed-refs"] {
        let path = output(Command::new("git").args(["rev-parse", "--git-path", name]));
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    // Without optional locks, git does not write the index, which would run this script again on each build.
    output(Command::new("git").env("GIT_OPTIONAL_LOCKS", "0").args(["describe", "--always", "--dirty"]))
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn set(name: &str, value: Option<&str>) {
    println!("cargo:rustc-env={name}={}", value.unwrap_or("unknown"));
}
