//! `boinc_exporter import-computers`: what `BoincTasks` knows becomes a configuration that watches the same computers.
//!
//! `tests/data/import/*.bad.*` are refused, each with a sentence.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use boinc_exporter::cli::Cli;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::config::Config;
use boinc_exporter::jobs::import_computers::computers;
use clap::Parser as _;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

/// What all passwords in the test data begin with.
const SECRET: &str = "hunter2";

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import").join(name)
}

/// The clients of this configuration, as the exporter understands them.
fn load(folder: &Path, toml: &str) -> Vec<Target> {
    let file = folder.join("config.toml");
    fs::write(&file, toml).expect("the folder is writable");
    let cli = Cli::try_parse_from(["boinc_exporter".as_ref(), "--config.file".as_ref(), file.as_os_str()]);
    let config = Config::load(&cli.expect("valid flags")).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    config.targets().expect("they were checked")
}

fn shown(targets: &[Target], folder: &Path) -> String {
    let mut text = String::new();
    for Target { name, address, labels, password, .. } in targets {
        // Which places there are for a password depends on the computer.
        let password = match password {
            Password::FirstOf(_) => "found by itself".to_owned(),
            password => format!("{password:?}").replace(&folder.display().to_string(), "FOLDER"),
        };
        writeln!(text, "{name:?} {address} {labels:?} {password}").expect("memory");
    }
    text
}

/// The TOML, and what the exporter makes of it.
fn imported(name: &str) -> String {
    let folder = TempDir::new().expect("a temporary folder");
    let toml = computers(&data(name), None).expect("a good file");
    assert!(!toml.contains(SECRET), "{toml}");
    let targets = load(folder.path(), &toml);
    format!("{toml}\n=== loaded ===\n{}", shown(&targets, folder.path()))
}

#[test]
fn a_list_of_the_windows_program() {
    insta::assert_snapshot!(imported("boinctasks.xml"));
}

#[test]
fn a_list_of_the_javascript_program() {
    insta::assert_snapshot!(imported("boinctasks_js.xml"));
}

#[test]
fn the_settings_of_boinctasks_pp() {
    insta::assert_snapshot!(imported("boinctasks-pp.conf"));
}

#[test]
fn a_list_in_a_code_page_with_raw_ampersands() {
    insta::assert_snapshot!(imported("code_page.xml"));
}

#[test]
fn odd_names_and_double_entries() {
    insta::assert_snapshot!(imported("hostile.xml"));
}

/// Somebody who mends what was wrong takes the marks away from all of it.
#[test]
fn what_is_commented_out_is_toml_too() {
    let folder = TempDir::new().expect("a temporary folder");
    let toml = computers(&data("boinctasks.xml"), None).expect("a good file");
    let mended = toml.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
    let targets = load(folder.path(), &mended.collect::<Vec<_>>().join("\n"));
    let names: Vec<_> = targets.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(names, ["attic", "cellar", "this", "office"]);
    assert_eq!(targets[1].address.to_string(), "cellar.example:31418");
}

#[test]
fn bad_files_are_refused_with_a_sentence() {
    let mut text = String::new();
    let files =
        ["another_file.bad.xml", "broken.bad.xml", "empty.bad.xml", "text.bad.xml", "twice.bad.xml", "missing.bad.xml"];
    for name in files.into_iter().chain(["boinctasks-pp.bad.conf"]) {
        let file = data(name);
        let error = format!("{:#}", computers(&file, None).expect_err("a bad file"));
        writeln!(text, "{}", error.replace(&data("").display().to_string(), "")).expect("memory");
    }
    assert!(!text.contains(SECRET), "{text}");
    insta::assert_snapshot!(text);
}

/// Each client's name and the password that the exporter reads for it.
fn passwords(targets: &[Target]) -> Vec<(String, Option<String>)> {
    let password = |target: &Target| {
        let (Password::File(_) | Password::InFolder { .. }) = &target.password else { return None };
        let password = target.password.read().expect("a readable file").expect("a password");
        Some(password.expose_secret().to_owned())
    };
    targets.iter().map(|target| (target.name.clone(), password(target))).collect()
}

#[test]
fn passwords_are_written_where_asked() {
    let folder = TempDir::new().expect("a temporary folder");
    let secrets = folder.path().join("a/secrets");
    for (list, expected) in [
        ("boinctasks_js.xml", vec![("Local machine", None), ("Düsseldorf %26 more", Some("hunter2 é"))]),
        ("code_page.xml", vec![("Büro & Keller", Some("hunter2<ä&")), ("plain", None)]),
    ] {
        let toml = computers(&data(list), Some(&secrets)).expect("a good file");
        assert!(!toml.contains(SECRET), "{toml}");
        let expected = expected.into_iter().map(|(name, password)| (name.to_owned(), password.map(str::to_owned)));
        assert_eq!(passwords(&load(folder.path(), &toml)), expected.collect::<Vec<_>>());
    }
}

#[cfg(unix)]
#[test]
fn written_passwords_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().expect("a temporary folder");
    let secrets = folder.path().join("secrets");
    computers(&data("hostile.xml"), Some(&secrets)).expect("a good file");
    let mode = |path: &Path| fs::metadata(path).expect("it was made").permissions().mode() & 0o7777;
    assert_eq!(mode(&secrets), 0o700);
    let mut files: Vec<_> = fs::read_dir(&secrets)
        .expect("it was made")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("text");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            format!("{:o} {name} {text:?}", mode(&path))
        })
        .collect();
    files.sort();
    insta::assert_snapshot!(files.join("\n"));
}

#[test]
fn passwords_that_are_there_are_kept() {
    let folder = TempDir::new().expect("a temporary folder");
    let again = || computers(&data("boinctasks.xml"), Some(folder.path()));
    let first = again().expect("an empty folder");
    assert_eq!(again().expect("the same passwords"), first);
    // BoincTasks encrypted that of `office`, and `this` has none.
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, ["attic.pw", "cellar.pw"]);
    fs::write(folder.path().join("attic.pw"), "changed since\n").expect("the folder is writable");
    let error =
        format!("{:#}", again().expect_err("another password")).replace(&folder.path().display().to_string(), "DIR");
    assert_eq!(
        error,
        "DIR/attic.pw already exists and contains another password; remove it or choose another directory"
    );
}
