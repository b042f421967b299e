//! A simulated client's projects, tasks and file transfers.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Vendor;

/// An attached project and everything that belongs to it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "BOINC has as many flags")]
pub struct Project {
    /// What does not change, shared by all attached clients.
    pub server: Arc<ProjectServer>,
    /// Whether there has been any contact.
    pub known: bool,
    /// The host's id at the project.
    pub hostid: u32,
    /// When the host was registered.
    pub host_create_time: f64,
    /// Credit of the account, as of the last scheduler reply.
    pub user: Credit,
    /// Credit of the host, as of the last scheduler reply.
    pub host: Credit,
    /// Credit by day, oldest first.
    pub days: VecDeque<CreditDay>,
    /// Scheduler RPCs so far.
    pub rpc_seqno: u32,
    /// Messages of its last reply; those that the user should see are marked.
    pub said: Vec<(String, bool)>,
    /// Last scheduler RPC, 0 if there was none.
    pub last_rpc_time: f64,
    /// Earliest time of the next scheduler contact.
    pub min_rpc_time: f64,
    /// Time of the contact that the project asked for.
    pub next_rpc_time: f64,
    /// Consecutive failures.
    pub nrpc_failures: u32,
    /// Consecutive failures to fetch the master page.
    pub master_fetch_failures: u32,
    /// The master page is fetched before the next contact.
    pub master_fetch_pending: bool,
    /// Code of the reason for a pending RPC; 0 if none.
    pub sched_rpc_pending: i32,
    /// Recent estimated credit, cobblestones per day.
    pub rec: f64,
    /// When it was computed.
    pub rec_time: f64,
    /// Resource share.
    pub resource_share: f64,
    /// Scheduling priority, at most 0; higher runs first.
    pub sched_priority: f64,
    /// Ratio of actual to estimated run time.
    pub duration_correction_factor: f64,
    /// Tasks that succeeded since the host was attached.
    pub njobs_success: u32,
    /// Tasks that failed since the host was attached.
    pub njobs_error: u32,
    /// Seconds that its tasks ran since the host was attached.
    pub elapsed_time: f64,
    /// Bytes on disk now; the client reports the value of its last check.
    pub disk_usage: f64,
    /// Bytes on disk at the client's last check.
    pub disk_usage_seen: f64,
    /// The user suspended it.
    pub suspended_via_gui: bool,
    /// The user wants no new tasks.
    pub dont_request_more_work: bool,
    /// The project has ended.
    pub ended: bool,
    /// A scheduler RPC is in progress.
    pub scheduler_rpc_in_progress: bool,
    /// End of the project-wide back-off of downloads; 0 if none.
    pub download_backoff_until: f64,
    /// End of the project-wide back-off of uploads; 0 if none.
    pub upload_backoff_until: f64,
    /// Back-off of work requests by resource, in the client's order (CPU first).
    pub backoffs: Vec<Backoff>,
    /// Tasks, oldest first.
    pub tasks: Vec<Task>,
}

/// Back-off of work requests for one resource of a project.
#[derive(Debug, Clone)]
pub struct Backoff {
    /// BOINC's name of the resource.
    pub resource: &'static str,
    /// End of the back-off; 0 if none.
    pub until: f64,
    /// Its length in seconds.
    pub interval: f64,
    /// The project has no application for it.
    pub no_apps: bool,
}

/// A simulated project server: what is the same for all its clients.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectServer {
    /// Master URL.
    pub url: String,
    /// Name.
    pub name: String,
    /// Name of the account's user.
    pub user_name: String,
    /// Team of the account; empty if it has none.
    pub team_name: String,
    /// Id of the account.
    pub userid: u32,
    /// Id of the team.
    pub teamid: u32,
    /// When the account was created.
    pub user_create_time: f64,
    /// Applications.
    pub apps: Vec<App>,
}

/// An application with its only version.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Short name.
    pub name: String,
    /// User-friendly name.
    pub user_friendly_name: String,
    /// Runs in addition to everything else.
    pub non_cpu_intensive: bool,
    /// 101 is 1.01.
    pub version_num: u32,
    /// Empty for plain CPU versions.
    pub plan_class: String,
    /// CPUs that a task uses.
    pub avg_ncpus: f64,
    /// GPUs that a task uses.
    pub coproc: Option<(Vendor, f64)>,
    /// Bytes of RAM that a task uses.
    pub memory: f64,
    /// Bytes of a task's input file.
    pub input: f64,
    /// Bytes of a task's output file.
    pub output: f64,
    /// Bytes of all files in a task's slot.
    pub disk: f64,
    /// Floating-point operations of a task, as estimated by the project.
    pub fpops_est: f64,
    /// Seconds between checkpoints; 0: no checkpoints.
    pub checkpoint: f64,
}

/// Total and recent average.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Credit {
    /// Cobblestones.
    pub total: f64,
    /// Cobblestones per day.
    pub average: f64,
}

/// A row of `daily_statistics`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreditDay {
    /// 00:00 UTC.
    pub day: f64,
    /// The account.
    pub user: Credit,
    /// The host.
    pub host: Credit,
}

/// A task and its workunit.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "BOINC has as many flags")]
pub struct Task {
    /// Name of the workunit; the task's name is this followed by `_0`.
    pub workunit: String,
    /// Position of its application in [`ProjectServer::apps`].
    pub app: usize,
    /// When it was received.
    pub received: f64,
    /// When it must be reported.
    pub deadline: f64,
    /// Floating-point operations per second of the version on this host. `fpops_est` divided by it is the estimated run time.
    pub flops: f64,
    /// Actual seconds of a full run on this host, which may differ from the estimate.
    pub whole: f64,
    /// Seconds after which it ends: less than `whole` if it fails.
    pub takes: f64,
    /// Code of the state: 0 new, 1 downloading, 2 downloaded, 3 failed, 4 uploading, 5 uploaded, 6 aborted.
    pub state: i32,
    /// Exit status; 0 until it ends.
    pub exit_status: i32,
    /// The exit status with which it will end.
    pub fate: i32,
    /// Fraction done at which it stalls: no further progress and CPU time. Above 1 for tasks that do not stall.
    pub stalls_at: f64,
    /// Seconds that it had run when computing ended; 0 until then.
    pub final_elapsed: f64,
    /// CPU seconds when computing ended; 0 until then.
    pub final_cpu: f64,
    /// When computing ended.
    pub completed: f64,
    /// Finished and ready to be reported.
    pub ready_to_report: bool,
    /// The user suspended it.
    pub suspended_via_gui: bool,
    /// Has priority because its deadline is near.
    pub edf_scheduled: bool,
    /// Its GPU is missing.
    pub coproc_missing: bool,
    /// Until when and why it asked to be postponed.
    pub postponed: Option<(f64, String)>,
    /// Set once it has a slot.
    pub active: Option<Active>,
}

/// A task with a slot.
#[derive(Debug, Clone)]
pub struct Active {
    /// Code of the process's state: 0 none, 1 executing, 9 suspended.
    pub process_state: i32,
    /// Code of the scheduler's state: 1 preempted, 2 scheduled.
    pub scheduler_state: i32,
    /// Number of the slot.
    pub slot: u32,
    /// Process id.
    pub pid: u32,
    /// Seconds that it has run.
    pub elapsed: f64,
    /// CPU seconds.
    pub cpu: f64,
    /// CPU seconds at the last checkpoint.
    pub checkpoint_cpu: f64,
    /// Progress, 0 to 1.
    pub fraction_done: f64,
    /// Progress per second.
    pub progress_rate: f64,
    /// Bytes of RAM in use.
    pub working_set: f64,
    /// Waits for memory.
    pub too_large: bool,
}

/// A file transfer.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Master URL of the project.
    pub project_url: String,
    /// Name of the project.
    pub project_name: String,
    /// Name of the file.
    pub name: String,
    /// Workunit of the task that it belongs to.
    pub workunit: String,
    /// An upload, otherwise a download.
    pub is_upload: bool,
    /// Size in bytes.
    pub nbytes: f64,
    /// Bytes transferred so far.
    pub done: f64,
    /// Bytes per second of this attempt, while it is active.
    pub speed: f64,
    /// It has a connection now.
    pub active: bool,
    /// Bytes at which this attempt started.
    pub offset: f64,
    /// Failures.
    pub num_retries: u32,
    /// When it was first attempted.
    pub first_request_time: f64,
    /// When it is attempted next.
    pub next_request_time: f64,
    /// Seconds with a connection, over all attempts.
    pub time_so_far: f64,
}

/// A task that was reported.
#[derive(Debug, Clone, PartialEq)]
pub struct OldResult {
    /// Master URL.
    pub project_url: String,
    /// Name of the task.
    pub name: String,
    /// Application.
    pub app: String,
    /// Exit status.
    pub exit_status: i32,
    /// Seconds that it ran.
    pub elapsed: f64,
    /// CPU seconds.
    pub cpu: f64,
    /// When computing ended.
    pub completed: f64,
    /// When it was reported.
    pub create_time: f64,
}

impl Task {
    /// Estimated seconds of a run.
    #[must_use]
    pub fn estimate(&self, app: &App) -> f64 {
        app.fpops_est / self.flops
    }

    /// Whether it is computing now.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == 2 && self.active.as_ref().is_some_and(|a| a.process_state == 1 && a.scheduler_state == 2)
    }

    /// Name of the task.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_0", self.workunit)
    }
}

impl Active {
    /// Whether its last checkpoint was at the last tick.
    #[must_use]
    pub fn has_just_saved(&self) -> bool {
        self.checkpoint_cpu > 0.0 && self.checkpoint_cpu >= self.cpu
    }

    /// Progress, elapsed seconds and CPU seconds after it has run for `seconds` since the last tick.
    #[must_use]
    pub fn after(&self, seconds: f64) -> [f64; 3] {
        if self.process_state != 1 || self.scheduler_state != 2 {
            return [self.fraction_done, self.elapsed, self.cpu];
        }
        let share = if self.elapsed > 0.0 { self.cpu / self.elapsed } else { 1.0 };
        let stalled = self.progress_rate == 0.0 && self.fraction_done > 0.0;
        let cpu = if stalled { self.cpu } else { self.cpu + seconds * share };
        [(self.fraction_done + seconds * self.progress_rate).min(1.0), self.elapsed + seconds, cpu]
    }
}
