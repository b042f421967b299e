//! Batches of jobs.

use super::{Metric, Table, details, time};
use crate::metric::Row;
use crate::project::collectors::Collector;
use crate::project::pages::batches::BatchState;
use crate::project::snapshot::{BatchRow, BatchesOfApp};

/// One row per application.
pub const APPS: Table<BatchesOfApp> = Table {
    title: "Batches by application",
    collector: Collector::Batches,
    origin: "query_batches batch",
    labels: &["app"],
    rows: |snapshot| {
        let apps = snapshot.batches.iter().flat_map(|batches| &batches.apps);
        apps.map(|app| Row { labels: vec![&app.app], item: app }).collect()
    },
    metrics: &[Metric::many(
        "boinc_batch_batches",
        &["state"],
        "Batches of the submitter by state; those that are retired are not listed by the server.",
        "state",
        |a, emit| {
            for (state, count) in BatchState::ALL.into_iter().zip(a.states) {
                let usual = !matches!(state, BatchState::Retired | BatchState::Unknown);
                if usual || count > 0 {
                    emit.count(&[state.name()], count);
                }
            }
        },
    )],
};

/// One row per batch: the unfinished, then the newest.
pub const BATCHES: Table<BatchRow> = Table {
    title: "Batches",
    collector: Collector::Batches,
    origin: "query_batches batch",
    labels: &["batch_id", "app"],
    rows: |snapshot| {
        let rows = snapshot.batches.iter().flat_map(|batches| &batches.rows);
        rows.map(|row| Row { labels: vec![&row.id, &row.batch.app_name], item: row }).collect()
    },
    metrics: &[
        Metric::many("boinc_batch_state", &["state"], "State of the batch.", "state", |b, emit| {
            let now = b.batch.batch_state();
            let usual =
                |state: &BatchState| !matches!(state, BatchState::Retired | BatchState::Unknown) || *state == now;
            BatchState::ALL.into_iter().filter(usual).for_each(|state| emit.flag(&[state.name()], state == now));
        }),
        Metric::many(
            "boinc_batch_jobs",
            &["state"],
            "Jobs of the batch: succeeded, failed, unfinished, or cancelled if it was aborted; absent once the server has \
             forgotten them.",
            "njobs, fraction_done, nerror_jobs, state, credit_estimate",
            |b, emit| {
                if let Some(jobs) = b.batch.jobs() {
                    emit.sample(&["succeeded"], jobs.succeeded);
                    emit.sample(&["failed"], jobs.failed);
                    let is_aborted = b.batch.batch_state() == BatchState::Aborted;
                    emit.sample(&[if is_aborted { "cancelled" } else { "unfinished" }], jobs.rest);
                }
            },
        ),
        Metric::one(
            "boinc_batch_progress_ratio",
            "Jobs of the batch that succeeded or failed, of all.",
            "njobs, fraction_done, nerror_jobs, state, credit_estimate",
            |b| b.batch.fraction_done.map(|done| done.clamp(0.0, 1.0)),
        ),
        Metric::one(
            "boinc_batch_remaining_seconds",
            "Time until the batch is done if it goes on as it did so far; absent before the first job is done.",
            "fraction_done, create_time",
            |b| b.remaining,
        ),
        Metric::one("boinc_batch_created_timestamp_seconds", "When the batch was created.", "create_time", |b| {
            time(b.batch.create_time)
        }),
        Metric::one(
            "boinc_batch_completed_timestamp_seconds",
            "When the batch was first seen to be complete, or was aborted.",
            "completion_time",
            |b| b.batch.completed(),
        ),
        Metric::one(
            "boinc_batch_expires_timestamp_seconds",
            "When the lease of the batch ends; absent without one.",
            "expire_time",
            |b| b.batch.expires(),
        ),
        Metric::one("boinc_batch_credit", "Credit granted for the batch, in cobblestones.", "credit_canonical", |b| {
            b.batch.credit_canonical
        }),
        details(Metric::one(
            "boinc_batch_median_turnaround_seconds",
            "Median time from sending to reporting a task of the batch, where the server works it out.",
            "expire_time",
            |b| b.batch.median_turnaround(),
        )),
        details(Metric::one(
            "boinc_batch_cpu_seconds",
            "CPU time of all tasks of the batch, failed ones too; only from servers that tell it unasked.",
            "total_cpu_time",
            |b| b.batch.total_cpu_time,
        )),
        Metric::only_with(
            Collector::Names,
            Metric::many(
                "boinc_batch_info",
                &["batch_name"],
                "Always 1, with the name of the batch.",
                "name",
                |b, emit| emit.sample(&[&b.batch.name], 1.0),
            ),
        ),
    ],
};
