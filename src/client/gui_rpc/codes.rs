//! What numbers in replies mean. A number that stands in none of these tables is shown as itself.

use std::borrow::Cow;

/// Codes and their names.
#[derive(Debug)]
pub struct Codes(pub &'static [(i64, &'static str)]);

impl Codes {
    /// The name of `code`, or its digits.
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

/// The task can be run, runs or has run: `FILES_DOWNLOADED`.
pub const TASK_DOWNLOADED: i64 = 2;
/// States from this one on: computing is over.
pub const TASK_COMPUTE_ERROR: i64 = 3;
/// Ended before it was done: by the user, the project or the client.
pub const TASK_ABORTED: i64 = 6;
/// What it computed could not be sent.
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

/// The process runs.
pub const PROCESS_EXECUTING: i64 = 1;
/// The process stands still.
pub const PROCESS_SUSPENDED: i64 = 9;

/// `scheduler_state`.
pub const SCHEDULER_STATE: Codes = Codes(&[(0, "uninitialized"), (1, "preempted"), (2, "scheduled")]);

/// The client wants it to run.
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

/// A pause of the CPU time limit, a second long: not a suspension that anybody would act on.
pub const SUSPEND_CPU_THROTTLE: i64 = 64;

/// Run modes.
pub const RUN_MODE: Codes = Codes(&[(1, "always"), (2, "auto"), (3, "never")]);

/// `network_status`.
pub const NETWORK_STATUS: Codes =
    Codes(&[(0, "online"), (1, "want_connection"), (2, "want_disconnect"), (3, "lookup_pending")]);

/// `sched_rpc_pending`, 0 being none.
pub const RPC_REASON: Codes = Codes(&[
    (1, "user_request"),
    (2, "results_due"),
    (3, "need_work"),
    (4, "trickle_up"),
    (5, "account_manager_request"),
    (6, "init"),
    (7, "project_request"),
]);

/// `pri` of a message. 4 is turned into 2 before it is stored.
pub const PRIORITY: Codes = Codes(&[(1, "info"), (2, "user_alert"), (3, "internal_error")]);

/// `docker_type`.
pub const DOCKER_TYPE: Codes = Codes(&[(1, "docker"), (2, "podman")]);

/// What an exit status says of a task's end.
#[must_use]
pub const fn outcome(exit_status: i64) -> &'static str {
    match exit_status {
        0 => "success",
        // EXIT_ABORTED_BY_CLIENT, _UNSTARTED_LATE, _ABORTED_BY_PROJECT, _ABORTED_VIA_GUI, _OVERDUE_EXCEEDED, ERR_ABORTED_VIA_GUI
        194 | 200 | 202 | 203 | 209 | -197 => "aborted",
        _ => "error",
    }
}

/// All that [`outcome`] can say.
pub const OUTCOMES: [&str; 3] = ["success", "error", "aborted"];
