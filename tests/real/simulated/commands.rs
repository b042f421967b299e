//! BOINC's own tool before simulated clients: it understands all that they say, and the exporter says the same.

use std::collections::BTreeMap;

use super::boinc::Fleet;
use crate::boinccmd::Record;
use crate::comparison::{Client as _, Comparison, Fact, sum};
use crate::facts::{HOST_FACTS, PROJECT_FACTS, RUNNING_TASK_FACTS, TASK_FACTS, TIME_FACTS, compare_modes};

/// All that it can ask without changing anything, and what its answer begins with or, of one that may be empty, contains.
const QUESTIONS: [(&str, &str); 14] = [
    ("--client_version", "Client version: "),
    ("--get_cc_status", "network connection status: "),
    ("--get_daily_xfer_history", ""),
    ("--get_disk_usage", "======== Disk usage ========"),
    ("--get_file_transfers", "\n======== File transfers ========"),
    ("--get_host_info", "  timezone: "),
    ("--get_message_count", "Greatest message sequence number: "),
    ("--get_messages", "1: "),
    ("--get_notices", ""),
    ("--get_old_tasks", ""),
    ("--get_project_status", "======== Projects ========"),
    ("--get_simple_gui_info", "======== Projects ========"),
    ("--get_state", "======== Projects ========"),
    ("--get_tasks", "\n======== Tasks ========"),
];

#[tokio::test(flavor = "multi_thread")]
async fn it_understands_every_client() {
    for scenario in ["home", "faults"] {
        let fleet = Fleet::start(scenario).await;
        for client in fleet.clients() {
            for (question, beginning) in QUESTIONS {
                let text = client.boinccmd(question).text;
                assert!(text.starts_with(beginning), "{scenario} {} {question}:\n{text}", client.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_is_the_same() {
    let fleet = Fleet::start("home").await;
    // Every version, operating system and kind of GPU but AMD's, which is on a host with more tasks.
    for name in ["attic", "garage", "htpc", "kids", "laptop", "office-2"] {
        let client = fleet.client(name);
        let mut comparison = Comparison::new(&client, "--get_state").await;
        comparison.records("Projects", ("master URL", "project_url"), PROJECT_FACTS);
        comparison.records("Tasks", ("name", "task"), TASK_FACTS);
        comparison.record("Time stats", &known_times());
        let counted = |title: &str| count(comparison.before.records(title).iter());
        for (title, metric) in [
            ("Applications", "boinc_project_apps"),
            ("Application versions", "boinc_project_app_versions"),
            ("Workunits", "boinc_project_workunits"),
            ("Tasks", "boinc_tasks"),
        ] {
            assert_eq!(sum(&comparison.samples, metric, &[]), counted(title), "{name} {title}");
        }
        let [projects, tasks] = ["Projects", "Tasks"].map(|title| comparison.before.records(title).len());
        assert!(projects > 0 && tasks > 0, "{name} has nothing to do");
        comparison.finish(projects * PROJECT_FACTS.len() + tasks * 3 + TIME_FACTS.len() - 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_run_are_the_same() {
    let fleet = Fleet::start("home").await;
    for name in ["attic", "garage", "kids"] {
        let mut comparison = Comparison::new(&fleet.client(name), "--get_tasks").await;
        let mut running = BTreeMap::<String, f64>::new();
        for task in comparison.before.records("Tasks") {
            let runs = task["scheduler state"] == "scheduled" && task["active_task_state"] == "EXECUTING";
            *running.entry(task["project URL"].clone()).or_default() += f64::from(u8::from(runs));
        }
        for (url, count) in &running {
            comparison.equal("boinc_tasks_running", &[("project_url", url)], *count);
        }
        for output in [&mut comparison.before, &mut comparison.after] {
            output.retain("Tasks", |task| task.contains_key("slot"));
        }
        let active = comparison.before.records("Tasks").len();
        assert!(active > 0, "{name} has no task with a slot");
        comparison.records("Tasks", ("name", "task"), RUNNING_TASK_FACTS);
        comparison.finish(running.len() + active * RUNNING_TASK_FACTS.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_host_and_disk_are_the_same() {
    let fleet = Fleet::start("faults").await;
    for name in ["well", "suspended", "gpu-lost"] {
        let client = fleet.client(name);
        let mut modes = Comparison::new(&client, "--get_cc_status").await;
        compare_modes(&mut modes);
        modes.finish(9);
        let mut host = Comparison::new(&client, "--get_host_info").await;
        host.record("", HOST_FACTS);
        host.finish(HOST_FACTS.len());
        let mut disk = Comparison::new(&client, "--get_disk_usage").await;
        let sizes: &[Fact] = &[("total", "boinc_disk_size_bytes", &[]), ("free", "boinc_disk_free_bytes", &[])];
        disk.record("Disk usage", sizes);
        let usage: &[Fact] = &[("disk usage", "boinc_project_disk_usage_bytes", &[])];
        disk.records("Disk usage", ("master URL", "project_url"), usage);
        disk.finish(3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_and_goes_is_the_same() {
    let fleet = Fleet::start("home").await;
    let (mut transfers, mut reported, mut notices) = (0.0, 0.0, 0.0);
    for client in fleet.clients() {
        let mut comparison = Comparison::new(&client, "--get_file_transfers").await;
        for direction in ["download", "upload"] {
            let is_so = |transfer: &&Record| transfer["direction"] == direction;
            let files = count(comparison.before.records("File transfers").iter().filter(is_so));
            assert_eq!(
                sum(&comparison.samples, "boinc_transfers", &[("direction", direction)]),
                files,
                "{}",
                client.name
            );
            transfers += files;
        }
        let days = client.boinccmd("--get_daily_xfer_history").text;
        comparison.equal(
            "boinc_network_history_entries",
            &[],
            count(days.lines().filter(|line| line.contains(" bytes "))),
        );
        let old = client.boinccmd("--get_old_tasks").text;
        let old = count(old.lines().filter(|line| line.starts_with("task ")));
        let recently = sum(&comparison.samples, "boinc_tasks_reported_recently", &[]);
        assert!(recently <= old, "{}: {recently} of {old} reported tasks are recent", client.name);
        reported += recently;
        let told = count(client.boinccmd("--get_notices").text.lines().filter(|line| line.contains(": (")));
        assert_eq!(sum(&comparison.samples, "boinc_notices", &[]), told, "{}: notices", client.name);
        notices += told;
        let number = |question: &str, key: &str| client.boinccmd(question).record("")[key].clone();
        let newest = number("--get_message_count", "Greatest message sequence number").parse().expect("a number");
        comparison.equal("boinc_messages_sequence", &[], newest);
        let version = number("--client_version", "Client version");
        comparison.equal("boinc_client_info", &[("client", "real"), ("version", &version)], 1.0);
        comparison.finish(3);
    }
    let compared = [transfers, reported, notices];
    assert!(compared.iter().all(|number| *number > 0.0), "transfers, reported tasks, notices: {compared:?}");
}

/// Without the time with a network, which simulated clients do not know: it is -1 to them, and to the exporter nothing.
fn known_times() -> Vec<Fact> {
    TIME_FACTS.iter().copied().filter(|(key, ..)| *key != "connected_frac").collect()
}

fn count<T>(items: impl Iterator<Item = T>) -> f64 {
    f64::from(u32::try_from(items.count()).expect("few"))
}
