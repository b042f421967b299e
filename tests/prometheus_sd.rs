//! A real Prometheus that finds its targets by the exporter's own service discovery and shares them between exporters, as
//! `deploy/prometheus/exporters.yml` has it do: whatever the number of exporters, each client is asked by one of them.

#[path = "real/process.rs"]
#[allow(dead_code, reason = "these tests use a part of it")]
mod process;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use process::{Process, free_port};
use support::{Exporter, FakeClient, client_toml};

const CLIENTS: usize = 40;

/// A client with little to say: forty are asked every other second.
const FOLDER: &str = "7.20.5_fresh";

/// Scrapes of each client that are judged. One that is under way, or whose answer is not stored yet, leaves no doubt of
/// them: a client that two exporters ask would have twice as many.
const SCRAPES: f64 = 5.0;
const UNDER_WAY: f64 = 2.0;

/// Generous: the tests share two CPUs with a compiler at times.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two addresses that differ in their last digit alone, which is the number of the exporter.
fn addresses() -> [String; 2] {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let ports = std::iter::repeat_with(|| free_port() / 10 * 10).find(|port| [*port, *port + 1].iter().all(free));
    let port = ports.expect("the search does not end without");
    [port, port + 1].map(|port| format!("127.0.0.1:{port}"))
}

/// Prometheus, with the configuration from `deploy/` for so many exporters, and with seconds for minutes.
struct Prometheus {
    process: Process,
    address: String,
    file: PathBuf,
    _dir: TempDir,
}

impl Prometheus {
    fn start(exporters: &[String]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let file = dir.path().join("prometheus.yml");
        fs::write(&file, configuration(exporters)).expect("a temporary folder is writable");
        let address = format!("127.0.0.1:{}", free_port());
        let mut process = Process::start(
            Command::new("prometheus")
                .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=info"])
                .arg(format!("--web.listen-address={address}"))
                .current_dir(dir.path()),
        );
        process.wait_for("Server is ready to receive web requests");
        Self { process, address, file, _dir: dir }
    }

    /// Has it share the clients between other exporters from now on.
    fn share(&mut self, exporters: &[String]) {
        fs::write(&self.file, configuration(exporters)).expect("a temporary folder is writable");
        let sent = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "a signal can be sent to a child");
        self.process.wait_for("Completed loading of configuration file");
    }

    async fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let url = format!("http://{}/api/v1/{path}", self.address);
        let url = reqwest::Url::parse_with_params(&url, parameters).expect("a valid URL");
        let body = reqwest::get(url).await.expect("Prometheus answers").text().await.expect("the answer is whole");
        let answer: Value = serde_json::from_str(&body).expect("Prometheus speaks JSON");
        assert_eq!(answer["status"], "success", "{parameters:?}: {body}");
        answer["data"].clone()
    }

    /// The values of an expression, by the label `instance`, which is the client's name, or `""`.
    async fn query(&self, expression: &str) -> BTreeMap<String, f64> {
        let data = self.ask("query", &[("query", expression)]).await;
        let pair = |series: &Value| {
            let client = series["metric"]["instance"].as_str().unwrap_or_default().to_owned();
            Some((client, series["value"][1].as_str()?.parse().ok()?))
        };
        let series = data["result"].as_array().expect("an instant vector");
        let values: BTreeMap<_, _> = series.iter().filter_map(pair).collect();
        assert_eq!(values.len(), series.len(), "{expression} gives a client twice: {data}");
        values
    }

    /// The clients that each address is asked for, from Prometheus's own page of targets.
    async fn shares(&self) -> BTreeMap<String, Vec<String>> {
        let data = self.ask("targets", &[("state", "active")]).await;
        let mut shares = BTreeMap::<String, Vec<String>>::new();
        for target in data["activeTargets"].as_array().expect("a list") {
            let url = reqwest::Url::parse(target["scrapeUrl"].as_str().expect("a text")).expect("a URL");
            let address = format!("127.0.0.1:{}", url.port().expect("no default port"));
            let client = url.query_pairs().find(|(key, _)| key == "target").expect("a probe is of a target").1;
            assert_eq!(target["labels"]["instance"], client.as_ref());
            shares.entry(address).or_default().push(client.into_owned());
        }
        shares.values_mut().for_each(|clients| clients.sort());
        shares
    }
}

fn configuration(exporters: &[String]) -> String {
    let shipped = include_str!("../deploy/prometheus/exporters.yml");
    let first = exporters.first().expect("there is one");
    let all = format!("{}$1", &first[..first.len() - 1]);
    let mut text = shipped.to_owned();
    for (from, to) in [
        ("scrape_interval: 1m", "scrape_interval: 2s"),
        ("scrape_timeout: 20s", "scrape_timeout: 2s"),
        ("boinc-exporter-0:31415", first),
        ("boinc-exporter-$1:31415", &all),
        ("modulus: 3", &format!("modulus: {}", exporters.len())),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from} is in the configuration once:\n{shipped}");
        text = text.replace(from, to);
    }
    text
}

fn name(number: usize) -> String {
    format!("host_{number}")
}

/// Waits until each client was scraped often, and then is up at last. Holds the number of scrapes that Prometheus tried
/// against the number of connections that the client saw.
async fn assert_each_is_asked_once(prometheus: &mut Prometheus, clients: &[FakeClient], exporters: &[String]) {
    const TRIED: &str = "count_over_time(up[1h])";
    const SUCCEEDED: &str = "sum_over_time(up[1h])";
    let seen_before: Vec<_> = clients.iter().map(FakeClient::connections).collect();
    let (tried_before, succeeded_before) = (prometheus.query(TRIED).await, prometheus.query(SUCCEEDED).await);
    let since = |before: &BTreeMap<String, f64>, now: &BTreeMap<String, f64>, client: &str| {
        now.get(client).copied().unwrap_or(0.0) - before.get(client).copied().unwrap_or(0.0)
    };
    let begin = Instant::now();
    loop {
        let succeeded = prometheus.query(SUCCEEDED).await;
        let often = (0..CLIENTS).all(|number| since(&succeeded_before, &succeeded, &name(number)) >= SCRAPES);
        if often && all_are_up(prometheus).await {
            break;
        }
        let lines = prometheus.process.lines().join("\n");
        assert!(begin.elapsed() < PATIENCE, "scrapes that succeeded: {succeeded:?}\n{lines}");
        // Prometheus announces nothing of its scrapes.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let tried = prometheus.query(TRIED).await;
    for (number, client) in clients.iter().enumerate() {
        let seen = f64::from(u32::try_from(client.connections() - seen_before[number]).expect("a few"));
        let tried = since(&tried_before, &tried, &name(number));
        assert!(seen <= tried + UNDER_WAY, "{}: {seen} connections, {tried} scrapes", name(number));
    }
    let shares = prometheus.shares().await;
    assert_eq!(shares.keys().collect::<Vec<_>>(), exporters.iter().collect::<Vec<_>>(), "each exporter has a share");
    let mut asked: Vec<_> = shares.values().flatten().cloned().collect();
    asked.sort();
    let mut all: Vec<_> = (0..CLIENTS).map(name).collect();
    all.sort();
    assert_eq!(asked, all, "each client is in one share");
    let shares: Vec<_> = shares.values().map(Vec::len).collect();
    println!("{} exporters ask {shares:?} clients; {} was scraped {} times", exporters.len(), name(0), tried[&name(0)]);
}

/// The last scrape of each client succeeded, and brought one `boinc_up 1`.
async fn all_are_up(prometheus: &Prometheus) -> bool {
    for expression in ["count(up == 1)", "count(boinc_up == 1)", "count(count by (client) (boinc_up))"] {
        let counted = prometheus.query(expression).await;
        if counted.get("") != Some(&(CLIENTS as f64)) {
            return false;
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_client_is_asked_by_one_of_two_exporters_and_then_by_the_one_that_is_left() {
    let mut clients = Vec::new();
    let mut config = String::new();
    for number in 0..CLIENTS {
        let client = FakeClient::playing(FOLDER).start().await;
        config += &client_toml(&name(number), &client.address());
        clients.push(client);
    }
    let addresses = addresses();
    let exporter = |address: &String| Exporter::start_with(&config, &["--web.listen-address", address]);
    let (first, second) = (exporter(&addresses[0]), exporter(&addresses[1]));
    let mut prometheus = Prometheus::start(&addresses);
    assert_each_is_asked_once(&mut prometheus, &clients, &addresses).await;

    drop(second);
    prometheus.share(&addresses[..1]);
    assert_each_is_asked_once(&mut prometheus, &clients, &addresses[..1]).await;

    let lines = prometheus.process.lines();
    let complaints: Vec<_> = lines.iter().filter(|l| l.contains("level=warn") || l.contains("level=error")).collect();
    assert_eq!(complaints, Vec::<&String>::new());
    drop(prometheus);
    for client in &clients {
        client.assert_was_left_in_peace().await;
    }
    assert!(!first.log().contains("panicked"), "{}", first.log());
}
