//! The client: identity, time statistics, modes and suspension, network.

use super::{Metric, Row, SampleWriter, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::{Codes, NETWORK_STATUS, RUN_MODE, SUSPEND_CPU_THROTTLE, SUSPEND_REASON};
use crate::client::gui_rpc::model::{CcStatus, NetStats, ServerVersion, TimeStats};
use crate::client::snapshot::Snapshot;

/// A timestamp; 0 means that there is none.
pub(super) fn time(seconds: Option<f64>) -> Option<f64> {
    seconds.filter(|seconds| *seconds > 0.0)
}

/// A value; a negative number means that it is unknown.
pub(super) fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|value| *value >= 0.0)
}

/// The state that holds, by its name, or by its number if it has none.
pub(super) fn state(emit: &mut SampleWriter<'_, '_>, before: &[&str], codes: &Codes, code: Option<i64>) {
    // Where codes start at 1, 0 means none.
    if let Some(code) = code.filter(|code| *code != 0 || codes.known(0).is_some()) {
        emit.flag(&[before, &[&codes.name(code)]].concat(), true);
    }
}

/// Identity of the client.
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
            "Always 1, with the client's version and platform and any configured labels; version and platform are empty until known.",
            "exchange_versions; get_state: platform_name",
            |s, emit| {
                let version = s.version.as_ref().map(ServerVersion::to_string).unwrap_or_default();
                emit.sample_with(&[&version, &s.platform], &s.labels, 1.0);
            },
        ),
        details(Metric::one(
            "boinc_client_development_version",
            "Whether the client is a development version, which has an odd minor version number.",
            "exchange_versions: minor",
            |s| Some(f64::from(s.version.as_ref()?.minor? % 2 == 1)),
        )),
        details(Metric::one(
            "boinc_client_running_as_daemon",
            "Whether the client runs as a daemon (service).",
            "get_state: executing_as_daemon",
            |s| s.daemon.map(f64::from),
        )),
        Metric::many(
            "boinc_client_update_info",
            &["newer_version", "download_url"],
            "Always 1, with the newer version of BOINC that the client's notices announce; absent if there is none.",
            "get_notices_public: description",
            |s, emit| {
                if let Some(newer) = &s.newer_version {
                    emit.sample(&[&newer.version, &newer.download_url], 1.0);
                }
            },
        ),
    ],
};

/// Time statistics of the client.
pub const TIME: Table<TimeStats> = Table {
    title: "Client: time statistics",
    collector: Collector::State,
    origin: "get_state time_stats",
    labels: &[],
    rows: |snapshot| snapshot.time.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::one(
            "boinc_client_start_timestamp_seconds",
            "When the client process started.",
            "client_start_time",
            |t| time(t.client_start_time),
        ),
        Metric::one(
            "boinc_client_clock_timestamp_seconds",
            "The client's clock; compare it with time() to find its skew.",
            "now",
            |t| time(t.now),
        ),
        Metric::one(
            "boinc_client_on_ratio",
            "Fraction of time that the client runs, averaged over about 10 days.",
            "on_frac",
            |t| known(t.on_frac),
        ),
        Metric::one(
            "boinc_client_connected_ratio",
            "Fraction of the client's running time with a network connection; absent if the client cannot tell.",
            "connected_frac",
            |t| known(t.connected_frac),
        ),
        Metric::one(
            "boinc_client_cpu_and_network_available_ratio",
            "Fraction of the client's running time when both computing and network access are allowed.",
            "cpu_and_network_available_frac",
            |t| known(t.cpu_and_network_available_frac),
        ),
        Metric::one(
            "boinc_client_active_ratio",
            "Fraction of the client's running time when computing is allowed.",
            "active_frac",
            |t| known(t.active_frac),
        ),
        Metric::one(
            "boinc_client_gpu_active_ratio",
            "Fraction of the client's running time when GPU computing is allowed.",
            "gpu_active_frac",
            |t| known(t.gpu_active_frac),
        ),
        details(Metric::one(
            "boinc_client_previous_uptime_seconds",
            "How long the client ran before its last restart.",
            "previous_uptime",
            |t| t.previous_uptime,
        )),
        details(Metric::one(
            "boinc_client_session_active_seconds_total",
            "Time that computing has been allowed since the client started.",
            "session_active_duration",
            |t| t.session_active_duration,
        )),
        details(Metric::one(
            "boinc_client_session_gpu_active_seconds_total",
            "Time that GPU computing has been allowed since the client started.",
            "session_gpu_active_duration",
            |t| t.session_gpu_active_duration,
        )),
        details(Metric::one(
            "boinc_client_first_start_timestamp_seconds",
            "When the client was first started.",
            "total_start_time",
            |t| time(t.total_start_time),
        )),
        details(Metric::one(
            "boinc_client_running_seconds",
            "Total time that the client has run; a crash can set it back by minutes.",
            "total_duration",
            |t| t.total_duration,
        )),
        details(Metric::one(
            "boinc_client_active_seconds",
            "Total time that computing has been allowed; a crash can set it back by minutes.",
            "total_active_duration",
            |t| t.total_active_duration,
        )),
        details(Metric::one(
            "boinc_client_gpu_active_seconds",
            "Total time that GPU computing has been allowed; a crash can set it back by minutes.",
            "total_gpu_active_duration",
            |t| t.total_gpu_active_duration,
        )),
    ],
};

struct Mode {
    activity: &'static str,
    effective: fn(&CcStatus) -> Option<i64>,
    permanent: fn(&CcStatus) -> Option<i64>,
    delay: fn(&CcStatus) -> Option<f64>,
    reason: fn(&CcStatus) -> Option<i64>,
}

const MODES: [Mode; 3] = [
    Mode {
        activity: "cpu",
        effective: |s| s.task_mode,
        permanent: |s| s.task_mode_perm,
        delay: |s| s.task_mode_delay,
        reason: |s| s.task_suspend_reason,
    },
    Mode {
        activity: "gpu",
        effective: |s| s.gpu_mode,
        permanent: |s| s.gpu_mode_perm,
        delay: |s| s.gpu_mode_delay,
        reason: |s| s.gpu_suspend_reason,
    },
    Mode {
        activity: "network",
        effective: |s| s.network_mode,
        permanent: |s| s.network_mode_perm,
        delay: |s| s.network_mode_delay,
        reason: |s| s.network_suspend_reason,
    },
];

impl Mode {
    /// The permanent mode, if another one holds now.
    fn permanent_while_temporary(&self, status: &CcStatus) -> Option<i64> {
        (self.permanent)(status).filter(|permanent| (self.effective)(status) != Some(*permanent))
    }
}

/// Run modes, suspension and network status.
pub const STATUS: Table<CcStatus> = Table {
    title: "Client: run modes and suspension",
    collector: Collector::CcStatus,
    origin: "get_cc_status",
    labels: &[],
    rows: |snapshot| snapshot.status.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_run_mode",
            &["activity", "kind", "mode"],
            "1 for the run mode that holds (effective): always, auto (by preferences) or never. While a temporary one does (snooze), also the permanent one, which applies after it.",
            "task_mode, gpu_mode, network_mode, *_mode_perm",
            |s, emit| {
                for mode in &MODES {
                    state(emit, &[mode.activity, "effective"], &RUN_MODE, (mode.effective)(s));
                    state(emit, &[mode.activity, "permanent"], &RUN_MODE, mode.permanent_while_temporary(s));
                }
            },
        ),
        Metric::many(
            "boinc_run_mode_code",
            &["activity", "kind"],
            "Run mode as BOINC's code, for timelines: 1 always, 2 auto, 3 never.",
            "task_mode, gpu_mode, network_mode, *_mode_perm",
            |s, emit| {
                for mode in &MODES {
                    emit.sample(&[mode.activity, "effective"], number((mode.effective)(s)));
                    emit.sample(&[mode.activity, "permanent"], number(mode.permanent_while_temporary(s)));
                }
            },
        ),
        Metric::many(
            "boinc_run_mode_override_remaining_seconds",
            &["activity"],
            "Time until a temporary run mode (snooze) ends; absent if there is none.",
            "*_mode_delay",
            |s, emit| {
                for mode in &MODES {
                    emit.sample(&[mode.activity], time((mode.delay)(s)));
                }
            },
        ),
        Metric::many(
            "boinc_suspended",
            &["activity"],
            "Whether computing, GPU computing or network access is suspended (snoozed, too); the pauses of CPU throttling do not count.",
            "*_suspend_reason",
            |s, emit| {
                for mode in &MODES {
                    let reason = (mode.reason)(s);
                    emit.flag(&[mode.activity], reason.map(|reason| reason != 0 && reason != SUSPEND_CPU_THROTTLE));
                }
            },
        ),
        Metric::many(
            "boinc_suspend_reason",
            &["activity", "reason"],
            "1 for the reason for suspension, cpu_throttle included; absent if there is none. The GPU's is not updated while computing is suspended.",
            "*_suspend_reason",
            |s, emit| {
                for mode in &MODES {
                    state(emit, &[mode.activity], &SUSPEND_REASON, (mode.reason)(s));
                }
            },
        ),
        Metric::many(
            "boinc_suspend_reason_code",
            &["activity"],
            "Reason for suspension as BOINC's code, for timelines; 0 means not suspended.",
            "*_suspend_reason",
            |s, emit| MODES.iter().for_each(|mode| emit.sample(&[mode.activity], number((mode.reason)(s)))),
        ),
        details(Metric::many(
            "boinc_network_status",
            &["status"],
            "1 for the current network status; want_disconnect is normal when idle.",
            "network_status",
            |s, emit| state(emit, &[], &NETWORK_STATUS, s.network_status),
        )),
        details(Metric::one("boinc_network_status_code", "Network status as BOINC's code.", "network_status", |s| {
            number(s.network_status)
        })),
        details(Metric::one(
            "boinc_account_manager_password_error",
            "Whether the account manager rejects the client's password.",
            "ams_password_error",
            |s| s.ams_password_error.map(f64::from),
        )),
        details(Metric::one(
            "boinc_attach_disallowed",
            "Whether attaching to projects is disallowed.",
            "disallow_attach",
            |s| s.disallow_attach.map(f64::from),
        )),
        details(Metric::one(
            "boinc_simple_gui_only",
            "Whether BOINC Manager may show only its Simple View.",
            "simple_gui_only",
            |s| s.simple_gui_only.map(f64::from),
        )),
        details(Metric::one(
            "boinc_manager_must_quit",
            "Whether BOINC Manager must quit for an update.",
            "manager_must_quit",
            |s| Some(f64::from(s.manager_must_quit)),
        )),
        details(Metric::one(
            "boinc_event_log_display_max_lines",
            "Maximum number of event log lines that BOINC Manager displays; the client keeps 2000.",
            "max_event_log_lines",
            |s| s.max_event_log_lines,
        )),
    ],
};

/// The reason for suspension that includes CPU throttling.
pub const SCREENSAVER: Table<Snapshot> = Table {
    title: "Client: CPU throttling",
    collector: Collector::ScreensaverTasks,
    origin: "get_screensaver_tasks",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[Metric::one(
        "boinc_screensaver_suspend_reason_code",
        "Reason for suspension as BOINC's code, including 64 (CPU throttle) on all client versions.",
        "suspend_reason",
        |s| number(s.screensaver_suspend_reason),
    )],
};

/// Average network traffic.
pub const NETWORK: Table<NetStats> = Table {
    title: "Client: network",
    collector: Collector::State,
    origin: "get_state net_stats",
    labels: &[],
    rows: |snapshot| snapshot.net.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_network_transfer_speed_bytes_per_second",
            &["direction"],
            "Smoothed speed of single file transfers; 0 before the first.",
            "bwup, bwdown",
            |n, emit| by_direction(emit, n.bwup, n.bwdown),
        ),
        details(Metric::many(
            "boinc_network_average_bytes_per_second",
            &["direction"],
            "Traffic as BOINC averages it: it begins at the speed of the first transfer and forgets that with a half-life of 7 days, so for months it is no average. For traffic per day see boinc_network_today_bytes.",
            "avg_up, avg_down",
            |n, emit| {
                by_direction(emit, n.avg_up.map(|bytes| bytes / 86_400.0), n.avg_down.map(|bytes| bytes / 86_400.0));
            },
        )),
        details(Metric::many(
            "boinc_network_average_updated_timestamp_seconds",
            &["direction"],
            "When the average traffic was last updated.",
            "avg_time_up, avg_time_down",
            |n, emit| by_direction(emit, time(n.avg_time_up), time(n.avg_time_down)),
        )),
    ],
};

/// Daily network traffic.
pub const TRAFFIC: Table<Snapshot> = Table {
    title: "Client: daily network traffic",
    collector: Collector::DailyTransfers,
    origin: "get_daily_xfer_history dx",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::many(
            "boinc_network_today_bytes",
            &["direction"],
            "Traffic today, by the client's standard time.",
            "up, down",
            |s, emit| {
                let timezone = s.host.as_ref().and_then(|host| host.timezone);
                if let (Some(days), Some(clock), Some(timezone)) = (&s.daily_transfers, s.clock(), timezone) {
                    let (up, down) = days.today(clock, timezone);
                    by_direction(emit, Some(up), Some(down));
                }
            },
        ),
        details(Metric::many(
            "boinc_network_history_bytes",
            &["direction"],
            "Traffic on all days in the client's history, which holds up to 365.",
            "up, down",
            |s, emit| {
                if let Some(days) = &s.daily_transfers {
                    by_direction(emit, Some(days.up), Some(days.down));
                }
            },
        )),
        details(Metric::one(
            "boinc_network_history_entries",
            "Number of days in the client's traffic history.",
            "when",
            |s| Some(s.daily_transfers.as_ref()?.count as f64),
        )),
        Metric::only_with(
            Collector::History,
            Metric::many(
                "boinc_network_day_bytes",
                &["direction", "day"],
                "Traffic on the given day, by the client's standard time.",
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
        ),
    ],
};

/// One sample per direction.
fn by_direction(emit: &mut SampleWriter<'_, '_>, up: Option<f64>, down: Option<f64>) {
    emit.sample(&["upload"], up);
    emit.sample(&["download"], down);
}

/// A code as a sample value.
pub(super) fn number(code: Option<i64>) -> Option<f64> {
    code.map(|code| code as f64)
}
