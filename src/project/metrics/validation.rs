//! What became of the tasks that the watched clients reported.

use super::{Metric, Table};
use crate::metric::Row;
use crate::project::collectors::Collector;
use crate::project::pages::results::Validation;
use crate::project::snapshot::ValidationRow;

/// One row per application and kind of device.
pub const TASKS: Table<ValidationRow> = Table {
    title: "Validation of reported tasks",
    collector: Collector::Validation,
    origin: "result_status result",
    labels: &["app", "resource"],
    rows: |snapshot| {
        let rows = snapshot.validation.iter();
        rows.map(|row| Row { labels: vec![&row.app, &row.resource], item: row }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_validation_tasks_total",
            &["outcome"],
            "Tasks that the watched clients reported as successful, since the exporter started, by what the project found; forgotten if it purged them first.",
            "validate_state, outcome",
            |v, emit| {
                for (outcome, count) in
                    Validation::ALL.into_iter().zip(v.decided).filter(|(outcome, _)| outcome.is_final())
                {
                    emit.count(&[outcome.name()], count);
                }
                emit.count(&["forgotten"], v.gone);
            },
        ),
        Metric::many(
            "boinc_validation_tasks_waiting",
            &["state"],
            "Tasks that the watched clients reported as successful and on which the project has not decided: pending ones wait for others' results, inconclusive ones for more of them.",
            "validate_state, server_state",
            |v, emit| {
                let waiting = Validation::ALL.into_iter().zip(v.waiting).filter(|(state, _)| !state.is_final());
                for (state, count) in waiting {
                    if count > 0 || matches!(state, Validation::Pending | Validation::Inconclusive) {
                        emit.count(&[state.name()], count);
                    }
                }
            },
        ),
        Metric::one(
            "boinc_validation_credit_total",
            "Credit (points) granted for the decided tasks, in cobblestones, so that credit of CPUs and of GPUs can be told apart.",
            "granted_credit",
            |v| Some(v.credit),
        ),
    ],
};
