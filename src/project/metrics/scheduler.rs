//! The scheduler, asked without a key.

use super::{Metric, Table, details};
use crate::metric::Row;
use crate::project::collectors::Collector;
use crate::project::pages::scheduler::SchedulerState;
use crate::project::snapshot::SchedulerView;

/// One row per project.
pub const SCHEDULER: Table<SchedulerView> = Table {
    title: "Schedulers",
    collector: Collector::Scheduler,
    origin: "scheduler_reply",
    labels: &[],
    rows: |snapshot| snapshot.scheduler.iter().map(|scheduler| Row { labels: vec![], item: scheduler }).collect(),
    metrics: &[
        Metric::one(
            "boinc_server_scheduler_up",
            "Whether the project's scheduler works; absent if what answers does not tell.",
            "scheduler_version, project_is_down, message",
            |s| s.up.map(f64::from),
        ),
        Metric::many(
            "boinc_server_scheduler_state",
            &["state"],
            "State of the project's scheduler by what it says; a feeder that died is not noticed by it.",
            "scheduler_version, project_is_down, ended, message",
            |s, emit| {
                if let Some(reading) = &s.reading {
                    let now = reading.reply.state();
                    SchedulerState::ALL.into_iter().for_each(|state| emit.flag(&[state.name()], state == now));
                }
            },
        ),
        Metric::one(
            "boinc_server_scheduler_duration_seconds",
            "How long the project's scheduler took to answer.",
            "",
            |s| s.reading.as_ref().map(|reading| reading.took.as_secs_f64()),
        ),
        Metric::one(
            "boinc_server_scheduler_request_delay_seconds",
            "How long the project's scheduler wants a client without an account to wait: usually an hour.",
            "request_delay",
            |s| s.reading.as_ref()?.reply.request_delay,
        ),
        Metric::one(
            "boinc_server_scheduler_database_up",
            "Whether the scheduler reached the project's database; absent if it did not come so far.",
            "message",
            |s| s.reading.as_ref()?.reply.database().map(f64::from),
        ),
        details(Metric::many(
            "boinc_server_scheduler_version",
            &[],
            "Version of the scheduler: 100 times major plus minor.",
            "scheduler_version",
            |s, emit| {
                let version = s.reading.as_ref().and_then(|reading| reading.reply.scheduler_version);
                emit.sample(&[], version.map(|version| version as f64));
            },
        )),
    ],
};
