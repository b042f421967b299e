//! Tasks of a project: counts for all, and a row per task where the collector `tasks` is enabled. Jobs, which are tasks
//! joined with their workunit and application, come in; sums and rows go out. It does not know which metrics use them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use foldhash::HashSet;

use super::deadlines::Forecast;
use super::jobs::{self, Job, Usage};
use super::resources::{IdleReason, waits_for};
use super::standstill::Standstill;
use crate::client::gui_rpc::codes::{SCHEDULED, TASK_ABORTED, TASK_COMPUTE_ERROR, TASK_UPLOAD_FAILED};
use crate::client::gui_rpc::model::{AppVersion, ProjectGroup, Task, Workunit};

/// A flag of a task: BOINC's element, and whether the task has it.
pub type TaskFlag = (&'static str, fn(&Task) -> bool);

/// The flags of a task, in the order of [`TaskSums::flags`].
pub const FLAGS: [TaskFlag; 13] = [
    ("ready_to_report", |t| t.ready_to_report),
    ("got_server_ack", |t| t.got_server_ack),
    ("suspended_via_gui", |t| t.suspended_via_gui),
    ("project_suspended_via_gui", |t| t.project_suspended_via_gui),
    ("edf_scheduled", |t| t.edf_scheduled),
    ("coproc_missing", |t| t.coproc_missing),
    ("scheduler_wait", |t| t.scheduler_wait),
    ("network_wait", |t| t.network_wait),
    ("report_immediately", |t| t.report_immediately),
    ("too_large", |t| t.active_task.as_ref().is_some_and(|a| a.too_large)),
    ("swap_too_large", |t| t.active_task.as_ref().is_some_and(|a| a.swap_too_large)),
    ("needs_shmem", |t| t.active_task.as_ref().is_some_and(|a| a.needs_shmem)),
    ("want_network", |t| t.active_task.as_ref().is_some_and(|a| a.want_network)),
];

/// Process and scheduler states that are exported even when no task is in them: running, suspended, waiting, not
/// started.
const COMMON_ACTIVE: [(i64, i64); 4] = [(1, 2), (9, 2), (9, 1), (0, 1)];

/// The tasks of a project, counted.
#[derive(Debug, Clone, Default)]
pub struct TaskSums {
    /// Tasks by state code.
    pub states: BTreeMap<i64, u32>,
    /// Tasks by application and state code; empty unless wanted.
    pub by_app: BTreeMap<String, BTreeMap<i64, u32>>,
    /// Tasks by process and scheduler state code.
    pub active: BTreeMap<(i64, i64), u32>,
    /// Running tasks.
    pub running: u32,
    /// Unfinished tasks that do not run, by what they wait for.
    pub waiting: BTreeMap<IdleReason, u32>,
    /// When the first of the tasks that wait to be reported was completed.
    pub oldest_unreported: Option<f64>,
    /// Most bytes of RAM that a task with a slot uses, smoothed as the client compares it with its limit.
    pub largest_working_set: Option<f64>,
    /// The limit, in bytes.
    pub memory_limit: Option<f64>,
    /// Tasks by flag.
    pub flags: [u32; FLAGS.len()],
    /// Failed tasks still in the list, by exit status.
    pub failed: BTreeMap<i64, u32>,
    /// Tasks past their deadline and not ready to report; unknown without the client's clock.
    pub overdue: Option<u32>,
    /// Earliest deadline of an unfinished task.
    pub earliest_deadline: Option<f64>,
    /// Remaining run time, in seconds.
    pub remaining: f64,
    /// Run time of tasks with a slot, in seconds.
    pub elapsed: f64,
    /// CPU time of tasks with a slot, in seconds.
    pub cpu: f64,
    /// CPU time since the last checkpoint, in seconds.
    pub uncheckpointed: f64,
    /// Bytes in RAM.
    pub working_set: f64,
    /// Bytes of virtual memory.
    pub virtual_memory: f64,
    /// Bytes of swap; unknown up to version 8.2.
    pub swap: Option<f64>,
    /// CPUs used by running tasks.
    pub cpus: f64,
    /// GPUs used by running tasks, by resource.
    pub coprocs: BTreeMap<String, f64>,
    /// Estimated floating-point operations of unfinished tasks.
    pub flops: f64,
    /// Tasks that ran long without progress or CPU use.
    pub stalled: u32,
    /// Longest run time of a scheduled task without progress, in seconds.
    pub without_progress: f64,
    /// Longest run time of a scheduled task without a checkpoint, in seconds.
    pub without_checkpoint: f64,
    /// Whether the tasks are expected to meet their deadlines.
    pub forecast: Forecast,
}

impl TaskSums {
    /// Counts the tasks of a project; by application only with `details`.
    #[must_use]
    pub fn count(group: &ProjectGroup, jobs: &[Job<'_>], now: Option<f64>, details: bool) -> Self {
        let mut sums = Self { overdue: now.map(|_| 0), ..Self::default() };
        sums.active.extend(COMMON_ACTIVE.map(|pair| (pair, 0)));
        if details {
            sums.by_app.extend(group.apps.iter().map(|app| (app.name.to_string(), BTreeMap::new())));
        }
        // Applications that hardly compute: they never show progress.
        let idle: HashSet<&str> = group.apps.iter().filter(|app| app.non_cpu_intensive).map(|app| &*app.name).collect();
        for job in jobs {
            sums.add(job.task, job.workunit, now);
            if let Some((workunit, state)) = job.workunit.zip(job.task.state).filter(|_| details) {
                *sums.states_of(workunit.app()).entry(state).or_default() += 1;
            }
            if job.is_running() {
                sums.add_running(&job.usage);
            } else if job.is_unfinished() {
                *sums.waiting.entry(waits_for(job.task)).or_default() += 1;
            }
            if let Some(standstill) = &job.standstill
                && !job.workunit.is_some_and(|wu| idle.contains(&*wu.app_name))
            {
                sums.add_standstill(job.task, standstill);
            }
        }
        sums
    }

    fn add(&mut self, task: &Task, workunit: Option<&Workunit>, now: Option<f64>) {
        if let Some(state) = task.state {
            *self.states.entry(state).or_default() += 1;
            if matches!(state, TASK_COMPUTE_ERROR | TASK_ABORTED | TASK_UPLOAD_FAILED) {
                *self.failed.entry(task.exit_status.unwrap_or_default()).or_default() += 1;
            }
        }
        for (count, (_, flag)) in self.flags.iter_mut().zip(FLAGS) {
            *count += u32::from(flag(task));
        }
        let deadline = task.report_deadline.filter(|deadline| *deadline > 0.0);
        if let (Some(overdue), Some(now), Some(deadline)) = (&mut self.overdue, now, deadline) {
            *overdue += u32::from(deadline < now && !task.ready_to_report);
        }
        if jobs::is_unfinished(task) {
            self.earliest_deadline = [self.earliest_deadline, deadline].into_iter().flatten().reduce(f64::min);
            self.remaining += task.estimated_cpu_time_remaining.unwrap_or_default();
            self.flops += workunit.and_then(|wu| wu.rsc_fpops_est).unwrap_or_default();
        }
        if task.ready_to_report && !task.got_server_ack {
            let completed = task.completed_time.filter(|time| *time > 0.0);
            self.oldest_unreported = [self.oldest_unreported, completed].into_iter().flatten().reduce(f64::min);
        }
        if let Some(active) = &task.active_task {
            let working_set = active.working_set_size_smoothed;
            self.largest_working_set = [self.largest_working_set, working_set].into_iter().flatten().reduce(f64::max);
            if let (Some(process), Some(scheduler)) = (active.active_task_state, active.scheduler_state) {
                *self.active.entry((process, scheduler)).or_default() += 1;
            }
            let cpu = active.current_cpu_time.unwrap_or_default();
            self.elapsed += active.elapsed_time.unwrap_or_default();
            self.cpu += cpu;
            // An application without BOINC's API reports no CPU time while it runs, but its checkpoint may contain
            // some.
            self.uncheckpointed += (cpu - active.checkpoint_cpu_time.unwrap_or_default()).max(0.0);
            self.working_set += active.working_set_size.unwrap_or_default();
            self.virtual_memory += virtual_memory(task).unwrap_or_default();
            if let Some(swap) = swap(task) {
                *self.swap.get_or_insert_default() += swap;
            }
        }
    }

    fn states_of(&mut self, app: &str) -> &mut BTreeMap<i64, u32> {
        // Nearly all tasks belong to a listed application, so a copy of the name is rarely needed.
        if !self.by_app.contains_key(app) {
            self.by_app.insert(app.to_owned(), BTreeMap::new());
        }
        self.by_app.get_mut(app).expect("inserted above")
    }

    fn add_running(&mut self, usage: &Usage<'_>) {
        self.running += 1;
        self.cpus += usage.cpus;
        if let Some((resource, count)) = usage.coproc {
            *self.coprocs.entry(resource.to_owned()).or_default() += count;
        }
    }

    fn add_standstill(&mut self, task: &Task, standstill: &Standstill) {
        if task.active_task.as_ref().is_some_and(|a| a.scheduler_state == Some(SCHEDULED)) {
            self.stalled += u32::from(standstill.stalled);
            self.without_progress = self.without_progress.max(standstill.without_progress);
            self.without_checkpoint = self.without_checkpoint.max(standstill.without_checkpoint);
        }
    }
}

/// Bytes of virtual memory. Clients up to version 8.2 call it `swap_size`.
fn virtual_memory(task: &Task) -> Option<f64> {
    let active = task.active_task.as_ref()?;
    active.virtual_size.or(active.swap_size)
}

/// Bytes of swap. Only the newest clients distinguish it from virtual memory.
fn swap(task: &Task) -> Option<f64> {
    let active = task.active_task.as_ref()?;
    active.virtual_size.and(active.swap_size)
}

/// One task, with its workunit and application.
#[derive(Debug, Clone)]
pub struct TaskRow {
    /// The task.
    pub task: Task,
    /// Short name of its application.
    pub app: String,
    /// Its workunit.
    pub workunit: Option<Workunit>,
    /// Bytes of virtual memory.
    pub virtual_memory: Option<f64>,
    /// Bytes of swap.
    pub swap: Option<f64>,
    /// How long it has made no progress; `None` without a slot.
    pub standstill: Option<Standstill>,
}

impl TaskRow {
    /// Whether computing is over.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !jobs::is_unfinished(&self.task)
    }
}

impl From<&Job<'_>> for TaskRow {
    fn from(job: &Job<'_>) -> Self {
        let (task, workunit) = (job.task, job.workunit);
        Self {
            app: workunit.map(|wu| wu.app().to_owned()).unwrap_or_default(),
            workunit: workunit.cloned(),
            virtual_memory: virtual_memory(task),
            swap: swap(task),
            standstill: job.standstill,
            task: task.clone(),
        }
    }
}

/// Orders tasks by urgency: unfinished before finished, those with a slot first, then by deadline.
#[must_use]
pub fn by_urgency(a: &Job<'_>, b: &Job<'_>) -> Ordering {
    urgency(a).partial_cmp(&urgency(b)).unwrap_or(Ordering::Equal)
}

fn urgency(job: &Job<'_>) -> (bool, bool, f64) {
    (!job.is_unfinished(), job.task.active_task.is_none(), job.task.report_deadline.unwrap_or(f64::MAX))
}

/// An application version.
#[derive(Debug, Clone)]
pub struct AppVersionRow {
    /// The version as the client reports it.
    pub version: AppVersion,
    /// Its version number, as a label value.
    pub number: String,
}
