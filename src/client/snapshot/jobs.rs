//! Tasks, joined to what else the client says of them: once a poll, for all who count them.

use foldhash::{HashMap, HashSet};

use super::standstill::Standstill;
use crate::client::gui_rpc::codes::{
    PROCESS_EXECUTING, PROCESS_SUSPENDED, SCHEDULED, SUSPEND_CPU_THROTTLE, TASK_COMPUTE_ERROR, TASK_DOWNLOADED,
};
use crate::client::gui_rpc::model::{ActiveTask, AppVersion, CcStatus, ProjectGroup, Task, Workunit, Workunits};

/// BOINC's name of the CPUs among resources.
pub const CPU: &str = "CPU";

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
    /// Whether the limit on CPU time holds for it: not for tasks on GPUs and those whose application wants none.
    pub(super) is_throttled: bool,
    is_running: bool,
}

/// The tasks of a project, in its order, on a client that said this of itself. `standstill` is asked about each that has
/// a slot, with its estimated run time in seconds.
pub fn jobs<'a>(
    group: &'a ProjectGroup,
    status: Option<&CcStatus>,
    mut standstill: impl FnMut(&Task, Option<f64>) -> Standstill,
) -> Vec<Job<'a>> {
    let mut workunits = Workunits::of(group);
    let mut versions = Versions::of(group);
    let nci: HashSet<_> = group.apps.iter().filter(|app| app.non_cpu_intensive).map(|app| &*app.name).collect();
    let mut job = |task: &'a Task| {
        let workunit = workunits.find(&task.wu_name);
        let app = workunit.map_or("", |workunit| &*workunit.app_name);
        let version = versions.find(app, task);
        let is_nci = nci.contains(app);
        let usage = Usage::of(task, workunit, version, is_nci);
        let size = workunit.and_then(|workunit| workunit.rsc_fpops_est).filter(|size| *size > 0.0);
        let estimate = size.zip(usage.speed).map(|(size, speed)| size / speed);
        let is_paused = || status.is_some_and(|status| suspension(status, usage.resource()).is_none());
        Job {
            task,
            workunit,
            is_running: is_running(task, is_paused),
            is_throttled: usage.coproc.is_none() && !is_nci && !version.is_some_and(|version| version.dont_throttle),
            standstill: task.active_task.is_some().then(|| standstill(task, estimate)),
            usage,
        }
    };
    group.tasks.iter().map(|task| job(task)).collect()
}

/// The application versions of a project, by what a task says of its own.
struct Versions<'a> {
    /// That of the task before: tasks of one version come one after another.
    last: Option<&'a AppVersion>,
    exact: HashMap<(&'a str, Option<i64>, &'a str, &'a str), &'a AppVersion>,
    /// Without the platform: clients up to 7.4 send none with a task.
    any_platform: HashMap<(&'a str, Option<i64>, &'a str), &'a AppVersion>,
}

impl<'a> Versions<'a> {
    fn of(group: &'a ProjectGroup) -> Self {
        // Of two that are alike the first counts.
        let versions = || group.app_versions.iter().rev();
        Self {
            last: None,
            exact: versions().map(|v| ((&*v.app_name, v.version_num, &*v.platform, &*v.plan_class), v)).collect(),
            any_platform: versions().map(|v| ((&*v.app_name, v.version_num, &*v.plan_class), v)).collect(),
        }
    }

    fn find(&mut self, app: &str, task: &Task) -> Option<&'a AppVersion> {
        let is_of_task = |version: &&AppVersion| {
            (&*version.app_name, version.version_num, &*version.platform, &*version.plan_class)
                == (app, task.version_num, &*task.platform, &*task.plan_class)
        };
        if !self.last.as_ref().is_some_and(is_of_task) {
            self.last = self.look_up(app, task);
        }
        self.last
    }

    fn look_up(&self, app: &str, task: &Task) -> Option<&'a AppVersion> {
        let exact = self.exact.get(&(app, task.version_num, &*task.platform, &*task.plan_class));
        exact.or_else(|| self.any_platform.get(&(app, task.version_num, &*task.plan_class))).copied()
    }
}

/// What a task uses while it runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Usage<'a> {
    /// CPUs.
    pub(super) cpus: f64,
    /// GPUs: which, and how many.
    pub(super) coproc: Option<(&'a str, f64)>,
    /// FLOPS; unknown without an application version.
    pub(super) speed: Option<f64>,
}

impl<'a> Usage<'a> {
    /// What the job itself says (8.2 and later), or else its application version; what neither says, the client may say in words.
    fn of(task: &'a Task, workunit: Option<&'a Workunit>, version: Option<&'a AppVersion>, nci: bool) -> Self {
        let (cpus, coproc, speed) = match (workunit.filter(|workunit| workunit.says_usage()), version) {
            (Some(workunit), _) => (workunit.avg_ncpus, workunit.coproc.first(), workunit.flops),
            (None, Some(version)) => (version.avg_ncpus, version.coproc.first(), version.flops),
            (None, None) => (None, None, None),
        };
        let coproc = coproc.map(|usage| (&*usage.kind, usage.count.unwrap_or_default()));
        let said = || in_words(&task.resources);
        let cpus = cpus.or_else(|| said().0);
        let coproc = coproc.or_else(|| said().1);
        // After a restart some clients know 0 of tasks of the anonymous platform.
        let computes = coproc.is_none() && !nci;
        let cpus = cpus.filter(|cpus| *cpus > 0.0 || !computes).unwrap_or(if computes { 1.0 } else { 0.0 });
        Self { cpus, coproc, speed: speed.filter(|flops| *flops > 0.0) }
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

/// `0.05 CPUs + 0.5 NVIDIA GPUs (device 0)` or `1.5 CPUs`: CPUs, then which GPU and how many.
fn in_words(resources: &str) -> (Option<f64>, Option<(&str, f64)>) {
    if resources.is_empty() {
        return (None, None);
    }
    let mut parts = resources.split(" + ").map(|part| part.split_once(' '));
    // The client's names for people; the last two are those of newer vendors.
    let resource = |name| match name {
        "AMD/ATI" => "ATI",
        "Intel" => "intel_gpu",
        "Apple" => "apple_gpu",
        name => name,
    };
    let number = |part: Option<(&str, &str)>| part.and_then(|(number, _)| number.parse::<f64>().ok());
    let cpus = parts.next().flatten().filter(|(_, what)| what.starts_with("CPU"));
    let gpus = parts.next().flatten().and_then(|(number, what)| Some((number, what.split_once(" GPU")?.0)));
    (number(cpus), number(gpus).zip(gpus).map(|(count, (_, kind))| (resource(kind), count)))
}

impl Job<'_> {
    /// The resource that it has to wait for: `CPU`, or a kind of GPU.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.usage.resource()
    }

    /// Short name of the application: of a Docker job (8.2 and later) that of what runs inside.
    #[must_use]
    pub fn app(&self) -> &str {
        self.workunit.map_or("", Workunit::app)
    }

    /// Computing, but for the pauses of CPU throttling.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.is_running
    }

    pub(super) fn is_unfinished(&self) -> bool {
        is_unfinished(self.task)
    }
}

/// The code of why a resource is suspended; the pauses of throttling are none. GPUs may have a reason of their own, and stand still
/// with the CPUs, while theirs is not updated.
#[must_use]
pub fn suspension(status: &CcStatus, resource: &str) -> Option<i64> {
    let own = if resource == CPU { None } else { status.gpu_suspend_reason };
    let mut reasons = [own, status.task_suspend_reason].into_iter().flatten();
    reasons.find(|reason| *reason != 0 && *reason != SUSPEND_CPU_THROTTLE)
}

/// Client-wide suspension leaves a task scheduled and stops its process. So does throttling (`cpu_usage_limit`), for a second or more
/// at a time: `is_paused` tells whether a process that is stopped can only be stopped by that.
fn is_running(task: &Task, is_paused: impl Fn() -> bool) -> bool {
    let runs = |active: &ActiveTask| match active.active_task_state {
        Some(PROCESS_EXECUTING) => true,
        Some(PROCESS_SUSPENDED) => is_paused(),
        _ => false,
    };
    let scheduled = task.active_task.as_deref().filter(|active| active.scheduler_state == Some(SCHEDULED));
    task.state == Some(TASK_DOWNLOADED) && scheduled.is_some_and(runs)
}

pub(super) const fn is_suspended(task: &Task) -> bool {
    task.suspended_via_gui || task.project_suspended_via_gui
}

pub(super) fn is_unfinished(task: &Task) -> bool {
    task.state.is_none_or(|state| state < TASK_COMPUTE_ERROR) && !task.ready_to_report
}

#[cfg(test)]
mod tests {
    use super::{in_words, jobs};
    use crate::client::gui_rpc::model::{ActiveTask, AppVersion, CoprocUsage, ProjectGroup, Task, Workunit};
    use crate::client::snapshot::standstill::Standstill;

    #[test]
    fn a_job_that_says_what_it_uses_says_all_of_it() {
        let gpu = || vec![CoprocUsage { kind: "NVIDIA".into(), count: Some(0.5) }];
        let version = AppVersion {
            app_name: "buda".into(),
            avg_ncpus: Some(0.1),
            flops: Some(1e9),
            coproc: gpu(),
            ..AppVersion::default()
        };
        let of = |workunit: Workunit| {
            let workunit = Workunit { app_name: "buda".into(), rsc_fpops_est: Some(1e12), ..workunit };
            let active_task = Some(Box::new(ActiveTask::default()));
            let group = ProjectGroup {
                app_versions: vec![version.clone()],
                workunits: vec![workunit],
                tasks: vec![Task { active_task, ..Task::default() }.into()],
                ..ProjectGroup::default()
            };
            let mut estimates = Vec::new();
            let mut standstill = |_: &Task, estimate| {
                estimates.push(estimate);
                Standstill::default()
            };
            let jobs = jobs(&group, None, &mut standstill);
            let [job] = &jobs[..] else { panic!("{jobs:?}") };
            (job.usage.cpus, job.usage.coproc.map(|(kind, count)| (kind.to_owned(), count)), estimates)
        };
        let of_version = (0.1, Some(("NVIDIA".to_owned(), 0.5)), vec![Some(1000.0)]);
        assert_eq!(of(Workunit::default()), of_version);
        let on_cpus = Workunit { avg_ncpus: Some(4.0), flops: Some(1e10), ..Workunit::default() };
        assert_eq!(of(on_cpus.clone()), (4.0, None, vec![Some(100.0)]));
        let on_gpu = Workunit { coproc: gpu(), ..on_cpus };
        assert_eq!(of(on_gpu), (4.0, Some(("NVIDIA".to_owned(), 0.5)), vec![Some(100.0)]));
    }

    #[test]
    fn the_clients_words_say_what_a_task_uses() {
        for (words, cpus, gpus) in [
            ("", None, None),
            ("1.5 CPUs", Some(1.5), None),
            ("0.05 CPUs + 0.5 NVIDIA GPUs (device 0)", Some(0.05), Some(("NVIDIA", 0.5))),
            ("1 CPU + 1 AMD/ATI GPU", Some(1.0), Some(("ATI", 1.0))),
            ("1 CPU + 2 Intel GPUs", Some(1.0), Some(("intel_gpu", 2.0))),
            ("1 CPU + miner_asic GPU (missing)", Some(1.0), None),
        ] {
            assert_eq!(in_words(words), (cpus, gpus), "{words}");
        }
    }
}
