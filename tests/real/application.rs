//! A real client runs an application on BOINC's own API, which does as the test tells it; the exporter reads the data
//! directory beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::boinc::Boinc;
use crate::data_directory::PASSWORD;
use crate::exporter::{ALL, client, scrape};
use crate::process::PATIENCE;
use crate::support::{Exporter, Samples, pause};

const URL: &str = "https://alpha.invalid/boinc/";
const FOLDER: &str = "alpha.invalid_boinc";
const PROJECT: &[(&str, &str)] = &[("project_url", URL)];
const APP: &[(&str, &str)] = &[("project_url", URL), ("app", "reporter")];

/// The tasks, each with a folder for its orders.
const TASKS: [&str; 2] = ["talks", "leaves"];

/// A data directory with a project and two tasks of this application.
fn data_directory(dir: &Path) -> std::io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let task = |name: &&str| {
        format!(
            "<workunit><name>{name}</name><app_name>reporter</app_name><rsc_fpops_est>9000000000000</rsc_fpops_est>\
             <rsc_fpops_bound>90000000000000000</rsc_fpops_bound><rsc_memory_bound>100000000</rsc_memory_bound>\
             <rsc_disk_bound>100000000</rsc_disk_bound><command_line>{}</command_line></workunit>\n\
             <result><name>{name}_0</name><wu_name>{name}</wu_name><state>2</state>\
             <platform>x86_64-pc-linux-gnu</platform><version_num>100</version_num>\
             <report_deadline>{}</report_deadline><received_time>{now}</received_time></result>\n",
            dir.join("orders").join(name).display(),
            now + 86_400,
        )
    };
    let tasks: String = TASKS.iter().map(task).collect();
    let folder = dir.join("projects").join(FOLDER);
    fs::create_dir_all(&folder)?;
    for name in TASKS {
        fs::create_dir_all(dir.join("orders").join(name))?;
    }
    let files = [
        ("gui_rpc_auth.cfg".to_owned(), format!("{PASSWORD}\n")),
        (
            "cc_config.xml".to_owned(),
            "<cc_config><log_flags><task>1</task></log_flags><options><ncpus>2</ncpus><skip_cpu_benchmarks>1</skip_cpu_benchmarks>\
             <dont_contact_ref_site>1</dont_contact_ref_site></options></cc_config>\n"
                .to_owned(),
        ),
        (
            "global_prefs_override.xml".to_owned(),
            "<global_preferences><run_if_user_active>1</run_if_user_active><run_on_batteries>1</run_on_batteries>\
             <suspend_cpu_usage>0</suspend_cpu_usage><leave_apps_in_memory>1</leave_apps_in_memory><disk_interval>1</disk_interval>\
             <max_ncpus_pct>100</max_ncpus_pct><cpu_usage_limit>100</cpu_usage_limit><disk_max_used_pct>99</disk_max_used_pct>\
             <disk_min_free_gb>0</disk_min_free_gb><ram_max_used_busy_pct>95</ram_max_used_busy_pct>\
             <ram_max_used_idle_pct>95</ram_max_used_idle_pct></global_preferences>\n"
                .to_owned(),
        ),
        (
            format!("account_{FOLDER}.xml"),
            format!(
                "<account>\n<master_url>{URL}</master_url>\n<authenticator>0123456789abcdef0123456789abcdef</authenticator>\n\
                 <project_name>Alpha</project_name>\n</account>\n"
            ),
        ),
        (
            "client_state.xml".to_owned(),
            format!(
                "<client_state>\n<host_info><p_fpops>1000000000</p_fpops><p_iops>1000000000</p_iops><p_calculated>{now}</p_calculated>\
                 </host_info>\n<project><master_url>{URL}</master_url><project_name>Alpha</project_name>\
                 <min_rpc_time>{}</min_rpc_time><scheduler_url>{URL}cgi</scheduler_url></project>\n{tasks}\
                 <platform_name>x86_64-pc-linux-gnu</platform_name><core_client_major_version>7</core_client_major_version>\
                 <core_client_minor_version>20</core_client_minor_version><core_client_release>5</core_client_release>\n\
                 <user_run_request>1</user_run_request><user_network_request>3</user_network_request>\
                 <new_version_check_time>{now}</new_version_check_time>\
                 <all_projects_list_check_time>{now}</all_projects_list_check_time>\n</client_state>\n",
                now + 7200
            ),
        ),
        (
            format!("projects/{FOLDER}/app_info.xml"),
            "<app_info>\n<app><name>reporter</name></app>\n<file_info><name>reporter</name><executable/></file_info>\n\
             <app_version><app_name>reporter</app_name><version_num>100</version_num><api_version>7.20.5</api_version>\
             <flops>1e9</flops><file_ref><file_name>reporter</file_name><main_program/></file_ref></app_version>\n</app_info>\n"
                .to_owned(),
        ),
    ];
    for (name, text) in files {
        fs::write(dir.join(name), text)?;
    }
    fs::set_permissions(dir.join("gui_rpc_auth.cfg"), fs::Permissions::from_mode(0o600))
}

/// Builds the application where the client looks for it.
fn build(dir: &Path) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/reporter.cpp");
    let output = Command::new("c++")
        .args(["-O1", "-I/usr/include/boinc", source, "-lboinc_api", "-lboinc", "-pthread", "-o"])
        .arg(dir.join("projects").join(FOLDER).join("reporter"))
        .output()
        .unwrap_or_else(|e| panic!("cannot start c++: {e}; `make tools` installs what the tests need"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n`make tools` installs what the tests need");
}

/// A client, its application, and the exporter beside them.
struct Beside {
    boinc: Boinc,
    exporter: Exporter,
}

impl Beside {
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        data_directory(dir.path()).expect("the data directory can be written");
        build(dir.path());
        let boinc = Boinc::start_on(dir);
        let config = client("real", &boinc.address(), &boinc.password_file(), ALL);
        let exporter = Exporter::start(&format!("{config}data_directory = \"{}\"\n", boinc.folder().display()));
        Self { boinc, exporter }
    }

    /// Gives a task an order.
    fn order(&self, task: &str, order: &str, text: &str) {
        let folder = self.boinc.folder().join("orders").join(task);
        fs::write(folder.join("new"), text).expect("the folder can be written");
        fs::rename(folder.join("new"), folder.join(order)).expect("the folder can be written");
    }

    /// Asks BOINC's own tool to do something with the first task.
    fn operate(&self, operation: &str) {
        self.boinc.tell(&["--task", URL, "talks_0", operation]);
    }

    /// Scrapes until this holds of what the exporter tells.
    async fn until(&self, what: &str, holds: impl Fn(&Samples) -> bool) -> Samples {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let samples = scrape(&self.exporter).await;
            if holds(&samples) {
                return samples;
            }
            let slots: Vec<_> = samples.0.iter().filter(|(sample, _)| sample.name.contains("_slot")).collect();
            assert!(Instant::now() < deadline, "{what}: {slots:?}\n{}", self.exporter.log());
            pause().await;
        }
    }

    /// Waits until a task does this, as its slot tells.
    async fn state(&self, task: &str, state: &str) -> Samples {
        let labels = [("task", task), ("state", state)];
        self.until(state, |samples| samples.value("boinc_task_slot_info", &labels).is_some()).await
    }
}

fn checkpoints(samples: &Samples, task: &str) -> String {
    let (info, _) = samples.series("boinc_task_slot_info", &[("task", task)]).next().expect("it is in a slot");
    info.label("checkpoints").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_an_application_reports_is_told() {
    let mut beside = Beside::start();
    for task in ["talks_0", "leaves_0"] {
        let samples = beside.state(task, "reporting").await;
        assert_eq!(checkpoints(&samples, task), "never");
        assert_eq!(samples.value("boinc_task_checkpoint_timestamp_seconds", &[("task", task)]), None);
    }
    // Both ways tell the same.
    beside.order("talks", "fraction", "0.25");
    let samples =
        beside.until("progress", |samples| samples.value("boinc_slots_fraction_done_ratio", APP) == Some(0.25)).await;
    let samples = if samples.value("boinc_task_fraction_done_ratio", &[("task", "talks_0")]) == Some(0.25) {
        samples
    } else {
        beside
            .until("the client's progress", |samples| {
                samples.value("boinc_task_fraction_done_ratio", &[("task", "talks_0")]) == Some(0.25)
            })
            .await
    };
    assert_eq!(samples.value("boinc_slots_fraction_done_ratio", APP), Some(0.25));
    beside
        .until("the same memory", |samples| {
            let of_client: f64 = samples.series("boinc_task_working_set_bytes", &[]).map(|(_, bytes)| bytes).sum();
            let of_slots = samples.value("boinc_slots_working_set_bytes", APP);
            of_client > 0.0 && of_slots.is_some_and(|bytes| (bytes - of_client).abs() < 1e-5 * of_client)
        })
        .await;
    assert_eq!(samples.value("boinc_slot_directories", &[("state", "occupied")]), Some(2.0));

    // A checkpoint: before it, all of the CPU time would be lost.
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let never = [APP, &[("checkpoints", "never")]].concat();
    assert!(samples.value("boinc_slots_uncheckpointed_cpu_seconds", &never).is_some_and(|cpu| cpu > 0.0));
    beside.order("talks", "checkpoint", "");
    let samples = beside
        .until("a checkpoint", |samples| {
            samples.value("boinc_task_checkpoint_timestamp_seconds", &[("task", "talks_0")]).is_some()
        })
        .await;
    assert_eq!(checkpoints(&samples, "talks_0"), "seen");
    let saved = samples.value("boinc_task_checkpoint_timestamp_seconds", &[("task", "talks_0")]).unwrap_or_default();
    // File systems round the time down to their step.
    assert!(saved > before - 1.0, "{saved} is before {before}");

    beside.operate("suspend");
    let samples = beside.state("talks_0", "suspended").await;
    assert_eq!(samples.value("boinc_slots_requests_pending", &[]), None);
    beside.operate("resume");
    beside.state("talks_0", "reporting").await;

    // What it says of its traffic.
    assert_eq!(samples.series("boinc_slots_app_network_bytes", &[]).count(), 0);
    beside.order("talks", "network", "");
    let traffic = |samples: &Samples, direction| {
        samples.value("boinc_slots_app_network_bytes", &[APP, &[("direction", direction)]].concat())
    };
    beside.until("traffic", |s| (traffic(s, "upload"), traffic(s, "download")) == (Some(1000.0), Some(2000.0))).await;

    // Killed: the client starts it again, and it begins at its checkpoint.
    let pid = fs::read_to_string(beside.boinc.folder().join("orders/talks/pid")).expect("the application wrote it");
    assert_eq!(samples.value("boinc_slots_restarts_total", APP), Some(0.0));
    let killed = Command::new("kill").args(["-9", pid.trim()]).status().expect("kill can be started");
    assert!(killed.success());
    beside.until("a restart", |samples| samples.value("boinc_slots_restarts_total", APP) == Some(1.0)).await;
    beside.state("talks_0", "reporting").await;

    // It ends as if it had finished: that is a restart, too, and the log tells what kind.
    let premature = |samples: &Samples| samples.value("boinc_tasks_premature_exits_total", &[("project_url", URL)]);
    beside.order("talks", "premature_exit", "");
    beside.until("another restart", |samples| samples.value("boinc_slots_restarts_total", APP) == Some(2.0)).await;
    beside.until("a premature exit", |samples| premature(samples) == Some(1.0)).await;
    beside.state("talks_0", "reporting").await;

    beside.order("leaves", "temporary_exit", "");
    beside.state("leaves_0", "postponed").await;

    // It ends: its slot is empty, and the log has a line.
    assert_eq!(samples.series("boinc_tasks_completed_total", &[]).count(), 0);
    beside.order("talks", "finish", "");
    let samples =
        beside.until("an end", |samples| samples.value("boinc_tasks_completed_total", PROJECT) == Some(1.0)).await;
    let elapsed = samples.value("boinc_tasks_completed_elapsed_seconds_total", PROJECT);
    let of_client = samples.value("boinc_task_elapsed_seconds", &[("task", "talks_0")]);
    assert!(elapsed.zip(of_client).is_some_and(|(a, b)| (a - b).abs() < 1e-3), "{elapsed:?} and {of_client:?}");

    // The client dies: what the directory tells is still there.
    beside.boinc.kill();
    let samples = beside.until("down", |samples| samples.value("boinc_up", &[]) == Some(0.0)).await;
    assert_eq!(samples.value("boinc_tasks_completed_total", PROJECT), Some(1.0));
    assert_eq!(samples.value("boinc_slot_directories", &[("state", "occupied")]), Some(1.0));
    assert!(samples.value("boinc_data_directory_written_timestamp_seconds", &[]).is_some_and(|time| time > before));
}

/// Below 100 % of the CPU time, the client stops processes for a second or more at a time.
#[tokio::test]
async fn pauses_of_the_throttle_are_no_end_of_computing() {
    let beside = Beside::start();
    let running = |samples: &Samples| samples.value("boinc_tasks_running", &[("project_url", URL)]);
    let samples = beside.until("running", |samples| running(samples) == Some(2.0)).await;
    assert_eq!(samples.value("boinc_resource_idle", &[("resource", "CPU")]), Some(0.0));
    let preferences = beside.boinc.folder().join("global_prefs_override.xml");
    let text = fs::read_to_string(&preferences).expect("it was written");
    let limited = text.replace("<cpu_usage_limit>100<", "<cpu_usage_limit>25<");
    assert_ne!(text, limited);
    fs::write(&preferences, limited).expect("the folder can be written");
    beside.boinc.tell(&["--read_global_prefs_override"]);
    let paused = [("process_state", "suspended"), ("scheduler_state", "scheduled")];
    let samples = beside.until("a pause", |samples| samples.value("boinc_tasks_active", &paused) == Some(2.0)).await;
    assert_eq!(running(&samples), Some(2.0));
    assert_eq!(samples.series("boinc_tasks_waiting", &[]).count(), 0);
    assert_eq!(samples.value("boinc_resource_idle", &[("resource", "CPU")]), Some(0.0));
    assert_eq!(samples.series("boinc_resource_idle_reason", &[]).count(), 0);
    let in_slots = |state| samples.value("boinc_slots_tasks", &[APP, &[("state", state)]].concat());
    assert_eq!(in_slots("suspended").unwrap_or_default(), 0.0);
    // Whoever suspends it ends it.
    beside.boinc.tell(&["--set_run_mode", "never"]);
    let samples = beside.until("a suspension", |samples| running(samples) == Some(0.0)).await;
    let reason = [("resource", "CPU"), ("reason", "suspended")];
    assert_eq!(samples.value("boinc_resource_idle_reason", &reason), Some(1.0));
}
