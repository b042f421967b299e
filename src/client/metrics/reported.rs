//! Tasks that were reported: gone from the client's tasks, each counted once.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::OUTCOMES;
use crate::client::snapshot::ReportedApp;

/// Reported tasks by application.
pub const APPS: Table<ReportedApp> = Table {
    title: "Reported tasks",
    collector: Collector::OldResults,
    origin: "get_old_results old_result",
    labels: &["project", "project_url", "app"],
    rows: |snapshot| {
        let rows = snapshot.reported.iter();
        rows.map(|of| Row { labels: vec![&of.name, &of.url, &of.item.app], item: &of.item }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_tasks_reported_total",
            &["outcome"],
            "Tasks that the client reported since the exporter started, each counted once.",
            "exit_status",
            |r, emit| OUTCOMES.iter().zip(r.outcomes).for_each(|(outcome, count)| emit.count(&[outcome], count)),
        ),
        Metric::one("boinc_tasks_reported_elapsed_seconds_total", "Time that these tasks ran.", "elapsed_time", |r| {
            Some(r.elapsed)
        }),
        Metric::one("boinc_tasks_reported_cpu_seconds_total", "CPU time of these tasks.", "cpu_time", |r| Some(r.cpu)),
        Metric::many(
            "boinc_tasks_reported_exit_status_total",
            &["exit_status"],
            "These tasks by exit status: 0 is success, 1 to 191 the application's own, the others BOINC's.",
            "exit_status",
            |r, emit| r.exit_statuses.iter().for_each(|(status, count)| emit.count(&[&status.to_string()], *count)),
        ),
        Metric::histogram(
            "boinc_reported_task_elapsed_seconds",
            "Run times of those of these tasks that succeeded.",
            "elapsed_time",
            |r| &r.elapsed_times,
        ),
        Metric::histogram(
            "boinc_reported_task_cpu_seconds",
            "CPU times of those of these tasks that succeeded.",
            "cpu_time",
            |r| &r.cpu_times,
        ),
    ],
};

/// Tasks reported lately.
pub const RECENT: Table<[u32; 3]> = Table {
    title: "Reported tasks of the last hour",
    collector: Collector::OldResults,
    origin: "get_old_results old_result",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.recently_reported.iter().map(super::row).collect(),
    metrics: &[Metric::many(
        "boinc_tasks_recently_reported",
        &["outcome"],
        "Tasks that the client reported within the last hour, as far as it remembers: it forgets them when it restarts.",
        "exit_status, create_time",
        |counts, emit| OUTCOMES.iter().zip(counts).for_each(|(outcome, count)| emit.count(&[outcome], *count)),
    )],
};
