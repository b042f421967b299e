//! Tasks, joined to what else the client says of them: once a poll, for all who count them.

use std::collections::HashMap;

use super::standstill::Standstill;
use crate::client::gui_rpc::codes::{PROCESS_EXECUTING, SCHEDULED, TASK_COMPUTE_ERROR, TASK_DOWNLOADED};
use crate::client::gui_rpc::model::{ActiveTask, AppVersion, ProjectGroup, Task, Workunit, Workunits};

/// BOINC's name of the CPUs among resources.
pub(super) const CPU: &str = "CPU";

/// A task, and what belongs to it.
#[derive(Debug)]
pub struct Job<'a> {
    /// The task.
    pub task: &'a Task,
    /// What it computes.
    pub workunit: Option<&'a Workunit>,
    /// What it uses while it runs.
    pub(super) usage: Usage<'a>,
    /// How it gets on; `None` without a slot.
    pub standstill: Option<Standstill>,
}

/// The tasks of a project, in its order. `standstill` is asked about each that has a slot.
pub fn jobs<'a>(group: &'a ProjectGroup, mut standstill: impl FnMut(&Task) -> Standstill) -> Vec<Job<'a>> {
    let mut workunits = Workunits::of(group);
    // Of two that are alike the first counts.
    let versions = group.app_versions.iter().rev();
    let versions: HashMap<_, &AppVersion> =
        versions.map(|v| ((&*v.app_name, v.version_num, &*v.platform, &*v.plan_class), v)).collect();
    let job = |task: &'a Task| {
        let workunit = workunits.find(&task.wu_name);
        let version = workunit
            .and_then(|wu| versions.get(&(&*wu.app_name, task.version_num, &*task.platform, &*task.plan_class)));
        Job {
            task,
            workunit,
            usage: Usage::of(task, workunit, version.copied()),
            standstill: task.active_task.is_some().then(|| standstill(task)),
        }
    };
    group.tasks.iter().map(job).collect()
}

/// What a task uses while it runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Usage<'a> {
    /// CPUs.
    pub(super) cpus: f64,
    /// GPUs: which, and how many.
    pub(super) coproc: Option<(&'a str, f64)>,
}

impl<'a> Usage<'a> {
    /// What the job itself says (8.2 and later) comes before what its application says. A task of which neither is known
    /// uses one CPU if the client has nothing to remark on it.
    fn of(task: &Task, workunit: Option<&'a Workunit>, version: Option<&'a AppVersion>) -> Self {
        let cpus = workunit.and_then(|wu| wu.avg_ncpus).or(version.and_then(|v| v.avg_ncpus));
        let of_job = workunit.and_then(|wu| wu.coproc.first());
        let coproc = of_job.or(version.and_then(|v| v.coproc.first()));
        Self {
            cpus: cpus.unwrap_or(if task.resources.is_empty() { 1.0 } else { 0.0 }),
            coproc: coproc.map(|usage| (&*usage.kind, usage.count.unwrap_or_default())),
        }
    }

    /// The resource that it has to wait for.
    pub(super) fn resource(&self) -> &'a str {
        self.coproc.map_or(CPU, |(resource, _)| resource)
    }

    /// How much of that resource.
    pub(super) fn share(&self) -> f64 {
        self.coproc.map_or(self.cpus, |(_, count)| count)
    }
}

impl Job<'_> {
    /// Computing at this moment: client-wide suspension leaves it scheduled and stops its process.
    pub(super) fn is_running(&self) -> bool {
        let executing =
            |a: &ActiveTask| a.scheduler_state == Some(SCHEDULED) && a.active_task_state == Some(PROCESS_EXECUTING);
        self.task.state == Some(TASK_DOWNLOADED) && self.task.active_task.as_ref().is_some_and(executing)
    }

    pub(super) fn is_unfinished(&self) -> bool {
        is_unfinished(self.task)
    }
}

pub(super) const fn is_suspended(task: &Task) -> bool {
    task.suspended_via_gui || task.project_suspended_via_gui
}

pub(super) fn is_unfinished(task: &Task) -> bool {
    task.state.is_none_or(|state| state < TASK_COMPUTE_ERROR) && !task.ready_to_report
}
