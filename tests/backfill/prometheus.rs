//! A real Prometheus over samples that were not scraped: `promtool` makes blocks of files, and Prometheus is asked for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::process::{Process, free_port};
use super::support::Sample;

/// Times and values of a series.
pub type Points = Vec<(u64, f64)>;

/// A Prometheus (Debian's package `prometheus`) on 127.0.0.1 that scrapes nothing.
pub struct Prometheus {
    process: Process,
    address: String,
    _dir: TempDir,
}

impl Prometheus {
    /// With the samples of a file.
    ///
    /// # Panics
    /// When promtool does not take them.
    pub fn loaded(file: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let output = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=1000h"])
            .arg(file)
            .arg(dir.path().join("data"))
            .output()
            .unwrap_or_else(|e| panic!("cannot start promtool: {e}; `make tools` installs what the tests need"));
        let words = [output.stdout, output.stderr].concat();
        assert!(output.status.success() && words.is_empty(), "promtool says: {}", String::from_utf8_lossy(&words));

        fs::write(dir.path().join("prometheus.yml"), "").expect("it can be written");
        let address = format!("127.0.0.1:{}", free_port());
        let mut process = Process::start(
            Command::new("prometheus")
                .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=info"])
                // Recordings grow old.
                .arg("--storage.tsdb.retention.time=100y")
                .arg(format!("--web.listen-address={address}"))
                .current_dir(dir.path()),
        );
        process.wait_for("Server is ready to receive web requests");
        Self { process, address, _dir: dir }
    }

    /// All samples of what is selected, up to a time.
    pub async fn samples(&mut self, selector: &str, until: u64) -> BTreeMap<Sample, Points> {
        let mut series = BTreeMap::new();
        for found in self.query(&format!("{selector}[100y]"), until).await {
            let points = found["values"].as_array().expect("a matrix has values");
            series.insert(sample(&found), points.iter().map(point).collect());
        }
        series
    }

    /// The values of an expression at a time.
    pub async fn values(&mut self, expression: &str, time: u64) -> BTreeMap<Sample, f64> {
        let found = self.query(expression, time).await;
        found.iter().map(|series| (sample(series), point(&series["value"]).1)).collect()
    }

    async fn query(&mut self, expression: &str, time: u64) -> Vec<Value> {
        let url = format!("http://{}/api/v1/query", self.address);
        let parameters = [("query", expression), ("time", &time.to_string())];
        let url = reqwest::Url::parse_with_params(&url, parameters).expect("a valid URL");
        let body = reqwest::get(url).await.expect("Prometheus answers").text().await.expect("the answer is whole");
        let answer: Value = serde_json::from_str(&body).expect("Prometheus speaks JSON");
        let result = answer["data"]["result"].as_array();
        let mut log = || self.process.lines().join("\n");
        result.cloned().unwrap_or_else(|| panic!("{expression}: {body}\n{}", log()))
    }
}

fn sample(series: &Value) -> Sample {
    let labels = series["metric"].as_object().expect("a series has labels");
    let text = |value: &Value| value.as_str().expect("labels are text").to_owned();
    let mut labels: BTreeMap<_, _> = labels.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    Sample { name: labels.remove("__name__").unwrap_or_default(), labels }
}

fn point(pair: &Value) -> (u64, f64) {
    let time = pair[0].as_f64().expect("a time");
    let value = pair[1].as_str().and_then(|text| text.parse().ok()).expect("a number in quotes");
    assert!(time.fract() == 0.0, "{time} is no whole second");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of seconds")]
    (time as u64, value)
}
