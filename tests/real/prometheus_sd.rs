//! A real Prometheus that finds its targets by the exporter's own service discovery and shares them between exporters, as
//! `deploy/prometheus/exporters.yml` has it do: whatever the number of exporters, each client is asked by one of them.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::process::{PATIENCE, free_port};
use crate::support::{Exporter, FakeClient, Prometheus, Sample, client_toml, pause, relaxed_interval};

const CLIENTS: usize = 40;

/// A client with little to say: forty are asked every few seconds.
const FOLDER: &str = "7.20.5_fresh";

/// Scrapes of each client that are judged. One that is under way, or whose answer is not stored yet, leaves no doubt of
/// them: a client that two exporters ask would have twice as many.
const SCRAPES: f64 = 5.0;
const UNDER_WAY: f64 = 2.0;

/// Two addresses whose last digits are the numbers of the exporters, 0 and 1; else they are the same.
fn addresses() -> [String; 2] {
    loop {
        let first =
            std::iter::repeat_with(free_port).find(|port| port % 10 == 0).expect("the search does not end without");
        if free_port() == first + 1 {
            return [first, first + 1].map(|port| format!("127.0.0.1:{port}"));
        }
    }
}

/// The clients that each address is asked for, from Prometheus's own page of targets.
async fn shares(prometheus: &Prometheus) -> BTreeMap<String, Vec<String>> {
    let data = prometheus.ask("targets", &[("state", "active")]).await;
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

/// The values of an expression, by the label `instance`, which is the client's name, or `""`.
async fn query(prometheus: &Prometheus, expression: &str) -> BTreeMap<String, f64> {
    let found = prometheus.values(expression, None).await;
    let count = found.len();
    let by_client = |(series, value): (Sample, f64)| (series.label("instance").unwrap_or_default().to_owned(), value);
    let values: BTreeMap<_, _> = found.into_iter().map(by_client).collect();
    assert_eq!(values.len(), count, "{expression} gives a client twice");
    values
}

/// The configuration from `deploy/` for so many exporters, with so many seconds for a minute.
fn configuration(exporters: &[String], interval: u64) -> String {
    let shipped = include_str!("../../deploy/prometheus/exporters.yml");
    let first = exporters.first().expect("there is one");
    let all = format!("{}$1", &first[..first.len() - 1]);
    let mut text = shipped.to_owned();
    for (from, to) in [
        ("scrape_interval: 1m", &format!("scrape_interval: {interval}s")),
        ("scrape_timeout: 20s", &format!("scrape_timeout: {interval}s")),
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
    // The times at which clients look lie between those at which Prometheus does: whatever they see then was tried then,
    // but for a scrape that is under way.
    let (tried_before, succeeded_before) = (query(prometheus, TRIED).await, query(prometheus, SUCCEEDED).await);
    let seen_before: Vec<_> = clients.iter().map(FakeClient::connections).collect();
    let since = |before: &BTreeMap<String, f64>, now: &BTreeMap<String, f64>, client: &str| {
        now.get(client).copied().unwrap_or(0.0) - before.get(client).copied().unwrap_or(0.0)
    };
    let (mut fewest, mut progress) = (0.0, Instant::now());
    loop {
        let succeeded = query(prometheus, SUCCEEDED).await;
        let scrapes = (0..CLIENTS).map(|number| since(&succeeded_before, &succeeded, &name(number)));
        let now = scrapes.fold(SCRAPES, f64::min);
        if now >= SCRAPES && all_are_up(prometheus).await {
            break;
        }
        if now > fewest {
            (fewest, progress) = (now, Instant::now());
        }
        let lines = prometheus.log().join("\n");
        assert!(progress.elapsed() < PATIENCE, "scrapes that succeeded: {succeeded:?}\n{lines}");
        pause().await;
    }
    let seen: Vec<_> = clients.iter().map(FakeClient::connections).collect();
    let tried = query(prometheus, TRIED).await;
    for number in 0..CLIENTS {
        let seen = f64::from(u32::try_from(seen[number] - seen_before[number]).expect("a few"));
        let tried = since(&tried_before, &tried, &name(number));
        assert!(seen <= tried + UNDER_WAY, "{}: {seen} connections, {tried} scrapes", name(number));
    }
    let shares = shares(prometheus).await;
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
        let counted = query(prometheus, expression).await;
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
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let interval = relaxed_interval(first.get("/metrics", &[]).await.took);
    let mut prometheus = Prometheus::start(folder, &configuration(&addresses, interval), &[]);
    assert_each_is_asked_once(&mut prometheus, &clients, &addresses).await;

    drop(second);
    prometheus.reload(&configuration(&addresses[..1], interval));
    assert_each_is_asked_once(&mut prometheus, &clients, &addresses[..1]).await;

    let lines = prometheus.log();
    let complaints: Vec<_> = lines.iter().filter(|l| l.contains("level=warn") || l.contains("level=error")).collect();
    assert_eq!(complaints, Vec::<&String>::new());
    drop(prometheus);
    for client in &clients {
        client.assert_was_left_in_peace().await;
    }
    assert!(!first.log().contains("panicked"), "{}", first.log());
}
