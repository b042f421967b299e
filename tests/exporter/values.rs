//! Values that clients of all ages say in ways of their own: each is right, or absent where it is not known.

use std::time::SystemTime;

use boinc_exporter::client::poll_state::PollState;
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::Format;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Exporter, FOLDER, FakeClient, Fault, Offline, Recording, Replies, Samples, client_toml, expose};

/// What the exporter says of a recorded client.
fn samples(client: &str) -> Samples {
    let all = Replies::of_all_clients();
    let (_, replies) = all.into_iter().find(|(name, _)| name == client).expect("it is recorded");
    Samples::parse(&expose(Offline::new().snapshot_with_reports(&replies), Format::Text))
}

/// The series of a metric with some labels: the value of one, `None` if there is none.
fn value(samples: &Samples, metric: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let values: Vec<_> = samples.series(metric, labels).map(|(_, value)| value).collect();
    assert!(values.len() <= 1, "{metric} {labels:?}: {values:?}");
    values.first().copied()
}

#[test]
fn tasks_of_clients_that_send_no_platform_use_what_their_application_uses() {
    let ati = samples("6.11.7_ati_without_platform");
    let project = ("project", "Collatz Conjecture");
    assert_eq!(value(&ati, "boinc_tasks_cpus_used", &[project]), Some(0.05));
    assert_eq!(value(&ati, "boinc_tasks_gpus_used", &[project, ("resource", "ATI")]), Some(1.0));
    let nci = samples("7.4.23_nci_without_platform");
    assert_eq!(value(&nci, "boinc_tasks_cpus_used", &[]), Some(0.01));
    assert_eq!(value(&nci, "boinc_resource_idle", &[("resource", "CPU")]), Some(3.99));
    let busy = samples("7.4_gpu_busy_without_platform");
    assert_eq!(value(&busy, "boinc_resource_idle", &[("resource", "NVIDIA")]), Some(0.0));
    assert_eq!(value(&busy, "boinc_resource_idle_reason", &[("resource", "NVIDIA")]), None);
    assert_eq!(value(&busy, "boinc_resource_idle_reason", &[("resource", "CPU"), ("reason", "no_work")]), Some(1.0));
    assert!(value(&busy, "boinc_queue_drain_seconds", &[("resource", "NVIDIA")]).is_some_and(|drain| drain > 19_000.0));
}

#[test]
fn gpus_are_described_by_the_source_that_can_be_trusted() {
    for (client, memory) in [("7.16.3_nvidia_6_gb", 6_365_118_464.0), ("7.0.27_nvidia_garbled", 4_294_246_400.0)] {
        let samples = samples(client);
        let shown: Vec<_> = samples.series("boinc_gpu_memory_bytes", &[]).map(|(_, bytes)| bytes).collect();
        assert_eq!(shown, [memory], "{client}");
        assert!(samples.series("boinc_gpu_clock_hertz", &[]).all(|(_, hertz)| hertz < 1e11), "{client}");
    }
    let driver = samples("7.24.1_nvidia_driver_580");
    let driver: Vec<_> = driver.series("boinc_gpu_info", &[]).map(|(s, _)| s.label("driver_version")).collect();
    assert_eq!(driver, [Some("580.178.04")]);
    let two = samples("7.6_two_mali");
    let shown = ["boinc_gpu_devices", "boinc_resource_usable", "boinc_resource_idle"];
    assert_eq!(shown.map(|metric| value(&two, metric, &[("resource", "Mali-T628")])), [Some(2.0); 3]);
}

#[test]
fn unknown_is_absent_and_what_is_no_average_is_not_shown_as_one() {
    assert_eq!(value(&samples("8.2.11_apple_silicon"), "boinc_host_cpu_cache_bytes", &[]), None);
    let young = samples("8.2.6_young");
    let traffic = |direction| value(&young, "boinc_network_history_bytes", &[("direction", direction)]);
    assert_eq!(traffic("download"), Some(69_880.0));
}

#[test]
fn backoffs_of_old_clients_are_those_of_new_ones() {
    let old = samples("6.11.7_old_elements");
    let seti = ("project", "SETI@home");
    let backoff = |metric| value(&old, metric, &[seti, ("resource", "CPU")]);
    assert_eq!(backoff("boinc_project_resource_backoff_interval_seconds"), Some(30_720.0));
    let until = backoff("boinc_project_resource_backoff_until_timestamp_seconds");
    assert!(until.is_some_and(|until| (until - 1_289_918_532.749_768).abs() < 1e-3), "{until:?}");
}

/// What the exporter says of a busy client that answers these operations as another did.
fn busy_with(client: &str, operations: &[&str]) -> Samples {
    let folder = crate::support::replies(client);
    let replies = operations.iter().fold(busy_replies(), |replies, operation| {
        replies.with(operation, std::fs::read(folder.join(operation).with_extension("xml")).expect("it is recorded"))
    });
    Samples::parse(&expose(Offline::new().snapshot_with_reports(&replies), Format::Text))
}

fn busy_replies() -> Replies {
    let all = Replies::of_all_clients();
    all.into_iter().find(|(name, _)| name == FOLDER).expect("it is recorded").1
}

#[test]
fn a_project_without_tasks_is_no_work() {
    let samples = busy_with("7.20_no_tasks_available", &["get_message_count", "get_messages"]);
    let no_work: Vec<_> = samples
        .series("boinc_work_fetch_replies_total", &[("reason", "no_work")])
        .map(|(sample, count)| (sample.label("project").unwrap_or_default().to_owned(), count))
        .collect();
    let expected = [("SETI@home", 2.0), ("World Community Grid", 1.0), ("climateprediction.net", 1.0)];
    assert_eq!(no_work, expected.map(|(project, count)| (project.to_owned(), count)));
}

#[test]
fn tasks_that_a_detach_dropped_were_not_reported() {
    let dropped = busy_with("7.20.5_dropped_tasks", &["get_old_results"]);
    let counted: f64 = dropped.series("boinc_tasks_reported_total", &[("outcome", "success")]).map(|(_, n)| n).sum();
    let recently: f64 = dropped.series("boinc_tasks_reported_recently", &[]).map(|(_, n)| n).sum();
    // Of 56 in the list 40 were dropped; of the others 5 succeeded.
    assert_eq!((counted, recently), (5.0, 16.0));
}

/// The recording of a busy client, with some texts replaced by others.
fn busy(replaced: &[(&str, &str)]) -> Samples {
    let replies = busy_replies();
    let mut state = String::from_utf8_lossy(replies.get("get_state")).into_owned();
    for (from, to) in replaced {
        assert!(state.contains(from), "{from}");
        state = state.replace(from, to);
    }
    Samples::parse(&expose(Offline::new().snapshot(&replies.with("get_state", state)), Format::Text))
}

/// Why the CPUs are idle.
fn idle_reason(samples: &Samples) -> Option<String> {
    let mut reasons =
        samples.series("boinc_resource_idle_reason", &[("resource", "CPU")]).filter(|(_, holds)| *holds > 0.0);
    reasons.next().map(|(sample, _)| sample.label("reason").unwrap_or_default().to_owned())
}

#[test]
fn a_resource_that_is_forbidden_is_not_short_of_work() {
    let idle = |replaced: &[(&str, &str)]| {
        let all = Replies::of_all_clients();
        let (_, replies) = all.into_iter().find(|(name, _)| name == "7.20.5_idle_attached_no_tasks").expect("recorded");
        let mut state = String::from_utf8_lossy(replies.get("get_state")).into_owned();
        replaced.iter().for_each(|(from, to)| state = state.replace(from, to));
        idle_reason(&Samples::parse(&expose(Offline::new().snapshot(&replies.with("get_state", state)), Format::Text)))
    };
    let willing = ("<dont_request_more_work/>", "");
    let blocked = |element: &str| {
        let named = format!("<{element}>CPU</{element}>\n<sched_priority>");
        idle(&[willing, ("<sched_priority>", &named)])
    };
    for element in ["no_rsc_pref", "no_rsc_ams", "no_rsc_config"] {
        assert_eq!(blocked(element).as_deref(), Some("not_wanted"), "{element}");
    }
    assert_eq!(blocked("no_rsc_apps").as_deref(), Some("no_application"));
    assert_eq!((blocked("no_rsc_none"), idle(&[])), (Some("deferred".to_owned()), Some("no_new_tasks".to_owned())));
}

#[test]
fn a_task_for_which_the_client_says_0_cpus_uses_one() {
    let used = |samples: &Samples| samples.series("boinc_tasks_cpus_used", &[]).map(|(_, cpus)| cpus).sum::<f64>();
    let (before, after) = (busy(&[]), busy(&[("<avg_ncpus>1.000000</avg_ncpus>", "<avg_ncpus>0.000000</avg_ncpus>")]));
    assert_eq!((used(&after), idle_reason(&after)), (used(&before), idle_reason(&before)));
}

/// A client that logs its own replies writes the byte that ends replies into its log.
#[test]
fn messages_behind_a_stray_terminator_are_passed_over() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gui_rpc_debug/");
    let recorded = |name: &str| std::fs::read(format!("{folder}{name}.xml")).expect("it is recorded");
    let all = Replies::of_all_clients();
    let (_, replies) = all.into_iter().find(|(name, _)| name == FOLDER).expect("it is recorded");
    let noisy =
        replies.with("get_messages", recorded("get_messages")).with("get_message_count", recorded("get_message_count"));
    let (offline, mut poll_state, clock) = (Offline::new(), PollState::default(), Clock::stepped(SystemTime::now()));
    let mut poll =
        |replies: &Replies| Samples::parse(&expose(offline.poll_at(&clock, replies, &mut poll_state), Format::Text));
    let outcome = |samples: &Samples| {
        let messages = ("collector", "messages");
        (
            value(samples, "boinc_scrape_collector_success", &[messages]),
            value(samples, "boinc_scrape_collector_error", &[messages, ("reason", "truncated")]),
        )
    };
    let first = poll(&noisy);
    assert_eq!(outcome(&first), (Some(0.0), Some(1.0)));
    let newest = value(&first, "boinc_messages_sequence", &[]).expect("it has messages");
    assert_eq!(value(&first, "boinc_messages_lost_total", &[]), Some(newest));
    // One more, without the byte.
    let next = newest + 1.0;
    let message = format!(
        "<msgs>\n<msg>\n<project>P</project>\n<pri>1</pri>\n<seqno>{next}</seqno>\n<body>Requesting new tasks</body>\n<time>1</time>\n</msg>\n</msgs>\n"
    );
    let reply = |body: &str| format!("<boinc_gui_rpc_reply>\n{body}</boinc_gui_rpc_reply>\n");
    let quiet = noisy
        .with("get_messages", reply(&message))
        .with("get_message_count", reply(&format!("<seqno>{next}</seqno>\n")));
    let second = poll(&quiet);
    assert_eq!(outcome(&second), (Some(1.0), None));
    let asked =
        |samples: &Samples| value(samples, "boinc_work_fetch_replies_total", &[("project", "P"), ("reason", "asked")]);
    assert_eq!((asked(&second), asked(&poll(&quiet))), (Some(0.0), Some(1.0)));
}

/// Servers that are no BOINC clients: one answers, one greets, one sends what could be XML.
#[tokio::test]
async fn other_protocols_are_called_so() {
    for said in [
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "<html><body>no</body></html>",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let server = tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(said.as_bytes()).await;
            }
        });
        let exporter = Exporter::start(&format!("[[clients]]\nname = \"odd\"\naddress = \"{address}\"\n"));
        let samples = Samples::parse(&exporter.get("/metrics", &[]).await.body);
        let reasons: Vec<_> = samples
            .series("boinc_scrape_error", &[])
            .filter(|(_, holds)| *holds > 0.0)
            .map(|(sample, _)| sample.label("reason").unwrap_or_default().to_owned())
            .collect();
        assert_eq!(reasons, ["parse"], "{said}\n{}", exporter.log());
        server.abort();
    }
}

/// One place, and clients that never answer: each that was asked in time is blamed, and no other.
#[tokio::test]
async fn a_client_that_was_not_asked_is_not_blamed() {
    let mut config = "[scrape]\nconcurrency = 1\n".to_owned();
    let mut clients = Vec::new();
    for number in 0..8 {
        let client = FakeClient::playing(FOLDER).fault_of_all(Fault::Silence).start().await;
        config += &client_toml(&format!("silent-{number}"), &client.address());
        clients.push(client);
    }
    let exporter = Exporter::start(&config);
    let page = exporter.get("/metrics", &[("X-Prometheus-Scrape-Timeout-Seconds", "2")]).await;
    let samples = Samples::parse(&page.body);
    let count =
        |reason| samples.series("boinc_scrape_error", &[("reason", reason)]).map(|(_, holds)| holds).sum::<f64>();
    let (timeout, not_asked) = (count("timeout"), count("not_asked"));
    assert!(timeout >= 1.0 && timeout + not_asked == 8.0, "{}", exporter.log());
    let untouched = clients.iter().filter(|client| client.connections() == 0).count();
    assert_eq!(untouched as f64, not_asked);
    let overview = exporter.get("/", &[]).await.body;
    assert_eq!(
        overview
            .matches("<dt>Trouble<dd><span class=\"orange\"><b class=\"state\">exporter too busy to ask</b></span>")
            .count(),
        untouched,
        "{overview}"
    );
    assert_eq!(exporter.log().matches("reason=not_asked").count(), untouched, "{}", exporter.log());
}

/// Preferences that change what BOINC may use are followed at once, not after the interval of the walk over the disk.
#[tokio::test]
async fn the_allowed_disk_space_follows_the_preferences() {
    let recording = Recording::of(FOLDER);
    let client = FakeClient::playing(recording.folder()).start().await;
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    let walks = || client.operations().iter().filter(|operation| *operation == "get_disk_usage").count();
    exporter.get("/metrics", &[]).await;
    exporter.get("/metrics", &[]).await;
    assert_eq!(walks(), 1);
    recording.set_all("get_state", "disk_max_used_gb", "7.000000");
    exporter.get("/metrics", &[]).await;
    assert_eq!(walks(), 2);
}
