//! A real client that is killed without warning, in the middle of a scrape, and started again where it left its files.

use std::collections::BTreeMap;

use tokio::time::timeout;

use crate::boinc::Boinc;
use crate::boinccmd::number;
use crate::exporter::{ALL, client, scrape};
use crate::support::process::PATIENCE;
use crate::support::{Exporter, FakeClient, Fault, Gate, Sample, Samples};

/// Counters of the client's life, not of its present process.
const LIFETIME: [&str; 3] =
    ["boinc_project_jobs_total", "boinc_project_elapsed_seconds_total", "boinc_project_scheduler_rpcs_total"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_killed_within_a_scrape_is_counted_on_without_a_step_back() {
    let mut boinc = Boinc::start_restartable();
    let wire = FakeClient::before(&boinc.address()).start().await;
    let exporter = Exporter::start(&client("real", &wire.address(), &boinc.password_file(), ALL));
    let before = scrape(&exporter).await;
    assert_eq!(before.value("boinc_up", &[]), Some(1.0), "{}", exporter.log());

    let gate = Gate::new();
    wire.set_fault("get_file_transfers", Some(Fault::Late(gate.clone())));
    let (within, ()) = tokio::join!(scrape(&exporter), async {
        gate.reached().await;
        boinc.kill();
        gate.open();
    });
    wire.set_fault("get_file_transfers", None);
    // What it had answered by then is served, and what it had not is named.
    let success = |collector| within.value("boinc_scrape_collector_success", &[("collector", collector)]);
    assert_eq!(["state", "file_transfers", "messages"].map(success), [1.0, 1.0, 0.0].map(Some), "{}", exporter.log());

    let down = scrape(&exporter).await;
    assert_eq!(down.value("boinc_up", &[]), Some(0.0));
    assert_eq!(LIFETIME.map(|name| down.series(name, &[]).count()), [0; 3], "of a client that is down nothing is said");

    boinc.start_again();
    let after = scrape(&exporter).await;
    assert_eq!(after.value("boinc_up", &[]), Some(1.0), "{}", exporter.log());
    for name in LIFETIME {
        let counters = by_url(&before, name);
        assert!(counters.values().any(|value| *value > 0.0), "{counters:?}");
        // It neither reported nor was told anything meanwhile, so nothing may be added either.
        assert_eq!(by_url(&after, name), counters, "{name}");
    }
    // The client now has another name for a project: a series that comes later is shown as 0 first, so that its increase is seen.
    let all = async {
        loop {
            let samples = scrape(&exporter).await;
            if Some(messages(&samples)) == samples.value("boinc_messages_sequence", &[]) {
                return samples;
            }
        }
    };
    let all = timeout(PATIENCE, all).await.expect("all messages are shown after some scrapes");
    assert_messages_are_those_of_this_process(&boinc, &all);
    assert_ne!(
        before.value("boinc_client_start_timestamp_seconds", &[]),
        after.value("boinc_client_start_timestamp_seconds", &[])
    );
    wire.assert_was_left_in_peace().await;
}

/// The counters by their labels but for the project's name: this client writes names into its files unescaped, and reads
/// `Alpha & Omega <test>@home` back as `Alpha & Omega`.
fn by_url(samples: &Samples, name: &str) -> BTreeMap<Vec<String>, f64> {
    let labels = |sample: &Sample| ["project_url", "outcome"].map(|l| sample.label(l).unwrap_or_default().to_owned());
    samples.series(name, &[]).map(|(sample, value)| (labels(sample).to_vec(), value)).collect()
}

fn messages(samples: &Samples) -> f64 {
    samples.series("boinc_messages_total", &[]).map(|(_, count)| count).sum()
}

fn assert_messages_are_those_of_this_process(boinc: &Boinc, samples: &Samples) {
    let counted = messages(samples);
    assert_eq!(Some(counted), samples.value("boinc_messages_sequence", &[]));
    // It may have written more since.
    let newest = number(&boinc.boinccmd("--get_message_count").record("")["Greatest message sequence number"]);
    assert!(counted > 0.0 && counted <= newest, "{counted} messages of {newest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_read_operations_is_on_the_wire() {
    let boinc = Boinc::start();
    let wire = FakeClient::before(&boinc.address()).start().await;
    let config = client("real", &wire.address(), &boinc.password_file(), ALL);
    let exporter = Exporter::start(&format!("[scrape.intervals]\nold_results = 0\ndisk_usage = 0\n{config}"));
    for path in ["/metrics", "/probe?target=real", "/probe?target=real&debug=true", "/metrics"] {
        let page = exporter.get(path, &[]).await;
        assert!(page.body.contains("\nboinc_up{client=\"real\"} 1\n"), "{}", page.body);
    }
    assert_eq!(wire.connections(), 4, "one for each scrape");
    for page in ["/", "/config", "/sd", "/-/healthy"] {
        assert_eq!(exporter.get(page, &[]).await.status, 200);
    }
    assert_eq!(wire.connections(), 4, "pages ask nobody");
    let file = exporter.folder().join("config.toml");
    for command in ["check", "scrape"] {
        let mut exporter = std::process::Command::new(env!("CARGO_BIN_EXE_boinc_exporter"));
        let output = exporter.arg("--config.file").arg(&file).arg(command).output().expect("the built binary starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    assert!(wire.requests().len() > 60, "{:?}", wire.operations());
    wire.assert_was_left_in_peace().await;
}
