//! A real Prometheus (Debian's package `prometheus`) on 127.0.0.1: with samples that were loaded, or with what it scrapes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::Sample;
use super::process::{PATIENCE, Process, free_port};

/// Times and values of a series.
pub type Points = Vec<(u64, f64)>;

/// A running Prometheus. It ends when dropped.
pub struct Prometheus {
    process: Process,
    address: String,
    folder: TempDir,
}

impl Prometheus {
    /// With this configuration, the files in the folder that it names, and the blocks below `data` there.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(folder: TempDir, config: &str, flags: &[&str]) -> Self {
        fs::write(folder.path().join("prometheus.yml"), config).expect("a temporary folder is writable");
        let address = format!("127.0.0.1:{}", free_port());
        let mut process = Process::start(
            Command::new("prometheus")
                .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=info"])
                // Recordings grow old, and simulated pasts are at times of their own.
                .arg("--storage.tsdb.retention.time=100y")
                .arg(format!("--query.timeout={}s", PATIENCE.as_secs()))
                .arg(format!("--web.listen-address={address}"))
                .args(flags)
                .current_dir(folder.path()),
        );
        process.wait_for("Server is ready to receive web requests");
        Self { process, address, folder }
    }

    /// With the samples of a file in `OpenMetrics`, and nothing to scrape.
    ///
    /// # Panics
    /// When promtool does not take them without a word.
    pub fn loaded(file: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let words = make_blocks(file, folder.path());
        assert!(words.is_empty(), "promtool says: {words}");
        Self::start(folder, "", &[])
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that it has logged.
    pub fn log(&mut self) -> &[String] {
        self.process.lines()
    }

    /// Has it read another configuration, and waits until it has.
    ///
    /// # Panics
    /// When it does not take it.
    pub fn reload(&mut self, config: &str) {
        fs::write(self.folder.path().join("prometheus.yml"), config).expect("a temporary folder is writable");
        let sent = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "a signal can be sent to a child");
        self.process.wait_for("Completed loading of configuration file");
    }

    /// What a page of its API has to say.
    ///
    /// # Panics
    /// When it is an error.
    pub async fn ask(&self, page: &str, parameters: &[(&str, &str)]) -> Value {
        let url = format!("{}/api/v1/{page}", self.url());
        let url = reqwest::Url::parse_with_params(&url, parameters).expect("a valid URL");
        let body = super::http_client()
            .get(url)
            .send()
            .await
            .expect("Prometheus answers")
            .text()
            .await
            .expect("the answer is whole");
        let answer: Value = serde_json::from_str(&body).expect("Prometheus speaks JSON");
        assert_eq!(answer["status"], "success", "{parameters:?}: {body}");
        answer["data"].clone()
    }

    /// The series that an expression gives, at a time or now.
    pub async fn query(&self, expression: &str, time: Option<u64>) -> Vec<Value> {
        let time = time.map(|time| time.to_string());
        let time = time.as_deref().map(|time| ("time", time));
        let parameters: Vec<_> = [("query", expression)].into_iter().chain(time).collect();
        let data = self.ask("query", &parameters).await;
        data["result"].as_array().expect("a list of series").clone()
    }

    /// All samples of what is selected, up to a time.
    pub async fn samples(&self, selector: &str, until: u64) -> BTreeMap<Sample, Points> {
        let mut series = BTreeMap::new();
        for found in self.query(&format!("{selector}[100y]"), Some(until)).await {
            let points = found["values"].as_array().expect("a matrix has values");
            series.insert(sample(&found), points.iter().map(point).collect());
        }
        series
    }

    /// The values of an expression, at a time or now.
    pub async fn values(&self, expression: &str, time: Option<u64>) -> BTreeMap<Sample, f64> {
        let found = self.query(expression, time).await;
        let values: BTreeMap<_, _> = found.iter().map(|series| (sample(series), number(&series["value"]))).collect();
        assert_eq!(values.len(), found.len(), "{expression} gives a series twice");
        values
    }

    /// The one number that an expression without labels gives now.
    pub async fn number(&self, expression: &str) -> Option<f64> {
        let found = self.query(expression, None).await;
        assert!(found.len() <= 1, "{expression} gives more than one number: {found:?}");
        found.first().map(|series| number(&series["value"]))
    }

    /// Waits until an expression gives a number that is good, for as long as it changes: it must be one that goes there.
    ///
    /// # Panics
    /// When it stands still before that; the text holds the log.
    pub async fn wait_for(&mut self, expression: &str, good: impl Fn(f64) -> bool) {
        let (mut last, mut changed) = (None, Instant::now());
        loop {
            let now = self.number(expression).await;
            if now.is_some_and(&good) {
                return;
            }
            if now != last {
                (last, changed) = (now, Instant::now());
            }
            let mut log = || self.process.lines().join("\n");
            assert!(changed.elapsed() < PATIENCE, "waited in vain for {expression}, which is {now:?}\n{}", log());
            pause().await;
        }
    }
}

/// Between two questions: Prometheus announces nothing of what it scrapes and evaluates.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// How often something is scraped that takes so long as busy as the computer is now, in whole seconds: twice fits in.
pub fn relaxed_interval(took: Duration) -> u64 {
    (2 * took).as_secs() + 1
}

/// Makes blocks of a file in `OpenMetrics`, below `data` in a folder. Gives what promtool says.
///
/// # Panics
/// When it is not content.
pub fn make_blocks(file: &Path, folder: &Path) -> String {
    let output = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=1000h"])
        .arg(file)
        .arg(folder.join("data"))
        .output()
        .unwrap_or_else(|e| panic!("cannot start promtool: {e}; `make tools` installs what the tests need"));
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8_lossy(&words).into_owned();
    assert!(output.status.success(), "promtool says: {words}");
    words
}

fn sample(series: &Value) -> Sample {
    let labels = series["metric"].as_object().expect("a series has labels");
    let text = |value: &Value| value.as_str().expect("labels are text").to_owned();
    let mut labels: BTreeMap<_, _> = labels.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    Sample { name: labels.remove("__name__").unwrap_or_default(), labels }
}

/// The value of a time and a value.
fn number(pair: &Value) -> f64 {
    pair[1].as_str().and_then(|text| text.parse().ok()).expect("a number in quotes")
}

fn point(pair: &Value) -> (u64, f64) {
    let time = pair[0].as_f64().expect("a time");
    assert!(time.fract() == 0.0, "{time} is no whole second");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of seconds")]
    (time as u64, number(pair))
}
