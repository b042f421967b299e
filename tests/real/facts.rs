//! What `boinccmd` and the exporter both say: its keys, and our metrics.

use crate::comparison::{Comparison, Fact};

pub const PROJECT_FACTS: &[Fact] = &[
    ("user_total_credit", "boinc_project_user_credit", &[]),
    ("user_expavg_credit", "boinc_project_user_average_credit", &[]),
    ("host_total_credit", "boinc_project_host_credit", &[]),
    ("host_expavg_credit", "boinc_project_host_average_credit", &[]),
    ("nrpc_failures", "boinc_project_scheduler_rpc_failures", &[]),
    ("master_fetch_failures", "boinc_project_master_fetch_failures", &[]),
    ("master fetch pending", "boinc_project_flag", &[("flag", "master_url_fetch_pending")]),
    ("trickle upload pending", "boinc_project_flag", &[("flag", "trickle_up_pending")]),
    ("attached via Account Manager", "boinc_project_flag", &[("flag", "attached_via_acct_mgr")]),
    ("ended", "boinc_project_ended", &[]),
    ("suspended via GUI", "boinc_project_suspended", &[]),
    ("don't request more work", "boinc_project_no_new_tasks", &[]),
    ("resource share", "boinc_project_resource_share", &[]),
    ("last RPC", "boinc_project_last_rpc_timestamp_seconds", &[]),
    ("jobs succeeded", "boinc_project_jobs_total", &[("outcome", "success")]),
    ("jobs failed", "boinc_project_jobs_total", &[("outcome", "error")]),
    ("elapsed time", "boinc_project_elapsed_seconds_total", &[]),
];

pub const TASK_FACTS: &[Fact] = &[
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
pub const RUNNING_TASK_FACTS: &[Fact] =
    &[("elapsed task time", "boinc_task_elapsed_seconds", &[]), ("current CPU time", "boinc_task_cpu_seconds", &[])];

pub const TIME_FACTS: &[Fact] = &[
    ("now", "boinc_client_clock_timestamp_seconds", &[]),
    ("on_frac", "boinc_client_on_ratio", &[]),
    ("connected_frac", "boinc_client_connected_ratio", &[]),
    ("cpu_and_network_available_frac", "boinc_client_cpu_and_network_available_ratio", &[]),
    ("active_frac", "boinc_client_active_ratio", &[]),
    ("gpu_active_frac", "boinc_client_gpu_active_ratio", &[]),
    ("client_start_time", "boinc_client_start_timestamp_seconds", &[]),
    ("previous_uptime", "boinc_client_previous_uptime_seconds", &[]),
    ("session_active_duration", "boinc_client_session_active_seconds_total", &[]),
    ("session_gpu_active_duration", "boinc_client_session_gpu_active_seconds_total", &[]),
    ("total_start_time", "boinc_client_first_start_timestamp_seconds", &[]),
    ("total_duration", "boinc_client_running_seconds", &[]),
    ("total_active_duration", "boinc_client_active_seconds", &[]),
    ("total_gpu_active_duration", "boinc_client_gpu_active_seconds", &[]),
];

pub const HOST_FACTS: &[Fact] = &[
    ("timezone", "boinc_host_timezone_offset_seconds", &[]),
    ("#CPUS", "boinc_host_cpus", &[]),
    ("CPU FP OPS", "boinc_host_cpu_floating_point_operations_per_second", &[]),
    ("CPU int OPS", "boinc_host_cpu_integer_operations_per_second", &[]),
    ("mem size", "boinc_host_memory_bytes", &[]),
    ("cache size", "boinc_host_cpu_cache_bytes", &[]),
    ("swap size", "boinc_host_swap_bytes", &[]),
    ("disk size", "boinc_host_disk_size_bytes", &[]),
];

/// Compares modes and suspension, as `--get_cc_status` has them.
pub fn compare_modes(comparison: &mut Comparison) {
    for (title, activity) in [("CPU status", "cpu"), ("GPU status", "gpu"), ("Network status", "network")] {
        let status = comparison.before.record(title).clone();
        let [mode, permanent] = ["current mode", "perm mode"].map(|key| match status[key].as_str() {
            "according to prefs" => "auto".to_owned(),
            mode => mode.to_owned(),
        });
        let is_temporary = permanent != mode;
        for (kind, mode) in [("effective", mode), ("permanent", permanent)] {
            let labels = [("activity", activity), ("kind", kind), ("mode", mode.as_str())];
            if kind == "effective" || is_temporary {
                comparison.equal("boinc_run_mode", &labels, 1.0);
            }
        }
        comparison.sum("boinc_run_mode", &[("activity", activity)], f64::from(1 + u8::from(is_temporary)));
        let suspended = f64::from(u8::from(!status.contains_key("not suspended")));
        comparison.equal("boinc_suspended", &[("activity", activity)], suspended);
    }
}
