//! Measures the cost of encoding: `cargo bench --bench exposition`. `docs/decisions/0002-text-format.md` and
//! `0005-cost-of-a-scrape.md` record the decisions based on it.

#[path = "../tests/support/mod.rs"]
mod support;
mod timing;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::gui_rpc::model::ClientState;
use boinc_exporter::client::gui_rpc::reply;
use boinc_exporter::client::poll_state::PollState;
use boinc_exporter::client::snapshot::Snapshot;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::client::{Capacity, Client, Limits, Lookups, Session, poll};
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::{Format, families, negotiate, render};
use boinc_exporter::metric::Scrape;
use support::FakeClient;
use timing::{Job, median, time};

/// Number of rounds; the median is shown.
const ROUNDS: usize = 7;
/// Clients in the largest fleet.
const MOST: usize = 5000;
/// A recording of 62 tasks.
const FOLDER: &str = "7.20.5_busy_many";
/// Prometheus 3's default `Accept` header.
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

fn main() {
    // For a profiler: encoding ten clients, in a separate function.
    if std::env::args().any(|argument| argument == "profile") {
        return profiled(&snapshots(10));
    }
    let snapshots = snapshots(MOST);
    formats(&snapshots[..1000]);
    growth(&snapshots);
    negotiations();
}

#[inline(never)]
fn profiled(snapshots: &[Arc<Snapshot>]) {
    write(snapshots, Format::OpenMetrics);
}

/// Encodes table by table, as the HTTP handlers do.
fn write(snapshots: &[Arc<Snapshot>], format: Format) {
    Scrape::of::<Client>(snapshots.to_vec()).into_tables().for_each(|table| drop(black_box(families(table, format))));
}

/// The cost of the formats, relative to parsing the replies that the text is generated from.
fn formats(snapshots: &[Arc<Snapshot>]) {
    let state = std::fs::read(support::replies(FOLDER).join("get_state.xml")).expect("the recording is there");
    let openmetrics = render(None, Scrape::of::<Client>(snapshots.to_vec()), Format::OpenMetrics);
    println!("1 000 clients of 62 tasks: {} bytes, {} samples", openmetrics.len(), samples(&openmetrics));
    let jobs: [Job<'_>; 3] = [
        (
            "parsing 1 000 replies to get_state",
            Box::new(|| (0..1000).for_each(|_| drop(black_box(reply::parse::<ClientState>(&state))))),
        ),
        ("encoding them as OpenMetrics", Box::new(|| write(snapshots, Format::OpenMetrics))),
        ("encoding them as text 0.0.4", Box::new(|| write(snapshots, Format::Text))),
    ];
    let mut times = jobs.each_ref().map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for ((_, job), times) in jobs.iter().zip(&mut times) {
            times.push(time(job));
        }
    }
    let times = times.map(median);
    println!("  relative to parsing (median of {ROUNDS} rounds)");
    for ((name, _), time) in jobs.iter().zip(times) {
        println!("  {name:36} {:.2} ({:.1} ms here)", time / times[0], time * 1e3);
    }
}

/// How the cost of a sample grows with the number of clients.
fn growth(snapshots: &[Arc<Snapshot>]) {
    println!("\n  OpenMetrics, nanoseconds per sample");
    for clients in [1, 10, 100, 1000, MOST] {
        let some = &snapshots[..clients];
        let samples = samples(&render(None, Scrape::of::<Client>(some.to_vec()), Format::OpenMetrics));
        let repeat = (1000 / clients).max(1);
        let round = || time(&|| (0..repeat).for_each(|_| write(some, Format::OpenMetrics)));
        let times: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
        println!("  {clients:5} clients {:6.0}", median(times) * 1e9 / (repeat * samples) as f64);
    }
}

fn samples(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

fn negotiations() {
    const TIMES: u32 = 10_000;
    let negotiate = || {
        black_box(negotiate(black_box(Some(PROMETHEUS))));
    };
    let times = (0..ROUNDS).map(|_| time(&|| (0..TIMES).for_each(|_| negotiate())));
    println!("\n  choosing a format: {:.0} nanoseconds", median(times.collect()) * 1e9 / f64::from(TIMES));
}

/// Snapshots of this many clients that are all like the recorded one.
fn snapshots(clients: usize) -> Vec<Arc<Snapshot>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    let options = Limits::default();
    let capacity = Capacity::new(&options);
    runtime.block_on(async {
        let client = FakeClient::playing(FOLDER).without_password().start().await;
        let address = client.address();
        let (host, port) = address.rsplit_once(':').expect("an address has a port");
        let mut snapshots = Vec::new();
        for number in 0..clients {
            let target = Target {
                name: format!("host-{number:04}.example.org"),
                address: Address::Tcp { host: host.to_owned(), port: port.parse().expect("a port is a number") },
                password: Password::None,
                data_directory: Place::None,
                labels: [("room".to_owned(), "attic".to_owned())].into(),
                collectors: Collectors::default(),
                timeout: Duration::from_secs(10),
            };
            let deadline = Instant::now() + target.timeout;
            let access = Lookups::default().entrance(&target).find(deadline).await;
            let session = Session::new(&target, access, &capacity, options.max_reply_bytes, deadline);
            let snapshot = poll(session, &mut PollState::default(), &options, &Clock::default()).await;
            assert!(snapshot.error.is_none(), "{:?}", snapshot.error);
            snapshots.push(Arc::new(snapshot));
        }
        snapshots
    })
}
