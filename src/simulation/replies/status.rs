//! Version, modes, averages and disk.

use super::View;
use super::static_fields::OWN_DISK_USAGE;
use super::text::Text;
use crate::simulation::state::{Activity, Client, Os};

/// Code of a reason for suspension: the CPU time is limited.
const CPU_THROTTLE: i32 = 64;

/// The reply to `get_cc_status`.
pub(super) fn modes(text: &mut Text, View { client, now, .. }: View<'_>) {
    let delay = |activity: Activity| if activity.until > now { activity.until - now } else { 0.0 };
    let throttled = client.run.suspend_reason == CPU_THROTTLE && client.at_least(8, 2);
    text.element([0, 3], "cc_status", |text| {
        text.integer("network_status", client.network_status);
        text.switch("ams_password_error", false);
        text.integer("task_suspend_reason", if throttled { 0 } else { client.run.suspend_reason });
        text.integer("task_mode", client.run.mode);
        text.integer("task_mode_perm", client.run.permanent);
        text.number("task_mode_delay", delay(client.run));
        text.integer("gpu_suspend_reason", client.gpu.suspend_reason);
        text.integer("gpu_mode", client.gpu.mode);
        text.integer("gpu_mode_perm", client.gpu.permanent);
        text.number("gpu_mode_delay", delay(client.gpu));
        text.integer("network_suspend_reason", client.network.suspend_reason);
        text.integer("network_mode", client.network.mode);
        text.integer("network_mode_perm", client.network.permanent);
        text.number("network_mode_delay", delay(client.network));
        text.switch("disallow_attach", false);
        text.switch("simple_gui_only", false);
        text.integer("max_event_log_lines", 2000);
    });
}

/// The reply to `exchange_versions`.
pub(super) fn version(text: &mut Text, client: &Client) {
    let [major, minor, release] = client.version;
    text.element([0, 3], "server_version", |text| {
        text.integer("major", major);
        text.integer("minor", minor);
        text.integer("release", release);
    });
}

/// `net_stats` of `get_state`.
pub(super) fn network(text: &mut Text, client: &Client) {
    let net = &client.net;
    let directions =
        [("bwup", "avg_up", "avg_time_up"), ("bwdown", "avg_down", "avg_time_down")].into_iter().enumerate();
    text.element([0, 4], "net_stats", |text| {
        for (at, (bandwidth, average, time)) in directions {
            text.number(bandwidth, net.bandwidth[at]);
            text.number(average, net.average[at]);
            text.number(time, net.average_time[at]);
        }
    });
}

/// `time_stats` of `get_state`. Counts of seconds also grow between ticks.
pub(super) fn time(text: &mut Text, View { client, now, since }: View<'_>) {
    let time = &client.time;
    let active = if client.run.suspend_reason == 0 { since } else { 0.0 };
    let gpu_active = if client.gpu.suspend_reason == 0 { active } else { 0.0 };
    text.element([0, 4], "time_stats", |text| {
        text.number("on_frac", time.on_frac);
        // Clients on Linux do not detect whether there is a network.
        text.number("connected_frac", if client.os == Os::Linux { -1.0 } else { 1.0 });
        text.number("cpu_and_network_available_frac", time.cpu_and_network_available_frac);
        text.number("active_frac", time.active_frac);
        text.number("gpu_active_frac", time.gpu_active_frac);
        text.number("client_start_time", time.client_start_time);
        text.number("total_start_time", time.total_start_time);
        text.number("total_duration", time.total_duration + since);
        text.number("total_active_duration", time.total_active_duration + active);
        text.number("total_gpu_active_duration", time.total_gpu_active_duration + gpu_active);
        text.number("now", now);
        text.number("previous_uptime", time.previous_uptime);
        text.number("session_active_duration", time.session_active_duration + active);
        text.number("session_gpu_active_duration", time.session_gpu_active_duration + gpu_active);
    });
}

/// The reply to `get_disk_usage`: the current usage of the disk.
pub(super) fn disk_usage(text: &mut Text, client: &Client) {
    let host = &client.host;
    let used: f64 = client.projects.iter().map(|project| project.disk_usage).sum();
    text.element([0, 0], "disk_usage_summary", |text| {
        for project in &client.projects {
            text.element([0, 2], "project", |text| {
                text.raw("master_url", &project.server.url);
                text.number("disk_usage", project.disk_usage);
            });
        }
        text.number("d_total", host.disk_total);
        text.number("d_free", host.disk_free);
        text.number("d_boinc", OWN_DISK_USAGE);
        text.number("d_allowed", allowed_disk_usage(client, host.disk_free, used));
    });
}

/// Bytes that the preferences let BOINC use.
pub(super) fn allowed_disk_usage(client: &Client, free: f64, used_by_projects: f64) -> f64 {
    let most = client.preferences.disk_max;
    let part = client.host.disk_total * super::preferences::DISK_MAX_USED_PCT / 100.0;
    let left = free + used_by_projects + OWN_DISK_USAGE - super::preferences::DISK_MIN_FREE;
    let limits = if most > 0.0 { most.min(part) } else { part };
    limits.min(left).max(0.0)
}
