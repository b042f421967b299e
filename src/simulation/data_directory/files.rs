//! The contents of files in a data directory, as a client writes them.

use std::fmt::Write as _;
use std::path::Path;

use crate::simulation::replies::Folder;
use crate::simulation::state::{Active, Client, Project, Task};

/// In place of the key of an account.
const KEY: &str = "00000000000000000000000000000000";

/// `account_*.xml`.
pub fn account(project: &Project) -> String {
    let (url, name) = (&project.server.url, &project.server.name);
    format!(
        "<account>\n    <master_url>{url}</master_url>\n    <authenticator>{KEY}</authenticator>\n    \
         <project_name>{name}</project_name>\n<project_preferences>\n</project_preferences>\n</account>\n"
    )
}

/// A line of `job_log_*.txt`.
pub fn job(project: &Project, task: &Task) -> String {
    let app = &project.server.apps[task.app];
    format!(
        "{:.0} ue {:.6} ct {:.6} fe {:.0} nm {} et {:.6} es 0\n",
        task.completed,
        task.estimate(app),
        task.final_cpu,
        app.fpops_est,
        task.name(),
        task.final_elapsed
    )
}

/// `init_data.xml`.
pub fn init_data(client: &Client, project: &Project, task: &Task, active: &Active, folder: &Path) -> String {
    const SPARE: f64 = 500_000_000.0;

    let (app, [major, minor, release]) = (&project.server.apps[task.app], client.version);
    let mut text = format!(
        "<app_init_data>\n<major_version>{major}</major_version>\n<minor_version>{minor}</minor_version>\n\
         <release>{release}</release>\n<app_version>{}</app_version>\n<app_name>{}</app_name>\n",
        app.version_num, app.name
    );
    if client.version >= [8, 2, 0] && !app.plan_class.is_empty() {
        let _ = writeln!(text, "<plan_class>{}</plan_class>", app.plan_class);
    }
    let (vendor, device, usage) = match app.coproc {
        Some((vendor, usage)) => (vendor.resource(), 0, usage),
        None => ("", -1, 0.0),
    };
    let _ = writeln!(
        text,
        "<project_dir>{place}/projects/{project}</project_dir>\n<boinc_dir>{place}</boinc_dir>\n\
         <authenticator>{KEY}</authenticator>\n<wu_name>{}</wu_name>\n<result_name>{}</result_name>\n<shm_key>-1</shm_key>\n\
         <slot>{}</slot>\n<client_pid>{}</client_pid>\n<wu_cpu_time>{:.6}</wu_cpu_time>\n<checkpoint_period>60.000000</checkpoint_period>\n\
         <gpu_type>{vendor}</gpu_type>\n<gpu_device_num>{device}</gpu_device_num>\n<gpu_usage>{usage:.6}</gpu_usage>\n\
         <ncpus>{:.6}</ncpus>\n<rsc_fpops_est>{:.6}</rsc_fpops_est>\n<rsc_memory_bound>{:.6}</rsc_memory_bound>\n\
         <rsc_disk_bound>{:.6}</rsc_disk_bound>\n</app_init_data>",
        task.workunit,
        task.name(),
        active.slot,
        1,
        active.checkpoint_cpu,
        app.avg_ncpus,
        app.fpops_est,
        app.memory * 2.0,
        app.input + app.output + SPARE,
        place = folder.display(),
        project = Folder(&project.server.url),
    );
    text
}

/// `boinc_task_state.xml`.
pub fn task_state(project: &Project, task: &Task, active: &Active) -> String {
    let app = &project.server.apps[task.app];
    format!(
        "<active_task>\n    <project_master_url>{}</project_master_url>\n    <result_name>{}</result_name>\n    \
         <checkpoint_cpu_time>{:.6}</checkpoint_cpu_time>\n    <checkpoint_elapsed_time>{:.6}</checkpoint_elapsed_time>\n    \
         <fraction_done>{:.6}</fraction_done>\n    <peak_working_set_size>{:.0}</peak_working_set_size>\n    \
         <peak_swap_size>{:.0}</peak_swap_size>\n    <peak_disk_usage>{:.0}</peak_disk_usage>\n</active_task>\n",
        project.server.url,
        task.name(),
        active.checkpoint_cpu,
        active.elapsed,
        active.fraction_done,
        active.working_set,
        active.working_set * 1.5,
        app.disk
    )
}

/// `boinc_mmap_file`.
pub fn channels(client: &Client, active: &Active, now: f64) -> Vec<u8> {
    const CHANNEL: usize = 1024;

    let [fraction_done, _, cpu] = active.after((now - client.clock).max(0.0));
    let exponent = |number: f64| {
        let text = format!("{number:.6e}");
        // As `printf` writes it: at least two digits, with a sign.
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or_default();
        format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    let request = if active.process_state == 9 { "<suspend/>" } else { "<resume/>" };
    let heartbeat = format!(
        "<heartbeat/><wss>{}</wss><max_wss>{}</max_wss>",
        exponent(active.working_set),
        exponent(client.memory_allowed())
    );
    let status = format!(
        "<current_cpu_time>{}</current_cpu_time>\n<checkpoint_cpu_time>{}</checkpoint_cpu_time>\n\
         <want_network>0</want_network>\n<fraction_done>{}</fraction_done>\n",
        exponent(cpu),
        exponent(active.checkpoint_cpu),
        exponent(fraction_done)
    );
    let mut bytes = vec![0; 8 * CHANNEL];
    for (channel, text) in [(0, request), (4, &heartbeat), (5, &status)] {
        bytes[channel * CHANNEL + 1..][..text.len()].copy_from_slice(text.as_bytes());
    }
    bytes
}

/// `sched_request_*.xml`: it asked for what it got.
pub fn request(client: &Client, project: &Project, new: &[&Task]) -> String {
    let [major, minor, release] = client.version;
    let seconds: f64 = new.iter().map(|task| task.estimate(&project.server.apps[task.app])).sum();
    format!(
        "<scheduler_request>\n    <authenticator>{KEY}</authenticator>\n    <hostid>{}</hostid>\n    <rpc_seqno>{}</rpc_seqno>\n    \
         <core_client_major_version>{major}</core_client_major_version>\n    \
         <core_client_minor_version>{minor}</core_client_minor_version>\n    <core_client_release>{release}</core_client_release>\n    \
         <work_req_seconds>{seconds:.6}</work_req_seconds>\n    <cpu_req_secs>{seconds:.6}</cpu_req_secs>\n    \
         <cpu_req_instances>0.000000</cpu_req_instances>\n</scheduler_request>\n",
        project.hostid, project.rpc_seqno
    )
}

/// `sched_reply_*.xml`.
pub fn reply(project: &Project, new: &[&Task]) -> String {
    let mut text = format!(
        "<scheduler_reply>\n<scheduler_version>803</scheduler_version>\n<master_url>{}</master_url>\n\
         <request_delay>7.000000</request_delay>\n",
        project.server.url
    );
    for (message, is_alert) in &project.said {
        let priority = if *is_alert { "notice" } else { "low" };
        let _ = writeln!(text, "<message priority=\"{priority}\">{message}</message>");
    }
    let _ = writeln!(text, "<project_name>{}</project_name>", project.server.name);
    for task in new {
        let _ = writeln!(
            text,
            "<result>\n    <name>{}</name>\n    <wu_name>{}</wu_name>\n</result>",
            task.name(),
            task.workunit
        );
    }
    text + "</scheduler_reply>\n"
}
