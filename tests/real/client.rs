//! What we say of a real client equals what BOINC's own tool says of it at that moment.

use std::collections::BTreeMap;

use crate::boinc::Boinc;
use crate::boinccmd::number;
use crate::comparison::{Comparison, sum};
use crate::data_directory::PROJECTS;
use crate::exporter::{scrape, watch};
use crate::facts::{HOST_FACTS, PROJECT_FACTS, RUNNING_TASK_FACTS, TASK_FACTS, TIME_FACTS, compare_modes};

#[tokio::test]
async fn state_equals_boinccmd() {
    let boinc = Boinc::start();
    let mut comparison = Comparison::new(&boinc, "--get_state").await;
    comparison.records("Projects", ("master URL", "project_url"), PROJECT_FACTS);
    comparison.records("Tasks", ("name", "task"), TASK_FACTS);
    comparison.record("Time stats", TIME_FACTS);
    for url in PROJECTS {
        // The tool prints them without their project where the project's name looks like XML.
        comparison.equal("boinc_project_apps", &[("project_url", url)], 2.0);
        comparison.equal("boinc_project_app_versions", &[("project_url", url)], 3.0);
    }
    let workunits = comparison.before.records("Workunits").len();
    assert_eq!(sum(&comparison.samples, "boinc_project_workunits", &[]), f64::from(u32::try_from(workunits).unwrap()));
    comparison.finish(4 * 17 + 17 * 4 + 13 + 8);
}

#[tokio::test]
async fn tasks_equal_boinccmd() {
    let boinc = Boinc::start();
    let mut comparison = Comparison::new(&boinc, "--get_tasks").await;
    let mut states = BTreeMap::<(String, String), f64>::new();
    let mut running = BTreeMap::<String, f64>::new();
    for task in comparison.before.records("Tasks").to_vec() {
        let (url, state) = (task["project URL"].clone(), task["state"].replace(' ', "_"));
        *states.entry((url.clone(), state)).or_default() += 1.0;
        let runs = task["scheduler state"] == "scheduled" && task["active_task_state"] == "EXECUTING";
        *running.entry(url).or_default() += f64::from(u8::from(runs));
    }
    assert_eq!(states.len(), 9, "states of tasks:\n{}", comparison.before.text);
    for ((url, state), count) in &states {
        comparison.equal("boinc_tasks", &[("project_url", url), ("state", state)], *count);
    }
    assert_eq!(sum(&comparison.samples, "boinc_tasks", &[]), states.values().sum::<f64>());
    for (url, count) in &running {
        comparison.equal("boinc_tasks_running", &[("project_url", url)], *count);
    }
    assert_eq!(running[PROJECTS[0]], 4.0, "three CPUs and a coprocessor work:\n{}", comparison.before.text);
    for output in [&mut comparison.before, &mut comparison.after] {
        output.retain("Tasks", |task| task.contains_key("slot"));
    }
    comparison.records("Tasks", ("name", "task"), RUNNING_TASK_FACTS);
    comparison.finish(9 + 3 + 8);
}

#[tokio::test]
async fn modes_equal_boinccmd() {
    let boinc = Boinc::start();
    let mut comparison = Comparison::new(&boinc, "--get_cc_status").await;
    compare_modes(&mut comparison);
    assert_eq!(comparison.before.record("Network status")["suspended"], "user request");
    comparison.equal("boinc_suspend_reason_code", &[("activity", "network")], 4.0);
    assert_eq!(comparison.before.record("")["network connection status"], "don't need connection");
    comparison.equal("boinc_network_status_code", &[], 2.0);
    comparison.finish(11);
}

#[tokio::test]
async fn host_equals_boinccmd() {
    let boinc = Boinc::start();
    let mut comparison = Comparison::new(&boinc, "--get_host_info").await;
    comparison.record("", HOST_FACTS);
    let host = comparison.before.record("").clone();
    let info = comparison.samples.series("boinc_host_info", &[]).next().expect("there is one host").0.clone();
    for (key, label) in [
        ("domain name", "domain_name"),
        ("CPU vendor", "cpu_vendor"),
        ("CPU model", "cpu_model"),
        ("OS name", "os_name"),
        ("OS version", "os_version"),
    ] {
        assert_eq!(info.label(label), Some(host[key].as_str()), "{label}");
    }
    let version = boinc.boinccmd("--client_version").record("")["Client version"].clone();
    comparison.equal("boinc_client_info", &[("client", "real"), ("version", &version)], 1.0);
    comparison.finish(9);
}

#[tokio::test]
async fn disk_equals_boinccmd() {
    let boinc = Boinc::start();
    let mut comparison = Comparison::new(&boinc, "--get_disk_usage").await;
    comparison.record("Disk usage", &[("total", "boinc_disk_size_bytes", &[])]);
    let usage = &[("disk usage", "boinc_project_disk_usage_bytes", &[] as &[_])];
    comparison.records("Disk usage", ("master URL", "project_url"), usage);
    let free = number(&comparison.after.record("Disk usage")["free"]);
    let ours = comparison.samples.value("boinc_disk_free_bytes", &[]).expect("the disk has free space");
    // Others write to the disk of the tests meanwhile.
    assert!((ours - free).abs() < 1e9, "{ours} bytes are free, boinccmd says {free}");
    comparison.finish(5);
}

#[tokio::test]
async fn transfers_and_messages_equal_boinccmd() {
    let boinc = Boinc::start();
    let mut comparison = Comparison::new(&boinc, "--get_file_transfers").await;
    for direction in ["download", "upload"] {
        let count = comparison.before.records("File transfers").iter().filter(|t| t["direction"] == direction).count();
        assert_eq!(count, 1);
        assert_eq!(sum(&comparison.samples, "boinc_transfers", &[("direction", direction)]), 1.0);
    }
    // Bytes of a day are printed without their decimals, which all days here have.
    for (direction, word) in [("upload", "uploaded"), ("download", "downloaded")] {
        let printed = boinc.boinccmd("--get_daily_xfer_history");
        let days = printed.text.lines().filter(|l| l.contains(" bytes ")).count();
        let bytes: f64 = printed.text.lines().filter_map(|l| words_before(l, word)).sum();
        let ours = comparison.samples.value("boinc_network_history_bytes", &[("direction", direction)]);
        assert!(ours.is_some_and(|v| (v - bytes).abs() <= 3.0), "{direction}: {ours:?}, not {bytes}");
        assert_eq!(days, 3);
    }
    comparison.equal("boinc_network_history_entries", &[], 3.0);
    let count = boinc.boinccmd("--get_message_count").record("")["Greatest message sequence number"].parse().unwrap();
    comparison.equal("boinc_messages_sequence", &[], count);
    comparison.finish(2);
}

/// The number in `… 1000 bytes uploaded`.
fn words_before(line: &str, word: &str) -> Option<f64> {
    line.split(word).next()?.trim().strip_suffix("bytes")?.split_whitespace().last()?.parse().ok()
}

#[tokio::test]
async fn names_are_whole() {
    let boinc = Boinc::start();
    let samples = scrape(&watch(&boinc)).await;
    let names: BTreeMap<_, _> = samples
        .series("boinc_project_user_credit", &[])
        .map(|(s, _)| (&*s.labels["project_url"], &*s.labels["project"]))
        .collect();
    let expected = BTreeMap::from([
        (PROJECTS[0], "Alpha & Omega <test>@home"),
        (PROJECTS[1], "The \"Quoted\" \\ 'Project'"),
        (PROJECTS[2], PROJECTS[2]),
        (PROJECTS[3], "Gamma"),
    ]);
    assert_eq!(names, expected);
    let account = samples.series("boinc_project_account_info", &[("project_url", PROJECTS[0])]).next();
    let names = account.map(|(s, _)| ["user_name", "team_name"].map(|label| s.label(label)));
    assert_eq!(names, Some([Some("Zoë & Björk"), Some("Team <R&D>")]));
}
