//! Configuration: what files, environment and flags make of each other, and what is said when they are wrong.
//!
//! `tests/data/config/*.bad.toml` and `*.good.toml` are read one by one; a new case is a new file. Everything runs
//! inside a jail, which gives each test an environment and a folder of its own, one test at a time.

mod clients;
mod hostile;
#[path = "../support/processor.rs"]
mod processor;
mod projects;
mod settings;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use boinc_exporter::cli::{Cli, Command};
use boinc_exporter::config::{Config, ConfigError};
use clap::{CommandFactory, Parser};
use figment::Jail;

/// Runs in a folder and an environment of its own. Snapshots are compared outside, where their files are found.
#[expect(clippy::result_large_err, reason = "the jail's own error type")]
fn jailed<T>(test: impl FnOnce(&mut Jail) -> T) -> T {
    let mut result = None;
    Jail::expect_with(|jail| {
        result = Some(test(jail));
        Ok(())
    });
    result.expect("the jail runs the test")
}

fn cli(arguments: &[&str]) -> Cli {
    Cli::try_parse_from([&["boinc_exporter"], arguments].concat()).expect("valid flags")
}

fn load(arguments: &[&str]) -> Result<Config, ConfigError> {
    Config::load(&cli(arguments))
}

/// Loads with this text as the configuration file.
fn load_text(jail: &Jail, text: &str) -> Result<Config, ConfigError> {
    jail.create_file("c.toml", text).expect("a writable folder");
    load(&["--config.file", "c.toml"])
}

fn error(result: Result<Config, ConfigError>) -> String {
    format!("{:#}", anyhow::Error::from(result.map(drop).expect_err("a wrong configuration")))
}

/// The files of `tests/data/config` whose names end so, sorted.
fn files(end: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config");
    let entries = fs::read_dir(folder).expect("the folder of cases").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}

#[test]
fn bad_files_are_refused_with_a_sentence() {
    let mut text = String::new();
    jailed(|_| {
        for file in files(".bad.toml") {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            let folder = format!("{}/", file.parent().expect("a folder").display());
            let error = error(load(&["--config.file", &file.to_string_lossy()])).replace(&folder, "");
            assert!(error.contains(&name), "{name} is not named by: {error}");
            writeln!(text, "{error}").expect("memory");
        }
    });
    for secret in ["hunter2", "271828"] {
        assert!(!text.contains(secret), "{secret} is repeated");
    }
    insta::assert_snapshot!("bad_files", text);
}

#[test]
fn good_files_are_understood() {
    let mut text = String::new();
    jailed(|_| {
        for file in files(".good.toml") {
            let folder = file.parent().expect("a folder").display().to_string();
            let config = load(&["--config.file", &file.to_string_lossy()]).expect("a good file");
            writeln!(text, "{}", format!("{config:#?}").replace(&folder, "FOLDER")).expect("memory");
        }
    });
    insta::assert_snapshot!("good_files", text);
}

#[cfg(target_os = "linux")]
#[test]
fn targets_of_a_good_file() {
    let targets = jailed(|jail| {
        jail.set_env("CREDENTIALS_DIRECTORY", "/run/credentials/boinc_exporter.service");
        let text = r#"
            scrape = { client_timeout = "4s", collectors = ["-default"] }
            [[clients]]
            address = "attic:31500"
            password_credential = "attic"
            [[clients]]
            name = "cellar"
            address = "10.0.0.2"
            password_file = "cellar.pw"
            labels = { floor = "-1" }
            collectors = ["cc_status", "tasks"]
            timeout = "1s"
            [[clients]]
            name = "second"
            address = "LocalHost:31417"
            [[clients]]
            name = "remote"
            address = "127.0.0.2"
        "#;
        load_text(jail, text).expect("a good file").targets().expect("targets")
    });
    insta::assert_snapshot!("targets", format!("{targets:#?}"));
}

#[test]
fn nothing_configured_means_the_client_on_this_computer() {
    jailed(|_| {
        let config = load(&[]).expect("defaults");
        assert_eq!(config, Config::default());
        let targets = config.targets().expect("one target");
        let shown: Vec<_> = targets.iter().map(|t| format!("{} {}", t.name, t.address)).collect();
        assert_eq!(shown, ["localhost 127.0.0.1:31416"]);
        // Which files are tried depends on the computer.
        let password = format!("{:?}", targets[0].password);
        assert!(password.starts_with("FirstOf([") && password.contains("gui_rpc_auth.cfg"), "{password}");
    });
}

/// A setting as key, flag and a value that is not the default.
const FLAGS: [(&str, &str, &str); 13] = [
    ("clients.0.address", "--client", "attic:31500"),
    ("web.listen_address", "--web.listen-address", "127.0.0.1:1"),
    ("web.telemetry_path", "--web.telemetry-path", "/m"),
    ("web.max_requests", "--web.max-requests", "3"),
    ("web.disable_exporter_metrics", "--web.disable-exporter-metrics", "true"),
    ("web.config_file", "--web.config.file", "web.yml"),
    ("web.external_url", "--web.external-url", "https://example.org/boinc"),
    ("web.route_prefix", "--web.route-prefix", "/boinc"),
    ("web.systemd_socket", "--web.systemd-socket", "true"),
    ("web.enable_lifecycle", "--web.enable-lifecycle", "true"),
    ("scrape.timeout_offset", "--timeout-offset", "0.25"),
    ("log.level", "--log.level", "warn"),
    ("log.format", "--log.format", "json"),
];

fn variable(key: &str) -> String {
    format!("BOINC_EXPORTER_{}", key.replace('.', "__").to_uppercase())
}

#[test]
fn every_flag_has_a_twin_in_the_environment_and_names_it() {
    let help: Vec<_> = Cli::command()
        .get_arguments()
        .filter(|argument| argument.get_long().is_some_and(|long| !long.starts_with("config.")))
        .map(|argument| {
            (argument.get_long().expect("a long name").to_owned(), argument.get_long_help().expect("help").to_string())
        })
        .collect();
    assert_eq!(help.len(), FLAGS.len());
    for (key, flag, value) in FLAGS {
        let variable = variable(key);
        let (_, help) = help.iter().find(|(long, _)| format!("--{long}") == flag).expect("the flag");
        assert!(help.contains(&format!("[env: {variable}")), "{flag}: {help}");
        jailed(|jail| {
            let by_flag = load(&[&format!("{flag}={value}")]).expect("a good flag");
            assert_ne!(by_flag, Config::default(), "{flag}");
            jail.set_env(&variable, value);
            assert_eq!(load(&[]).expect("a good variable"), by_flag, "{variable}");
        });
    }
}

#[test]
fn flags_beat_environment_beats_file_beats_default() {
    jailed(|jail| {
        let path = || load(&["--config.file", "c.toml"]).expect("good settings").web.telemetry_path;
        jail.create_file("c.toml", "").expect("a writable folder");
        assert_eq!(path(), "/metrics");
        jail.create_file("c.toml", "web.telemetry_path = '/file'").expect("a writable folder");
        assert_eq!(path(), "/file");
        jail.set_env("BOINC_EXPORTER_WEB__TELEMETRY_PATH", "/environment");
        assert_eq!(path(), "/environment");
        let config = load(&["--config.file", "c.toml", "--web.telemetry-path", "/flag"]).expect("good settings");
        assert_eq!(config.web.telemetry_path, "/flag");
        jail.set_env("BOINC_EXPORTER_CONFIG__FILE", "c.toml");
        assert_eq!(load(&[]).expect("good settings").file.as_deref(), Some(Path::new("c.toml")));
        jail.set_env("BOINC_EXPORTER_WEB__DISABLE_EXPORTER_METRICS", "true");
        assert!(!load(&["--web.disable-exporter-metrics=false"]).expect("good settings").web.disable_exporter_metrics);
    });
}

#[test]
fn the_environment_can_say_everything() {
    jailed(|jail| {
        jail.set_env("BOINC_EXPORTER_WEB__LISTEN_ADDRESS", "127.0.0.1:1, [::1]:2");
        jail.set_env("BOINC_EXPORTER_SCRAPE__TIMEOUT", "8");
        jail.set_env("BOINC_EXPORTER_SCRAPE__COLLECTORS", "default,tasks");
        jail.set_env("BOINC_EXPORTER_SCRAPE__INTERVALS__DISK_USAGE", "1h");
        jail.set_env(
            "BOINC_EXPORTER_CLIENTS",
            r#"[{address="10.0.0.1",collectors="state"},{name="b",address="10.0.0.2"}]"#,
        );
        // Set by a container scheduler for a service of that name: no settings.
        jail.set_env("BOINC_EXPORTER_PORT", "tcp://10.0.0.1:31415");
        jail.set_env("BOINC_EXPORTER_PORT_31415_TCP_ADDR", "10.0.0.1");
        jail.set_env("BOINC_EXPORTER_SERVICE_HOST", "10.0.0.1");
        jail.set_env("BOINC_EXPORTER_SERVICE_PORT", "31415");
        jail.set_env("BOINC_EXPORTER_SERVICE_PORT_HTTP", "31415");
        let mut expected = Config::default();
        expected.web.listen_address = vec![([127, 0, 0, 1], 1).into(), "[::1]:2".parse().expect("an address")];
        expected.scrape.timeout = std::time::Duration::from_secs(8);
        expected.scrape.collectors = vec!["default".to_owned(), "tasks".to_owned()];
        expected.scrape.intervals.disk_usage = std::time::Duration::from_secs(3600);
        let mut config = load(&[]).expect("good variables");
        let clients = std::mem::take(&mut config.clients);
        assert_eq!(config, expected);
        let clients: Vec<_> = clients.into_iter().map(|c| (c.name, c.address, c.collectors)).collect();
        let state = Some(vec!["state".to_owned()]);
        let expected = [(None, "10.0.0.1".to_owned(), state), (Some("b".to_owned()), "10.0.0.2".to_owned(), None)];
        assert_eq!(clients, expected);
        jail.set_env("BOINC_EXPORTER_WEB__LISTEN_ADDRESS", "[::]:31415");
        assert_eq!(load(&[]).expect("a good variable").web, Config::default().web);
    });
}

#[test]
fn bad_variables_and_flags_are_named() {
    let mut text = String::new();
    let variables = [
        ("BOINC_EXPORTER_LOG_LEVEL", "debug"),
        ("BOINC_EXPORTER_COLOUR", "blue"),
        ("BOINC_EXPORTER_SCRAPE__TIMEUOT", "5s"),
        ("BOINC_EXPORTER_SCRAPE__TIMEOUT", "soon"),
        ("BOINC_EXPORTER_SCRAPE__CONCURRENCY", "many"),
        ("BOINC_EXPORTER_WEB__LISTEN_ADDRESS", "31415"),
        ("BOINC_EXPORTER_LOG__LEVEL", ""),
        ("BOINC_EXPORTER_WEB", "on"),
        ("BOINC_EXPORTER_WEB_\u{149}\u{df}", "x"),
        ("BOINC_EXPORTER_PASSWORD", "hunter2"),
        ("BOINC_EXPORTER_CLIENTS", "hunter2"),
        ("BOINC_EXPORTER_CLIENTS", r#"[{address="a",password="hunter2"}]"#),
        ("BOINC_EXPORTER_CLIENTS", r#"[{address="a",password_file=["hunter2"]}]"#),
        ("BOINC_EXPORTER_CLIENTS", r#"[{address="a",password_file=hunter2]"#),
        ("BOINC_EXPORTER_CLIENTS", r#"[{address="a"},{address="a"}]"#),
    ];
    for (name, value) in variables {
        jailed(|jail| {
            jail.set_env(name, value);
            writeln!(text, "{}", error(load(&[]))).expect("memory");
        });
    }
    let flags = [
        "--web.listen-address=x",
        "--web.telemetry-path=x",
        "--web.max-requests=0",
        "--timeout-offset=1m",
        "--log.level=x",
    ];
    for flag in flags {
        jailed(|_| writeln!(text, "{}", error(load(&[flag]))).expect("memory"));
    }
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!("bad_variables_and_flags", text);
}

#[test]
fn a_named_file_must_exist() {
    let error = |file| jailed(|_| error(load(&["--config.file", file])));
    insta::assert_snapshot!(error("missing.toml"), @"the configuration file missing.toml does not exist; correct --config.file");
    insta::assert_snapshot!(error("."), @"the configuration file . is not a regular file; correct --config.file");
}

/// Takes the leading # from the lines that are settings, not sentences.
fn uncommented(example: &str) -> String {
    let setting = |line: &&str| line.starts_with("#[") || line.starts_with('#') && !line.starts_with("# ");
    example
        .lines()
        .map(|line| if setting(&line) { &line[1..] } else { line })
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_example_shows_every_key_at_its_default() {
    let example = include_str!("../../config.example.toml");
    let text = uncommented(example);
    let (defaults, _) = text.split_once("[[clients]]").expect("a client");
    let config = jailed(|jail| {
        for text in [example, defaults] {
            let config = load_text(jail, text).expect("a good example");
            assert_eq!(Config { file: None, ..config }, Config::default());
        }
        load_text(jail, &text).expect("a good example")
    });
    insta::assert_snapshot!(format!("{:#?}", config.clients), @r#"
    [
        Client {
            name: Some(
                "attic",
            ),
            address: "192.168.1.20",
            password_file: Some(
                "attic.pw",
            ),
            password_credential: None,
            data_directory: Some(
                "/var/lib/boinc-client",
            ),
            labels: {
                "group": "home",
                "room": "attic",
            },
            collectors: Some(
                [
                    "default",
                    "tasks",
                ],
            ),
            timeout: Some(
                5s,
            ),
        },
    ]
    "#);
    // The names of all fields, from their own debug output.
    let shown = format!("{config:#?}");
    let fields = shown.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    let sections = ["file", "web", "scrape", "intervals", "probe", "modules", "log", "clients", "projects", "list"];
    for name in fields.filter(|name| !name.starts_with('"') && !sections.contains(name)) {
        let key = format!("{name} = ");
        let given = example.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(&key));
        assert!(given, "config.example.toml lacks {name}");
    }
}

#[test]
fn the_summary_says_what_is_watched() {
    let (summary, without_file) = jailed(|jail| {
        jail.create_file("attic.pw", "hunter2\n").expect("a writable folder");
        let text = r#"
            web.listen_address = ["127.0.0.1:9000", ":9001"]
            [[clients]]
            name = "attic"
            address = "192.168.1.20"
            password_file = "attic.pw"
            [[clients]]
            address = "cellar"
            password_file = "missing.pw"
            [[clients]]
            address = "shed"
            [[clients]]
            address = "localhost"
        "#;
        let summary = load_text(jail, text).expect("a good file").summary("http").expect("a summary");
        (summary, load(&[]).expect("defaults").summary("http").expect("a summary"))
    });
    insta::assert_snapshot!(summary, @r#"
    c.toml is valid.
    Monitoring 4 clients:
      attic      192.168.1.20:31416, password in attic.pw
      cellar     cellar:31416, password in missing.pw
                 warning: the password file missing.pw does not exist: create it with the first line of the client's gui_rpc_auth.cfg
      shed       shed:31416, no password
                 warning: BOINC requires a password from other computers; set `password_file`
      localhost  127.0.0.1:31416, password from BOINC's data directory
    Metrics: http://127.0.0.1:9000/metrics
    Metrics: http://localhost:9001/metrics
    "#);
    insta::assert_snapshot!(without_file, @r#"
    No configuration file; defaults, environment and flags are valid.
    Monitoring 1 client:
      localhost  127.0.0.1:31416, password from BOINC's data directory
    Metrics: http://localhost:31415/metrics
    "#);
}

#[test]
fn help_reads_well() {
    let help = Cli::command().term_width(100).render_long_help().to_string();
    insta::assert_snapshot!("help", help);
}

#[test]
fn commands_take_flags_before_and_after() {
    jailed(|_| {
        let check = cli(&["--config.file", "c.toml", "check", "attic", "cellar", "--log.level=debug"]);
        let names = vec!["attic".to_owned(), "cellar".to_owned()];
        assert_eq!(check.command, Some(Command::Check { names, verbose: false }));
        assert_eq!(check.config_file.as_deref(), Some(Path::new("c.toml")));
        assert_eq!(check.log_level.as_deref(), Some("debug"));
        let scrape = cli(&["scrape", "--output", "boinc.prom", "--config.check"]);
        assert_eq!(scrape.command, Some(Command::Scrape { output: Some("boinc.prom".into()) }));
        assert!(scrape.config_check);
        assert_eq!(cli(&["metrics"]).command, Some(Command::Metrics));
        assert_eq!(cli(&["--web.listen-address=:1", "--web.listen-address=:2"]).listen_address, [":1", ":2"]);
    });
}
