//! CPUs and GPUs: what stands idle, and how long the work lasts. Computed from several elements.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::snapshot::{IdleReason, Resource};

/// CPUs, and each kind of GPU.
pub const RESOURCES: Table<Resource> = Table {
    title: "CPUs and GPUs: idle, and for how long there is work",
    collector: Collector::State,
    origin: "",
    labels: &["resource"],
    rows: |snapshot| snapshot.resources.iter().map(|r| Row { labels: vec![&r.name], item: r }).collect(),
    metrics: &[
        Metric::one(
            "boinc_resource_usable",
            "CPUs or GPUs that the preferences let BOINC use; of differing limits for a computer in use or not, the stricter.",
            "get_state: p_ncpus, max_ncpus_pct, niu_max_ncpus_pct, max_cpus, coprocs/count",
            |r| Some(r.usable),
        ),
        Metric::one(
            "boinc_resource_idle",
            "Of these, those that no task uses now.",
            "get_state: result, app_version: avg_ncpus, coproc",
            |r| Some(r.idle),
        ),
        Metric::many(
            "boinc_resource_idle_reason",
            &["reason"],
            "Why one or more are idle, 1 for the reason; all 0 if none is. suspended: by a mode or preference, see \
             boinc_suspend_reason. not_scheduled: tasks are ready and the client does not start them. memory, postponed, \
             gpu_missing, network, task_suspended, downloading: what the tasks wait for. no_projects, no_new_tasks, \
             deferred, no_work: why there are no tasks.",
            "get_cc_status: task_suspend_reason, gpu_suspend_reason; get_state: result, project",
            |r, emit| IdleReason::ALL.iter().for_each(|reason| emit.flag(&[reason.name()], r.reason == Some(*reason))),
        ),
        Metric::one(
            "boinc_queue_drain_seconds",
            "How long the tasks that are there keep the resource busy: the longest task, or all of them over what is usable, \
             whichever is more, stretched by the CPU time limit and by the time that the client does not run or compute.",
            "get_state: estimated_cpu_time_remaining, on_frac, active_frac, gpu_active_frac, cpu_usage_limit",
            |r| Some(r.drain),
        ),
    ],
};
