//! What the client's own files tell: every task that it ever computed, and its last talk with each project.

use super::scrape::timestamp;
use super::{Metric, Table, details};
use crate::client::collectors::Collector;
use crate::client::data_directory::{Completed, Contact};

/// One row per project.
pub const COMPLETED: Table<Completed> = Table {
    title: "Tasks in the job log",
    collector: Collector::Files,
    origin: "job_log",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.completed.iter().map(super::row).collect(),
    metrics: &[
        Metric::one(
            "boinc_tasks_completed_total",
            "Tasks (work units) computed without error since the client was installed.",
            "",
            |c| Some(c.tasks as f64),
        ),
        Metric::one(
            "boinc_tasks_completed_elapsed_seconds_total",
            "Total runtime (wall clock) of the tasks computed without error; BOINC notes it since 6.8.",
            "et",
            |c| Some(c.elapsed),
        ),
        details(Metric::one(
            "boinc_tasks_completed_cpu_seconds_total",
            "Total CPU time of the tasks computed without error, without those that claim more than all CPUs can give.",
            "ct",
            |c| Some(c.cpu),
        )),
        Metric::one(
            "boinc_tasks_completed_estimated_seconds_total",
            "Total runtime that was estimated for the tasks computed without error; divide boinc_tasks_completed_elapsed_seconds_total by it.",
            "ue",
            |c| Some(c.estimated),
        ),
        details(Metric::histogram(
            "boinc_tasks_completed_estimate_ratio",
            "Runtime of tasks computed without error, divided by what was estimated for them.",
            "et, ue",
            |c| &c.ratios,
        )),
    ],
};

/// One row per project.
pub const CONTACTS: Table<Contact> = Table {
    title: "Last talk with a project's scheduler",
    collector: Collector::Files,
    origin: "",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.contacts.iter().map(super::row).collect(),
    metrics: &[
        Metric::many(
            "boinc_project_scheduler_outcome",
            &["outcome"],
            "1 for how the last talk with the project's scheduler ended: answered, unanswered, incomplete (half an answer, or none of a scheduler) or project_down.",
            "sched_reply",
            |c, emit| emit.sample(&[c.outcome.name()], 1.0),
        ),
        details(Metric::one(
            "boinc_project_scheduler_request_timestamp_seconds",
            "When the client last asked the project's scheduler.",
            "sched_request: time of last change",
            |c| timestamp(c.asked?),
        )),
        details(Metric::one(
            "boinc_project_scheduler_reply_timestamp_seconds",
            "When the project's scheduler last answered the client.",
            "sched_reply: time of last change",
            |c| timestamp(c.answered?),
        )),
        details(Metric::many(
            "boinc_project_scheduler_bytes",
            &["direction"],
            "Size of the last request to the project's scheduler (upload) and of its answer (download).",
            "sched_request, sched_reply",
            |c, emit| {
                emit.sample(&["upload"], c.request_bytes.map(|bytes| bytes as f64));
                emit.sample(&["download"], c.reply_bytes.map(|bytes| bytes as f64));
            },
        )),
        Metric::many(
            "boinc_project_scheduler_work_requested_seconds",
            &["resource"],
            "Work that the client last asked the project for: seconds of one CPU or GPU; 0 if none.",
            "sched_request: cpu_req_secs, coprocs/req_secs",
            |c, emit| c.work.iter().for_each(|(resource, seconds)| emit.sample(&[resource], *seconds)),
        ),
        Metric::many(
            "boinc_project_scheduler_tasks",
            &["kind"],
            "Tasks in the last talk with the project's scheduler: reported by the client, acknowledged by the server, received from it.",
            "sched_request: result; sched_reply: result_ack, result",
            |c, emit| {
                emit.sample(&["reported"], c.reported.map(|count| count as f64));
                emit.sample(&["acknowledged"], c.acknowledged.map(|count| count as f64));
                emit.sample(&["received"], c.received.map(|count| count as f64));
            },
        ),
        Metric::many(
            "boinc_project_scheduler_messages",
            &["reason"],
            "Messages in the last answer of the project's scheduler that say why it sent no tasks, or no more, by the reasons of boinc_work_fetch_replies_total; only what occurs.",
            "sched_reply: message",
            |c, emit| c.messages.0.iter().for_each(|(class, count)| emit.count(&[class.name()], *count)),
        ),
        details(Metric::one(
            "boinc_project_scheduler_request_delay_seconds",
            "How long the project wanted not to be asked again after its last answer.",
            "sched_reply: request_delay",
            |c| c.request_delay,
        )),
    ],
};
