//! `boinc_exporter backfill`: what recorded clients remember, loaded into a real Prometheus and asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use boinc_exporter::duration::parse_time;
use humantime_serde::re::humantime;
use tempfile::TempDir;
use tokio::process::Command;

use crate::boinc::Boinc;
use crate::data_directory;
use crate::exporter::client;
use crate::support::{
    DATA, Exporter, FakeClient, Fault, PASSWORD, Points, Prometheus, Recording, Sample, Samples, client_toml,
};

/// Has four days of credit, from 2026-11-19, and two of traffic. It was recorded on the last of them.
const FOLDER: &str = "7.20.5_busy";

/// When that day was over.
const AFTER: &str = "2026-11-23";

/// A configuration in a folder of its own.
struct Scene {
    dir: TempDir,
}

impl Scene {
    /// Of these clients.
    fn new(clients: &[(&str, &FakeClient)]) -> Self {
        let clients: Vec<_> = clients.iter().map(|(name, client)| client_toml(name, &client.address())).collect();
        Self::of(&clients.concat())
    }

    /// With this configuration.
    fn of(config: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(dir.path().join("config.toml"), config).expect("it is writable");
        std::fs::write(dir.path().join("password"), PASSWORD).expect("it is writable");
        Self { dir }
    }

    fn output(&self) -> PathBuf {
        self.dir.path().join("backfill.om")
    }

    /// What the command says on stdout and on stderr; whether it succeeds comes first.
    async fn backfill(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
            .args(["--config.file", "config.toml", "backfill"])
            .args(arguments)
            .env_clear()
            .current_dir(self.dir.path())
            .output()
            .await
            .expect("the built binary starts");
        let [stdout, stderr] = [output.stdout, output.stderr].map(|s| String::from_utf8(s).expect("it writes UTF-8"));
        (output.status.success(), stdout, stderr)
    }

    /// Writes the file and asks a real Prometheus for what is in it.
    async fn loaded(&self, arguments: &[&str]) -> BTreeMap<Sample, Points> {
        let (success, stdout, stderr) = self.backfill(&[&["--output", "backfill.om"], arguments].concat()).await;
        assert!(success && stdout.is_empty(), "{stderr}");
        let until = parse_time("2100-01-01").expect("a date");
        Prometheus::loaded(&self.output()).samples("{__name__!=\"\"}", until).await
    }
}

/// Each series with its values and when they held.
fn shown(series: &BTreeMap<Sample, Points>, step: u64) -> String {
    let mut text = String::new();
    for (sample, points) in series {
        writeln!(text, "{} {:?}", sample.name, sample.labels).expect("memory");
        for run in points.chunk_by(|before, next| before.1 == next.1 && next.0 - before.0 == step) {
            let times = [run[0].0, run[run.len() - 1].0].map(|time| UNIX_EPOCH + Duration::from_secs(time));
            let [from, to] = times.map(humantime::format_rfc3339_seconds);
            writeln!(text, "  {:<12} {from} to {to}, {} samples", run[0].1, run.len()).expect("memory");
        }
    }
    text
}

#[tokio::test]
async fn what_a_recorded_client_remembers() {
    let client = FakeClient::playing(FOLDER).start().await;
    let series = Scene::new(&[("attic", &client)]).loaded(&["--until", AFTER]).await;
    insta::assert_snapshot!("recorded", shown(&series, 300));
    client.assert_was_left_in_peace().await;
    let asked = ["auth1", "auth2", "get_state", "get_daily_xfer_history", "get_statistics"];
    assert_eq!(client.operations(), asked);
}

#[tokio::test]
async fn days_without_a_contact_and_a_client_far_in_the_east() {
    let recording = Recording::of(FOLDER);
    let (second, third) = ("<day>1795132800.", "<day>1795219200.");
    let statistics = recording.get("get_statistics");
    let start =
        statistics.find(second).and_then(|at| statistics[..at].rfind("<daily_statistics>")).expect("a second day");
    let end = statistics.find(third).and_then(|at| statistics[..at].rfind("<daily_statistics>")).expect("a third day");
    recording.set("get_statistics", &[&statistics[..start], &statistics[end..]].concat());
    recording.set_all("get_state", "timezone", "28800");
    // 20777 is 2026-11-20; nothing on the day after.
    let traffic = recording.get("get_daily_xfer_history");
    recording.set("get_daily_xfer_history", &traffic.replace("<when>20778<", "<when>20777<"));
    let client = FakeClient::playing(recording.folder()).start().await;
    let arguments = ["--since", "2026-11-20T06:10:00Z", "--until", "1795348800.012", "--step", "30m"];
    let labels = ["--label", "job=b\"x", "--label", "instance=", "--label", "zone=é"];
    let series = Scene::new(&[("attic", &client)]).loaded(&[&arguments[..], &labels].concat()).await;
    insta::assert_snapshot!("east", shown(&series, 1800));
}

#[tokio::test]
async fn series_go_on_under_the_same_name_when_they_are_scraped() {
    let client = FakeClient::playing(FOLDER).start().await;
    let collectors = "collectors = [\"default\", \"details\"]\n";
    let exporter = Exporter::start(&(client_toml("attic", &client.address()) + collectors));
    let live = Samples::parse(&exporter.get("/metrics", &[]).await.body);
    client.closed().await;

    let (success, written, stderr) = Scene::new(&[("attic", &client)]).backfill(&["--until", AFTER]).await;
    assert!(success, "{stderr}");
    let added = "instance=\"localhost:31415\",job=\"boinc\",";
    let series: BTreeSet<_> = written
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            assert_eq!(line.matches(added).count(), 1, "{line}");
            let (series, value_and_time) = line.rsplit_once("} ").expect("labels, value and time");
            assert_eq!(value_and_time.split(' ').count(), 2, "{line}");
            format!("{}}} 0\n", series.replace(added, ""))
        })
        .collect();
    let past = Samples::parse(&Vec::from_iter(series).concat());
    assert_eq!(past.0.len(), 8, "{past:?}");
    for sample in past.0.keys() {
        assert!(live.0.contains_key(sample), "{sample:?} is not scraped");
    }
    // The other way round: of these metrics nothing is scraped that the past does not have.
    for name in past.0.keys().map(|sample| &sample.name) {
        let of_others = |sample: &&Sample| sample.label("project").is_some_and(|name| !name.starts_with("Alpha"));
        let (live, past) = (live.series(name, &[]).filter(|(s, _)| !of_others(s)), past.series(name, &[]));
        assert_eq!(live.map(|(s, _)| s).collect::<Vec<_>>(), past.map(|(s, _)| s).collect::<Vec<_>>());
    }
}

/// Families and series are not interrupted, and all else that `OpenMetrics` wants.
#[tokio::test]
async fn the_file_is_openmetrics_to_the_letter() {
    let client = FakeClient::playing(FOLDER).start().await;
    let scene = Scene::new(&[("attic", &client)]);
    let (success, stdout, stderr) = scene.backfill(&["--output", "backfill.om", "--until", AFTER]).await;
    assert!(success && stdout.is_empty(), "{stderr}");
    insta::assert_snapshot!("said", stderr);
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/judges/bin/python");
    let judge = "import sys; from prometheus_client.openmetrics.parser import text_fd_to_metric_families as parse\n\
                 print(sum(len(family.samples) for family in parse(sys.stdin)))";
    let input = std::fs::File::open(scene.output()).expect("it was written");
    let verdict = Command::new(&python).args(["-c", judge]).stdin(input).output().await;
    let verdict = verdict.unwrap_or_else(|e| panic!("{}: {e}; `make tools` installs it", python.display()));
    let words = [verdict.stdout, verdict.stderr].concat();
    assert_eq!(String::from_utf8_lossy(&words).trim(), stderr.split(' ').nth(1).expect("a number of samples"));
}

#[tokio::test]
async fn what_is_wrong_is_said_in_a_sentence() {
    let client = FakeClient::playing(FOLDER).start().await;
    let young = FakeClient::playing("8.3.0_fresh").start().await;
    let scene = Scene::new(&[("attic", &client), ("young", &young)]);
    std::fs::write(scene.output(), "precious").expect("it is writable");
    let mut text = String::new();
    let cases: [&[&str]; 12] = [
        &[],
        &["--client", "cellar"],
        &["--client", "young", "--until", AFTER],
        &["--client", "attic", "--until", "2026-11-20"],
        &["--client", "attic", "--until", "2199-01-01"],
        &["--client", "attic", "--until", "2026-11-20", "--since", "2026-11-20T00:00:00Z"],
        &["--client", "attic", "--until", AFTER, "--output", "backfill.om"],
        &["--client", "attic", "--until", AFTER, "--output", "nowhere/backfill.om"],
        &["--client", "attic", "--until", "yesterday"],
        &["--client", "attic", "--step", "0.5"],
        &["--client", "attic", "--label", "client=x"],
        &["--client", "attic", "--label", "room"],
    ];
    for arguments in cases {
        let (success, stdout, stderr) = scene.backfill(arguments).await;
        assert!(!success && stdout.is_empty(), "{arguments:?}: {stdout}");
        writeln!(text, "{}\n  {}", arguments.join(" "), stderr.lines().next().unwrap_or_default()).expect("memory");
    }
    insta::assert_snapshot!("wrong", text);
    assert_eq!(std::fs::read_to_string(scene.output()).expect("it is there"), "precious");
}

#[tokio::test]
async fn a_client_that_does_not_tell_everything_tells_nothing() {
    let fault = Fault::Body("<error>out of memory</error>".to_owned());
    let client = FakeClient::playing(FOLDER).fault("get_statistics", fault).start().await;
    let scene = Scene::new(&[("attic", &client)]);
    let (success, stdout, stderr) = scene.backfill(&["--output", "backfill.om"]).await;
    assert!(!success && stdout.is_empty() && !scene.output().exists());
    insta::assert_snapshot!("untold", stderr.replace(&client.address(), "ADDRESS"));
}

#[tokio::test]
async fn what_a_client_that_does_not_answer_has_left_in_its_files() {
    let client = FakeClient::playing(FOLDER).start().await;
    let address = client.address();
    drop(client);
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    // It crashed: its log does not say that it ended.
    let end = UNIX_EPOCH + Duration::from_secs(parse_time("2026-11-22T05:00:00Z").expect("a time"));
    for file in std::fs::read_dir(Path::new(DATA).join("data_directory/7.20.5_busy")).expect("a recording") {
        let (from, to) = file.map(|file| (file.path(), dir.path().join(file.file_name()))).expect("a recording");
        if from.is_file() {
            std::fs::copy(from, &to).expect("it can be copied");
            File::open(&to).and_then(|file| file.set_modified(end)).expect("a time can be set");
        }
    }
    let config = format!("{}data_directory = {:?}\n", client_toml("attic", &address), dir.path());
    let scene = Scene::of(&config);
    let series = scene.loaded(&["--since", "2026-11-22", "--until", "2026-11-23T02:00:00Z"]).await;
    insta::assert_snapshot!("left", shown(&series, 300));
    let (success, stdout, stderr) = scene.backfill(&["--output", "again.om", "--until", "2026-11-23T02:00:00Z"]).await;
    assert!(success && stdout.is_empty(), "{stderr}");
    insta::assert_snapshot!("left_said", stderr.replace(&address, "ADDRESS"));
}

/// Each day a sample of the host's credit in a project: how many days ago, and the credit in cobblestones.
async fn credit(scene: &Scene, url: &str, today: u32) -> Vec<(f64, f64)> {
    let (success, text, stderr) = scene.backfill(&["--step", "1d"]).await;
    assert!(success, "{stderr}");
    let lines = text.lines().filter(|line| line.starts_with("boinc_project_host_credit{") && line.contains(url));
    let sample = |line: &str| {
        let mut words = line.rsplit(' ').map(|word| word.parse::<f64>().expect("a number"));
        let (time, value) = (words.next().expect("a time"), words.next().expect("a value"));
        (f64::from(today) - (time / 86_400.0).floor(), value)
    };
    lines.map(sample).filter(|(age, _)| *age > 0.0).collect()
}

/// A real client keeps 30 days, moves the oldest to the edge of them, and says so when it is asked. Its file is older.
#[tokio::test]
async fn days_that_a_real_client_has_forgotten_are_still_in_its_file() {
    let url = data_directory::PROJECTS[0];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let today = u32::try_from(now.as_secs() / 86_400).expect("not in ten million years");
    let dir = tempfile::tempdir().expect("a temporary directory");
    data_directory::write(dir.path()).expect("the data directory can be written");
    let day = |(age, credit): (u32, u32)| {
        let start = (today - age) * 86_400;
        format!(
            "<daily_statistics>\n<day>{start}.000000</day>\n<user_total_credit>{credit}</user_total_credit>\n\
             <user_expavg_credit>1</user_expavg_credit>\n<host_total_credit>{credit}</host_total_credit>\n\
             <host_expavg_credit>1</host_expavg_credit>\n</daily_statistics>\n"
        )
    };
    let days = [(45, 100), (20, 200), (10, 300)].map(day).concat();
    let text = format!("<project_statistics>\n<master_url>{url}</master_url>\n{days}</project_statistics>\n");
    std::fs::write(dir.path().join("statistics_alpha.invalid_boinc.xml"), text).expect("it is writable");
    let boinc = Boinc::start_on(dir);
    let alone = client("attic", &boinc.address(), &boinc.password_file(), &["default"]);
    let beside = format!("{alone}data_directory = {:?}\n", boinc.folder());
    let held = |ages: std::ops::Range<u32>, credit: f64| ages.rev().map(move |age| (f64::from(age), credit));
    let newer = || held(10..20, 200.0).chain(held(1..10, 300.0));
    let expected: Vec<_> = held(20..30, 100.0).chain(newer()).collect();
    assert_eq!(credit(&Scene::of(&alone), url, today).await, expected);
    let expected: Vec<_> = held(20..45, 100.0).chain(newer()).collect();
    assert_eq!(credit(&Scene::of(&beside), url, today).await, expected);
}
