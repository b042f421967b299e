//! The client's effective preferences, in base units.

use super::client::{known, time};
use super::{Metric, Row, SampleWriter, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::GlobalPreferences;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const MEBI: f64 = 1_048_576.0;
const GIBI: f64 = 1_073_741_824.0;

fn scaled(value: Option<f64>, factor: f64) -> Option<f64> {
    value.map(|value| value * factor)
}

fn percent(value: Option<f64>) -> Option<f64> {
    value.map(|value| value / 100.0)
}

fn in_use_and_idle(emit: &mut SampleWriter<'_, '_>, in_use: Option<f64>, idle: Option<f64>) {
    emit.sample(&["in_use"], in_use);
    emit.sample(&["idle"], idle);
}

fn time_window(emit: &mut SampleWriter<'_, '_>, day: &str, hours: [Option<f64>; 4]) {
    let labels = [("compute", "start"), ("compute", "end"), ("network", "start"), ("network", "end")];
    for ((kind, edge), hour) in labels.into_iter().zip(hours) {
        emit.sample(&[kind, edge, day], scaled(hour, HOUR));
    }
}

/// One row per client.
pub const PREFERENCES: Table<GlobalPreferences> = Table {
    title: "Preferences",
    collector: Collector::State,
    origin: "get_state global_preferences",
    labels: &[],
    rows: |snapshot| snapshot.preferences.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        details(Metric::many(
            "boinc_preference_enabled",
            &["preference"],
            "Whether the preference, named as in BOINC, is on.",
            "the element of that name",
            |p, emit| {
                let all = [
                    ("run_on_batteries", p.run_on_batteries),
                    ("run_if_user_active", p.run_if_user_active),
                    ("run_gpu_if_user_active", p.run_gpu_if_user_active),
                    ("leave_apps_in_memory", p.leave_apps_in_memory),
                    ("confirm_before_connecting", p.confirm_before_connecting),
                    ("hangup_if_dialed", p.hangup_if_dialed),
                    ("dont_verify_images", p.dont_verify_images),
                    ("network_wifi_only", p.network_wifi_only),
                    ("override_file_present", p.override_file_present),
                ];
                all.into_iter().for_each(|(name, on)| emit.flag(&[name], on));
            },
        )),
        details(Metric::one(
            "boinc_preference_modified_timestamp_seconds",
            "When the preferences were last modified.",
            "mod_time",
            |p| time(p.mod_time),
        )),
        details(Metric::many(
            "boinc_preference_cpus_ratio",
            &["when"],
            "Maximum fraction of CPUs to use, by whether the computer is in use; 0 means no limit.",
            "max_ncpus_pct, niu_max_ncpus_pct",
            |p, emit| in_use_and_idle(emit, percent(p.max_ncpus_pct), percent(p.niu_max_ncpus_pct)),
        )),
        details(Metric::one(
            "boinc_preference_cpus_max",
            "Maximum number of CPUs to use; absent if not set.",
            "max_cpus",
            |p| p.max_cpus,
        )),
        details(Metric::many(
            "boinc_preference_cpu_time_ratio",
            &["when"],
            "Maximum fraction of CPU time to use (CPU throttle), by whether the computer is in use.",
            "cpu_usage_limit, niu_cpu_usage_limit",
            |p, emit| in_use_and_idle(emit, percent(p.cpu_usage_limit), percent(p.niu_cpu_usage_limit)),
        )),
        details(Metric::many(
            "boinc_preference_suspend_cpu_usage_ratio",
            &["when"],
            "Non-BOINC CPU usage above which computing is suspended, by whether the computer is in use; 0 means never.",
            "suspend_cpu_usage, niu_suspend_cpu_usage",
            |p, emit| in_use_and_idle(emit, percent(p.suspend_cpu_usage), percent(p.niu_suspend_cpu_usage)),
        )),
        details(Metric::one(
            "boinc_preference_idle_seconds",
            "Time without mouse or keyboard input after which the computer counts as idle.",
            "idle_time_to_run",
            |p| scaled(p.idle_time_to_run, MINUTE),
        )),
        details(Metric::one(
            "boinc_preference_no_recent_input_seconds",
            "Time without mouse or keyboard input after which computing is suspended; 0 means never.",
            "suspend_if_no_recent_input",
            |p| scaled(p.suspend_if_no_recent_input, MINUTE),
        )),
        Metric::many(
            "boinc_preference_work_buffer_seconds",
            &["kind"],
            "Amount of work to store: at least (min), and in addition to that (additional).",
            "work_buf_min_days, work_buf_additional_days",
            |p, emit| {
                emit.sample(&["min"], scaled(p.work_buf_min_days, DAY));
                emit.sample(&["additional"], scaled(p.work_buf_additional_days, DAY));
            },
        ),
        details(Metric::one(
            "boinc_preference_scheduling_period_seconds",
            "Time between switches from one task to another.",
            "cpu_scheduling_period_minutes",
            |p| scaled(p.cpu_scheduling_period_minutes, MINUTE),
        )),
        details(Metric::one(
            "boinc_preference_checkpoint_interval_seconds",
            "Minimum time between checkpoints.",
            "disk_interval",
            |p| p.disk_interval,
        )),
        details(Metric::one(
            "boinc_preference_disk_max_bytes",
            "Maximum disk space to use; 0 means no limit.",
            "disk_max_used_gb",
            |p| scaled(p.disk_max_used_gb, GIBI),
        )),
        details(Metric::one(
            "boinc_preference_disk_min_free_bytes",
            "Minimum disk space to leave free.",
            "disk_min_free_gb",
            |p| scaled(p.disk_min_free_gb, GIBI),
        )),
        details(Metric::one(
            "boinc_preference_disk_max_ratio",
            "Maximum fraction of the disk to use.",
            "disk_max_used_pct",
            |p| percent(p.disk_max_used_pct),
        )),
        Metric::many(
            "boinc_preference_memory_max_ratio",
            &["when"],
            "Maximum fraction of memory (RAM) to use, by whether the computer is in use.",
            "ram_max_used_busy_pct, ram_max_used_idle_pct",
            |p, emit| in_use_and_idle(emit, percent(p.ram_max_used_busy_pct), percent(p.ram_max_used_idle_pct)),
        ),
        details(Metric::one(
            "boinc_preference_swap_max_ratio",
            "Maximum fraction of swap space to use.",
            "vm_max_used_pct",
            |p| percent(p.vm_max_used_pct),
        )),
        details(Metric::many(
            "boinc_preference_transfer_limit_bytes_per_second",
            &["direction"],
            "Maximum transfer speed; 0 means no limit.",
            "max_bytes_sec_up, max_bytes_sec_down",
            |p, emit| {
                emit.sample(&["upload"], p.max_bytes_sec_up);
                emit.sample(&["download"], p.max_bytes_sec_down);
            },
        )),
        details(Metric::one(
            "boinc_preference_transfer_quota_bytes",
            "Maximum traffic per boinc_preference_transfer_quota_period_seconds; 0 means no limit.",
            "daily_xfer_limit_mb",
            |p| scaled(p.daily_xfer_limit_mb, MEBI),
        )),
        details(Metric::one(
            "boinc_preference_transfer_quota_period_seconds",
            "Period of the traffic quota.",
            "daily_xfer_period_days",
            |p| scaled(p.daily_xfer_period_days, DAY),
        )),
        details(Metric::many(
            "boinc_preference_time_of_day_seconds",
            &["kind", "edge", "day"],
            "Start or end, in seconds since midnight, of the hours for computing or network access; equal means always. Day 0 is Sunday.",
            "start_hour, end_hour, net_start_hour, net_end_hour, day_prefs",
            |p, emit| {
                time_window(emit, "all", [p.start_hour, p.end_hour, p.net_start_hour, p.net_end_hour]);
                for day in &p.day_prefs {
                    let Some(number) = day.day_of_week else { continue };
                    time_window(
                        emit,
                        &number.to_string(),
                        [day.start_hour, day.end_hour, day.net_start_hour, day.net_end_hour],
                    );
                }
            },
        )),
        details(Metric::one(
            "boinc_preference_battery_min_ratio",
            "Battery charge below which computing is suspended.",
            "battery_charge_min_pct",
            |p| percent(known(p.battery_charge_min_pct)),
        )),
        details(Metric::one(
            "boinc_preference_battery_max_temperature_celsius",
            "Battery temperature above which computing is suspended.",
            "battery_max_temperature",
            |p| p.battery_max_temperature,
        )),
    ],
};
