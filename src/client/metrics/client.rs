//! The client: what it is, its time, its modes, its network.

use super::{Metric, Row, SampleWriter, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::{Codes, NETWORK_STATUS, RUN_MODE, SUSPEND_CPU_THROTTLE, SUSPEND_REASON};
use crate::client::gui_rpc::model::{CcStatus, NetStats, ServerVersion, TimeStats};
use crate::client::snapshot::Snapshot;

/// A time, unless it says that there is none.
pub(super) fn time(seconds: Option<f64>) -> Option<f64> {
    seconds.filter(|seconds| *seconds > 0.0)
}

/// A value of which a negative number says that it is not known.
pub(super) fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|value| *value >= 0.0)
}

/// One sample for each known code, 1 for the present one. A code without a name is shown as its digits.
pub(super) fn state_set(emit: &mut SampleWriter<'_, '_>, before: &[&str], codes: &Codes, present: Option<i64>) {
    let Some(present) = present else { return };
    let mut labels = [before, &[""]].concat();
    for (code, name) in codes.0 {
        labels[before.len()] = name;
        emit.flag(&labels, *code == present);
    }
    // 0 says "none" where the codes begin at 1.
    if codes.known(present).is_none() && present != 0 {
        emit.flag(&[before, &[&codes.name(present)]].concat(), true);
    }
}

/// Identity.
pub const IDENTITY: Table<Snapshot> = Table {
    title: "Client",
    collector: Collector::State,
    origin: "",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::many(
            "boinc_client_info",
            &["version", "platform"],
            "1, with version and platform of the client, empty until it told them, and the labels that the configuration gives it.",
            "exchange_versions; get_state: platform_name",
            |s, emit| {
                let version = s.version.as_ref().map(ServerVersion::to_string).unwrap_or_default();
                emit.sample_with(&[&version, &s.platform], &s.labels, 1.0);
            },
        ),
        Metric::one(
            "boinc_client_development_version",
            "Whether the client is a development version: its minor version is odd.",
            "exchange_versions: minor",
            |s| Some(f64::from(s.version.as_ref()?.minor? % 2 == 1)),
        ),
        Metric::one(
            "boinc_client_running_as_daemon",
            "Whether the client runs as a service.",
            "get_state: executing_as_daemon",
            |s| s.daemon.map(f64::from),
        ),
        Metric::one(
            "boinc_client_update_available",
            "Whether the client's notices tell of a newer version.",
            "get_notices_public: description",
            |s| s.notice_sequence.map(|_| f64::from(s.newer_version.is_some())),
        ),
        Metric::many(
            "boinc_client_update_info",
            &["newer_version", "download_url"],
            "1, with the newer version that the client's notices tell of; absent if there is none.",
            "get_notices_public: description",
            |s, emit| {
                if let Some(newer) = &s.newer_version {
                    emit.sample(&[&newer.version, &newer.download_url], 1.0);
                }
            },
        ),
    ],
};

/// Time statistics.
pub const TIME: Table<TimeStats> = Table {
    title: "Client: time",
    collector: Collector::State,
    origin: "get_state time_stats",
    labels: &[],
    rows: |snapshot| snapshot.time.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::one(
            "boinc_client_start_timestamp_seconds",
            "When the client's process started.",
            "client_start_time",
            |t| time(t.client_start_time),
        ),
        Metric::one(
            "boinc_client_clock_timestamp_seconds",
            "The client's clock; compare with time() for its skew.",
            "now",
            |t| time(t.now),
        ),
        Metric::one(
            "boinc_time_on_ratio",
            "Fraction of time that the client runs, averaged over about 10 days.",
            "on_frac",
            |t| known(t.on_frac),
        ),
        Metric::one(
            "boinc_time_connected_ratio",
            "Of the time that the client runs, the fraction with a network; absent where it cannot know.",
            "connected_frac",
            |t| known(t.connected_frac),
        ),
        Metric::one(
            "boinc_time_cpu_and_network_available_ratio",
            "Of the time that the client runs, the fraction with computing and network both allowed.",
            "cpu_and_network_available_frac",
            |t| known(t.cpu_and_network_available_frac),
        ),
        Metric::one(
            "boinc_time_active_ratio",
            "Of the time that the client runs, the fraction with computing allowed.",
            "active_frac",
            |t| known(t.active_frac),
        ),
        Metric::one(
            "boinc_time_gpu_active_ratio",
            "Of the time that the client runs, the fraction with computing on GPUs allowed.",
            "gpu_active_frac",
            |t| known(t.gpu_active_frac),
        ),
        Metric::one(
            "boinc_time_previous_uptime_seconds",
            "How long the client ran before its last restart.",
            "previous_uptime",
            |t| t.previous_uptime,
        ),
        Metric::one(
            "boinc_time_session_active_seconds_total",
            "Time with computing allowed since the client started.",
            "session_active_duration",
            |t| t.session_active_duration,
        ),
        Metric::one(
            "boinc_time_session_gpu_active_seconds_total",
            "Time with computing on GPUs allowed since the client started.",
            "session_gpu_active_duration",
            |t| t.session_gpu_active_duration,
        ),
        Metric::one(
            "boinc_time_first_start_timestamp_seconds",
            "When the client was first started.",
            "total_start_time",
            |t| time(t.total_start_time),
        ),
        Metric::one(
            "boinc_time_running_seconds",
            "Time that the client ever ran. May step back by minutes when it crashed.",
            "total_duration",
            |t| t.total_duration,
        ),
        Metric::one(
            "boinc_time_active_seconds",
            "Time that computing was ever allowed. May step back by minutes when the client crashed.",
            "total_active_duration",
            |t| t.total_active_duration,
        ),
        Metric::one(
            "boinc_time_gpu_active_seconds",
            "Time that computing on GPUs was ever allowed. May step back by minutes when the client crashed.",
            "total_gpu_active_duration",
            |t| t.total_gpu_active_duration,
        ),
    ],
};

struct Mode {
    resource: &'static str,
    effective: fn(&CcStatus) -> Option<i64>,
    permanent: fn(&CcStatus) -> Option<i64>,
    delay: fn(&CcStatus) -> Option<f64>,
    reason: fn(&CcStatus) -> Option<i64>,
}

const MODES: [Mode; 3] = [
    Mode {
        resource: "cpu",
        effective: |s| s.task_mode,
        permanent: |s| s.task_mode_perm,
        delay: |s| s.task_mode_delay,
        reason: |s| s.task_suspend_reason,
    },
    Mode {
        resource: "gpu",
        effective: |s| s.gpu_mode,
        permanent: |s| s.gpu_mode_perm,
        delay: |s| s.gpu_mode_delay,
        reason: |s| s.gpu_suspend_reason,
    },
    Mode {
        resource: "network",
        effective: |s| s.network_mode,
        permanent: |s| s.network_mode_perm,
        delay: |s| s.network_mode_delay,
        reason: |s| s.network_suspend_reason,
    },
];

/// Modes and suspension.
pub const STATUS: Table<CcStatus> = Table {
    title: "Client: modes and suspension",
    collector: Collector::CcStatus,
    origin: "get_cc_status",
    labels: &[],
    rows: |snapshot| snapshot.status.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_run_mode",
            &["resource", "kind", "mode"],
            "Run modes, 1 for the present one: always, by preferences (auto), never; effective, and permanent for when a temporary one ends.",
            "task_mode, gpu_mode, network_mode, *_mode_perm",
            |s, emit| {
                for mode in &MODES {
                    state_set(emit, &[mode.resource, "effective"], &RUN_MODE, (mode.effective)(s));
                    state_set(emit, &[mode.resource, "permanent"], &RUN_MODE, (mode.permanent)(s));
                }
            },
        ),
        Metric::many(
            "boinc_run_mode_code",
            &["resource", "kind"],
            "Run mode as BOINC's number: 1 always, 2 auto, 3 never.",
            "task_mode, gpu_mode, network_mode, *_mode_perm",
            |s, emit| {
                for mode in &MODES {
                    emit.sample(&[mode.resource, "effective"], number((mode.effective)(s)));
                    emit.sample(&[mode.resource, "permanent"], number((mode.permanent)(s)));
                }
            },
        ),
        Metric::many(
            "boinc_run_mode_override_remaining_seconds",
            &["resource"],
            "Time until a temporary mode ends; 0 if there is none.",
            "*_mode_delay",
            |s, emit| MODES.iter().for_each(|mode| emit.sample(&[mode.resource], (mode.delay)(s))),
        ),
        Metric::many(
            "boinc_suspended",
            &["resource"],
            "Whether computing, computing on GPUs or the network is suspended. Pauses of the CPU time limit do not count.",
            "*_suspend_reason",
            |s, emit| {
                for mode in &MODES {
                    let reason = (mode.reason)(s);
                    emit.flag(&[mode.resource], reason.map(|reason| reason != 0 && reason != SUSPEND_CPU_THROTTLE));
                }
            },
        ),
        Metric::many(
            "boinc_suspend_reason",
            &["resource", "reason"],
            "Reasons for suspension, 1 for the present one.",
            "*_suspend_reason",
            |s, emit| {
                MODES.iter().for_each(|mode| state_set(emit, &[mode.resource], &SUSPEND_REASON, (mode.reason)(s)));
            },
        ),
        Metric::many(
            "boinc_suspend_reason_code",
            &["resource"],
            "Reason for suspension as BOINC's number; 0 is none.",
            "*_suspend_reason",
            |s, emit| MODES.iter().for_each(|mode| emit.sample(&[mode.resource], number((mode.reason)(s)))),
        ),
        Metric::many(
            "boinc_network_status",
            &["status"],
            "State of the network as the client sees it, 1 for the present one; want_disconnect is the usual one at rest.",
            "network_status",
            |s, emit| state_set(emit, &[], &NETWORK_STATUS, s.network_status),
        ),
        Metric::one("boinc_network_status_code", "State of the network as BOINC's number.", "network_status", |s| {
            number(s.network_status)
        }),
        Metric::one(
            "boinc_account_manager_password_error",
            "Whether the account manager does not take the password.",
            "ams_password_error",
            |s| s.ams_password_error.map(f64::from),
        ),
        Metric::one("boinc_attach_disallowed", "Whether no project may be attached.", "disallow_attach", |s| {
            s.disallow_attach.map(f64::from)
        }),
        Metric::one(
            "boinc_simple_gui_only",
            "Whether managers may show their simple view only.",
            "simple_gui_only",
            |s| s.simple_gui_only.map(f64::from),
        ),
        Metric::one(
            "boinc_manager_must_quit",
            "Whether managers shall quit for an update.",
            "manager_must_quit",
            |s| Some(f64::from(s.manager_must_quit)),
        ),
        Metric::one(
            "boinc_event_log_display_max_lines",
            "Lines of the event log that managers show; the client itself keeps 2000.",
            "max_event_log_lines",
            |s| s.max_event_log_lines,
        ),
    ],
};

/// The suspend reason that includes throttling.
pub const SCREENSAVER: Table<Snapshot> = Table {
    title: "Client: throttling",
    collector: Collector::ScreensaverTasks,
    origin: "get_screensaver_tasks",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[Metric::one(
        "boinc_screensaver_suspend_reason_code",
        "Reason for suspension as BOINC's number, in which 64 (a pause of the CPU time limit) is seen with any version.",
        "suspend_reason",
        |s| number(s.screensaver_suspend_reason),
    )],
};

/// Network averages.
pub const NETWORK: Table<NetStats> = Table {
    title: "Client: network",
    collector: Collector::State,
    origin: "get_state net_stats",
    labels: &[],
    rows: |snapshot| snapshot.net.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_network_transfer_rate_bytes_per_second",
            &["direction"],
            "Speed of single transfers, smoothed; 0 before the first.",
            "bwup, bwdown",
            |n, emit| both(emit, n.bwup, n.bwdown),
        ),
        Metric::many(
            "boinc_network_average_bytes_per_second",
            &["direction"],
            "Average traffic over all time, half-life 7 days (BOINC counts it by day).",
            "avg_up, avg_down",
            |n, emit| both(emit, n.avg_up.map(|bytes| bytes / 86_400.0), n.avg_down.map(|bytes| bytes / 86_400.0)),
        ),
        Metric::many(
            "boinc_network_average_updated_timestamp_seconds",
            &["direction"],
            "When the average traffic was computed.",
            "avg_time_up, avg_time_down",
            |n, emit| both(emit, time(n.avg_time_up), time(n.avg_time_down)),
        ),
    ],
};

/// Network traffic by day.
pub const TRAFFIC: Table<Snapshot> = Table {
    title: "Client: network traffic by day",
    collector: Collector::DailyTransfers,
    origin: "get_daily_xfer_history dx",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::many(
            "boinc_network_today_bytes",
            &["direction"],
            "Traffic of the present day in the client's standard time.",
            "up, down",
            |s, emit| {
                let timezone = s.host.as_ref().and_then(|host| host.timezone);
                if let (Some(days), Some(clock), Some(timezone)) = (&s.daily_transfers, s.clock(), timezone) {
                    let (up, down) = days.today(clock, timezone);
                    both(emit, Some(up), Some(down));
                }
            },
        ),
        Metric::many(
            "boinc_network_history_bytes",
            &["direction"],
            "Traffic of all days that the client remembers, up to 365.",
            "up, down",
            |s, emit| {
                if let Some(days) = &s.daily_transfers {
                    both(emit, Some(days.up), Some(days.down));
                }
            },
        ),
        Metric::one("boinc_network_history_entries", "Days with traffic that the client remembers.", "when", |s| {
            Some(s.daily_transfers.as_ref()?.count as f64)
        }),
        Metric::optional(
            Collector::History,
            "boinc_network_day_bytes",
            &["direction", "day"],
            "Traffic of a day in the client's standard time.",
            "up, down",
            |s, emit| {
                for day in s.daily_transfers.iter().flat_map(|days| &days.days) {
                    let Some(when) = day.when else { continue };
                    let date = super::date(when);
                    emit.sample(&["upload", &date], day.up);
                    emit.sample(&["download", &date], day.down);
                }
            },
        ),
    ],
};

/// A sample for each direction.
fn both(emit: &mut SampleWriter<'_, '_>, up: Option<f64>, down: Option<f64>) {
    emit.sample(&["upload"], up);
    emit.sample(&["download"], down);
}

/// A code as a value.
pub(super) fn number(code: Option<i64>) -> Option<f64> {
    code.map(|code| code as f64)
}
