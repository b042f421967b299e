//! What packagers of other systems get from a release: manifests with its version, addresses and checksums; the file of launchd.

use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints files as JSON, each after the kind that its name tells.
const AS_JSON: &str = "
import json, plistlib, sys, yaml
readers = {'yaml': yaml.safe_load, 'json': json.load, 'plist': plistlib.load}
for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        print(json.dumps(readers[name.rsplit('.', 1)[1]](file), indent=1))
";

fn json(files: &[&Path]) -> String {
    let output = Command::new(format!("{ROOT}/target/judges/bin/python"))
        .args(["-c", AS_JSON])
        .args(files)
        .output()
        .expect("`make tools` installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("JSON is UTF-8").replace(VERSION, "VERSION")
}

/// The folder of manifests of a release with these files.
fn manifests(dist: &Path, files: &[&str]) -> Vec<String> {
    let sums = files.iter().enumerate().map(|(at, file)| format!("{at:064}  boinc_exporter-{VERSION}.{file}\n"));
    fs::write(dist.join("SHA256SUMS"), sums.collect::<String>()).expect("the folder is writable");
    let made = Command::new(format!("{ROOT}/deploy/manifests")).arg(dist).arg("https://example.org/1").status();
    assert!(made.expect("it is a script").success());
    let names = fs::read_dir(dist.join("manifests")).expect("it was made").map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn manifests_have_the_checksums_of_the_release() {
    let dist = tempfile::tempdir().expect("a temporary directory");
    let files = ["windows-amd64.msi", "windows-amd64.zip", "darwin-arm64.tar.gz", "darwin-amd64.tar.gz"];
    let names = manifests(dist.path(), &files);
    let path = |name: &String| dist.path().join("manifests").join(name);
    let (formula, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| *name == "boinc_exporter.rb");
    let others: Vec<_> = others.into_iter().map(path).collect();
    insta::assert_snapshot!(json(&others.iter().map(AsRef::as_ref).collect::<Vec<_>>()));
    let formula = fs::read_to_string(path(formula[0])).expect("it was made").replace(VERSION, "VERSION");
    insta::assert_snapshot!(formula);
}

#[test]
fn a_manifest_without_its_files_is_not_made() {
    let dist = tempfile::tempdir().expect("a temporary directory");
    assert_eq!(manifests(dist.path(), &["linux-amd64.tar.gz"]), [""; 0]);
    assert_eq!(manifests(dist.path(), &["windows-amd64.zip"]), ["scoop.json"]);
}

#[test]
fn launchd_can_read_its_file() {
    insta::assert_snapshot!(json(&[&Path::new(ROOT).join("deploy/macos/boinc_exporter.plist")]));
}
