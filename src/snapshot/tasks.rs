//! Tasks of a project: counted for everybody, one by one for those who ask.

use std::collections::{BTreeMap, HashMap};

use super::resources::Forecast;
use crate::gui_rpc::codes::{PROCESS_EXECUTING, SCHEDULED, TASK_COMPUTE_ERROR, TASK_DOWNLOADED};
use crate::gui_rpc::model::{AppVersion, ProjectGroup, Task, Workunit};
use crate::memory::Standstill;

/// What the client says of a task: BOINC's element, and whether it is there.
pub type TaskFlag = (&'static str, fn(&Task) -> bool);

/// Flags of a task, in the order of [`TaskSums::flags`].
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

/// Process and scheduler states that are shown even when no task is in them: running, suspended, waiting, not yet started.
const COMMON_ACTIVE: [(i64, i64); 4] = [(1, 2), (9, 2), (9, 1), (0, 1)];

/// Tasks of a project, counted.
#[derive(Debug, Clone, Default)]
pub struct TaskSums {
    /// By state code.
    pub states: BTreeMap<i64, u32>,
    /// By application and state code.
    pub by_app: BTreeMap<String, BTreeMap<i64, u32>>,
    /// By process and scheduler state code.
    pub active: BTreeMap<(i64, i64), u32>,
    /// Computing now.
    pub running: u32,
    /// By flag.
    pub flags: [u32; FLAGS.len()],
    /// Failed ones that are still there, by exit status.
    pub failed: BTreeMap<i64, u32>,
    /// Past their deadline and not ready to report; unknown without the client's clock.
    pub overdue: Option<u32>,
    /// Deadline of the most urgent one that still computes.
    pub earliest_deadline: Option<f64>,
    /// Elapsed seconds left.
    pub remaining: f64,
    /// Elapsed seconds of tasks with a slot.
    pub elapsed: f64,
    /// CPU seconds of tasks with a slot.
    pub cpu: f64,
    /// CPU seconds since the last checkpoint.
    pub uncheckpointed: f64,
    /// Bytes in RAM.
    pub working_set: f64,
    /// Bytes of virtual memory.
    pub virtual_memory: f64,
    /// Bytes of swap; unknown up to 8.2.
    pub swap: Option<f64>,
    /// CPUs that running tasks use.
    pub cpus: f64,
    /// GPUs that running tasks use, by resource.
    pub coprocs: BTreeMap<String, f64>,
    /// Floating-point operations of tasks that still compute.
    pub flops: f64,
    /// That ran long without progress and without computing.
    pub stalled: u32,
    /// Longest run time of a scheduled task without progress.
    pub without_progress: f64,
    /// Longest run time of a scheduled task without a checkpoint.
    pub without_checkpoint: f64,
    /// What their deadlines look like.
    pub forecast: Forecast,
}

impl TaskSums {
    /// Counts the tasks of a project.
    #[must_use]
    pub fn count(group: &ProjectGroup, now: Option<f64>) -> Self {
        let mut sums = Self { overdue: now.map(|_| 0), ..Self::default() };
        sums.active.extend(COMMON_ACTIVE.map(|pair| (pair, 0)));
        sums.by_app.extend(group.apps.iter().map(|app| (app.name.to_string(), BTreeMap::new())));
        let workunits = workunits_by_name(group);
        for task in &group.tasks {
            let workunit = workunits.get(&*task.wu_name).copied();
            sums.add(task, workunit, now);
            if is_running(task) {
                sums.add_running(&Usage::of(task, workunit, app_version(group, task, workunit)));
            }
        }
        sums
    }

    /// Adds how the tasks get on. Applications that hardly compute are left out: standing still is their nature.
    pub fn add_standstills(&mut self, group: &ProjectGroup, standstills: &BTreeMap<String, Standstill>) {
        let workunits = workunits_by_name(group);
        let idles = |task: &Task| {
            let app = workunits.get(&*task.wu_name).map(|wu| &wu.app_name);
            group.apps.iter().any(|a| a.non_cpu_intensive && Some(&a.name) == app)
        };
        let scheduled = |task: &&Task| task.active_task.as_ref().is_some_and(|a| a.scheduler_state == Some(SCHEDULED));
        for task in group.tasks.iter().filter(scheduled).filter(|task| !idles(task)) {
            let Some(standstill) = standstills.get(&*task.name) else { continue };
            self.stalled += u32::from(standstill.stalled);
            self.without_progress = self.without_progress.max(standstill.without_progress);
            self.without_checkpoint = self.without_checkpoint.max(standstill.without_checkpoint);
        }
    }

    fn add(&mut self, task: &Task, workunit: Option<&Workunit>, now: Option<f64>) {
        if let Some(state) = task.state {
            *self.states.entry(state).or_default() += 1;
            if let Some(workunit) = workunit {
                *self.by_app.entry(workunit.app_name.to_string()).or_default().entry(state).or_default() += 1;
            }
            if matches!(state, TASK_COMPUTE_ERROR | 6 | 7) {
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
        if is_unfinished(task) {
            self.earliest_deadline = [self.earliest_deadline, deadline].into_iter().flatten().reduce(f64::min);
            self.remaining += task.estimated_cpu_time_remaining.unwrap_or_default();
            self.flops += workunit.and_then(|wu| wu.rsc_fpops_est).unwrap_or_default();
        }
        if let Some(active) = &task.active_task {
            if let (Some(process), Some(scheduler)) = (active.active_task_state, active.scheduler_state) {
                *self.active.entry((process, scheduler)).or_default() += 1;
            }
            let cpu = active.current_cpu_time.unwrap_or_default();
            self.elapsed += active.elapsed_time.unwrap_or_default();
            self.cpu += cpu;
            // An application without BOINC's API reports no CPU time while it runs, but may have checkpointed some.
            self.uncheckpointed += (cpu - active.checkpoint_cpu_time.unwrap_or_default()).max(0.0);
            self.working_set += active.working_set_size.unwrap_or_default();
            self.virtual_memory += virtual_memory(task).unwrap_or_default();
            if let Some(swap) = swap(task) {
                *self.swap.get_or_insert_default() += swap;
            }
        }
    }

    fn add_running(&mut self, usage: &Usage) {
        self.running += 1;
        self.cpus += usage.cpus;
        if let Some((resource, count)) = &usage.coproc {
            *self.coprocs.entry(resource.clone()).or_default() += count;
        }
    }
}

/// What a task uses while it runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Usage {
    /// CPUs.
    pub(super) cpus: f64,
    /// GPUs: which, and how many.
    pub(super) coproc: Option<(String, f64)>,
}

impl Usage {
    /// What the job itself says (8.2 and later) comes before what its application says. A task of which neither is known
    /// uses one CPU if the client has nothing to remark on it.
    fn of(task: &Task, workunit: Option<&Workunit>, version: Option<&AppVersion>) -> Self {
        let cpus = workunit.and_then(|wu| wu.avg_ncpus).or(version.and_then(|v| v.avg_ncpus));
        let of_job = workunit.and_then(|wu| wu.coproc.first());
        let coproc = of_job.or(version.and_then(|v| v.coproc.first()));
        Self {
            cpus: cpus.unwrap_or(if task.resources.is_empty() { 1.0 } else { 0.0 }),
            coproc: coproc.map(|usage| (usage.kind.to_string(), usage.count.unwrap_or_default())),
        }
    }

    /// The resource that it has to wait for.
    pub(super) fn resource(&self) -> &str {
        self.coproc.as_ref().map_or(super::resources::CPU, |(resource, _)| resource)
    }
}

/// The tasks of a project, and what each uses.
pub(super) fn usages(group: &ProjectGroup) -> impl Iterator<Item = (&Task, Usage)> {
    let workunits = workunits_by_name(group);
    group.tasks.iter().map(move |task| {
        let workunit = workunits.get(&*task.wu_name).copied();
        (task, Usage::of(task, workunit, app_version(group, task, workunit)))
    })
}

/// Computing at this moment: client-wide suspension leaves it scheduled and stops its process.
pub(super) fn is_running(task: &Task) -> bool {
    let executing = |a: &crate::gui_rpc::model::ActiveTask| {
        a.scheduler_state == Some(SCHEDULED) && a.active_task_state == Some(PROCESS_EXECUTING)
    };
    task.state == Some(TASK_DOWNLOADED) && task.active_task.as_ref().is_some_and(executing)
}

pub(super) fn is_unfinished(task: &Task) -> bool {
    task.state.is_none_or(|state| state < TASK_COMPUTE_ERROR) && !task.ready_to_report
}

/// Bytes of virtual memory: up to 8.2 the client calls them `swap_size`.
fn virtual_memory(task: &Task) -> Option<f64> {
    let active = task.active_task.as_ref()?;
    active.virtual_size.or(active.swap_size)
}

/// Bytes of swap: only the newest clients tell them apart.
fn swap(task: &Task) -> Option<f64> {
    let active = task.active_task.as_ref()?;
    active.virtual_size.and(active.swap_size)
}

fn workunits_by_name(group: &ProjectGroup) -> HashMap<&str, &Workunit> {
    group.workunits.iter().map(|wu| (&*wu.name, wu)).collect()
}

fn app_version<'a>(group: &'a ProjectGroup, task: &Task, workunit: Option<&Workunit>) -> Option<&'a AppVersion> {
    let app = &workunit?.app_name;
    group.app_versions.iter().find(|v| {
        v.app_name == *app
            && v.version_num == task.version_num
            && v.platform == task.platform
            && v.plan_class == task.plan_class
    })
}

/// One task, with what its workunit and application say.
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
    /// How it gets on; `None` without a slot.
    pub standstill: Option<Standstill>,
}

impl TaskRow {
    /// Computing is over.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !is_unfinished(&self.task)
    }
}

/// The tasks of a project one by one.
#[must_use]
pub fn task_rows(group: &ProjectGroup, standstills: &BTreeMap<String, Standstill>) -> Vec<TaskRow> {
    let workunits = workunits_by_name(group);
    group
        .tasks
        .iter()
        .map(|task| {
            let workunit = workunits.get(&*task.wu_name).copied();
            TaskRow {
                app: workunit.map(|wu| wu.app_name.to_string()).unwrap_or_default(),
                workunit: workunit.cloned(),
                virtual_memory: virtual_memory(task),
                swap: swap(task),
                standstill: standstills.get(&*task.name).copied(),
                task: task.clone(),
            }
        })
        .collect()
}

/// Which of two tasks is the more urgent: those with a slot first, then by deadline.
#[must_use]
pub fn by_urgency(a: &TaskRow, b: &TaskRow) -> std::cmp::Ordering {
    urgency(a).partial_cmp(&urgency(b)).unwrap_or(std::cmp::Ordering::Equal)
}

fn urgency(row: &TaskRow) -> (bool, bool, f64) {
    (row.is_done(), row.task.active_task.is_none(), row.task.report_deadline.unwrap_or(f64::MAX))
}

/// A version of an application.
#[derive(Debug, Clone)]
pub struct AppVersionRow {
    /// As the client sent it.
    pub version: AppVersion,
    /// Its number, as a label.
    pub number: String,
}
