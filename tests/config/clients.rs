//! Clients from the environment and from flags: a container needs no file.

use std::fmt::Write;

use boinc_exporter::cli::Cli;
use boinc_exporter::config::{Client, Config, ConfigError};
use clap::Parser;
use figment::Jail;

const PREFIX: &str = "BOINC_EXPORTER_CLIENTS__";

/// Loads in a folder of its own, with this file, these variables and these flags.
#[expect(clippy::result_large_err, reason = "the jail's own error type")]
fn load(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> Result<Config, ConfigError> {
    let mut result = None;
    Jail::expect_with(|jail| {
        jail.clear_env();
        jail.create_file("c.toml", file)?;
        variables.iter().for_each(|(name, value)| jail.set_env(format!("{PREFIX}{name}"), value));
        let flags = ["boinc_exporter", "--config.file", "c.toml"].iter().chain(flags);
        result = Some(Config::load(&Cli::try_parse_from(flags).expect("valid flags")));
        Ok(())
    });
    result.expect("the jail runs the test")
}

/// One client a line.
fn clients(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> String {
    let mut text = String::new();
    for client in load(file, variables, flags).expect("a valid configuration").clients {
        let Client { name, address, password_file, labels, collectors, timeout, .. } = client;
        let password = password_file.map(|file| file.display().to_string());
        writeln!(text, "{name:?} {address} {password:?} {labels:?} {collectors:?} {timeout:?}").expect("memory");
    }
    text.replace("Some", "").replace("None", "-")
}

#[test]
fn variables_alone() {
    let variables = [
        ("0__ADDRESS", "10.0.0.5"),
        ("0__NAME", "7"),
        ("0__PASSWORD_FILE", "/run/secrets/attic"),
        ("0__LABELS__room", "3"),
        ("0__LABELS__Floor", "-1"),
        ("0__COLLECTORS", "default, tasks"),
        ("0__TIMEOUT", "5"),
        ("10__ADDRESS", "ten"),
        ("9__ADDRESS", "nine:31500"),
        ("CELLAR__ADDRESS", "10.0.0.6"),
        ("shed__address", "10.0.0.7"),
        ("shed__LABELS", "{room=\"shed\"}"),
    ];
    insta::assert_snapshot!(clients("", &variables, &[]), @r#"
    ("7") 10.0.0.5 ("/run/secrets/attic") {"Floor": "-1", "room": "3"} (["default", "tasks"]) (5s)
    - nine:31500 - {} - -
    - ten - {} - -
    ("cellar") 10.0.0.6 - {} - -
    ("shed") 10.0.0.7 - {"room": "shed"} - -
    "#);
}

const FILE: &str = "[[clients]]\nname = \"attic-1\"\naddress = \"10.0.0.5\"\npassword_file = \"a.pw\"\nlabels = { room = \"attic\" }\n\
                    [[clients]]\naddress = \"cellar\"\n";

#[test]
fn variables_beside_a_file() {
    let variables = [
        ("1__PASSWORD_FILE", "c.pw"),
        ("ATTIC_1__LABELS__floor", "2"),
        ("ATTIC_1__TIMEOUT", "9s"),
        ("2__ADDRESS", "shed"),
    ];
    insta::assert_snapshot!(clients(FILE, &variables, &[]), @r#"
    ("attic-1") 10.0.0.5 ("a.pw") {"floor": "2", "room": "attic"} - (9s)
    - cellar ("c.pw") {} - -
    - shed - {} - -
    "#);
}

#[test]
fn flags_choose() {
    // By address, by name, new.
    insta::assert_snapshot!(clients(FILE, &[], &["--client=shed:31500", "--client=10.0.0.5:31416", "--client=cellar"]), @r#"
    - shed:31500 - {} - -
    ("attic-1") 10.0.0.5 ("a.pw") {"room": "attic"} - -
    - cellar - {} - -
    "#);
    insta::assert_snapshot!(clients("", &[("0__PASSWORD_FILE", "/run/pw"), ("0__NAME", "a")], &["--client=10.0.0.9"]), @r#"("a") 10.0.0.9 ("/run/pw") {} - -"#);
}

#[test]
fn a_password_is_not_sent_elsewhere() {
    let variables = [("0__ADDRESS", "10.0.0.5"), ("0__PASSWORD_FILE", "/run/pw")];
    insta::assert_snapshot!(clients("", &variables, &["--client=10.0.0.9"]), @"- 10.0.0.9 - {} - -");
    insta::assert_snapshot!(clients("", &variables, &["--client=10.0.0.5"]), @r#"- 10.0.0.5 ("/run/pw") {} - -"#);
}

#[test]
fn errors_name_the_variable() {
    let mut text = String::new();
    let address = ("0__ADDRESS", "10.0.0.5");
    for (variables, flags) in [
        (&[("0__PASSWORD_FILE", "/run/pw")][..], &[][..]),
        (&[("ATTIC__TIMEOUT", "5s")], &[]),
        (&[("0", "10.0.0.5")], &[]),
        (&[("0__ADDRESS", "10.0.0.5:port")], &[]),
        (&[address, ("0__PASSWORD", "hunter2")], &[]),
        (&[address, ("0__PASSWORT_FILE", "/run/pw")], &[]),
        (&[address, ("0__TIMEOUT", "soon")], &[]),
        (&[address, ("0__COLLECTORS", "taks")], &[]),
        (&[address, ("0__LABELS__a-b", "x")], &[]),
        (&[address, ("0__LABELS__client", "x"), ("0__LABELS__room", "x")], &[]),
        (&[address, ("0__ADDRESS__X", "x")], &[]),
        (&[address, ("1__ADDRESS", "10.0.0.5:31416")], &[]),
        (&[], &["--client=10.0.0.5:port"]),
        (&[], &["--client=10.0.0.5", "--client=10.0.0.5"]),
    ] {
        let error = load("", variables, flags).expect_err("a wrong configuration");
        writeln!(text, "{error}").expect("memory");
    }
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text, @r#"
    environment variable BOINC_EXPORTER_CLIENTS__0__PASSWORD_FILE belongs to a client without an address; set BOINC_EXPORTER_CLIENTS__0__ADDRESS
    environment variable BOINC_EXPORTER_CLIENTS__ATTIC__TIMEOUT belongs to a client without an address; set BOINC_EXPORTER_CLIENTS__ATTIC__ADDRESS
    environment variable BOINC_EXPORTER_CLIENTS__0 names no key; write BOINC_EXPORTER_CLIENTS__0__ADDRESS
    environment variable BOINC_EXPORTER_CLIENTS__0__ADDRESS is "10.0.0.5:port", but must be HOST, HOST:PORT or unix:/PATH, where HOST is a name or an IPv4 address
    environment variable BOINC_EXPORTER_CLIENTS__0__PASSWORD is not a known key: passwords do not belong in the configuration; put the password into its own file and set `password_file` of the client
    environment variable BOINC_EXPORTER_CLIENTS__0__PASSWORT_FILE is not a known key; did you mean BOINC_EXPORTER_CLIENTS__0__PASSWORD_FILE?
    environment variable BOINC_EXPORTER_CLIENTS__0__TIMEOUT is "soon", but must be a duration such as "10s", "500ms" or "1h 30m", or a number of seconds, of at most 366 days
    environment variable BOINC_EXPORTER_CLIENTS__0__COLLECTORS contains an unknown name: there is no collector `taks`; the nearest is `tasks`
    environment variable BOINC_EXPORTER_CLIENTS__0__LABELS__a-b contains `a-b`, but a label name may only contain letters, digits and _, and must not start with a digit
    environment variable BOINC_EXPORTER_CLIENTS__0__LABELS__* contains `client`, which the exporter sets itself; choose another name
    environment variable BOINC_EXPORTER_CLIENTS__0__ADDRESS is a table, but must be text in quotes
    environment variable BOINC_EXPORTER_CLIENTS__1__ADDRESS: [[clients]] number 2 (`10.0.0.5:31416`) is the same client as number 1, at 10.0.0.5:31416; remove one
    --client is "10.0.0.5:port", but must be HOST, HOST:PORT or unix:/PATH, where HOST is a name or an IPv4 address
    --client: [[clients]] number 2 (`10.0.0.5`) has the same name as number 1, `10.0.0.5`; give each its own `name`
    "#);
}

/// What is wrong with a file, and with a file beside variables.
fn faults(file: &str, variables: &[(&str, &str)]) -> String {
    load(file, variables, &[]).expect_err("a wrong configuration").to_string()
}

#[test]
fn all_faults_are_told_with_their_lines() {
    let file = r#"
[web]
telemetry_path = "metrics"
[scrape]
timeout = "soon"
timeout_offset = "30s"
concurency = 3

[[clients]]
name = "attic"
[[clients]]
address = "cellar"
password = "hunter2"
timeout = true
labels = { client = "x" }
[[clients]]
address = "cellar"
[[clients]]
address = "shed:port"
collectors = [
    "taks",
]
[log]
level = "loud"
"#;
    let text = faults(file, &[("1__NAME", "")]);
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text, @r#"
    environment variable BOINC_EXPORTER_CLIENTS__1__NAME is empty or contains control characters, but must be readable text
    c.toml:3: `web.telemetry_path` is "metrics", but must start with / and contain only letters, digits and - . _ ~ between single slashes
    c.toml:5: `scrape.timeout` is "soon", but must be a duration such as "10s", "500ms" or "1h 30m", or a number of seconds, of at most 366 days
    c.toml:7: `scrape.concurency` is not a known key; did you mean `concurrency`?
    c.toml:9: [[clients]] number 1 (`attic`) lacks `address`, which is required
    c.toml:13: [[clients]] number 2, `password` is not a known key: passwords do not belong in the configuration; put the password into its own file and set `password_file` of the client
    c.toml:14: [[clients]] number 2, `timeout` is true, but must be a duration such as "10s", "500ms" or "1h 30m", or a number of seconds, of at most 366 days
    c.toml:15: [[clients]] number 2, `labels` contains `client`, which the exporter sets itself; choose another name
    c.toml:16: [[clients]] number 3 (`cellar`) has the same name as number 2, `cellar`; give each its own `name`
    c.toml:19: [[clients]] number 4, `address` is "shed:port", but must be HOST, HOST:PORT or unix:/PATH, where HOST is a name or an IPv4 address
    c.toml:20: [[clients]] number 4 (`shed:port`), `collectors` contains an unknown name: there is no collector `taks`; the nearest is `tasks`
    c.toml:24: `log.level` is "loud", but must be `error`, `warn`, `info` or `debug`
    "#);
    insta::assert_snapshot!(faults("[web]\ntelemetry_path = /metrics\n", &[]), @r#"c.toml:2: invalid TOML at column 18: invalid string, expected `"`, `'`"#);
    // Flags choose from the file, in another order.
    let file = "[[clients]]\naddress = \"a\"\n[[clients]]\naddress = \"b\"\ncollectors = \"taks\"\n";
    let error = load(file, &[], &["--client=b"]).expect_err("a wrong configuration").to_string();
    insta::assert_snapshot!(error, @r#"c.toml:5: [[clients]] number 1 (`b`), `collectors` contains an unknown name: there is no collector `taks`; the nearest is `tasks`"#);
}
