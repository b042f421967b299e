//! `global_preferences`: values from the scenario, and BOINC's defaults.

use super::text::Text;
use crate::simulation::state::Client;

/// Percent of the disk.
pub(super) const DISK_MAX_USED_PCT: f64 = 90.0;
/// Bytes to leave free.
pub(super) const DISK_MIN_FREE: f64 = GIB;

const GIB: f64 = 1_073_741_824.0;

/// The preferences in `get_state`.
pub(super) fn preferences(text: &mut Text, client: &Client) {
    let set = &client.preferences;
    let [start, end] = set.hours;
    let source = client.projects.iter().find(|project| project.known && set.mod_time > 0.0);
    // The default was raised after 7.20.
    let busy = if client.at_least(7, 22) { 50.0 } else { 25.0 };
    text.element([0, 3], "global_preferences", |text| {
        text.raw("source_project", source.map_or("", |project| &project.server.url));
        text.number("mod_time", set.mod_time);
        text.number("battery_charge_min_pct", 90.0);
        text.number("battery_max_temperature", 40.0);
        text.switch("run_on_batteries", false);
        text.switch("run_if_user_active", set.run_if_user_active);
        text.switch("run_gpu_if_user_active", set.run_if_user_active);
        text.number("suspend_if_no_recent_input", 0.0);
        text.number("suspend_cpu_usage", busy);
        text.number("start_hour", start);
        text.number("end_hour", end);
        text.number("net_start_hour", 0.0);
        text.number("net_end_hour", 0.0);
        text.switch("leave_apps_in_memory", false);
        text.switch("confirm_before_connecting", true);
        text.switch("hangup_if_dialed", false);
        text.switch("dont_verify_images", false);
        text.number("work_buf_min_days", set.work_buf_min_days);
        text.number("work_buf_additional_days", set.work_buf_additional_days);
        text.number("max_ncpus_pct", set.max_ncpus_pct);
        if client.at_least(7, 22) {
            text.number("niu_max_ncpus_pct", set.max_ncpus_pct);
            text.number("niu_cpu_usage_limit", set.cpu_usage_limit);
            text.number("niu_suspend_cpu_usage", busy);
        }
        text.number("cpu_scheduling_period_minutes", 60.0);
        text.number("disk_interval", 60.0);
        text.number("disk_max_used_gb", set.disk_max / GIB);
        text.number("disk_max_used_pct", DISK_MAX_USED_PCT);
        text.number("disk_min_free_gb", DISK_MIN_FREE / GIB);
        text.number("vm_max_used_pct", 75.0);
        text.number("ram_max_used_busy_pct", 50.0);
        text.number("ram_max_used_idle_pct", 90.0);
        text.number("idle_time_to_run", 3.0);
        text.number("max_bytes_sec_up", 0.0);
        text.number("max_bytes_sec_down", 0.0);
        text.number("cpu_usage_limit", set.cpu_usage_limit);
        text.number("daily_xfer_limit_mb", 0.0);
        text.integer("daily_xfer_period_days", 0);
        text.switch("override_file_present", false);
        text.switch("network_wifi_only", false);
        weekend(text, set.hours);
    });
}

/// Hours are set again for Saturday and Sunday.
fn weekend(text: &mut Text, [start, end]: [f64; 2]) {
    #[expect(clippy::float_cmp, reason = "equal hours mean no hours")]
    let always = start == end;
    if always {
        return;
    }
    for day in [0, 6] {
        text.element([3, 6], "day_prefs", |text| {
            text.integer("day_of_week", day);
            text.formatted("start_hour", format_args!("{start:.2}"));
            text.formatted("end_hour", format_args!("{end:.2}"));
        });
    }
}
