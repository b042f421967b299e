//! The name, default and environment variable of each setting agree wherever they are written: in `Config` and its defaults,
//! in `config.example.toml`, in `--help`, in the README.

use std::collections::BTreeMap;

use boinc_exporter::cli::Cli;
use boinc_exporter::config::Config;
use boinc_exporter::platform::DEFAULT_CONFIG_FILE;
use clap::{CommandFactory, Parser};
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Jail};

const EXAMPLE: &str = include_str!("../../config.example.toml");
const README: &str = include_str!("../../README.md");

/// One of each section that is a list or a map.
const ONE_OF_EACH: &str = "[probe.modules.lab]\n[[clients]]\naddress = \"attic\"\nlabels = { room = \"attic\" }\n\
                           [[projects.list]]\nurl = \"https://example.org/\"\naccount = 1\n";

/// Lists of tables.
const LISTS: [&str; 2] = ["clients", "projects.list"];

/// A key in a document: `scrape.intervals`, `state`, `"5m"`.
#[derive(Debug)]
struct Line<'a> {
    section: &'a str,
    key: &'a str,
    value: &'a str,
    /// `#key = …` shows a default, `# key = …` an example.
    is_default: bool,
}

/// Long help texts by flag.
type Help = BTreeMap<String, String>;

fn config(toml: &str) -> Result<Config, String> {
    Figment::from(Toml::string(toml)).extract().map_err(|error| error.to_string())
}

/// All keys with their values; those of `probe.modules.*`, `clients` and `projects.list` are only names.
fn keys() -> BTreeMap<String, Value> {
    let config = config(ONE_OF_EACH).expect("a valid configuration");
    let settings: Dict = Figment::from(Serialized::defaults(config)).extract().expect("a table");
    let mut keys = BTreeMap::new();
    flatten("", settings, &mut keys);
    keys
}

fn flatten(section: &str, settings: Dict, keys: &mut BTreeMap<String, Value>) {
    for (key, value) in settings {
        let path = if section.is_empty() { key } else { format!("{section}.{key}") };
        match value {
            Value::Dict(_, inner) if path != "clients.labels" => flatten(&path, inner, keys),
            Value::Array(_, items) if LISTS.contains(&path.as_str()) => {
                let clients = items.into_iter().filter_map(Value::into_dict);
                clients.for_each(|client| flatten(&path, client, keys));
            }
            value => _ = keys.insert(path, value),
        }
    }
}

fn lines(example: &str) -> Vec<Line<'_>> {
    let (mut section, mut lines) = ("", Vec::new());
    for line in example.lines() {
        let is_default = !line.starts_with("# ");
        let text = line.trim_start_matches(['#', ' ']);
        if is_default && text.starts_with('[') {
            section = if text == "[[projects]]" { "projects.list" } else { text.trim_matches(['[', ']']) };
        } else if let Some((key, value)) = text.split_once(" = ")
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            lines.push(Line { section, key, value, is_default });
        }
    }
    lines
}

fn variable(key: &str) -> String {
    format!("BOINC_EXPORTER_{}", key.replace('.', "__").to_uppercase())
}

fn help() -> Help {
    let command = Cli::command();
    let flags = command.get_arguments().filter_map(|flag| {
        // Some defaults and variables are declared to clap, which adds them to the help.
        let mut text = flag.get_long_help().or_else(|| flag.get_help())?.to_string();
        let defaults: Vec<_> = flag.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if flag.get_action().takes_values() && !defaults.is_empty() {
            text = format!("{text} [default: {}]", defaults.join(" "));
        }
        if let Some(name) = flag.get_env() {
            text = format!("{text} [env: {}]", name.to_string_lossy());
        }
        Some((format!("--{}", flag.get_long()?), text))
    });
    flags.collect()
}

/// The text in `[default: …]`.
fn default_in(help: &str) -> Option<&str> {
    help.split_once("[default: ")?.1.split(']').next()
}

/// Runs with an empty environment, one test at a time.
#[expect(clippy::result_large_err, reason = "the jail's own error type")]
fn jailed(test: impl FnOnce(&mut Jail)) {
    Jail::expect_with(|jail| {
        jail.clear_env();
        test(jail);
        Ok(())
    });
}

/// What is wrong in the example.
fn faults_of_example(example: &str) -> Vec<String> {
    let lines = lines(example);
    let mut faults = Vec::new();
    for (path, default) in keys() {
        let (section, key) = path.rsplit_once('.').unwrap_or(("", &path));
        let Some(line) = lines.iter().find(|line| (line.section, line.key) == (section, key)) else {
            faults.push(format!("{path} is missing"));
            continue;
        };
        let has_default = !matches!(default, Value::Empty(..)) && !LISTS.contains(&section);
        let optional = LISTS.contains(&section) || section.starts_with("probe.modules.");
        if !optional && line.is_default != has_default {
            faults.push(format!("{path} must be written `#key` if it has a default, otherwise `# key`"));
        }
    }
    for Line { section, key, value, .. } in lines.iter().filter(|line| line.is_default) {
        let (start, rest) = match *section {
            "clients" => ("[[clients]]".to_owned(), if *key == "address" { "" } else { "address = \"attic\"\n" }),
            "projects.list" => {
                ("[[projects.list]]".to_owned(), if *key == "url" { "" } else { "url = \"https://example.org/\"\n" })
            }
            section => (format!("[{section}]"), ""),
        };
        match config(&format!("{start}\n{rest}{key} = {value}\n")) {
            Err(error) => faults.push(format!("{section}.{key}: {error}")),
            Ok(config)
                if config.clients.is_empty()
                    && config.projects.list.is_empty()
                    && config.probe.modules.is_empty()
                    && config != Config::default() =>
            {
                faults.push(format!("{value} is not the default of {section}.{key}"));
            }
            Ok(_) => {}
        }
    }
    faults
}

/// What is wrong in the help of flags.
fn faults_of_help(help: &Help) -> Vec<String> {
    let mut flags = help.clone();
    let mut faults = Vec::new();
    for (path, default) in keys() {
        let flag = Cli::flag(&path);
        let Some(help) = flags.remove(&flag) else { continue };
        if !help.contains(&format!("[env: {}]", variable(&path))) {
            faults.push(format!("{flag} does not name {}", variable(&path)));
        }
        let given = match default_in(&help) {
            None => Value::from(""),
            // A flag takes precedence over everything: with its default, nothing changes.
            Some(text) => {
                let cli = Cli::try_parse_from(["boinc_exporter", &format!("{flag}={text}")]).expect("a valid flag");
                let config = Figment::from(Serialized::defaults(Config::load(&cli).unwrap_or_default()));
                config.find_value(&path).expect("the key")
            }
        };
        let expected = if matches!(default, Value::Empty(..)) { Value::from("") } else { default };
        if given != expected {
            faults.push(format!("{flag} names a wrong default"));
        }
    }
    for (flag, help) in flags {
        let name = flag.trim_start_matches('-').replacen("config.", "config__", 1).replace('-', "_");
        let variable = format!("BOINC_EXPORTER_{}", name.to_uppercase());
        let variable = if flag == "--client" { "BOINC_EXPORTER_CLIENTS__0__ADDRESS".to_owned() } else { variable };
        if flag != "--config.check" && !help.contains(&format!("[env: {variable}")) {
            faults.push(format!("{flag} does not name {variable}"));
        }
    }
    faults
}

/// Variables and flags of the exporter in a text that it does not have.
fn faults_of_readme(readme: &str, help: &Help) -> Vec<String> {
    let variables: Vec<_> =
        keys().into_keys().map(|key| variable(&key)).chain(["BOINC_EXPORTER_CLIENTS".into()]).collect();
    let words = readme.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
    let unknown = words.map(|word| word.trim_end_matches('.')).filter(|word| {
        let is_variable = word.starts_with("BOINC_EXPORTER_") && !word.starts_with("BOINC_EXPORTER_CONFIG__");
        let is_flag = ["--config.", "--web.", "--log."].iter().any(|start| word.starts_with(start));
        let of_entries =
            ["BOINC_EXPORTER_CLIENTS__0__", "BOINC_EXPORTER_CLIENTS__ATTIC__", "BOINC_EXPORTER_PROJECTS__0__"];
        let is_client = of_entries.iter().any(|start| word.starts_with(start));
        is_variable && !is_client && !variables.iter().any(|known| known == word)
            || is_flag && !help.contains_key(*word)
    });
    unknown.map(|word| format!("there is no {word}")).collect()
}

#[test]
fn settings_agree_wherever_they_are_written() {
    jailed(|_| {
        assert_eq!(faults_of_example(EXAMPLE), [""; 0]);
        assert_eq!(faults_of_help(&help()), [""; 0]);
        assert_eq!(faults_of_readme(README, &help()), [""; 0]);
        assert!(help()["--config.file"].contains(&format!("[default: {DEFAULT_CONFIG_FILE}")));
    });
}

#[test]
fn every_key_has_an_environment_variable() {
    let lines = lines(EXAMPLE);
    let sections = ["web", "scrape", "scrape.intervals", "log", "projects", "projects.intervals"];
    let of_sections = lines.iter().filter(|line| sections.contains(&line.section));
    let mut seen = 0;
    for Line { section, key, value, is_default } in of_sections {
        jailed(|jail| {
            jail.set_env(variable(&format!("{section}.{key}")), value);
            let config = Config::load(&Cli::default()).expect("a valid variable");
            assert_eq!(config == Config::default(), *is_default, "{section}.{key}");
            seen += 1;
        });
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn differences_are_found() {
    jailed(|_| {
        for (right, wrong, fault) in [
            ("#max_requests = 40", "#max_requests = 41", "41 is not the default of web.max_requests"),
            ("#max_requests = 40\n", "", "web.max_requests is missing"),
            ("#state = \"5m\"", "#state = \"5 min 1 s\"", "\"5 min 1 s\" is not the default of scrape.intervals.state"),
            ("# config_file", "#config_file", "web.config_file must be written `#key`"),
            ("#level = \"info\"", "#level = \"info\"\n#colour = \"red\"", "log.colour: unknown field"),
            ("# password_credential = \"attic\"\n", "", "clients.password_credential is missing"),
        ] {
            assert!(EXAMPLE.contains(right), "{right}");
            let faults = faults_of_example(&EXAMPLE.replace(right, wrong));
            assert!(faults.iter().any(|found| found.starts_with(fault)), "{fault}: {faults:?}");
        }
        for (flag, right, wrong, fault) in [
            ("--web.max-requests", "[default: 40]", "[default: 41]", "--web.max-requests names a wrong default"),
            ("--web.max-requests", "[default: 40]", "", "--web.max-requests names a wrong default"),
            ("--web.config.file", "[env", "[default: web.yml] [env", "--web.config.file names a wrong default"),
            ("--log.level", "LOG__LEVEL", "LOG_LEVEL", "--log.level does not name BOINC_EXPORTER_LOG__LEVEL"),
            ("--config.file", "CONFIG__FILE", "FILE", "--config.file does not name BOINC_EXPORTER_CONFIG__FILE"),
        ] {
            let mut help = help();
            let text = help.get_mut(flag).expect("the flag");
            assert!(text.contains(right), "{text}");
            *text = text.replace(right, wrong);
            assert_eq!(faults_of_help(&help), [fault]);
        }
        let text = "`--web.max-requests`, `--web.max-request`, BOINC_EXPORTER_LOG_LEVEL=debug.";
        let faults = ["there is no --web.max-request", "there is no BOINC_EXPORTER_LOG_LEVEL"];
        assert_eq!(faults_of_readme(text, &help()), faults);
    });
}
