//! The cost of the exporter, compared with the least possible cost.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use boinc_exporter::client::Fleet;
use boinc_exporter::client::Limits;
use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::target::{Password, Target};
use tokio::runtime::Runtime;

use crate::boinc::Boinc;
use crate::clients::{Clients, Time};
use crate::exporter::{Exporter, Scrape};
use crate::raw::{Requests, Tap, exchange};
use crate::table::{Limit, Row, median, ms};
use crate::usage::cpu;

/// Number of rounds; the median counts. Each round measures both sides, so that other load on the computer affects both.
const ROUNDS: usize = 15;
/// The number of clients that the exporter polls at a time.
const AT_A_TIME: usize = 100;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// The requests that the exporter sends to this client with every scrape: those of the second poll, when cached values are known.
fn requests(runtime: &Runtime, address: &str) -> Requests {
    runtime.block_on(async {
        let tap = Tap::before(address.to_owned()).await;
        let (host, port) = tap.address.rsplit_once(':').expect("an address has a port");
        let target = Target {
            name: String::from("client"),
            address: Address::Tcp { host: host.to_owned(), port: port.parse().expect("a number") },
            password: Password::None,
            data_directory: Place::None,
            labels: BTreeMap::new(),
            collectors: Collectors::default(),
            timeout: Duration::from_secs(60),
        };
        let fleet = Fleet::new(vec![target], Limits::default());
        for _ in 0..2 {
            let deadline = Instant::now() + Duration::from_secs(60);
            let snapshots = fleet.scrape(deadline).await;
            assert!(snapshots[0].up && snapshots[0].error.is_none(), "{:?}", snapshots[0].error);
        }
        tap.requests().await
    })
}

/// Measures scrapes and raw exchanges in turn.
fn compare(clients: &[String], exporter: &Exporter, rounds: usize) -> (Vec<(Scrape, Duration)>, usize) {
    let runtime = runtime();
    let requests = requests(&runtime, &clients[0]);
    exporter.scrape();
    exporter.assert_all_up();
    let mut bytes = 0;
    let round = |_| {
        let scrape = exporter.scrape();
        let (raw, received) = runtime.block_on(exchange(clients, &requests, AT_A_TIME));
        bytes = received;
        (scrape, raw)
    };
    ((0..rounds).map(round).collect(), bytes)
}

fn wall_ratio(measure: &str, clients: &[String], limit: Option<Limit>, rounds: usize) -> Vec<Row> {
    let exporter = Exporter::watching(clients.iter().map(String::as_str), "");
    let (rounds, bytes) = compare(clients, &exporter, rounds);
    let ratio = median(rounds.iter().map(|(scrape, raw)| scrape.wall.as_secs_f64() / raw.as_secs_f64()).collect());
    let scrape = median(rounds.iter().map(|(scrape, _)| ms(scrape.wall)).collect());
    let raw = median(rounds.iter().map(|(_, raw)| ms(*raw)).collect());
    let cpu = median(rounds.iter().map(|(scrape, _)| ms(scrape.cpu)).collect());
    let note = format!(
        "/metrics {scrape:.1} ms, raw {raw:.1} ms for {:.2} MB of replies; answer {:.2} MB; our CPU {cpu:.1} ms",
        bytes as f64 / 1e6,
        rounds[0].0.bytes as f64 / 1e6
    );
    vec![Row::new(measure, ratio, "", limit, note)]
}

/// One client with 5 000 tasks: a real one, and a simulated one that is faster than any real one.
pub fn one_client() -> Vec<Row> {
    let boinc = Boinc::start_with_more_tasks(5000);
    let limit = Some(Limit::Most(1.3));
    let mut rows = wall_ratio("wall time, 1 client of 5 000 tasks / raw exchange", &[boinc.address()], limit, ROUNDS);
    let clients = Clients::start(1, 5000, Time::Passes);
    rows.extend(wall_ratio("the same of a simulated client, several times as fast", &clients.addresses, None, ROUNDS));
    rows
}

/// A thousand clients with 50 tasks each.
pub fn thousand_clients() -> Vec<Row> {
    let clients = Clients::start(1000, 50, Time::Passes);
    wall_ratio("wall time, 1 000 clients of 50 tasks / raw exchange", &clients.addresses, Some(Limit::Most(1.4)), 7)
}

/// The CPU time of a raw exchange: what the kernel takes for it.
fn raw_cpu(clients: &[String], times: u32) -> Duration {
    let runtime = runtime();
    let requests = requests(&runtime, &clients[0]);
    let before = cpu(std::process::id());
    for _ in 0..times {
        runtime.block_on(exchange(clients, &requests, AT_A_TIME));
    }
    cpu(std::process::id()).saturating_sub(before) / times
}

/// The exporter's CPU time, compared with a real client's for the same replies.
pub fn cpu_of_a_client() -> Vec<Row> {
    const SCRAPES: u32 = 200;
    let boinc = Boinc::start();
    let clients = [boinc.address()];
    let exporter = Exporter::watching(clients.iter().map(String::as_str), "");
    exporter.scrape();
    let of_both = |scrapes: u32| -> (Duration, Duration) {
        let before = cpu(boinc.process.id());
        let ours = (0..scrapes).map(|_| exporter.scrape().cpu).sum();
        (ours, cpu(boinc.process.id()).saturating_sub(before))
    };
    of_both(20);
    let (ours, its) = of_both(SCRAPES);
    let raw = raw_cpu(&clients, SCRAPES);
    let samples = exporter.get().lines().filter(|line| !line.starts_with('#')).count();
    let note = format!(
        "{:.2} ms ours, HTTP and text of {samples} samples included; {:.2} ms of boinc-client's; raw {:.2} ms",
        ms(ours / SCRAPES),
        ms(its / SCRAPES),
        ms(raw)
    );
    let ratio = ours.as_secs_f64() / its.as_secs_f64();
    vec![Row::new("our CPU / a real client's CPU for the same replies", ratio, "", Some(Limit::Most(1.0)), note)]
}

/// A client that accepts and never answers, among a thousand.
pub fn one_dead() -> Vec<Row> {
    const TIMEOUT: f64 = 2.0;
    let clients = Clients::start(999, 50, Time::Stands);
    let dead = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = dead.local_addr().expect("a bound socket has an address").to_string();
    let settings = format!("[scrape]\nclient_timeout = {TIMEOUT}");
    let well = clients.addresses.iter().map(String::as_str);
    let all = [address.as_str()].into_iter().chain(well.clone());
    let (without, with) = (Exporter::watching(well, &settings), Exporter::watching(all, &settings));
    let rounds = |exporter: &Exporter| {
        exporter.scrape();
        median((0..5).map(|_| exporter.scrape().wall.as_secs_f64()).collect())
    };
    let (without, with) = (rounds(&without), rounds(&with));
    let note = format!("{with:.2} s with it, {without:.2} s without, its own timeout being {TIMEOUT} s");
    let limit = Some(Limit::Most(1.0));
    vec![Row::new("one dead client among 1 000: time added / its timeout", (with - without) / TIMEOUT, "", limit, note)]
}
