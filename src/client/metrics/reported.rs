//! Reported tasks, which the client no longer lists among its tasks. Each is counted once.

use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::OUTCOMES;
use crate::client::snapshot::ReportedApp;

/// One row per application.
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
            "Tasks (work units) reported since the exporter started, each counted once, by outcome: success, error or aborted.",
            "exit_status",
            |r, emit| OUTCOMES.iter().zip(r.outcomes).for_each(|(outcome, count)| emit.count(&[outcome], count)),
        ),
        Metric::one(
            "boinc_tasks_reported_elapsed_seconds_total",
            "Run time (runtime, wall clock) of tasks reported since the exporter started.",
            "elapsed_time",
            |r| Some(r.elapsed),
        ),
        Metric::one(
            "boinc_tasks_reported_cpu_seconds_total",
            "CPU time of tasks reported since the exporter started.",
            "cpu_time",
            |r| Some(r.cpu),
        ),
        Metric::many(
            "boinc_tasks_reported_exit_status_total",
            &["exit_status"],
            "Tasks reported since the exporter started that did not succeed, by exit status: 1 to 191 are the application's codes, most others BOINC's.",
            "exit_status",
            |r, emit| {
                let failures = r.exit_statuses.iter().filter(|(status, _)| **status != 0);
                failures.for_each(|(status, count)| emit.count(&[&status.to_string()], *count));
            },
        ),
        Metric::histogram(
            "boinc_tasks_reported_run_time_seconds",
            "Run times (runtime, wall clock) of successful tasks reported since the exporter started.",
            "elapsed_time",
            |r| &r.elapsed_times,
        ),
        details(Metric::histogram(
            "boinc_tasks_reported_cpu_time_seconds",
            "CPU times of successful tasks reported since the exporter started.",
            "cpu_time",
            |r| &r.cpu_times,
        )),
    ],
};

/// One row per project.
pub const RECENT: Table<[u32; 3]> = Table {
    title: "Tasks reported in the last hour",
    collector: Collector::OldResults,
    origin: "get_old_results old_result",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.recently_reported.iter().map(super::row).collect(),
    metrics: &[details(Metric::many(
        "boinc_tasks_reported_recently",
        &["outcome"],
        "Tasks reported within the last hour; the client forgets them when it restarts.",
        "exit_status, create_time",
        |counts, emit| OUTCOMES.iter().zip(counts).for_each(|(outcome, count)| emit.count(&[outcome], *count)),
    ))],
};
