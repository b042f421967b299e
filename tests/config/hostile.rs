//! Configurations that are no mistakes of a kind that people make, and secrets where they do not belong: each ends in a sentence.

use std::fmt::Write;

use super::{error, jailed, load, load_text};

#[cfg(unix)]
#[test]
fn what_never_ends_is_no_configuration() {
    let error = |file| {
        jailed(|_| {
            assert!(std::process::Command::new("mkfifo").arg("pipe").status().expect("mkfifo starts").success());
            error(load(&["--config.file", file]))
        })
    };
    insta::assert_snapshot!(error("pipe"), @"the configuration file pipe is not a regular file; correct --config.file");
    insta::assert_snapshot!(error("/dev/zero"), @"the configuration file /dev/zero is not a regular file; correct --config.file");
    jailed(|_| assert_eq!(load(&["--config.file", "/dev/null"]).expect("nothing is valid").clients, []));
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let keys = vec!["a"; 79].join(".");
    let file = format!("{}b = 1{}", format!("{keys} = {{").repeat(70), "}".repeat(70));
    let error_of = |text: &str| jailed(|jail| error(load_text(jail, text)));
    insta::assert_snapshot!(error_of(&file), @"");
    for (name, value) in [
        ("SCRAPE__COLLECTORS", "[".repeat(5000)),
        ("CLIENTS__0__LABELS", "{a=".repeat(5000)),
        (&*"A__".repeat(20_000), "x".to_owned()),
    ] {
        let sentence = jailed(|jail| {
            jail.set_env(format!("BOINC_EXPORTER_{name}"), value);
            error(load(&[]))
        });
        assert!(sentence.ends_with(" is nested more than 16 levels deep, which no setting is"), "{sentence}");
        assert!(sentence.len() < 300, "{sentence}");
    }
}

#[test]
fn what_is_too_long_is_refused_in_a_short_sentence() {
    let long = "x".repeat(70_000);
    let mut text = String::new();
    for settings in [
        "name = \"LONG\"\naddress = \"attic\"",
        "address = \"LONG\"",
        "name = \"attic\"\naddress = \"unix:/LONG\"",
        "address = \"attic\"\nlabels = { LONG = \"x\" }",
        "address = \"attic\"\ncollectors = [\"LONG\"]",
    ] {
        let file = format!("[[clients]]\n{settings}\n").replace("LONG", &long);
        let sentence = jailed(|jail| error(load_text(jail, &file)));
        assert!(sentence.len() < 1000, "{sentence}");
        writeln!(text, "{}", sentence.replace(&"x".repeat(100), "")).expect("memory");
    }
    insta::assert_snapshot!(text, @"");
}

/// Where a password may stand by mistake.
#[test]
fn a_secret_in_the_wrong_place_is_not_shown() {
    let client = |line: &str| format!("[[clients]]\naddress = \"attic\"\n{line}\n");
    let mut text = String::new();
    for file in [
        client("password_file = \"hunter2\""),
        client("password_credential = \"hunter2\""),
        client("hunter2 = \"password\""),
        client("password_file = hunter2"),
        "[[clients]]\naddress = \"me:hunter2@attic\"".to_owned(),
        "hunter2 = \"password\"".to_owned(),
        "[hunter2]\n[hunter2]".to_owned(),
        "[web]\nhunter2 = 1\nhunter2 = 2".to_owned(),
        "[web]\nlisten_address = \"me:hunter2@attic:1\"".to_owned(),
        "[web]\nroute_prefix = \"http://me:hunter2@attic/\"".to_owned(),
        "[web]\nexternal_url = \"http://me:hunter2@attic/\"".to_owned(),
        "[probe]\nallow = [\"me:hunter2@10.0.0.1\"]".to_owned(),
    ] {
        let shown = jailed(|jail| match load_text(jail, &file) {
            Ok(config) => {
                let targets = config.targets().expect("they were checked");
                assert!(!format!("{:?}", config.shown()).contains("hunter2"), "{:?}", config.shown());
                targets[0].password.read().expect_err("there is no such file").to_string()
            }
            refused => error(refused),
        });
        writeln!(text, "{shown}").expect("memory");
    }
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text, @"");
}
