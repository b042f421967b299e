//! A real client with so many tasks that its state is asked for only now and then, and the tasks alone meanwhile.

use std::collections::BTreeMap;
use std::time::Instant;

use boinc_exporter::client::poll_state::MANY_TASKS;

use crate::boinc::Boinc;
use crate::comparison::sum;
use crate::exporter::{client, scrape};
use crate::support::{Exporter, FakeClient, Samples};

const MORE: usize = 4 * MANY_TASKS;

/// What the tasks alone do not tell, and what does not change while they wait.
const FAMILIES: [&str; 5] =
    ["boinc_tasks", "boinc_tasks_by_app", "boinc_project_workunits", "boinc_project_apps", "boinc_project_host_credit"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_of_a_large_state_and_the_tasks_alone_make_the_same_whole() {
    let boinc = Boinc::start_with_more_tasks(MORE);
    let wire = FakeClient::before(&boinc.address()).start().await;
    let exporter = Exporter::start(&client("real", &wire.address(), &boinc.password_file(), &["default"]));
    let begun = Instant::now();
    let [first, second, third] = [scrape(&exporter).await, scrape(&exporter).await, scrape(&exporter).await];

    let asked = |operation: &str| wire.operations().iter().filter(|asked| *asked == operation).count();
    assert_eq!(["get_state", "get_results", "get_project_status"].map(asked), [1, 2, 2], "{}", exporter.log());
    let tasks = boinc.boinccmd("--get_tasks").records("Tasks").len();
    assert!(tasks > MORE);
    for samples in [&first, &second, &third] {
        assert_eq!(sum(samples, "boinc_tasks", &[]), tasks as f64);
        assert_eq!(FAMILIES.map(|name| family(samples, name)), FAMILIES.map(|name| family(&first, name)));
    }
    // Ages go by the client's clock, which is reckoned from that of the whole state.
    let clocks = [&first, &second, &third].map(|s| s.value("boinc_client_clock_timestamp_seconds", &[]));
    assert!(clocks.is_sorted() && clocks[0] < clocks[2], "{clocks:?}");
    let ahead = clocks[2].unwrap_or_default() - clocks[0].unwrap_or_default();
    let most = begun.elapsed().as_secs_f64() + 2.0;
    assert!(ahead < most, "the scrapes took no {ahead} s");
}

fn family(samples: &Samples, name: &str) -> BTreeMap<String, f64> {
    samples.series(name, &[]).map(|(sample, value)| (format!("{sample:?}"), value)).collect()
}
