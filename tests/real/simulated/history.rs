//! `boinc_exporter demo --history`: a simulated past in a real Prometheus is what the exporter would have shown, sample by
//! sample.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use boinc_exporter::client::Client;
use boinc_exporter::client::Fleet;
use boinc_exporter::client::Limits;
use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::{Format, render};
use boinc_exporter::metric::Scrape;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::World;
use tokio::process::Command;

use crate::support::process::PATIENCE;
use crate::support::{Points, Prometheus, Sample, Samples};

/// Two hours, at the five minutes for which Prometheus shows a sample.
const STEP: u64 = 300;
const STEPS: u64 = 24;

/// Real time that requests take: no two runs agree on it.
const DURATIONS: [&str; 2] = ["boinc_scrape_duration_seconds", "boinc_scrape_collector_duration_seconds"];

const SCENARIO: &str = r#"
warm_up = "2h"
[[projects]]
name = "Tracks & <Waves>"
url = "https://tracks.example/"
user = "marta"
apps = [{ name = "short", title = "Short", version = 102, takes = "9m", deadline = "1d", credit = 22, errors = 0.2 }]
[[hosts]]
name = "attic"
cpus = 4
projects = [{ project = "Tracks & <Waves>" }]
[[hosts]]
name = "cellar"
os = "windows"
cpus = 2
projects = [{ project = "Tracks & <Waves>" }]
timezone = 1
[[faults]]
trouble = "off"
client = "cellar"
ago = "1h"
for = "20m"
[[faults]]
trouble = "clock"
client = "attic"
value = 95
ago = "30m"
"#;

/// Writes the scenario into a folder, and the past into the file `past.om` there. Gives the words on stderr.
async fn write(folder: &Path, arguments: &[&str]) -> (bool, String) {
    std::fs::write(folder.join("small.toml"), SCENARIO).expect("a temporary folder is writable");
    let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .args(["demo", "--scenario", "small.toml"])
        .args(arguments)
        .env_clear()
        .current_dir(folder)
        .output()
        .await
        .expect("the built binary starts");
    assert!(output.stdout.is_empty());
    (output.status.success(), String::from_utf8(output.stderr).expect("it writes UTF-8"))
}

/// What an exporter would have shown that watched the same clients since then.
async fn watched(start: u64) -> BTreeMap<Sample, Points> {
    let mut scenario = Scenario::from_text(SCENARIO).expect("a right scenario");
    scenario.present = Some((start + STEPS * STEP) as f64);
    let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(start));
    let world = Arc::new(World::new(&scenario, clock.clone()));
    let servers = Servers::start(&world, None).await.expect("127.0.0.1 has free ports");
    let target = |(name, address): (&str, std::net::SocketAddr)| Target {
        data_directory: Place::None,
        name: name.to_owned(),
        address: Address::Tcp { host: "127.0.0.1".to_owned(), port: address.port() },
        password: Password::None,
        labels: BTreeMap::new(),
        collectors: Collectors::default(),
        timeout: PATIENCE,
    };
    let fleet = Fleet::with_clock(servers.addresses().map(target).collect(), Limits::default(), clock.clone());
    let mut series = BTreeMap::<Sample, Points>::new();
    for time in (start..=start + STEPS * STEP).step_by(usize::try_from(STEP).expect("few")) {
        if time > start {
            clock.step(Duration::from_secs(STEP));
            world.advance();
            servers.follow().await;
        }
        let snapshots = fleet.scrape(Instant::now() + PATIENCE).await;
        for (sample, value) in Samples::parse(&render(None, Scrape::of::<Client>(snapshots), Format::OpenMetrics)).0 {
            series.entry(sample).or_default().push((time, value));
        }
    }
    series
}

#[tokio::test]
async fn the_past_is_what_the_exporter_would_have_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let now = || UNIX_EPOCH.elapsed().expect("it is after 1970").as_secs();
    let begun = now();
    let (success, words) = write(folder.path(), &["--history", "2h", "--output", "past.om"]).await;
    let ended = now();
    assert!(success, "{words}");
    let prometheus = Prometheus::loaded(&folder.path().join("past.om"));
    let mut past = prometheus.samples("{__name__!=\"\"}", 4_000_000_000).await;

    // Prometheus's own series is there at each step up to now.
    let labels = [("instance", "localhost:31415"), ("job", "boinc")].map(|(name, value)| (name.into(), value.into()));
    let up = past.remove(&Sample { name: "up".to_owned(), labels: labels.clone().into() }).expect("the scrape is up");
    let start = up[0].0;
    let steps: Points = (0..=STEPS).map(|step| (start + step * STEP, 1.0)).collect();
    assert_eq!(up, steps);
    let end = start + STEPS * STEP;
    assert!(begun <= end + STEP && end <= ended, "the past ends at {end}, and was written from {begun} to {ended}");

    let expected = watched(start).await;
    assert!(expected.len() > 200, "{} series", expected.len());
    let at = |sample: &Sample| past.get(&with(sample, &labels)).cloned().unwrap_or_default();
    for (sample, points) in &expected {
        if DURATIONS.contains(&sample.name.as_str()) {
            let times = |points: &Points| points.iter().map(|(time, _)| *time).collect::<Vec<_>>();
            assert_eq!(times(&at(sample)), times(points), "{sample:?}");
        } else {
            assert_eq!(&at(sample), points, "{sample:?}");
        }
    }
    // Projects are asked at times of their own choice, so that no two runs agree on what is known of them.
    let (of_projects, of_clients): (Vec<_>, Vec<_>) =
        past.iter().partition(|(sample, _)| !sample.labels.contains_key("client"));
    assert_eq!(of_clients.len(), expected.len(), "there are no other series");
    let always: Vec<_> = of_projects.iter().filter(|(sample, _)| sample.name == "boinc_server_up").collect();
    assert!(always.len() == 1 && *always[0].1 == steps, "{always:?}");
    assert!(of_projects.iter().any(|(sample, _)| sample.name == "boinc_account_credit"), "{of_projects:?}");

    // And it is a past with something in it.
    let total =
        |name: &str| expected.iter().filter(|(s, _)| s.name == name).map(|(_, p)| p[p.len() - 1].1).sum::<f64>();
    assert!(total("boinc_tasks_reported_total") > 20.0, "tasks are computed and reported");
    let down: f64 = expected
        .iter()
        .filter(|(s, _)| s.name == "boinc_up")
        .map(|(_, p)| p.len() as f64 - p.iter().map(|(_, up)| up).sum::<f64>())
        .sum();
    assert_eq!(down, 4.0, "steps at which a client is down");
}

/// As Prometheus stores it: a label without a value is none.
fn with(sample: &Sample, labels: &[(String, String)]) -> Sample {
    let mut sample = sample.clone();
    sample.labels.extend(labels.iter().cloned());
    sample.labels.retain(|_, value| !value.is_empty());
    sample
}

#[tokio::test]
async fn what_is_wrong_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("precious.om"), "precious").expect("a temporary folder is writable");
    let mut text = String::new();
    let cases: [&[&str]; 6] = [
        &["--history", "2h"],
        &["--output", "past.om"],
        &["--history", "2h", "--output", "precious.om"],
        &["--history", "2m", "--output", "past.om"],
        &["--history", "2h", "--output", "past.om", "--speed", "2"],
        &["--history", "2h", "--output", "past.om", "--step", "0"],
    ];
    for arguments in cases {
        let (success, words) = write(folder.path(), arguments).await;
        assert!(!success, "{arguments:?}");
        text.extend([
            &arguments.join(" "),
            "\n  ",
            &words.split("\n\n").next().unwrap_or_default().trim_end().replace("\n ", ""),
            "\n",
        ]);
    }
    insta::assert_snapshot!("history_wrong", text);
    assert_eq!(std::fs::read_to_string(folder.path().join("precious.om")).expect("it is there"), "precious");
    assert!(!folder.path().join("past.om").exists());
}
