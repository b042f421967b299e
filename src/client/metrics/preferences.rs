//! Preferences in force, in base units.

use super::client::{known, time};
use super::{Metric, Row, SampleWriter, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::GlobalPreferences;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const MEBI: f64 = 1_048_576.0;
const GIBI: f64 = 1_073_741_824.0;

fn times(value: Option<f64>, factor: f64) -> Option<f64> {
    value.map(|value| value * factor)
}

fn percent(value: Option<f64>) -> Option<f64> {
    value.map(|value| value / 100.0)
}

fn when(emit: &mut SampleWriter<'_, '_>, in_use: Option<f64>, idle: Option<f64>) {
    emit.sample(&["in_use"], in_use);
    emit.sample(&["idle"], idle);
}

fn hours(emit: &mut SampleWriter<'_, '_>, day: &str, hours: [Option<f64>; 4]) {
    let labels = [("compute", "start"), ("compute", "end"), ("network", "start"), ("network", "end")];
    for ((kind, edge), hour) in labels.into_iter().zip(hours) {
        emit.sample(&[kind, edge, day], times(hour, HOUR));
    }
}

/// Preferences.
pub const PREFERENCES: Table<GlobalPreferences> = Table {
    title: "Preferences",
    collector: Collector::State,
    origin: "get_state global_preferences",
    labels: &[],
    rows: |snapshot| snapshot.preferences.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_preference_enabled",
            &["preference"],
            "Preferences that are on or off, by BOINC's name.",
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
        ),
        Metric::one(
            "boinc_preference_modified_timestamp_seconds",
            "When the preferences were changed.",
            "mod_time",
            |p| time(p.mod_time),
        ),
        Metric::many(
            "boinc_preference_cpus_ratio",
            &["when"],
            "Part of the CPUs that may be used, by whether the computer is in use; 0 means all.",
            "max_ncpus_pct, niu_max_ncpus_pct",
            |p, emit| when(emit, percent(p.max_ncpus_pct), percent(p.niu_max_ncpus_pct)),
        ),
        Metric::one("boinc_preference_cpus_max", "CPUs that may be used; absent unless set.", "max_cpus", |p| {
            p.max_cpus
        }),
        Metric::many(
            "boinc_preference_cpu_time_ratio",
            &["when"],
            "Part of the CPU time that may be used, by whether the computer is in use.",
            "cpu_usage_limit, niu_cpu_usage_limit",
            |p, emit| when(emit, percent(p.cpu_usage_limit), percent(p.niu_cpu_usage_limit)),
        ),
        Metric::many(
            "boinc_preference_suspend_cpu_usage_ratio",
            &["when"],
            "Part of the CPUs that others may use before computing stops, by whether the computer is in use; 0 means never.",
            "suspend_cpu_usage, niu_suspend_cpu_usage",
            |p, emit| when(emit, percent(p.suspend_cpu_usage), percent(p.niu_suspend_cpu_usage)),
        ),
        Metric::one(
            "boinc_preference_idle_seconds",
            "Time without input after which the computer counts as not in use.",
            "idle_time_to_run",
            |p| times(p.idle_time_to_run, MINUTE),
        ),
        Metric::one(
            "boinc_preference_no_recent_input_seconds",
            "Time without input after which computing stops; 0 means never.",
            "suspend_if_no_recent_input",
            |p| times(p.suspend_if_no_recent_input, MINUTE),
        ),
        Metric::many(
            "boinc_preference_work_buffer_seconds",
            &["kind"],
            "Work to keep (min), and to get beyond that (additional).",
            "work_buf_min_days, work_buf_additional_days",
            |p, emit| {
                emit.sample(&["min"], times(p.work_buf_min_days, DAY));
                emit.sample(&["additional"], times(p.work_buf_additional_days, DAY));
            },
        ),
        Metric::one(
            "boinc_preference_scheduling_period_seconds",
            "Time between switches of tasks.",
            "cpu_scheduling_period_minutes",
            |p| times(p.cpu_scheduling_period_minutes, MINUTE),
        ),
        Metric::one(
            "boinc_preference_checkpoint_interval_seconds",
            "Least time between checkpoints.",
            "disk_interval",
            |p| p.disk_interval,
        ),
        Metric::one(
            "boinc_preference_disk_max_bytes",
            "Disk that may be used; 0 means no limit.",
            "disk_max_used_gb",
            |p| times(p.disk_max_used_gb, GIBI),
        ),
        Metric::one("boinc_preference_disk_min_free_bytes", "Disk to leave free.", "disk_min_free_gb", |p| {
            times(p.disk_min_free_gb, GIBI)
        }),
        Metric::one(
            "boinc_preference_disk_max_ratio",
            "Part of the disk that may be used.",
            "disk_max_used_pct",
            |p| percent(p.disk_max_used_pct),
        ),
        Metric::many(
            "boinc_preference_memory_max_ratio",
            &["when"],
            "Part of RAM that may be used, by whether the computer is in use.",
            "ram_max_used_busy_pct, ram_max_used_idle_pct",
            |p, emit| when(emit, percent(p.ram_max_used_busy_pct), percent(p.ram_max_used_idle_pct)),
        ),
        Metric::one(
            "boinc_preference_swap_max_ratio",
            "Part of swap space that may be used.",
            "vm_max_used_pct",
            |p| percent(p.vm_max_used_pct),
        ),
        Metric::many(
            "boinc_preference_transfer_limit_bytes_per_second",
            &["direction"],
            "Most speed of transfers; 0 means no limit.",
            "max_bytes_sec_up, max_bytes_sec_down",
            |p, emit| {
                emit.sample(&["upload"], p.max_bytes_sec_up);
                emit.sample(&["download"], p.max_bytes_sec_down);
            },
        ),
        Metric::one(
            "boinc_preference_transfer_quota_bytes",
            "Most traffic in boinc_preference_transfer_quota_period_seconds; 0 means no limit.",
            "daily_xfer_limit_mb",
            |p| times(p.daily_xfer_limit_mb, MEBI),
        ),
        Metric::one(
            "boinc_preference_transfer_quota_period_seconds",
            "Time for which the traffic quota holds.",
            "daily_xfer_period_days",
            |p| times(p.daily_xfer_period_days, DAY),
        ),
        Metric::many(
            "boinc_preference_time_of_day_seconds",
            &["kind", "edge", "day"],
            "Time of day, from midnight, at which computing or the network begins and ends to be allowed; equal means always. Days of the week count from 0, Sunday.",
            "start_hour, end_hour, net_start_hour, net_end_hour, day_prefs",
            |p, emit| {
                hours(emit, "all", [p.start_hour, p.end_hour, p.net_start_hour, p.net_end_hour]);
                for day in &p.day_prefs {
                    let Some(number) = day.day_of_week else { continue };
                    hours(
                        emit,
                        &number.to_string(),
                        [day.start_hour, day.end_hour, day.net_start_hour, day.net_end_hour],
                    );
                }
            },
        ),
        Metric::one(
            "boinc_preference_battery_min_ratio",
            "Charge of the battery below which computing stops.",
            "battery_charge_min_pct",
            |p| percent(known(p.battery_charge_min_pct)),
        ),
        Metric::one(
            "boinc_preference_battery_max_temperature_celsius",
            "Heat of the battery above which computing stops.",
            "battery_max_temperature",
            |p| p.battery_max_temperature,
        ),
    ],
};
