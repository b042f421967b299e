//! Tasks: summed by project, and optionally one by one.

use super::client::{number, time};
use super::{Metric, Row, SampleWriter, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::{Codes, PROCESS_STATE, SCHEDULER_STATE, TASK_STATE};
use crate::client::gui_rpc::model::{ActiveTask, Workunit};
use crate::client::snapshot::{FLAGS, TaskRow, TaskSums, WITHIN};

/// The count of each known state, including zeros, then of unknown states under their number.
fn by_state(
    emit: &mut SampleWriter<'_, '_>,
    before: &[&str],
    codes: &Codes,
    counts: &std::collections::BTreeMap<i64, u32>,
) {
    let mut labels = [before, &[""]].concat();
    for (code, name) in codes.0 {
        labels[before.len()] = name;
        emit.count(&labels, counts.get(code).copied().unwrap_or(0));
    }
    for (code, count) in counts.iter().filter(|(code, _)| codes.known(**code).is_none()) {
        emit.count(&[before, &[&codes.name(*code)]].concat(), *count);
    }
}

/// One row per client.
pub const DUE: Table<[u32; WITHIN.len()]> = Table {
    title: "Tasks by deadline",
    collector: Collector::State,
    origin: "get_state result",
    labels: &[],
    rows: |snapshot| snapshot.due.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[Metric::many(
        "boinc_tasks_due",
        &["within"],
        "Unfinished tasks whose deadline is within this time or past, cumulative: 1h, 6h, 1d, 3d or 7d.",
        "report_deadline",
        |due, emit| WITHIN.iter().zip(due).for_each(|((_, within), count)| emit.count(&[within], *count)),
    )],
};

/// One row per project.
pub const SUMS: Table<TaskSums> = Table {
    title: "Tasks by project",
    collector: Collector::State,
    origin: "get_state result",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.tasks.iter().map(super::row).collect(),
    metrics: &[
        Metric::many(
            "boinc_tasks",
            &["state"],
            "Number of tasks (results, work units) by state; running and waiting ones are both downloaded.",
            "state",
            |t, emit| by_state(emit, &[], &TASK_STATE, &t.states),
        ),
        details(Metric::many(
            "boinc_tasks_by_app",
            &["app", "state"],
            "Number of tasks by application and state.",
            "state; workunit: app_name",
            |t, emit| t.by_app.iter().for_each(|(app, counts)| by_state(emit, &[app], &TASK_STATE, counts)),
        )),
        details(Metric::many(
            "boinc_tasks_active",
            &["process_state", "scheduler_state"],
            "Started tasks by the state of their process and that of the client's scheduler.",
            "active_task/active_task_state, active_task/scheduler_state",
            |t, emit| {
                for ((process, scheduler), count) in &t.active {
                    emit.count(&[&PROCESS_STATE.name(*process), &SCHEDULER_STATE.name(*scheduler)], *count);
                }
            },
        )),
        Metric::one(
            "boinc_tasks_running",
            "Number of running tasks: downloaded, scheduled and with a process that executes, or pauses for CPU throttling.",
            "state, active_task/scheduler_state, active_task/active_task_state",
            |t| Some(f64::from(t.running)),
        ),
        Metric::many(
            "boinc_tasks_waiting",
            &["reason"],
            "Unfinished tasks that do not run, by what they wait for, in the words of boinc_resource_idle_reason; only reasons that occur. not_scheduled: ready, for their turn or because computing is suspended.",
            "state, active_task/too_large, active_task/swap_too_large, active_task/needs_shmem, scheduler_wait, coproc_missing, network_wait, suspended_via_gui, project_suspended_via_gui",
            |t, emit| t.waiting.iter().for_each(|(reason, count)| emit.count(&[reason.name()], *count)),
        ),
        details(Metric::many(
            "boinc_tasks_flag",
            &["flag"],
            "Tasks for which the client sets this flag, such as ready_to_report or network_wait.",
            "the element of that name",
            |t, emit| FLAGS.iter().zip(t.flags).for_each(|((name, _), count)| emit.count(&[name], count)),
        )),
        details(Metric::many(
            "boinc_tasks_failed_by_exit_status",
            &["exit_status"],
            "Tasks that failed, failed to upload or were aborted, and are not yet reported, by exit status.",
            "exit_status",
            |t, emit| t.failed.iter().for_each(|(status, count)| emit.count(&[&status.to_string()], *count)),
        )),
        Metric::one(
            "boinc_tasks_overdue",
            "Number of tasks past their deadline that are not ready to report.",
            "report_deadline",
            |t| t.overdue.map(f64::from),
        ),
        Metric::one(
            "boinc_tasks_oldest_unreported_timestamp_seconds",
            "When the oldest task that waits to be reported was completed; absent if there is none.",
            "completed_time, ready_to_report",
            |t| t.oldest_unreported,
        ),
        Metric::one(
            "boinc_tasks_earliest_deadline_timestamp_seconds",
            "Earliest deadline of an unfinished task; absent if there is none.",
            "report_deadline",
            |t| t.earliest_deadline,
        ),
        details(Metric::one(
            "boinc_tasks_remaining_seconds",
            "Sum of the estimated remaining run times (runtimes) of all unfinished tasks.",
            "estimated_cpu_time_remaining",
            |t| Some(t.remaining),
        )),
        details(Metric::one(
            "boinc_tasks_elapsed_seconds",
            "Sum of the run times (runtimes, wall clock) of all started tasks so far.",
            "active_task/elapsed_time",
            |t| Some(t.elapsed),
        )),
        details(Metric::one(
            "boinc_tasks_cpu_seconds",
            "Sum of the CPU times of all active tasks so far; 0 for applications that do not report it.",
            "active_task/current_cpu_time",
            |t| Some(t.cpu),
        )),
        Metric::one(
            "boinc_tasks_uncheckpointed_cpu_seconds",
            "CPU time of active tasks since their last checkpoints, which a restart would lose.",
            "active_task/current_cpu_time, active_task/checkpoint_cpu_time",
            |t| Some(t.uncheckpointed),
        ),
        Metric::one(
            "boinc_tasks_working_set_bytes",
            "Memory (RAM) used by active tasks.",
            "active_task/working_set_size",
            |t| Some(t.working_set),
        ),
        Metric::one(
            "boinc_tasks_highest_memory_limit_ratio",
            "Memory (RAM) of the task that uses most, divided by what the preferences allow BOINC while the computer is in use or not, whichever is more; beyond 1 the client aborts the task (exit status 198).",
            "active_task/working_set_size_smoothed; host_info: m_nbytes; global_preferences: ram_max_used_busy_pct, ram_max_used_idle_pct",
            |t| Some(t.largest_working_set? / t.memory_limit?),
        ),
        details(Metric::one(
            "boinc_tasks_virtual_memory_bytes",
            "Virtual memory used by active tasks.",
            "active_task/virtual_size, up to 8.2 active_task/swap_size",
            |t| Some(t.virtual_memory),
        )),
        details(Metric::one(
            "boinc_tasks_swap_bytes",
            "Swap space used by active tasks; absent if the client does not report it separately.",
            "active_task/swap_size",
            |t| t.swap,
        )),
        details(Metric::one(
            "boinc_tasks_cpus_used",
            "CPUs reserved for running tasks.",
            "workunit: avg_ncpus; app_version: avg_ncpus",
            |t| Some(t.cpus),
        )),
        details(Metric::many(
            "boinc_tasks_gpus_used",
            &["resource"],
            "GPUs reserved for running tasks.",
            "workunit: coproc; app_version: coproc",
            |t, emit| t.coprocs.iter().for_each(|(resource, count)| emit.sample(&[resource], *count)),
        )),
        Metric::one(
            "boinc_tasks_stalled",
            "Scheduled tasks that ran for an hour without progress and used less than 10 s of CPU time, as observed by the exporter.",
            "active_task/elapsed_time, active_task/fraction_done, active_task/current_cpu_time",
            |t| Some(f64::from(t.stalled)),
        ),
        Metric::one(
            "boinc_tasks_longest_without_progress_seconds",
            "Longest runtime of a scheduled task since its progress last changed, as observed by the exporter.",
            "active_task/elapsed_time, active_task/fraction_done",
            |t| Some(t.without_progress),
        ),
        Metric::one(
            "boinc_tasks_longest_without_checkpoint_seconds",
            "Longest runtime of a scheduled task since its last checkpoint, as observed by the exporter.",
            "active_task/elapsed_time, active_task/checkpoint_cpu_time",
            |t| Some(t.without_checkpoint),
        ),
        Metric::one(
            "boinc_tasks_deadline_at_risk",
            "Tasks not yet past their deadline, but estimated to miss it even if the client runs all tasks in deadline order; see boinc_tasks_overdue for those past it.",
            "report_deadline, estimated_cpu_time_remaining",
            |t| Some(f64::from(t.forecast.at_risk)),
        ),
        Metric::one(
            "boinc_tasks_least_slack_seconds",
            "Shortest time between a task's estimated completion and its deadline; negative if it will be late, absent without tasks.",
            "report_deadline, estimated_cpu_time_remaining",
            |t| t.forecast.least_slack,
        ),
        details(Metric::one(
            "boinc_tasks_estimated_floating_point_operations",
            "Floating-point operations (FLOPs) needed for all unfinished tasks, as estimated by the project.",
            "workunit: rsc_fpops_est",
            |t| Some(t.flops),
        )),
    ],
};

fn active(row: &TaskRow, value: fn(&ActiveTask) -> Option<f64>) -> Option<f64> {
    row.task.active_task.as_deref().and_then(value)
}

fn workunit(row: &TaskRow, value: fn(&Workunit) -> Option<f64>) -> Option<f64> {
    row.workunit.as_ref().and_then(value)
}

/// One row per task.
pub const TASKS: Table<TaskRow> = Table {
    title: "Individual tasks",
    collector: Collector::Tasks,
    origin: "get_state result",
    labels: &["project", "project_url", "task"],
    rows: |snapshot| {
        let rows = snapshot.task_rows.iter();
        rows.map(|of| Row { labels: vec![&*of.name, &*of.url, &*of.item.task.name], item: &of.item }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_task_info",
            &["workunit", "app", "app_version", "plan_class", "platform", "resources", "slot", "wait_reason"],
            "Always 1, with the task's workunit (work unit), application, plan class, platform, resources, slot and reason for waiting.",
            "wu_name, version_num, plan_class, platform, resources, active_task/slot, scheduler_wait_reason; workunit: app_name",
            |t, emit| {
                let text = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
                let task = &t.task;
                emit.sample(
                    &[
                        &task.wu_name,
                        &t.app,
                        &text(task.version_num),
                        &task.plan_class,
                        &task.platform,
                        &task.resources,
                        &text(task.active_task.as_ref().and_then(|a| a.slot)),
                        &task.scheduler_wait_reason,
                    ],
                    1.0,
                );
            },
        ),
        Metric::one(
            "boinc_task_state_code",
            "Task state as BOINC's code: 0 new, 1 downloading, 2 downloaded, 3 compute error, 4 uploading, 5 uploaded, 6 aborted, 7 upload failed.",
            "state",
            |t| number(t.task.state),
        ),
        Metric::one(
            "boinc_task_process_state_code",
            "State of the task's process as BOINC's code, such as 0 not started, 1 executing, 9 suspended.",
            "active_task/active_task_state",
            |t| number(t.task.active_task.as_ref()?.active_task_state),
        ),
        Metric::one(
            "boinc_task_scheduler_state_code",
            "Scheduler state of the task as BOINC's code: 0 never scheduled, 1 preempted, 2 scheduled.",
            "active_task/scheduler_state",
            |t| number(t.task.active_task.as_ref()?.scheduler_state),
        ),
        Metric::one(
            "boinc_task_exit_status",
            "Exit status of the task; absent until it has finished computing.",
            "exit_status",
            |t| {
                if t.is_done() { number(t.task.exit_status) } else { None }
            },
        ),
        Metric::one(
            "boinc_task_fraction_done_ratio",
            "Progress of the task, from 0 to 1; of an application that reports none the client makes up one that always grows.",
            "active_task/fraction_done",
            |t| active(t, |a| a.fraction_done),
        ),
        Metric::one(
            "boinc_task_progress_ratio_per_second",
            "Progress of the task per second.",
            "active_task/progress_rate",
            |t| active(t, |a| a.progress_rate),
        ),
        Metric::one(
            "boinc_task_elapsed_seconds",
            "Run time (runtime, wall clock) of the task so far.",
            "active_task/elapsed_time, final_elapsed_time",
            |t| active(t, |a| a.elapsed_time).or(t.task.final_elapsed_time),
        ),
        Metric::one(
            "boinc_task_cpu_seconds",
            "CPU time of the task so far.",
            "active_task/current_cpu_time, final_cpu_time",
            |t| active(t, |a| a.current_cpu_time).or(t.task.final_cpu_time),
        ),
        Metric::one(
            "boinc_task_checkpoint_cpu_seconds",
            "CPU time of the task at its last checkpoint.",
            "active_task/checkpoint_cpu_time",
            |t| active(t, |a| a.checkpoint_cpu_time),
        ),
        Metric::one(
            "boinc_task_remaining_seconds",
            "Remaining runtime of the task as estimated by the client.",
            "estimated_cpu_time_remaining",
            |t| t.task.estimated_cpu_time_remaining,
        ),
        Metric::one(
            "boinc_task_deadline_timestamp_seconds",
            "Deadline for reporting the task.",
            "report_deadline",
            |t| time(t.task.report_deadline),
        ),
        Metric::one(
            "boinc_task_received_timestamp_seconds",
            "When the client received the task.",
            "received_time",
            |t| time(t.task.received_time),
        ),
        Metric::one(
            "boinc_task_completed_timestamp_seconds",
            "When the task finished computing.",
            "completed_time",
            |t| time(t.task.completed_time),
        ),
        Metric::one(
            "boinc_task_working_set_bytes",
            "Memory (RAM) used by the task.",
            "active_task/working_set_size",
            |t| active(t, |a| a.working_set_size),
        ),
        Metric::one(
            "boinc_task_working_set_smoothed_bytes",
            "Memory (RAM) used by the task, smoothed; for VirtualBox applications, the task's memory bound instead.",
            "active_task/working_set_size_smoothed",
            |t| active(t, |a| a.working_set_size_smoothed),
        ),
        Metric::one(
            "boinc_task_virtual_memory_bytes",
            "Virtual memory used by the task.",
            "active_task/virtual_size, up to 8.2 active_task/swap_size",
            |t| t.virtual_memory,
        ),
        Metric::one(
            "boinc_task_swap_bytes",
            "Swap space used by the task; absent if the client does not report it separately.",
            "active_task/swap_size",
            |t| t.swap,
        ),
        Metric::one(
            "boinc_task_page_faults_per_second",
            "Page faults of the task per second; reported by BOINC up to 8.2 only.",
            "active_task/page_fault_rate",
            |t| active(t, |a| a.page_fault_rate),
        ),
        Metric::one(
            "boinc_task_without_progress_seconds",
            "Runtime of the task since its progress last changed, as observed by the exporter.",
            "active_task/elapsed_time, active_task/fraction_done",
            |t| Some(t.standstill?.without_progress),
        ),
        Metric::one(
            "boinc_task_without_checkpoint_seconds",
            "Runtime of the task since its last checkpoint, as observed by the exporter.",
            "active_task/elapsed_time, active_task/checkpoint_cpu_time",
            |t| Some(t.standstill?.without_checkpoint),
        ),
        Metric::many(
            "boinc_task_app_network_bytes",
            &["direction"],
            "Network traffic as counted by the application itself; reported by BOINC 7.4 to 8.0 only.",
            "active_task/bytes_sent, active_task/bytes_received",
            |t, emit| {
                emit.sample(&["upload"], active(t, |a| a.bytes_sent));
                emit.sample(&["download"], active(t, |a| a.bytes_received));
            },
        ),
        Metric::many(
            "boinc_task_flag",
            &["flag"],
            "Whether the flag, named as in BOINC, is set for the task.",
            "the element of that name",
            |t, emit| FLAGS.iter().for_each(|(name, flag)| emit.flag(&[name], flag(&t.task))),
        ),
        Metric::many(
            "boinc_task_estimated_floating_point_operations",
            &["kind"],
            "Floating-point operations (FLOPs) in the task: the project's estimate, and the bound at which the task is aborted.",
            "workunit: rsc_fpops_est, rsc_fpops_bound",
            |t, emit| {
                emit.sample(&["estimate"], workunit(t, |w| w.rsc_fpops_est));
                emit.sample(&["bound"], workunit(t, |w| w.rsc_fpops_bound));
            },
        ),
        Metric::one(
            "boinc_task_memory_bound_bytes",
            "Memory (RAM) that the project expects the task to need at most; clients since 7.4 do not enforce it.",
            "workunit: rsc_memory_bound",
            |t| workunit(t, |w| w.rsc_memory_bound),
        ),
        Metric::one(
            "boinc_task_disk_bound_bytes",
            "Disk usage at which the task is aborted.",
            "workunit: rsc_disk_bound",
            |t| workunit(t, |w| w.rsc_disk_bound),
        ),
    ],
};
