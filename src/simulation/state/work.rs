//! A simulated client's projects, tasks and files on the way.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Vendor;

/// An attached project and what belongs to it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "BOINC has as many flags")]
pub struct Project {
    /// What does not change, shared by the clients that are attached.
    pub site: Arc<Site>,
    /// Whether there was contact yet.
    pub known: bool,
    /// Number of the host there.
    pub hostid: u32,
    /// When the host was registered.
    pub host_create_time: f64,
    /// Cobblestones of the account and of the host, as the scheduler last told.
    pub user: Credit,
    /// Of the host.
    pub host: Credit,
    /// Credit by day, as told each day, oldest first.
    pub days: VecDeque<CreditDay>,
    /// Scheduler RPCs so far.
    pub rpc_seqno: u32,
    /// Last scheduler RPC, 0 if there was none.
    pub last_rpc_time: f64,
    /// No contact before.
    pub min_rpc_time: f64,
    /// Contact that the project asked for.
    pub next_rpc_time: f64,
    /// Failures in a row.
    pub nrpc_failures: u32,
    /// Failures in a row to get the master page.
    pub master_fetch_failures: u32,
    /// The master page is got before the next contact.
    pub master_fetch_pending: bool,
    /// Code of why an RPC is due, 0 none.
    pub sched_rpc_pending: i32,
    /// Recent estimated credit, cobblestones a day.
    pub rec: f64,
    /// When that was computed.
    pub rec_time: f64,
    /// Weight among projects.
    pub resource_share: f64,
    /// At most 0; the higher, the sooner it runs.
    pub sched_priority: f64,
    /// Actual over estimated run time.
    pub duration_correction_factor: f64,
    /// Tasks that succeeded since attach.
    pub njobs_success: u32,
    /// Tasks that failed since attach.
    pub njobs_error: u32,
    /// Seconds that its tasks ran since attach.
    pub elapsed_time: f64,
    /// Bytes on disk now; the client tells it as of its last look.
    pub disk_usage: f64,
    /// Bytes at the client's last look.
    pub disk_usage_seen: f64,
    /// The user suspended it.
    pub suspended_via_gui: bool,
    /// The user wants no more work.
    pub dont_request_more_work: bool,
    /// The project is over.
    pub ended: bool,
    /// A scheduler RPC is under way.
    pub scheduler_rpc_in_progress: bool,
    /// Project-wide back-off of downloads until then; 0 none.
    pub download_backoff_until: f64,
    /// Project-wide back-off of uploads until then; 0 none.
    pub upload_backoff_until: f64,
    /// Back-off of asking for work, by resource, in the client's order (CPU first).
    pub backoffs: Vec<Backoff>,
    /// Tasks, oldest first.
    pub tasks: Vec<Task>,
}

/// Of a resource of a project.
#[derive(Debug, Clone)]
pub struct Backoff {
    /// BOINC's name of the resource.
    pub resource: &'static str,
    /// Ask again then; 0 none.
    pub until: f64,
    /// Seconds that it lasts.
    pub interval: f64,
    /// The project has no application for it.
    pub no_apps: bool,
}

/// What a project is, for all of its clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Master URL.
    pub url: String,
    /// Name.
    pub name: String,
    /// Name of the account.
    pub user_name: String,
    /// Team of the account; empty if it has none.
    pub team_name: String,
    /// Number of the account.
    pub userid: u32,
    /// Number of the team.
    pub teamid: u32,
    /// When the account was made.
    pub user_create_time: f64,
    /// Applications.
    pub apps: Vec<App>,
}

/// An application with its one version.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Short name.
    pub name: String,
    /// Name for people.
    pub user_friendly_name: String,
    /// Runs beside everything else.
    pub non_cpu_intensive: bool,
    /// 101 is 1.01.
    pub version_num: u32,
    /// Empty for plain CPU versions.
    pub plan_class: String,
    /// CPUs that a task uses.
    pub avg_ncpus: f64,
    /// GPUs that a task uses.
    pub coproc: Option<(Vendor, f64)>,
    /// Bytes in RAM of a task.
    pub memory: f64,
    /// Bytes of a task's input and output.
    pub input: f64,
    /// Bytes of its result.
    pub output: f64,
    /// Floating-point operations of a task, as the project estimates.
    pub fpops_est: f64,
    /// Seconds between checkpoints; 0: it makes none.
    pub checkpoint: f64,
}

/// Total and recent average.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Credit {
    /// Cobblestones.
    pub total: f64,
    /// Cobblestones a day.
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
    /// Name of the workunit; the task's is this with `_0`.
    pub workunit: String,
    /// Which of the site's applications.
    pub app: usize,
    /// When it came.
    pub received: f64,
    /// When it must be reported.
    pub deadline: f64,
    /// Floating-point operations a second of the version on this host: with `fpops_est`, the estimate of the run time.
    pub flops: f64,
    /// Seconds of a whole run here, which the estimate may not hit.
    pub whole: f64,
    /// Seconds after which it ends: less than the whole if it fails.
    pub takes: f64,
    /// Code of the state: 0 new, 1 downloading, 2 downloaded, 3 failed, 4 uploading, 5 uploaded, 6 aborted.
    pub state: i32,
    /// Exit status, 0 until the end.
    pub exit_status: i32,
    /// The exit status with which it will end.
    pub fate: i32,
    /// From this fraction on it makes no progress and uses no CPU time; above 1 for tasks that get on.
    pub stalls_at: f64,
    /// Seconds that it ran, CPU seconds, when computing ended; 0 until then.
    pub final_elapsed: f64,
    /// CPU seconds at the end.
    pub final_cpu: f64,
    /// When computing ended.
    pub completed: f64,
    /// Done, and to be reported.
    pub ready_to_report: bool,
    /// The user suspended it.
    pub suspended_via_gui: bool,
    /// Runs first because its deadline is near.
    pub edf_scheduled: bool,
    /// Its GPU is not there.
    pub coproc_missing: bool,
    /// It asked to be postponed: until when, and why.
    pub postponed: Option<(f64, String)>,
    /// Once it has a slot.
    pub active: Option<Active>,
}

/// A task with a slot.
#[derive(Debug, Clone)]
pub struct Active {
    /// Code of the process's state: 0 none, 1 executing, 9 suspended.
    pub process_state: i32,
    /// Code of what the client does with it: 1 preempted, 2 scheduled.
    pub scheduler_state: i32,
    /// Number of the slot.
    pub slot: u32,
    /// Process.
    pub pid: u32,
    /// Seconds that it was scheduled.
    pub elapsed: f64,
    /// CPU seconds.
    pub cpu: f64,
    /// CPU seconds at the last checkpoint.
    pub checkpoint_cpu: f64,
    /// Progress, 0 to 1.
    pub fraction_done: f64,
    /// Progress a second.
    pub progress_rate: f64,
    /// Bytes in RAM.
    pub working_set: f64,
    /// Waits for memory.
    pub too_large: bool,
}

/// A file on the way.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Which of the client's projects, by master URL.
    pub project_url: String,
    /// Name of the project.
    pub project_name: String,
    /// Name of the file.
    pub name: String,
    /// Workunit of the task that it belongs to.
    pub workunit: String,
    /// To the project.
    pub is_upload: bool,
    /// Bytes.
    pub nbytes: f64,
    /// Bytes so far.
    pub done: f64,
    /// Bytes a second of this try, while it is active.
    pub speed: f64,
    /// There is a connection now.
    pub active: bool,
    /// Bytes that this try began with.
    pub offset: f64,
    /// Failures.
    pub num_retries: u32,
    /// When it was first asked for.
    pub first_request_time: f64,
    /// When it is tried again.
    pub next_request_time: f64,
    /// Seconds with a connection, over all tries.
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
    /// When the project took it.
    pub create_time: f64,
}

impl Task {
    /// Estimated seconds of a run.
    #[must_use]
    pub fn estimate(&self, app: &App) -> f64 {
        app.fpops_est / self.flops
    }

    /// It computes now.
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
    /// Progress, elapsed and CPU seconds when it has gone on for so many seconds since the last tick.
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
