//! A real Prometheus scrapes the exporter, as its users have it do: nothing is lost, doubled or refused.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::boinc::Boinc;
use crate::exporter::{scrape, watch};
use crate::process::{Process, free_port};

/// Scrapes that must have been stored before anything is judged.
const SCRAPES: f64 = 3.0;

/// A Prometheus (Debian's package `prometheus`) on 127.0.0.1 that scrapes one address each second.
struct Prometheus {
    process: Process,
    address: String,
    _dir: TempDir,
}

impl Prometheus {
    fn start(target: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let config = format!(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n\
             scrape_configs:\n  - job_name: boinc\n    static_configs:\n      - targets: [\"{target}\"]\n"
        );
        fs::write(dir.path().join("prometheus.yml"), config).expect("it can be written");
        let address = format!("127.0.0.1:{}", free_port());
        let mut process = Process::start(
            Command::new("prometheus")
                .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=info"])
                .arg(format!("--web.listen-address={address}"))
                .current_dir(dir.path()),
        );
        process.wait_for("Server is ready to receive web requests");
        Self { process, address, _dir: dir }
    }

    /// The value of an expression by the label `__name__`, or by `""`.
    async fn query(&self, expression: &str) -> BTreeMap<String, f64> {
        let url = format!("http://{}/api/v1/query", self.address);
        let url = reqwest::Url::parse_with_params(&url, [("query", expression)]).expect("a valid URL");
        let body = reqwest::get(url).await.expect("Prometheus answers").text().await.expect("the answer is whole");
        let answer: Value = serde_json::from_str(&body).expect("Prometheus speaks JSON");
        let result = answer["data"]["result"].as_array().unwrap_or_else(|| panic!("{expression}: {body}"));
        let pair = |series: &Value| {
            let name = series["metric"]["__name__"].as_str().unwrap_or_default();
            Some((name.to_owned(), series["value"][1].as_str()?.parse().ok()?))
        };
        result.iter().filter_map(pair).collect()
    }

    /// The single number that an expression gives.
    async fn number(&self, expression: &str) -> Option<f64> {
        self.query(expression).await.get("").copied()
    }
}

#[tokio::test]
async fn every_sample_is_stored_once() {
    let boinc = Boinc::start();
    let exporter = watch(&boinc);
    let mut prometheus = Prometheus::start(exporter.address());
    // Prometheus announces nothing of its scrapes.
    let mut waited = 0;
    while prometheus.number("count_over_time(up{job=\"boinc\"}[5m])").await.unwrap_or(0.0) < SCRAPES {
        waited += 1;
        assert!(waited < 600, "Prometheus does not scrape:\n{}", prometheus.process.lines().join("\n"));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(prometheus.number("min_over_time(up{job=\"boinc\"}[5m])").await, Some(1.0), "each scrape succeeds");
    assert_eq!(prometheus.number("min(min_over_time(boinc_up[5m]))").await, Some(1.0), "the client is up in each");

    let samples = scrape(&exporter).await.0.len();
    let samples = f64::from(u32::try_from(samples).expect("a scrape is small"));
    let reported = prometheus.query("{__name__=~\"scrape_samples_.*\",job=\"boinc\"}").await;
    let expected = ["scrape_samples_post_metric_relabeling", "scrape_samples_scraped"].map(|n| (n.to_owned(), samples));
    assert_eq!(reported, BTreeMap::from(expected), "samples in a scrape, before and after relabelling");
    // A series that comes twice with one value is dropped in silence; the five of Prometheus itself are not ours.
    let stored = "count({job=\"boinc\",__name__!~\"up|scrape_.*\"})";
    assert_eq!(prometheus.number(stored).await, Some(samples), "series in the store");

    let complaints: Vec<_> = prometheus.process.lines().iter().filter(|l| is_complaint(l)).cloned().collect();
    assert_eq!(complaints, Vec::<String>::new());
}

fn is_complaint(line: &str) -> bool {
    line.contains("level=warn") || line.contains("level=error")
}
