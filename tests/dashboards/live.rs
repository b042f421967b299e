//! A live minute: the exporter as a process, scraped each second by a real Prometheus, as dashboards see it. On a busy
//! computer it is scraped less often, and the minute is longer.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::files::{path, text};
use super::judges::{Range, Seen, Shot, dashcheck, shoot};
use super::support::process::Process;
use super::support::{Prometheus, relaxed_interval};

/// Scrapes that must have succeeded before anything is looked at. Others may have come too late: what a scrape takes depends
/// on what else the computer does.
const SCRAPES: u64 = 30;

/// Pictures are of a whole minute.
const MINUTE: u64 = 60;

/// Panels that are empty if all is well.
const MAY_BE_EMPTY: [&str; 2] = ["Not understood or left out", "What fails"];

/// An exporter with simulated clients, and a Prometheus that has scraped it so often.
struct Live {
    prometheus: Prometheus,
    _exporter: Process,
    range: Range,
}

impl Live {
    async fn start(scrapes: u64) -> Self {
        let mut exporter = Process::start(
            Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
                .args(["demo", "--web.listen-address=127.0.0.1:0"])
                .env_clear(),
        );
        let line = exporter.wait_for("address=");
        let address = line.split("address=").nth(1).and_then(|rest| rest.split_whitespace().next());
        let address = address.expect("the line has an address").trim_matches('"');
        let every = relaxed_interval(time_of_a_scrape(&format!("http://{address}/metrics")).await);
        // The configuration that is shipped, but for where and how often.
        let config = text("dashboards/provisioning/prometheus.yml")
            .replace("exporter:31415", address)
            .replace("scrape_interval: 1m", &format!("scrape_interval: {every}s"))
            .replace("scrape_timeout: 20s", &format!("scrape_timeout: {every}s"));
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut prometheus = Prometheus::start(folder, &config, &[]);
        prometheus.wait_for("sum_over_time(up[1d])", |succeeded| succeeded >= scrapes as f64).await;
        let end = UNIX_EPOCH.elapsed().expect("it is after 1970").as_secs();
        Self { prometheus, _exporter: exporter, range: Range { end, length: scrapes * every, scrape: every } }
    }

    fn shoot(&self, dashboard: &str, shot: &Shot) -> Seen {
        shoot(&path(&format!("dashboards/boinc-{dashboard}.json")), &self.prometheus.url(), self.range, shot)
    }
}

/// How long a scrape takes now.
async fn time_of_a_scrape(metrics: &str) -> Duration {
    let begin = Instant::now();
    let answer = crate::support::http_client().get(metrics).send().await.expect("the exporter answers");
    assert!(answer.status().is_success() && answer.text().await.is_ok_and(|text| text.ends_with('\n')));
    begin.elapsed()
}

#[tokio::test]
async fn a_live_minute_can_be_seen() {
    let live = Live::start(SCRAPES).await;
    let exporter = path("dashboards/boinc-exporter.json");
    let verdict = dashcheck(&[exporter], Some((&live.prometheus.url(), live.range)), &MAY_BE_EMPTY);
    assert!(verdict.content, "queries of the exporter's dashboard:\n{}", verdict.words);
    let seen = live.shoot("exporter", &Shot::default());
    let empty: Vec<_> = seen.empty.iter().filter(|title| !MAY_BE_EMPTY.contains(&title.as_str())).collect();
    assert!(seen.content && empty.is_empty(), "the exporter's dashboard as drawn:\n{}", seen.words);
    // Others look at days, of which there are none here; but nothing of them may fail.
    let seen = live.shoot("fleet", &Shot::default());
    assert!(seen.content, "the fleet's dashboard as drawn:\n{}", seen.words);
}

/// Draws the exporter's dashboard into a folder.
pub fn pictures(themes: [&str; 2], folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let live = runtime.block_on(Live::start(MINUTE));
    for theme in themes {
        let to = folder.join(format!("exporter-{theme}.png"));
        let seen = live.shoot("exporter", &Shot { theme: Some(theme), picture: Some(to.clone()), ..Shot::default() });
        assert!(seen.content, "{}", seen.words);
        super::drawn::small(&to);
    }
}
