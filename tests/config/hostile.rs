//! Configurations that are no mistakes of a kind that people make, and secrets where they do not belong: each ends in a sentence.

use std::fmt::Write;
use std::path::Path;

use std::time::Duration;

use super::processor::processor_time;
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
fn many_clients_take_no_longer_than_their_number() {
    const CLIENTS: usize = 2000;
    const PARTS: usize = 20;
    /// Linux counts by its clock's ticks.
    const TICKS: Duration = Duration::from_millis(20);
    let client = |number| format!("[[clients]]\naddress = \"host{number}\"\npassword_file = \"host{number}.pw\"\n");
    let time = |clients: usize, times: usize| {
        let text: String = (0..clients).map(client).collect();
        jailed(|jail| {
            let load = || assert_eq!(load_text(jail, &text).expect("a good file").clients.len(), clients);
            processor_time(|| (0..times).for_each(|_| load()))
        })
    };
    let (whole, in_parts) = (time(CLIENTS, 1), time(CLIENTS / PARTS, PARTS));
    assert!(whole < 4 * in_parts + TICKS, "{whole:?}, in parts {in_parts:?}");
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let keys = vec!["a"; 79].join(".");
    let file = format!("{}b = 1{}", format!("{keys} = {{").repeat(70), "}".repeat(70));
    let error_of = |text: &str| jailed(|jail| error(load_text(jail, text)));
    insta::assert_snapshot!(error_of(&file), @"the configuration file c.toml is nested deeper than any setting; remove the tables or lists in tables or lists");
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
    insta::assert_snapshot!(text, @r#"
    c.toml:2: [[clients]] number 1 (`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`), `name` has 70000 characters, but a name may have at most 200
    c.toml:2: [[clients]] number 1, `address` has 70000 bytes, but no address is longer than 259
    c.toml:3: [[clients]] number 1 (`attic`), `address` has 70006 bytes, but no address is longer than 259
    c.toml:3: [[clients]] number 1 (`attic`), `labels` contains a name of 70000 bytes, but it may have at most 200
    c.toml:3: [[clients]] number 1 (`attic`), `collectors` contains an unknown name: there is no collector `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    "#);
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
                let shown = format!("{:?}", config.shown(Path::exists));
                assert!(!shown.contains("hunter2"), "{shown}");
                targets[0].password.read().expect_err("there is no such file").to_string()
            }
            refused => error(refused),
        });
        writeln!(text, "{shown}").expect("memory");
    }
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text, @r#"
    the password file <not shown> does not exist: create it with the first line of the client's gui_rpc_auth.cfg; its name is not shown, as it could be the password itself
    c.toml:3: [[clients]] number 1 (`attic`), `password_credential` is a systemd credential, but $CREDENTIALS_DIRECTORY is not set: start the exporter as a unit with LoadCredential=NAME:FILE, or use `password_file`
    c.toml:3: [[clients]] number 1 (`attic`) contains a key that is not known; valid keys are `name`, `address`, `password_file`, `password_credential`, `data_directory`, `labels`, `collectors` and `timeout`
    c.toml:3: invalid TOML at column 17: invalid string, expected `"`, `'`
    c.toml:2: [[clients]] number 1, `address` has an `@`, but must be HOST, HOST:PORT or unix:/PATH, where HOST is a name or an IPv4 address
    c.toml:1: contains a section that is not known; the sections are `web`, `scrape`, `probe`, `log`, `clients` and `projects`
    c.toml:2: invalid TOML at column 1: invalid table header, duplicate key
    c.toml:3: invalid TOML at column 1: duplicate key
    c.toml:2: `web.listen_address` is something with an `@`, but must be IP:PORT, [IPv6]:PORT, or :PORT for all addresses
    c.toml:2: `web.route_prefix` is something with an `@`, but must be a path such as "/boinc", with only letters, digits and - . _ ~ between single slashes
    c.toml:2: `web.external_url` must be a URL such as "https://example.org/boinc/", with neither a user name nor a query
    c.toml:2: `probe.allow` contains something with an `@`, but must list IPv4 addresses or networks, such as "192.168.1.20" or "192.168.1.0/24"
    "#);
}
