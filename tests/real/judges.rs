//! Expositions of the running exporter, before judges that others wrote: `promtool`, and Python's strict parser of
//! `OpenMetrics` with its parser of the text format. Both formats must hold the same samples.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::boinc::Boinc;
use crate::exporter::{ALL, openmetrics, text, watch};
use crate::support::{Exporter, FakeClient, Samples, client_toml, reply_folders};

/// What is said on both streams, and whether the program was content.
struct Verdict {
    content: bool,
    words: String,
}

#[tokio::test]
async fn a_real_client_is_shown_in_good_form() {
    let boinc = Boinc::start();
    judge("a real client", &watch(&boinc)).await;
}

#[tokio::test]
async fn every_recorded_client_is_shown_in_good_form() {
    let folders = reply_folders();
    assert!(folders.len() > 20, "only these recorded clients were found: {folders:?}");
    let mut clients = Vec::new();
    for folder in &folders {
        clients.push(FakeClient::playing(folder).start().await);
    }
    let config: Vec<_> = folders
        .iter()
        .zip(&clients)
        .map(|(name, client)| client_toml(name, &client.address()) + &format!("collectors = {ALL:?}\n"))
        .collect();
    judge("recorded clients", &Exporter::start(&config.concat())).await;
}

#[tokio::test]
async fn a_client_that_is_down_is_shown_in_good_form() {
    judge("a client that is down", &Exporter::start(&client_toml("down", "127.0.0.1:1"))).await;
}

#[tokio::test]
async fn the_command_scrape_prints_good_form() {
    let boinc = Boinc::start();
    let exporter = watch(&boinc);
    let config = exporter.folder().join("config.toml");
    let output =
        Command::new(env!("CARGO_BIN_EXE_boinc_exporter")).arg("--config.file").arg(config).arg("scrape").output();
    let printed = exporter.folder().join("printed.txt");
    fs::write(&printed, output.expect("the built binary starts").stdout).expect("it can be written");
    assert_promtool_is_content("the command scrape", &printed);
    let samples = Samples::parse(&fs::read_to_string(&printed).expect("it was written"));
    assert_eq!(samples.value("boinc_up", &[("client", "real")]), Some(1.0));
}

/// Fails with everything that any judge has to say.
async fn judge(what: &str, exporter: &Exporter) {
    let (classic, open) = (exporter.folder().join("text.txt"), exporter.folder().join("openmetrics.txt"));
    fs::write(&classic, text(exporter).await).expect("it can be written");
    fs::write(&open, openmetrics(exporter).await).expect("it can be written");
    assert_promtool_is_content(what, &classic);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/same_samples.py");
    let verdict = ask(Command::new(python()).arg(script).arg(&open).arg(&classic), &classic);
    assert!(verdict.content && verdict.words.is_empty(), "{what}: the Python parsers say:\n{}", verdict.words);
}

fn assert_promtool_is_content(what: &str, text: &Path) {
    let verdict = ask(Command::new("promtool").args(["check", "metrics"]), text);
    assert!(verdict.content && verdict.words.is_empty(), "{what}: promtool says:\n{}", verdict.words);
}

/// The interpreter of the environment that `make tools` builds.
fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/judges/bin/python");
    assert!(python.exists(), "{} is missing; `make tools` installs what the tests need", python.display());
    python
}

/// Runs a judge with a file as its input.
fn ask(command: &mut Command, input: &Path) -> Verdict {
    let program = command.get_program().to_string_lossy().into_owned();
    let input = fs::File::open(input).expect("it was written");
    let output = command
        .stdin(Stdio::from(input))
        .output()
        .unwrap_or_else(|e| panic!("cannot start {program}: {e}; `make tools` installs what the tests need"));
    let words = [output.stdout, output.stderr].concat();
    Verdict { content: output.status.success(), words: String::from_utf8_lossy(&words).into_owned() }
}
