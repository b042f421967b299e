//! Hands the build's origin to the program, for `--version` and `boinc_exporter_build_info`: the revision, the
//! compiler and the target. The same sources and the same compiler give the same three texts.

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

/// What the builder says (a container image is built without the repository), else what git says.
fn revision() -> Option<String> {
    if let Some(given) = env::var("BOINC_EXPORTER_REVISION").ok().filter(|given| !given.is_empty()) {
        return Some(given);
    }
    // Sources that were unpacked inside another repository must not take that one's revision.
    if !Path::new(".git").exists() {
        return None;
    }
    for name in ["HEAD", "index", "refs", "packed-refs"] {
        let path = output(Command::new("git").args(["rev-parse", "--git-path", name]));
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    // Without the lock, looking does not write the index, which would start this script again at each build.
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
