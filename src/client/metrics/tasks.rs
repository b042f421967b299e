//! Tasks: counted for everybody, one by one for those who ask.

use super::client::{number, time};
use super::{Metric, Row, SampleWriter, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::{Codes, PROCESS_STATE, SCHEDULER_STATE, TASK_STATE};
use crate::client::gui_rpc::model::{ActiveTask, Workunit};
use crate::client::snapshot::{FLAGS, TaskRow, TaskSums};

/// Each known state with its count, 0 included, then the others by their digits.
fn states(
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

/// Tasks of a project.
pub const SUMS: Table<TaskSums> = Table {
    title: "Tasks, by project",
    collector: Collector::State,
    origin: "get_state result",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.tasks.iter().map(super::row).collect(),
    metrics: &[
        Metric::many(
            "boinc_tasks",
            &["state"],
            "Tasks by state. Those that run, or wait to, are downloaded.",
            "state",
            |t, emit| states(emit, &[], &TASK_STATE, &t.states),
        ),
        Metric::many(
            "boinc_tasks_by_app",
            &["app", "state"],
            "Tasks by application and state.",
            "state; workunit: app_name",
            |t, emit| t.by_app.iter().for_each(|(app, counts)| states(emit, &[app], &TASK_STATE, counts)),
        ),
        Metric::many(
            "boinc_tasks_active",
            &["process_state", "scheduler_state"],
            "Tasks with a slot, by what their process does and what the client's scheduler wants of it.",
            "active_task/active_task_state, active_task/scheduler_state",
            |t, emit| {
                for ((process, scheduler), count) in &t.active {
                    emit.count(&[&PROCESS_STATE.name(*process), &SCHEDULER_STATE.name(*scheduler)], *count);
                }
            },
        ),
        Metric::one(
            "boinc_tasks_running",
            "Tasks that compute now: downloaded, scheduled, and with an executing process.",
            "state, active_task/scheduler_state, active_task/active_task_state",
            |t| Some(f64::from(t.running)),
        ),
        Metric::many(
            "boinc_tasks_flag",
            &["flag"],
            "Tasks of which the client says this.",
            "the element of that name",
            |t, emit| FLAGS.iter().zip(t.flags).for_each(|((name, _), count)| emit.count(&[name], count)),
        ),
        Metric::many(
            "boinc_tasks_failed_by_exit_status",
            &["exit_status"],
            "Tasks that failed, could not be uploaded or were aborted, and are not yet reported, by exit status.",
            "exit_status",
            |t, emit| t.failed.iter().for_each(|(status, count)| emit.count(&[&status.to_string()], *count)),
        ),
        Metric::one(
            "boinc_tasks_overdue",
            "Tasks past their deadline that are not ready to be reported.",
            "report_deadline",
            |t| t.overdue.map(f64::from),
        ),
        Metric::one(
            "boinc_tasks_earliest_deadline_timestamp_seconds",
            "Next deadline of a task that is still to be computed; absent if there is none.",
            "report_deadline",
            |t| t.earliest_deadline,
        ),
        Metric::one(
            "boinc_tasks_remaining_seconds",
            "Run time left of all tasks, summed as if they ran one after another.",
            "estimated_cpu_time_remaining",
            |t| Some(t.remaining),
        ),
        Metric::one(
            "boinc_tasks_elapsed_seconds",
            "Run time so far of tasks with a slot.",
            "active_task/elapsed_time",
            |t| Some(t.elapsed),
        ),
        Metric::one(
            "boinc_tasks_cpu_seconds",
            "CPU time so far of tasks with a slot; 0 for applications that do not tell.",
            "active_task/current_cpu_time",
            |t| Some(t.cpu),
        ),
        Metric::one(
            "boinc_tasks_uncheckpointed_cpu_seconds",
            "CPU time since the last checkpoints, which a restart would lose.",
            "active_task/current_cpu_time, active_task/checkpoint_cpu_time",
            |t| Some(t.uncheckpointed),
        ),
        Metric::one(
            "boinc_tasks_working_set_bytes",
            "RAM of tasks with a slot.",
            "active_task/working_set_size",
            |t| Some(t.working_set),
        ),
        Metric::one(
            "boinc_tasks_virtual_memory_bytes",
            "Virtual memory of tasks with a slot.",
            "active_task/virtual_size, up to 8.2 active_task/swap_size",
            |t| Some(t.virtual_memory),
        ),
        Metric::one(
            "boinc_tasks_swap_bytes",
            "Swap of tasks with a slot; absent for clients that do not tell it apart.",
            "active_task/swap_size",
            |t| t.swap,
        ),
        Metric::one(
            "boinc_tasks_cpus_used",
            "CPUs that the tasks that compute now are counted with.",
            "workunit: avg_ncpus; app_version: avg_ncpus",
            |t| Some(t.cpus),
        ),
        Metric::many(
            "boinc_tasks_coprocessors_used",
            &["resource"],
            "GPUs that the tasks that compute now are counted with.",
            "workunit: coproc; app_version: coproc",
            |t, emit| t.coprocs.iter().for_each(|(resource, count)| emit.sample(&[resource], *count)),
        ),
        Metric::one(
            "boinc_tasks_stalled",
            "Scheduled tasks that ran for an hour without progress and with less than 10 s of CPU time, as far as the exporter saw.",
            "active_task/elapsed_time, active_task/fraction_done, active_task/current_cpu_time",
            |t| Some(f64::from(t.stalled)),
        ),
        Metric::one(
            "boinc_tasks_without_progress_seconds",
            "Longest run time of a scheduled task since its progress changed, as far as the exporter saw.",
            "active_task/elapsed_time, active_task/fraction_done",
            |t| Some(t.without_progress),
        ),
        Metric::one(
            "boinc_tasks_without_checkpoint_seconds",
            "Longest run time of a scheduled task since its last checkpoint, as far as the exporter saw.",
            "active_task/elapsed_time, active_task/checkpoint_cpu_time",
            |t| Some(t.without_checkpoint),
        ),
        Metric::one(
            "boinc_tasks_deadline_at_risk",
            "Tasks that will miss their deadline even if the client runs all its tasks in the order of their deadlines, by its estimates.",
            "report_deadline, estimated_cpu_time_remaining",
            |t| Some(f64::from(t.forecast.at_risk)),
        ),
        Metric::one(
            "boinc_tasks_least_slack_seconds",
            "Least time between the expected end of a task and its deadline; negative if it will be late; absent without tasks.",
            "report_deadline, estimated_cpu_time_remaining",
            |t| t.forecast.least_slack,
        ),
        Metric::one(
            "boinc_tasks_estimated_floating_point_operations",
            "Work in all tasks still to be computed, by their projects' estimates.",
            "workunit: rsc_fpops_est",
            |t| Some(t.flops),
        ),
    ],
};

fn active(row: &TaskRow, value: fn(&ActiveTask) -> Option<f64>) -> Option<f64> {
    row.task.active_task.as_ref().and_then(value)
}

fn workunit(row: &TaskRow, value: fn(&Workunit) -> Option<f64>) -> Option<f64> {
    row.workunit.as_ref().and_then(value)
}

/// Single tasks.
pub const TASKS: Table<TaskRow> = Table {
    title: "Tasks, one by one",
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
            "1, with what the task is.",
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
            "State as BOINC's number: 0 new, 1 downloading, 2 downloaded, 3 compute error, 4 uploading, 5 uploaded, 6 aborted, 7 upload failed.",
            "state",
            |t| number(t.task.state),
        ),
        Metric::one(
            "boinc_task_process_state_code",
            "What its process does, as BOINC's number: 0 not started, 1 executing, 9 suspended, and others.",
            "active_task/active_task_state",
            |t| number(t.task.active_task.as_ref()?.active_task_state),
        ),
        Metric::one(
            "boinc_task_scheduler_state_code",
            "What the client's scheduler does with it, as BOINC's number: 0 never scheduled, 1 preempted, 2 scheduled.",
            "active_task/scheduler_state",
            |t| number(t.task.active_task.as_ref()?.scheduler_state),
        ),
        Metric::one("boinc_task_exit_status", "Exit status; absent until computing is over.", "exit_status", |t| {
            if t.is_done() { number(t.task.exit_status) } else { None }
        }),
        Metric::one("boinc_task_fraction_done_ratio", "Progress.", "active_task/fraction_done", |t| {
            active(t, |a| a.fraction_done)
        }),
        Metric::one(
            "boinc_task_progress_ratio_per_second",
            "Speed of its progress.",
            "active_task/progress_rate",
            |t| active(t, |a| a.progress_rate),
        ),
        Metric::one("boinc_task_elapsed_seconds", "Run time.", "active_task/elapsed_time, final_elapsed_time", |t| {
            active(t, |a| a.elapsed_time).or(t.task.final_elapsed_time)
        }),
        Metric::one("boinc_task_cpu_seconds", "CPU time.", "active_task/current_cpu_time, final_cpu_time", |t| {
            active(t, |a| a.current_cpu_time).or(t.task.final_cpu_time)
        }),
        Metric::one(
            "boinc_task_checkpoint_cpu_seconds",
            "CPU time at the last checkpoint.",
            "active_task/checkpoint_cpu_time",
            |t| active(t, |a| a.checkpoint_cpu_time),
        ),
        Metric::one(
            "boinc_task_remaining_seconds",
            "Run time left by the client's estimate.",
            "estimated_cpu_time_remaining",
            |t| t.task.estimated_cpu_time_remaining,
        ),
        Metric::one("boinc_task_deadline_timestamp_seconds", "When it must be reported.", "report_deadline", |t| {
            time(t.task.report_deadline)
        }),
        Metric::one("boinc_task_received_timestamp_seconds", "When it came.", "received_time", |t| {
            time(t.task.received_time)
        }),
        Metric::one("boinc_task_completed_timestamp_seconds", "When computing was over.", "completed_time", |t| {
            time(t.task.completed_time)
        }),
        Metric::one("boinc_task_working_set_bytes", "RAM.", "active_task/working_set_size", |t| {
            active(t, |a| a.working_set_size)
        }),
        Metric::one(
            "boinc_task_working_set_smoothed_bytes",
            "RAM, smoothed.",
            "active_task/working_set_size_smoothed",
            |t| active(t, |a| a.working_set_size_smoothed),
        ),
        Metric::one(
            "boinc_task_virtual_memory_bytes",
            "Virtual memory.",
            "active_task/virtual_size, up to 8.2 active_task/swap_size",
            |t| t.virtual_memory,
        ),
        Metric::one(
            "boinc_task_swap_bytes",
            "Swap; absent for clients that do not tell it apart.",
            "active_task/swap_size",
            |t| t.swap,
        ),
        Metric::one(
            "boinc_task_page_faults_per_second",
            "Page faults; told up to 8.2.",
            "active_task/page_fault_rate",
            |t| active(t, |a| a.page_fault_rate),
        ),
        Metric::one(
            "boinc_task_without_progress_seconds",
            "Run time since its progress changed, as far as the exporter saw.",
            "active_task/elapsed_time, active_task/fraction_done",
            |t| Some(t.standstill?.without_progress),
        ),
        Metric::one(
            "boinc_task_without_checkpoint_seconds",
            "Run time since its last checkpoint, as far as the exporter saw.",
            "active_task/elapsed_time, active_task/checkpoint_cpu_time",
            |t| Some(t.standstill?.without_checkpoint),
        ),
        Metric::many(
            "boinc_task_app_network_bytes",
            &["direction"],
            "Traffic that the application says it made; told by 7.4 to 8.0.",
            "active_task/bytes_sent, active_task/bytes_received",
            |t, emit| {
                emit.sample(&["upload"], active(t, |a| a.bytes_sent));
                emit.sample(&["download"], active(t, |a| a.bytes_received));
            },
        ),
        Metric::many(
            "boinc_task_flag",
            &["flag"],
            "What the client says of the task.",
            "the element of that name",
            |t, emit| FLAGS.iter().for_each(|(name, flag)| emit.flag(&[name], flag(&t.task))),
        ),
        Metric::many(
            "boinc_task_estimated_floating_point_operations",
            &["kind"],
            "Work in the task: its project's estimate, and the bound at which it is aborted.",
            "workunit: rsc_fpops_est, rsc_fpops_bound",
            |t, emit| {
                emit.sample(&["estimate"], workunit(t, |w| w.rsc_fpops_est));
                emit.sample(&["bound"], workunit(t, |w| w.rsc_fpops_bound));
            },
        ),
        Metric::one(
            "boinc_task_memory_bound_bytes",
            "RAM at which it is aborted.",
            "workunit: rsc_memory_bound",
            |t| workunit(t, |w| w.rsc_memory_bound),
        ),
        Metric::one("boinc_task_disk_bound_bytes", "Disk at which it is aborted.", "workunit: rsc_disk_bound", |t| {
            workunit(t, |w| w.rsc_disk_bound)
        }),
    ],
};
