//! CPUs and GPUs: how many may be used, how many stand idle and why, how long the work that is there will last. What a
//! person would otherwise work out from preferences, modes, tasks and projects.

use foldhash::HashMap;

use super::jobs::{CPU, Job, is_suspended, suspension};
use crate::client::gui_rpc::codes::TASK_DOWNLOADED;
use crate::client::gui_rpc::model::{
    ActiveTask, Blocker, CcStatus, ClientState, DiskUsage, GlobalPreferences, Project, Task, TimeStats,
};

/// Why a resource is idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdleReason {
    /// Computing is suspended.
    Suspended,
    /// The client is attached to no project.
    NoProjects,
    /// A task waits for memory.
    Memory,
    /// A task waits for swap space.
    Swap,
    /// There are tasks, and the client does not run them.
    NotScheduled,
    /// Tasks asked to be run later.
    Postponed,
    /// The GPU that tasks need is gone.
    GpuMissing,
    /// Tasks wait for the network.
    Network,
    /// The user suspended the tasks.
    TaskSuspended,
    /// Files of the tasks are being downloaded.
    Downloading,
    /// No project may be asked: all are suspended, ended, or want no new tasks.
    NoNewTasks,
    /// Preferences, an account manager or the client's configuration forbid the resource.
    NotWanted,
    /// No project has an application for it.
    NoApplication,
    /// The disk space that BOINC may use is used up.
    Disk,
    /// The client waits before it contacts a project.
    Deferred,
    /// No project sends any.
    NoWork,
    /// None of these.
    Unknown,
}

impl IdleReason {
    /// All, in the order in which they are looked for.
    pub const ALL: [Self; 17] = [
        Self::Suspended,
        Self::NoProjects,
        Self::Memory,
        Self::Swap,
        Self::NotScheduled,
        Self::Postponed,
        Self::GpuMissing,
        Self::Network,
        Self::TaskSuspended,
        Self::Downloading,
        Self::NoNewTasks,
        Self::NotWanted,
        Self::NoApplication,
        Self::Disk,
        Self::Deferred,
        Self::NoWork,
        Self::Unknown,
    ];

    /// The value of the label `reason`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::NoProjects => "no_projects",
            Self::Memory => "memory",
            Self::Swap => "swap",
            Self::NotScheduled => "not_scheduled",
            Self::Postponed => "postponed",
            Self::GpuMissing => "gpu_missing",
            Self::Network => "network",
            Self::TaskSuspended => "task_suspended",
            Self::Downloading => "downloading",
            Self::NoNewTasks => "no_new_tasks",
            Self::NotWanted => "not_wanted",
            Self::NoApplication => "no_application",
            Self::Disk => "disk",
            Self::Deferred => "deferred",
            Self::NoWork => "no_work",
            Self::Unknown => "unknown",
        }
    }
}

/// CPUs, or GPUs of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// BOINC's name: CPU, NVIDIA, ATI, …
    pub name: String,
    /// How many the preferences let BOINC use.
    pub usable: f64,
    /// How many of these no task uses now.
    pub idle: f64,
    /// Why, if any are.
    pub reason: Option<IdleReason>,
    /// How long the work that is there keeps them busy, seconds.
    pub drain: f64,
    /// FLOPS that the running tasks are expected to compute; unknown if none of them has a known application version.
    pub speed: Option<f64>,
}

/// What a client said beside its tasks.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Its state.
    pub state: &'a ClientState,
    /// Its modes and suspensions.
    pub status: Option<&'a CcStatus>,
    /// Its disk usage, as of the last walk.
    pub disk: Option<&'a DiskUsage>,
}

/// All resources of a client, given the tasks of each project.
#[must_use]
pub fn resources(around: Surroundings<'_>, jobs: &[Vec<Job<'_>>], gpus: &[(String, f64)]) -> Vec<Resource> {
    let state = around.state;
    let Some(cpus) = state.host_info.as_ref().and_then(|host| host.p_ncpus) else { return Vec::new() };
    let cpus = (CPU, usable_cpus(cpus, state.global_preferences.as_ref()));
    let gpus = gpus.iter().map(|(name, usable)| (name.as_str(), *usable));
    let throttle = throttle(state.global_preferences.as_ref());
    let mut loads: HashMap<&str, Load> = HashMap::default();
    let mut held = 0.0;
    for job in jobs.iter().flatten() {
        loads.entry(job.usage.resource()).or_default().add(job, throttle);
        if job.usage.coproc.is_some() && job.is_running() {
            held += job.usage.cpus;
        }
    }
    let resource = |(name, usable): (&str, f64)| {
        let load = loads.get(name).copied().unwrap_or_default();
        let held = if name == CPU { held } else { 0.0 };
        let idle = (usable - load.used - held).max(0.0);
        // Shares like 0.3 of a CPU leave crumbs that no task could use.
        let reason = (idle >= 0.99).then(|| reason(name, load.waits, &around));
        let slots = (usable - held).max(1.0);
        let drain = load.longest.max(load.total / slots) / availability(name, state.time_stats.as_ref());
        Resource { name: name.to_owned(), usable, idle, reason, drain, speed: load.speed }
    };
    std::iter::once(cpus).chain(gpus).map(resource).collect()
}

/// What the tasks of one resource come to.
#[derive(Debug, Clone, Copy, Default)]
struct Load {
    /// How much of it the running ones use.
    used: f64,
    /// The longest that one of them still takes, seconds.
    longest: f64,
    /// What all of them still take, seconds of one of the resource.
    total: f64,
    /// Why those wait that do; `None` if none does.
    waits: Option<Wait>,
    /// FLOPS of the running ones.
    speed: Option<f64>,
}

impl Load {
    fn add(&mut self, job: &Job<'_>, throttle: f64) {
        let running = job.is_running();
        if running {
            self.used += job.usage.share();
            self.speed = [self.speed, job.usage.speed].into_iter().flatten().reduce(|a, b| a + b);
        }
        if !job.is_unfinished() {
            return;
        }
        if !running {
            let wait = Wait::of(job.task);
            self.waits = Some(self.waits.map_or(wait, |before| before.min(wait)));
        }
        if !is_suspended(job.task) {
            let remaining = remaining(job, throttle);
            self.longest = self.longest.max(remaining);
            self.total += remaining * job.usage.share();
        }
    }
}

/// Why a task waits: a place in [`WAITS`], or none of these. Of several tasks the first reason counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wait(usize);

impl Wait {
    fn of(task: &Task) -> Self {
        Self(WAITS.iter().position(|(holds, _)| holds(task)).unwrap_or(WAITS.len()))
    }

    fn reason(self) -> IdleReason {
        WAITS.get(self.0).map_or(IdleReason::Unknown, |(_, reason)| *reason)
    }
}

/// What a task that does not run waits for.
pub(super) fn waits_for(task: &Task) -> IdleReason {
    Wait::of(task).reason()
}

/// Whether a task waits for a reason.
type WaitRule = (fn(&Task) -> bool, IdleReason);

/// Of memory and swap there may be tasks beside that are ready: the client does not start them, for the same want.
const WAITS: [WaitRule; 8] = [
    (|task| active(task, |a| a.too_large || a.needs_shmem || a.gpu_mem_wait), IdleReason::Memory),
    (|task| active(task, |a| a.swap_too_large), IdleReason::Swap),
    (is_ready, IdleReason::NotScheduled),
    (|task| task.scheduler_wait, IdleReason::Postponed),
    (|task| task.coproc_missing, IdleReason::GpuMissing),
    (|task| task.network_wait, IdleReason::Network),
    (is_suspended, IdleReason::TaskSuspended),
    (|task| task.state.is_some_and(|state| state < TASK_DOWNLOADED), IdleReason::Downloading),
];

fn active(task: &Task, waits: fn(&ActiveTask) -> bool) -> bool {
    task.active_task.as_deref().is_some_and(waits)
}

fn is_ready(task: &Task) -> bool {
    let waits = task.scheduler_wait || task.coproc_missing || task.network_wait;
    task.state == Some(TASK_DOWNLOADED) && !waits && !is_suspended(task)
}

/// CPUs that may be used: the stricter of the limits for a computer in use and not in use, since the client does not say
/// which holds. At least one.
fn usable_cpus(cpus: f64, preferences: Option<&GlobalPreferences>) -> f64 {
    let Some(preferences) = preferences else { return cpus };
    let percent = [preferences.max_ncpus_pct, preferences.niu_max_ncpus_pct];
    // 0 means no limit.
    let percent = percent.into_iter().flatten().filter(|p| *p > 0.0).fold(100.0, f64::min);
    let limited = (cpus * percent / 100.0).floor();
    preferences.max_cpus.filter(|max| *max > 0.0).map_or(limited, |max| limited.min(max)).max(1.0)
}

/// Part of the time that the resource computes: the client runs, and computing is allowed.
pub(super) fn availability(resource: &str, time: Option<&TimeStats>) -> f64 {
    let Some(time) = time else { return 1.0 };
    let active = if resource == CPU { time.active_frac } else { time.gpu_active_frac.or(time.active_frac) };
    let known = |fraction: Option<f64>| fraction.filter(|f| *f > 0.0).unwrap_or(1.0);
    // A client that was nearly always off would make the queue last for ever.
    (known(time.on_frac) * known(active)).clamp(0.01, 1.0)
}

/// Part of its time that a task computes under the limit on CPU time: the stricter of those for a computer in use and not in use.
pub(super) fn throttle(preferences: Option<&GlobalPreferences>) -> f64 {
    let percent = preferences.map(|p| [p.cpu_usage_limit, p.niu_cpu_usage_limit]).into_iter().flatten();
    let percent = percent.flatten().filter(|p| *p > 0.0).fold(100.0, f64::min);
    (percent / 100.0).clamp(0.01, 1.0)
}

/// Time that a task still takes. Clients reckon in run time, which grows by the limit's part of the time (`elapsed_time` in
/// `ACTIVE_TASK_SET::get_msgs`).
pub(super) fn remaining(job: &Job<'_>, throttle: f64) -> f64 {
    let estimate = job.task.estimated_cpu_time_remaining.unwrap_or_default().max(0.0);
    if job.is_throttled { estimate / throttle } else { estimate }
}

fn reason(resource: &str, waits: Option<Wait>, around: &Surroundings<'_>) -> IdleReason {
    if around.status.is_some_and(|status| suspension(status, resource).is_some()) {
        return IdleReason::Suspended;
    }
    if around.state.projects.is_empty() {
        return IdleReason::NoProjects;
    }
    waits.map_or_else(|| why_no_work(resource, around), Wait::reason)
}

/// A contact that is due comes within this time, seconds: until then the client still waits for it.
const CONTACT_SOON: f64 = 60.0;

/// There is no task for the resource.
fn why_no_work(resource: &str, around: &Surroundings<'_>) -> IdleReason {
    let projects = around.state.projects.iter().map(|group| &group.project);
    let wants_none = |p: &&Project| p.suspended_via_gui || p.dont_request_more_work || p.detach_when_done || p.ended;
    let willing: Vec<_> = projects.filter(|p| !wants_none(p)).collect();
    if willing.is_empty() {
        return IdleReason::NoNewTasks;
    }
    let blocked = |p: &Project, is: fn(Blocker) -> bool| p.blocked().any(|(by, name)| name == resource && is(by));
    let mut possible = willing.iter().filter(|p| !blocked(p, |_| true)).peekable();
    if possible.peek().is_none() {
        let forbidden = willing.iter().any(|p| blocked(p, |by| by != Blocker::Project));
        return if forbidden { IdleReason::NotWanted } else { IdleReason::NoApplication };
    }
    if around.disk.is_some_and(is_used_up) {
        return IdleReason::Disk;
    }
    let now = around.state.time_stats.as_ref().and_then(|time| time.now);
    let deferred = |p: &&&Project| {
        // A back-off of this resource says that the project was asked and sent nothing, whether it still lasts or not.
        let asked_in_vain = p.backoff_intervals().any(|(name, interval)| name == resource && interval > 0.0);
        let waits = p.min_rpc_time.zip(now).is_some_and(|(time, now)| time > now - CONTACT_SOON);
        waits && !asked_in_vain
    };
    if possible.all(|p| deferred(&p)) { IdleReason::Deferred } else { IdleReason::NoWork }
}

/// Whether BOINC uses all of the disk space that it may use.
fn is_used_up(disk: &DiskUsage) -> bool {
    let used =
        disk.projects.iter().filter_map(|project| project.disk_usage).sum::<f64>() + disk.d_boinc.unwrap_or_default();
    disk.d_allowed.is_some_and(|allowed| used >= allowed)
}

/// The memory that a task may use, in bytes: the client aborts one that uses more than the preferences allow while the computer is
/// in use or not, whichever is more (`CLIENT_STATE::max_available_ram` in `client/cs_prefs.cpp`).
#[must_use]
pub fn memory_limit(state: &ClientState) -> Option<f64> {
    let preferences = state.global_preferences.as_ref()?;
    let percent = [preferences.ram_max_used_busy_pct, preferences.ram_max_used_idle_pct].into_iter().flatten();
    let limit = state.host_info.as_ref()?.m_nbytes? * percent.reduce(f64::max)? / 100.0;
    (limit > 0.0).then_some(limit)
}
