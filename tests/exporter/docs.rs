//! What the documents say to type and to write. A command is run here, or [`commands::COMMANDS`] says what runs
//! it instead, or why nothing can. A block of TOML is a configuration that the exporter accepts; a block of YAML is read by the
//! program that it is for.

mod blocks;
mod commands;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use self::blocks::{Block, blocks, commands, spans};
use self::commands::{COMMANDS, How, SPANS};
use crate::support::{FakeClient, client_toml, root};

const BINARY: &str = env!("CARGO_BIN_EXE_boinc_exporter");

/// Ends a program as a terminal does when the test is over, whatever happened.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder in which the documents' commands find what they take for granted: the program, and a configuration with the clients
/// that the documents speak of.
struct Desk(TempDir);

impl Desk {
    fn new(client: &FakeClient) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::os::unix::fs::symlink(BINARY, folder.path().join("boinc_exporter")).expect("a link to the program");
        fs::write(folder.path().join("password"), "correct horse\n").expect("it is writable");
        let config = format!("[web]\nlisten_address = [\"127.0.0.1:0\"]\n{}", client_toml("attic", &client.address()));
        fs::write(folder.path().join("config.toml"), config).expect("it is writable");
        Self(folder)
    }

    fn shell(&self, command: &str) -> Command {
        let path = format!("{}:{}", self.0.path().display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", command]).current_dir(&self.0).env("PATH", path).stdin(Stdio::null());
        // `demo` refuses a configuration that has clients.
        if !command.contains("boinc_exporter demo") {
            shell.env("BOINC_EXPORTER_CONFIG__FILE", self.0.path().join("config.toml"));
        }
        shell
    }
}

/// What the documents say and the tables do not, and the other way round.
#[test]
fn every_command_in_the_documents_is_accounted_for() {
    let in_blocks: Vec<_> = blocks(root()).iter().flat_map(commands).collect();
    for (found, table) in [(in_blocks, COMMANDS), (spans(root()), SPANS)] {
        let unknown: Vec<_> =
            found.iter().filter(|(_, command)| !table.iter().any(|(known, _)| known == command)).collect();
        let is_gone = |known: &&str| !found.iter().any(|(_, command)| command == known);
        let gone: Vec<_> = table.iter().map(|(command, _)| *command).filter(is_gone).collect();
        assert!(unknown.is_empty() && gone.is_empty(), "not in the table: {unknown:#?}\nin no document: {gone:#?}");
    }
    // What is said to run them does.
    for (command, how) in all() {
        match how {
            How::By(file, words) => {
                let text = fs::read_to_string(root().join(file)).unwrap_or_default();
                assert!(text.contains(words), "{command}: {file} has no `{words}`");
            }
            How::Not(reason) => assert!(!reason.is_empty(), "{command}"),
            How::Succeeds | How::Serves => {}
        }
    }
}

fn all() -> impl Iterator<Item = &'static (&'static str, How)> {
    COMMANDS.iter().chain(SPANS)
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_come_to_an_end_succeed() {
    let client = FakeClient::playing("7.20.5_busy").start().await;
    for (command, _) in all().filter(|(_, how)| matches!(how, How::Succeeds)) {
        let output = Desk::new(&client).shell(command).output().expect("there is a shell");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{command}: {}\n{text}", output.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_serve_do_so_until_they_are_told_to_stop() {
    let client = FakeClient::playing("7.20.5_busy").start().await;
    for (command, _) in all().filter(|(_, how)| matches!(how, How::Serves)) {
        let desk = Desk::new(&client);
        // In place of the shell, so that the signal reaches it. On a free port, because the documents' may be in use.
        let mut shell = desk.shell(&format!("exec {command} --web.listen-address=127.0.0.1:0"));
        shell.stderr(Stdio::piped()).stdout(Stdio::null());
        let mut running = Running(shell.spawn().expect("there is a shell"));
        let stderr = BufReader::new(running.0.stderr.take().expect("it is piped"));
        let mut lines = stderr.lines().map_while(Result::ok);
        let log: Vec<_> = lines.by_ref().take_while(|line| !line.contains("listening")).collect();
        let pid = rustix::process::Pid::from_child(&running.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it was not waited for");
        // Whatever else it says must be read, or it would wait for that.
        lines.for_each(drop);
        let status = running.0.wait().expect("it was started");
        assert!(status.success(), "{command}: {status}\n{log:#?}");
    }
}

#[test]
fn configurations_in_the_documents_are_accepted() {
    let mut seen = 0;
    for Block { file, text, .. } in blocks(root()).iter().filter(|block| block.language == "toml") {
        let folder = TempDir::new().expect("a temporary folder");
        let config = folder.path().join("config.toml");
        fs::write(&config, text).expect("it is writable");
        let mut check = Command::new(BINARY);
        // As a unit gets it.
        check.env_clear().env("CREDENTIALS_DIRECTORY", folder.path());
        check.arg("--config.file").arg(&config).arg("--config.check");
        let output = check.output().expect("the built binary starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{file}:\n{text}\n{said}");
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

/// Prometheus's own and Alertmanager's by their tools; what is for others must at least be YAML.
#[test]
fn yaml_in_the_documents_is_what_it_is_for() {
    let (mut prometheus, mut alertmanager) = (0, 0);
    for Block { file, text, .. } in blocks(root()).iter().filter(|block| block.language == "yaml") {
        let folder = TempDir::new().expect("a temporary folder");
        let config = folder.path().join("config.yml");
        fs::write(&config, text).expect("it is writable");
        let begins = |with: &str| text.lines().any(|line| line.starts_with(with));
        let mut judge = if begins("scrape_configs:") || begins("rule_files:") || begins("alerting:") {
            prometheus += 1;
            let mut judge = Command::new("promtool");
            judge.args(["check", "config", "--syntax-only"]);
            judge
        } else if begins("route:") {
            alertmanager += 1;
            let mut judge = Command::new("amtool");
            judge.arg("check-config");
            judge
        } else {
            let value: Result<serde_json::Value, _> = serde_saphyr::from_str(text);
            assert!(value.is_ok(), "{file}:\n{text}\n{value:?}");
            continue;
        };
        let output = judge.arg(&config).output().expect("`make tools` installs promtool and amtool");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{file}:\n{text}\n{said}");
    }
    assert!(prometheus > 3 && alertmanager > 0, "{prometheus} {alertmanager}");
}
