//! Dashboards, rules and alerts say only what Prometheus and `VictoriaMetrics` agree on: both get the same simulated day, and
//! answer the same to every query.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::files::{dashboards, must, path};
use super::judges::{Range, agrees};
use super::past::END;
use super::support::process::{Process, free_port};
use super::support::{Prometheus, make_blocks};

const STEP: Duration = Duration::from_secs(20 * 60);

/// Shorter than a step, for the same reason as that of a past in Prometheus.
const LOOKBACK: u64 = STEP.as_secs() - 1;

/// It follows another, since much is shown of the day before each moment.
const DAY: Range = Range { end: END, length: 86400, scrape: STEP.as_secs() };

/// What the two do not agree on: where nothing is left of the left side, one still matches the right side with it.
const DISPUTED: &str = r#"groups:
- name: "disputed"
  rules:
  - record: "disputed"
    expr: "boinc_suspended{activity=\"cpu\"} == 1 or on (job, instance, client) boinc_queue_drain_seconds"
"#;

/// A `VictoriaMetrics` (Debian's package `victoria-metrics`) on 127.0.0.1 with the samples of a file in `OpenMetrics`.
struct VictoriaMetrics {
    _process: Process,
    url: String,
}

impl VictoriaMetrics {
    async fn loaded(file: &Path, folder: &Path) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let mut process = Process::start(
            Command::new("victoria-metrics")
                .arg(format!("-httpListenAddr={address}"))
                .arg(format!("-search.maxLookback={LOOKBACK}s"))
                // Simulated pasts are at times of their own.
                .args(["-retentionPeriod=100y", "-storageDataPath=victoria-metrics"])
                .current_dir(folder),
        );
        process.wait_for("started VictoriaMetrics");
        let url = format!("http://{address}");
        let samples = fs::read_to_string(file).expect("it was written");
        for (page, body) in
            [("api/v1/import/prometheus", milliseconds(&samples)), ("internal/force_flush", String::new())]
        {
            let answer = crate::support::http_client().post(format!("{url}/{page}")).body(body).send().await;
            let status = answer.expect("VictoriaMetrics answers").status();
            assert!(status.is_success(), "{page}: {status}");
        }
        Self { _process: process, url }
    }
}

/// Samples whose times are in seconds, as the text format has them.
fn milliseconds(openmetrics: &str) -> String {
    let samples = openmetrics.lines().filter(|line| !line.starts_with('#'));
    samples.flat_map(|line| [line, "000\n"]).collect()
}

#[tokio::test]
async fn two_stores_agree_on_every_query() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let past = folder.path().join("past.om");
    must(
        Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
            .args(["demo", "--label=job=boinc", "--label=instance=exporter:31415"])
            .arg(format!("--history={}s", 2 * DAY.length))
            .arg(format!("--step={}s", STEP.as_secs()))
            .arg(format!("--until={END}"))
            .arg("--output")
            .arg(&past)
            .env_clear(),
    );
    make_blocks(&past, folder.path());
    let victoria = VictoriaMetrics::loaded(&past, folder.path()).await;
    let disputed = folder.path().join("disputed.yaml");
    fs::write(&disputed, DISPUTED).expect("a temporary folder is writable");
    let prometheus = Prometheus::start(folder, "", &[&format!("--query.lookback-delta={LOOKBACK}s")]);

    let shipped: Vec<PathBuf> = ["alerts", "rules"].map(|name| path(&format!("dashboards/rules/{name}.yaml"))).into();
    let verdict = agrees(&dashboards(), &shipped, [&prometheus.url(), &victoria.url], DAY);
    assert!(verdict.content, "{}", verdict.words);
    let verdict = agrees(&dashboards(), &[disputed], [&prometheus.url(), &victoria.url], DAY);
    assert!(!verdict.content && verdict.words.contains("disputed: "), "{}", verdict.words);
}
