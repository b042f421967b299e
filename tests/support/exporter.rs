//! The built exporter as a process of its own, with a configuration in a temporary folder.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::watch;

use super::fake_client::PASSWORD;
use super::process::PATIENCE;

/// How Prometheus says what it waits, in seconds.
pub const TIMEOUT: &str = "X-Prometheus-Scrape-Timeout-Seconds";

/// What unit and image set, so that glibc does not keep the memory of a scrape.
const AS_INSTALLED: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_TRIM_THRESHOLD_", "131072"), ("MALLOC_MMAP_THRESHOLD_", "65536")];

/// A running exporter. It is killed when dropped.
pub struct Exporter {
    child: Child,
    address: String,
    log: watch::Receiver<String>,
    http: reqwest::Client,
    folder: TempDir,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
    /// From the request to the answer's last byte.
    pub took: Duration,
}

impl Exporter {
    /// Starts an exporter on a free port of 127.0.0.1. `config` follows the listen address in the file, so lines before its
    /// first header belong to `[web]`. Beside the file are the password files `password` (of the scripted clients), `wrong`
    /// and `empty`.
    ///
    /// # Panics
    /// When it does not listen; the text holds its log.
    pub fn start(config: &str) -> Self {
        Self::start_with(config, &[])
    }

    /// The same with further flags.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_with(config: &str, flags: &[&str]) -> Self {
        Self::start_within(config, flags, &[])
    }

    /// The same with the environment that unit and image set.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_as_installed(config: &str) -> Self {
        Self::start_within(config, &[], &AS_INSTALLED)
    }

    /// The same in this environment, which is empty otherwise.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_within(config: &str, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let file = folder.path().join("config.toml");
        for (name, password) in [("password", PASSWORD), ("wrong", "wrong horse"), ("empty", "")] {
            std::fs::write(folder.path().join(name), format!("{password}\n")).expect("the folder is writable");
        }
        std::fs::write(&file, format!("[web]\nlisten_address = [\"127.0.0.1:0\"]\n{config}")).expect("it is writable");
        let mut child = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
            .arg("--config.file")
            .arg(&file)
            .args(flags)
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the built binary starts");
        let (lines, log) = watch::channel(String::new());
        let (found, address) = mpsc::channel();
        let stderr = child.stderr.take().expect("stderr is piped");
        std::thread::spawn(move || follow(BufReader::new(stderr), &lines, &found));
        let address = address.recv_timeout(PATIENCE);
        let mut exporter = Self { child, address: String::new(), log, http: http(), folder };
        exporter.address = address.unwrap_or_else(|_| panic!("it does not listen:\n{}", exporter.log()));
        exporter
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The folder of its configuration.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// Waits until so many lines of the log have this text.
    ///
    /// # Panics
    /// When there are never so many.
    pub async fn logged(&self, count: usize, text: &str) {
        let enough = |log: &String| log.lines().filter(|line| line.contains(text)).count() >= count;
        let mut log = self.log.clone();
        let logged = tokio::time::timeout(PATIENCE, log.wait_for(enough)).await.is_ok_and(|log| log.is_ok());
        assert!(logged, "no {count} lines with `{text}` in\n{}", self.log());
    }

    /// Asks for a page. Unless a header says what a scrape may take, it may take what it needs.
    ///
    /// # Panics
    /// When there is no HTTP answer.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = self.http.get(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == TIMEOUT) {
            request = request.header(TIMEOUT, PATIENCE.as_secs() / 2);
        }
        let start = Instant::now();
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => panic!("no answer to {path}: {error:?}\n{}", self.log()),
        };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.text().await.expect("the answer is whole");
        Page { status, headers, body, took: start.elapsed() }
    }

    /// The most memory that the process ever had, in bytes (Linux).
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux counts it");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
        kilobytes * 1024
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // It may have ended already; either way it is reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The TOML of one client, with the password that [`Exporter::start`] writes, and with all the time that it needs.
pub fn client_toml(name: &str, address: &str) -> String {
    client_toml_within(PATIENCE, name, address)
}

/// That of one on which so much time is spent at most.
pub fn client_toml_within(time: Duration, name: &str, address: &str) -> String {
    let time = time.as_secs_f64();
    format!(
        "\n[[clients]]\nname = \"{name}\"\naddress = \"{address}\"\ntimeout = \"{time}\"\npassword_file = \"password\"\n"
    )
}

fn http() -> reqwest::Client {
    super::http_client_builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .expect("a client without TLS has nothing to fail at")
}

/// Collects the log, and sends the address from the line that says where it listens.
fn follow(stderr: impl BufRead, log: &watch::Sender<String>, found: &mpsc::Sender<String>) {
    for line in stderr.lines().map_while(Result::ok) {
        if line.contains("listening")
            && let Some((_, rest)) = line.split_once("address=")
        {
            let address = rest.split_whitespace().next().unwrap_or_default().trim_matches('"');
            // Nobody waits any more after the first.
            let _ = found.send(address.to_owned());
        }
        log.send_modify(|log| log.extend([line.as_str(), "\n"]));
    }
}
