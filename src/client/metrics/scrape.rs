//! Success and cost of the scrape itself.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::reason::Reason;
use crate::client::snapshot::{Part, Snapshot};

/// Seconds since 1970.
#[must_use]
pub fn timestamp(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}

/// One row per client.
pub const CLIENT: Table<Snapshot> = Table {
    title: "Scrape",
    collector: Collector::State,
    origin: "",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::one(
            "boinc_up",
            "Whether connecting to the client, logging in and reading its state succeeded.",
            "",
            |s| Some(f64::from(s.up)),
        ),
        Metric::one(
            "boinc_authorized",
            "Whether the client accepted the password; absent if none is configured.",
            "auth2",
            |s| s.authorized.map(f64::from),
        ),
        Metric::one("boinc_scrape_duration_seconds", "How long the poll of the client took.", "", |s| {
            Some(s.duration.as_secs_f64())
        }),
        Metric::one(
            "boinc_scrape_state_timestamp_seconds",
            "When the cached part of the state (host, preferences, averages) was last fetched; on every poll unless there are very many tasks.",
            "",
            |s| timestamp(s.state_time?),
        ),
        Metric::many(
            "boinc_scrape_error",
            &["reason"],
            "Whether the last poll of the client failed, wholly or in part, for this reason.",
            "",
            |s, emit| {
                let failed = |reason| {
                    let parts = s.parts.iter().filter_map(|part| part.error.as_ref());
                    parts.chain(&s.error).any(|error| error.reason == reason)
                };
                Reason::ALL.into_iter().for_each(|reason| emit.flag(&[reason.name()], failed(reason)));
            },
        ),
        Metric::many(
            "boinc_scrape_dropped_series",
            &["collector"],
            "Number of tasks, transfers, projects and other rows of the collector without series because of a limit; the most urgent tasks are kept.",
            "",
            |s, emit| {
                for (collector, dropped) in &s.dropped {
                    emit.count(&[collector.name()], *dropped as u64);
                }
            },
        ),
    ],
};

/// One row per collector.
pub const PARTS: Table<Part> = Table {
    title: "Scrape by collector",
    collector: Collector::State,
    origin: "",
    labels: &["collector"],
    rows: |snapshot| {
        snapshot.parts.iter().map(|part| Row { labels: vec![part.collector.name()], item: part }).collect()
    },
    metrics: &[
        Metric::one("boinc_scrape_collector_success", "Whether the collector's last request succeeded.", "", |p| {
            Some(f64::from(p.error.is_none()))
        }),
        Metric::many(
            "boinc_scrape_collector_error",
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
            "boinc_scrape_collector_duration_seconds",
            "How long the collector's request took; 0 if its values are cached.",
            "",
            |p| Some(p.duration.as_secs_f64()),
        ),
        Metric::one(
            "boinc_scrape_collector_last_success_timestamp_seconds",
            "When the collector's values were last fetched.",
            "",
            |p| timestamp(p.succeeded?),
        ),
        Metric::one(
            "boinc_scrape_reply_bytes",
            "Size of the reply; 0 if the collector's values are cached.",
            "",
            |p| Some(p.bytes as f64),
        ),
        Metric::one(
            "boinc_scrape_unknown_elements",
            "Elements of the reply that the exporter does not know, as other BOINC versions may send.",
            "",
            |p| Some(f64::from(p.unknown)),
        ),
        Metric::one(
            "boinc_scrape_unreadable_values",
            "Invalid values in the reply, which are not exported.",
            "",
            |p| Some(f64::from(p.unreadable)),
        ),
    ],
};
