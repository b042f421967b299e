//! A real Prometheus (Debian's package `prometheus`) on 127.0.0.1.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::process::{Process, free_port};

/// How long anything awaited here may take: the tests share two CPUs with a compiler at times.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Prometheus {
    process: Process,
    address: String,
    _folder: TempDir,
}

impl Prometheus {
    /// With the data below `folder/data`. A sample is shown for `lookback`.
    pub fn start(folder: TempDir, config: &str, lookback: &str) -> Self {
        fs::write(folder.path().join("prometheus.yml"), config).expect("a temporary folder is writable");
        let address = format!("127.0.0.1:{}", free_port());
        let mut process = Process::start(
            Command::new("prometheus")
                .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=info"])
                // The past is at a time of its own.
                .arg("--storage.tsdb.retention.time=100y")
                .arg(format!("--query.lookback-delta={lookback}"))
                .arg(format!("--web.listen-address={address}"))
                .current_dir(folder.path()),
        );
        process.wait_for("Server is ready to receive web requests");
        Self { process, address, _folder: folder }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until an expression gives a number that is good.
    pub async fn wait_for(&mut self, expression: &str, good: impl Fn(f64) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !self.number(expression).await.is_some_and(&good) {
            let mut log = || self.process.lines().join("\n");
            assert!(Instant::now() < deadline, "waited in vain for {expression}\n{}", log());
            // Prometheus announces nothing of its scrapes.
            thread::sleep(Duration::from_millis(200));
        }
    }

    async fn number(&self, expression: &str) -> Option<f64> {
        let url = format!("{}/api/v1/query", self.url());
        let url = reqwest::Url::parse_with_params(&url, [("query", expression)]).expect("a valid URL");
        let body = reqwest::get(url).await.expect("Prometheus answers").text().await.expect("the answer is whole");
        let answer: Value = serde_json::from_str(&body).expect("Prometheus speaks JSON");
        answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
    }
}
