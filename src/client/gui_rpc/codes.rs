//! Names of the numeric codes in replies. A code comes in, its name goes out; a code that is not in a table is shown as
//! its number. It does not know where a code was read.

use std::borrow::Cow;

/// A table of codes and their names.
#[derive(Debug)]
pub struct Codes(pub &'static [(i64, &'static str)]);

impl Codes {
    /// The name of `code`, or its digits if it has none.
    #[must_use]
    pub fn name(&self, code: i64) -> Cow<'static, str> {
        self.known(code).map_or_else(|| Cow::Owned(code.to_string()), Cow::Borrowed)
    }

    /// The name of `code`, if it has one.
    #[must_use]
    pub fn known(&self, code: i64) -> Option<&'static str> {
        self.0.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
    }
}

/// `state` of a result.
pub const TASK_STATE: Codes = Codes(&[
    (0, "new"),
    (1, "downloading"),
    (2, "downloaded"),
    (3, "compute_error"),
    (4, "uploading"),
    (5, "uploaded"),
    (6, "aborted"),
    (7, "upload_failed"),
]);

/// The task is ready to run, is running or has run: `FILES_DOWNLOADED`.
pub const TASK_DOWNLOADED: i64 = 2;
/// In this state and all higher ones, computing is over.
pub const TASK_COMPUTE_ERROR: i64 = 3;
/// Ended early: by the user, the project or the client.
pub const TASK_ABORTED: i64 = 6;
/// Its output could not be uploaded.
pub const TASK_UPLOAD_FAILED: i64 = 7;

/// `active_task_state`.
pub const PROCESS_STATE: Codes = Codes(&[
    (0, "uninitialized"),
    (1, "executing"),
    (2, "exited"),
    (3, "signaled"),
    (4, "exit_unknown"),
    (5, "abort_pending"),
    (6, "aborted"),
    (7, "couldnt_start"),
    (8, "quit_pending"),
    (9, "suspended"),
    (10, "copy_pending"),
]);

/// The process is running.
pub const PROCESS_EXECUTING: i64 = 1;
/// The process is suspended.
pub const PROCESS_SUSPENDED: i64 = 9;

/// `scheduler_state`.
pub const SCHEDULER_STATE: Codes = Codes(&[(0, "uninitialized"), (1, "preempted"), (2, "scheduled")]);

/// The client's scheduler wants the task to run.
pub const SCHEDULED: i64 = 2;

/// Reasons why computing, GPUs or the network are suspended. One value, not a bit mask.
pub const SUSPEND_REASON: Codes = Codes(&[
    (1, "batteries"),
    (2, "user_active"),
    (4, "user_request"),
    (8, "time_of_day"),
    (16, "benchmarks"),
    (32, "disk_size"),
    (64, "cpu_throttle"),
    (128, "no_recent_input"),
    (256, "initial_delay"),
    (512, "exclusive_app_running"),
    (1024, "cpu_usage"),
    (2048, "network_quota_exceeded"),
    (4096, "os"),
    (4097, "wifi_state"),
    (4098, "battery_charging"),
    (4099, "battery_overheated"),
    (4100, "no_gui_keepalive"),
    (4101, "podman_init"),
    (4102, "battery_charge_wait"),
    (4103, "battery_heat_wait"),
]);

/// A pause of the CPU time limit, about a second long: not a suspension that needs attention.
pub const SUSPEND_CPU_THROTTLE: i64 = 64;

/// Run modes.
pub const RUN_MODE: Codes = Codes(&[(1, "always"), (2, "auto"), (3, "never")]);

/// `network_status`.
pub const NETWORK_STATUS: Codes =
    Codes(&[(0, "online"), (1, "want_connection"), (2, "want_disconnect"), (3, "lookup_pending")]);

/// `sched_rpc_pending`; 0 means none.
pub const RPC_REASON: Codes = Codes(&[
    (1, "user_request"),
    (2, "results_due"),
    (3, "need_work"),
    (4, "trickle_up"),
    (5, "account_manager_request"),
    (6, "init"),
    (7, "project_request"),
]);

/// `pri` of a message. The client stores 4 as 2.
pub const PRIORITY: Codes = Codes(&[(1, "info"), (2, "user_alert"), (3, "internal_error")]);

/// `docker_type`.
pub const DOCKER_TYPE: Codes = Codes(&[(1, "docker"), (2, "podman")]);

/// The outcome that an exit status stands for.
#[must_use]
pub const fn outcome(exit_status: i64) -> &'static str {
    match exit_status {
        0 => "success",
        // EXIT_ABORTED_BY_CLIENT, _UNSTARTED_LATE, _ABORTED_BY_PROJECT, _ABORTED_VIA_GUI, _OVERDUE_EXCEEDED, ERR_ABORTED_VIA_GUI
        194 | 200 | 202 | 203 | 209 | -197 => "aborted",
        _ => "error",
    }
}

/// All results of [`outcome`].
pub const OUTCOMES: [&str; 3] = ["success", "error", "aborted"];
