//! Whether a project's server answers, and how it is asked.

use super::{Metric, Table, timestamp};
use crate::metric::Row;
use crate::project::collectors::Collector;
use crate::project::snapshot::{Part, Snapshot};

/// One row per project.
pub const SERVER: Table<Snapshot> = Table {
    title: "Project servers",
    collector: Collector::Config,
    origin: "",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::one(
            "boinc_server_up",
            "Whether the project's server works: 0 if it does not answer, or says that it is down; absent if its pages tell neither, as behind a login.",
            "",
            |s| s.up.map(f64::from),
        ),
        Metric::many(
            "boinc_server_error",
            &["reason"],
            "1 for the reason why the project's server is down, or why its first page that fails does; absent if none does.",
            "",
            |s, emit| {
                if let Some(error) = &s.error {
                    emit.sample(&[error.reason.name()], 1.0);
                }
            },
        ),
        Metric::many(
            "boinc_server_dropped_series",
            &["collector"],
            "Number of daemons, applications, computers, batches or reported tasks without series because of a limit.",
            "",
            |s, emit| {
                for (collector, dropped) in &s.dropped {
                    emit.count(&[collector.name()], *dropped);
                }
            },
        ),
    ],
};

/// One row per collector.
pub const PARTS: Table<Part> = Table {
    title: "Project servers by collector",
    collector: Collector::Config,
    origin: "",
    labels: &["collector"],
    rows: |snapshot| {
        snapshot.parts.iter().map(|part| Row { labels: vec![part.collector.name()], item: part }).collect()
    },
    metrics: &[
        Metric::one(
            "boinc_server_collector_success",
            "Whether the collector's last requests succeeded; absent until the first since the exporter started.",
            "",
            |p| p.success.map(f64::from),
        ),
        Metric::many(
            "boinc_server_collector_error",
            &["reason"],
            "1 for the reason the collector failed; absent on success.",
            "",
            |p, emit| {
                if let Some(error) = &p.error {
                    emit.sample(&[error.reason.name()], 1.0);
                }
            },
        ),
        Metric::one(
            "boinc_server_collector_last_success_timestamp_seconds",
            "When the collector's values were read: projects are asked once an hour or less. Values disappear after three missed rounds.",
            "",
            |p| timestamp(p.succeeded?),
        ),
        Metric::many(
            "boinc_server_requests_total",
            &["outcome"],
            "Requests to the project since the exporter started: success if the answer was the page, error if it was anything else or none.",
            "",
            |p, emit| {
                emit.count(&["success"], p.requests[0]);
                emit.count(&["error"], p.requests[1]);
            },
        ),
    ],
};
