//! CPUs and GPUs: how many are idle and why, and how long the queued work lasts. Derived from several elements.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::snapshot::{IdleReason, Resource};

/// One row for the CPUs and one per GPU type.
pub const RESOURCES: Table<Resource> = Table {
    title: "CPUs and GPUs: idle resources and queued work",
    collector: Collector::State,
    origin: "",
    labels: &["resource"],
    rows: |snapshot| snapshot.resources.iter().map(|r| Row { labels: vec![&r.name], item: r }).collect(),
    metrics: &[
        Metric::one(
            "boinc_resource_usable",
            "CPUs or GPUs that the preferences allow BOINC to use; the stricter limit if it depends on whether the computer is in use.",
            "get_state: p_ncpus, max_ncpus_pct, niu_max_ncpus_pct, max_cpus, coprocs/count",
            |r| Some(r.usable),
        ),
        Metric::one(
            "boinc_resource_idle",
            "Usable CPUs or GPUs that no task is using.",
            "get_state: result, app_version: avg_ncpus, coproc",
            |r| Some(r.idle),
        ),
        Metric::many(
            "boinc_resource_idle_reason",
            &["reason"],
            "1 for the reason that a CPU or GPU is idle; all 0 if none is. suspended: by a run mode or preference, see \
             boinc_suspend_reason. not_scheduled: tasks are ready, but the client does not start them. memory, swap, \
             postponed, gpu_missing, network, task_suspended, downloading: what the tasks wait for. no_projects, \
             no_new_tasks, not_wanted (preferences, account manager or configuration forbid it), no_application, disk (the \
             allowance is used up), deferred, no_work: why there are no tasks.",
            "get_cc_status: task_suspend_reason, gpu_suspend_reason; get_state: result, project",
            |r, emit| IdleReason::ALL.iter().for_each(|reason| emit.flag(&[reason.name()], r.reason == Some(*reason))),
        ),
        Metric::one(
            "boinc_queue_drain_seconds",
            "Estimated time until the queued tasks are done: the longest task, or all tasks spread over the usable CPUs or GPUs, \
             whichever takes longer, allowing for the CPU throttle and for time when the client does not run or compute.",
            "get_state: estimated_cpu_time_remaining, on_frac, active_frac, gpu_active_frac, cpu_usage_limit",
            |r| Some(r.drain),
        ),
    ],
};
