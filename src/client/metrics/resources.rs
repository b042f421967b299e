//! CPUs and GPUs: how many are idle and why, and how long the queued work lasts. Derived from several elements.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::snapshot::Resource;

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
            "CPUs or GPUs that BOINC may use and no task uses now; boinc_resource_idle_reason says why.",
            "get_state: result, app_version: avg_ncpus, coproc",
            |r| Some(r.idle),
        ),
        Metric::many(
            "boinc_resource_idle_reason",
            &["reason"],
            "1 for the reason why CPUs or GPUs are idle; absent if none are. suspended: by a run mode or preference, see \
             boinc_suspend_reason. not_scheduled: tasks are ready, but the client does not start them. memory, swap, \
             postponed, gpu_missing, network, task_suspended, downloading: what the tasks wait for. no_projects, \
             no_new_tasks, not_wanted (preferences, account manager or configuration forbid it), no_application, disk (the \
             allowance is used up), deferred, no_work: why there are no tasks.",
            "get_cc_status: task_suspend_reason, gpu_suspend_reason; get_state: result, project",
            |r, emit| r.reason.iter().for_each(|reason| emit.flag(&[reason.name()], true)),
        ),
        Metric::one(
            "boinc_queue_drain_seconds",
            "How long the tasks on this host (the queue) keep the CPUs or GPUs busy: the longest task, or all spread over the usable ones, whichever takes longer, with the CPU throttle and the time when the client does not run or compute reckoned in.",
            "get_state: estimated_cpu_time_remaining, on_frac, active_frac, gpu_active_frac, cpu_usage_limit, niu_cpu_usage_limit; app_version: dont_throttle",
            |r| Some(r.drain),
        ),
        Metric::one(
            "boinc_resource_expected_floating_point_operations_per_second",
            "Speed at which the running tasks are expected to compute, in FLOPS, as the client estimates it for their applications; 1e9 FLOPS for a day give 200 cobblestones (points).",
            "get_state: app_version/flops",
            |r| r.speed,
        ),
    ],
};
