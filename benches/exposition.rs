//! Measures what writing costs: `cargo bench --bench exposition`. What was decided by it stands in
//! `docs/decisions/0002-text-format.md`.

#[path = "../tests/support/mod.rs"]
mod support;
mod timing;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boinc_exporter::collect::{Options, poll};
use boinc_exporter::collectors::Collectors;
use boinc_exporter::config::Scrape as Settings;
use boinc_exporter::exposition::{Format, from_openmetrics, negotiate, render};
use boinc_exporter::gui_rpc::model::ClientState;
use boinc_exporter::gui_rpc::reply;
use boinc_exporter::memory::Memory;
use boinc_exporter::metrics::Scrape;
use boinc_exporter::snapshot::Snapshot;
use boinc_exporter::target::{Address, Password, Target};
use support::FakeClient;
use timing::{Job, median, time};

/// Rounds of which the median is shown.
const ROUNDS: usize = 11;
/// A recording of 62 tasks.
const FOLDER: &str = "7.20.5_busy_many";
/// What Prometheus 3 sends when nothing is configured.
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

fn main() {
    // For a profiler: the writing of ten clients, alone in its function.
    if std::env::args().any(|argument| argument == "profile") {
        return drop(black_box(profiled(snapshots(10))));
    }
    let snapshots = snapshots(1000);
    let state = std::fs::read(support::replies(FOLDER).join("get_state.xml")).expect("the recording is there");
    let openmetrics = || render(None, Scrape(snapshots.clone()), Format::OpenMetrics);
    let text = openmetrics();
    let jobs: [Job<'_>; 5] = [
        ("OpenMetrics, 1 000 clients", Box::new(|| drop(black_box(openmetrics())))),
        (
            "text 0.0.4, 1 000 clients",
            Box::new(|| drop(black_box(render(None, Scrape(snapshots.clone()), Format::Text)))),
        ),
        ("of that, from OpenMetrics to text 0.0.4", Box::new(|| drop(black_box(from_openmetrics(&text))))),
        (
            "reading 1 000 replies to get_state",
            Box::new(|| (0..1000).for_each(|_| drop(black_box(reply::parse::<ClientState>(&state))))),
        ),
        (
            "1 000 negotiations",
            Box::new(|| {
                (0..1000).for_each(|_| {
                    black_box(negotiate(black_box(Some(PROMETHEUS))));
                });
            }),
        ),
    ];
    println!(
        "1 000 clients of 62 tasks: {} bytes, {} samples",
        text.len(),
        text.lines().filter(|l| !l.starts_with('#')).count()
    );
    let mut times = jobs.each_ref().map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for ((_, job), times) in jobs.iter().zip(&mut times) {
            times.push(time(job));
        }
    }
    let times = times.map(median);
    println!("  times that of OpenMetrics (median of {ROUNDS} rounds)");
    for ((name, _), time) in jobs.iter().zip(times) {
        println!("  {name:44} {:.4} ({:.1} ms here)", time / times[0], time * 1e3);
    }
    println!("\n  OpenMetrics, time a client in terms of that of 10 clients");
    growth(&snapshots);
}

#[inline(never)]
fn profiled(snapshots: Vec<Arc<Snapshot>>) -> String {
    render(None, Scrape(snapshots), Format::OpenMetrics)
}

fn growth(snapshots: &[Arc<Snapshot>]) {
    let sizes = [10, 100, 1000];
    let mut times = sizes.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (size, times) in sizes.into_iter().zip(&mut times) {
            let some = || drop(black_box(render(None, Scrape(snapshots[..size].to_vec()), Format::OpenMetrics)));
            times.push(time(&|| (0..1000 / size).for_each(|_| some())));
        }
    }
    let medians = times.map(median);
    for (size, median) in sizes.into_iter().zip(medians) {
        println!("  {size:5} {:.2}", median / medians[0]);
    }
}

/// What so many clients say that are all as in the recording.
fn snapshots(clients: usize) -> Vec<Arc<Snapshot>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    let options = Options::from(&Settings::default());
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
                labels: [("room".to_owned(), "attic".to_owned())].into(),
                collectors: Collectors::default_set(),
                timeout: Duration::from_secs(10),
            };
            let deadline = Instant::now() + target.timeout;
            let snapshot = poll(&target, &mut Memory::default(), &options, deadline).await;
            assert!(snapshot.error.is_none(), "{:?}", snapshot.error);
            snapshots.push(Arc::new(snapshot));
        }
        snapshots
    })
}
