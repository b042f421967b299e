//! What we say of a real client equals what BOINC's own tool says of it at that moment.

use std::collections::BTreeMap;

use crate::boinc::Boinc;
use crate::boinccmd::number;
use crate::comparison::{Comparison, Fact, sum};
use crate::data_directory::PROJECTS;
use crate::exporter::{scrape, watch};

const PROJECT_FACTS: &[Fact] = &[
    ("user_total_credit", "boinc_project_user_credit", &[]),
    ("user_expavg_credit", "boinc_project_user_average_credit", &[]),
    ("host_total_credit", "boinc_project_host_credit", &[]),
    ("host_expavg_credit", "boinc_project_host_average_credit", &[]),
    ("nrpc_failures", "boinc_project_scheduler_rpc_failures", &[]),
    ("master_fetch_failures", "boinc_project_master_fetch_failures", &[]),
    ("master fetch pending", "boinc_project_master_fetch_pending", &[]),
    ("trickle upload pending", "boinc_project_trickle_up_pending", &[]),
    ("attached via Account Manager", "boinc_project_attached_via_account_manager", &[]),
    ("ended", "boinc_project_ended", &[]),
    ("suspended via GUI", "boinc_project_suspended", &[]),
    ("don't request more work", "boinc_project_no_new_tasks", &[]),
    ("resource share", "boinc_project_resource_share", &[]),
    ("last RPC", "boinc_project_last_rpc_timestamp_seconds", &[]),
    ("jobs succeeded", "boinc_project_jobs_total", &[("outcome", "success")]),
    ("jobs failed", "boinc_project_jobs_total", &[("outcome", "error")]),
    ("elapsed time", "boinc_project_elapsed_seconds_total", &[]),
];

const TASK_FACTS: &[Fact] = &[
    ("received", "boinc_task_received_timestamp_seconds", &[]),
    ("report deadline", "boinc_task_deadline_timestamp_seconds", &[]),
    ("estimated CPU time remaining", "boinc_task_remaining_seconds", &[]),
    ("CPU time at last checkpoint", "boinc_task_checkpoint_cpu_seconds", &[]),
    ("fraction done", "boinc_task_fraction_done_ratio", &[]),
    ("working set size", "boinc_task_working_set_bytes", &[]),
    ("swap size", "boinc_task_virtual_memory_bytes", &[]),
    ("final CPU time", "boinc_task_cpu_seconds", &[]),
    ("final elapsed time", "boinc_task_elapsed_seconds", &[]),
    ("exit_status", "boinc_task_exit_status", &[]),
];

/// Of a task that has a slot; before that, the tool prints a 0 that means nothing.
const RUNNING_TASK_FACTS: &[Fact] =
    &[("elapsed task time", "boinc_task_elapsed_seconds", &[]), ("current CPU time", "boinc_task_cpu_seconds", &[])];

const TIME_FACTS: &[Fact] = &[
    ("now", "boinc_client_clock_timestamp_seconds", &[]),
    ("on_frac", "boinc_time_on_ratio", &[]),
    ("connected_frac", "boinc_time_connected_ratio", &[]),
    ("cpu_and_network_available_frac", "boinc_time_cpu_and_network_available_ratio", &[]),
    ("active_frac", "boinc_time_active_ratio", &[]),
    ("gpu_active_frac", "boinc_time_gpu_active_ratio", &[]),
    ("client_start_time", "boinc_client_start_timestamp_seconds", &[]),
    ("previous_uptime", "boinc_time_previous_uptime_seconds", &[]),
    ("session_active_duration", "boinc_time_session_active_seconds_total", &[]),
    ("session_gpu_active_duration", "boinc_time_session_gpu_active_seconds_total", &[]),
    ("total_start_time", "boinc_time_first_start_timestamp_seconds", &[]),
    ("total_duration", "boinc_time_running_seconds", &[]),
    ("total_active_duration", "boinc_time_active_seconds", &[]),
    ("total_gpu_active_duration", "boinc_time_gpu_active_seconds", &[]),
];

const HOST_FACTS: &[Fact] = &[
    ("timezone", "boinc_host_timezone_offset_seconds", &[]),
    ("#CPUS", "boinc_host_cpus", &[]),
    ("CPU FP OPS", "boinc_host_cpu_floating_point_operations_per_second", &[]),
    ("CPU int OPS", "boinc_host_cpu_integer_operations_per_second", &[]),
    ("mem size", "boinc_host_memory_bytes", &[]),
    ("cache size", "boinc_host_cpu_cache_bytes", &[]),
    ("swap size", "boinc_host_swap_bytes", &[]),
    ("disk size", "boinc_host_disk_size_bytes", &[]),
];

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
    for (title, resource) in [("CPU status", "cpu"), ("GPU status", "gpu"), ("Network status", "network")] {
        let status = comparison.before.record(title).clone();
        for (key, kind) in [("current mode", "effective"), ("perm mode", "permanent")] {
            let mode = if status[key] == "according to prefs" { "auto" } else { &status[key] };
            for name in ["always", "auto", "never"] {
                let labels = [("resource", resource), ("kind", kind), ("mode", name)];
                comparison.equal("boinc_run_mode", &labels, f64::from(u8::from(name == mode)));
            }
        }
        let suspended = f64::from(u8::from(!status.contains_key("not suspended")));
        comparison.equal("boinc_suspended", &[("resource", resource)], suspended);
    }
    assert_eq!(comparison.before.record("Network status")["suspended"], "user request");
    comparison.equal("boinc_suspend_reason_code", &[("resource", "network")], 4.0);
    assert_eq!(comparison.before.record("")["network connection status"], "don't need connection");
    comparison.equal("boinc_network_status_code", &[], 2.0);
    comparison.finish(23);
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
