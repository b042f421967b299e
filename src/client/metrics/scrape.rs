//! How the scrape itself went.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::reason::Reason;
use crate::client::snapshot::{Part, Snapshot};

fn timestamp(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}

/// A client.
pub const CLIENT: Table<Snapshot> = Table {
    title: "Scrape of a client",
    collector: Collector::State,
    origin: "",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::one("boinc_up", "Whether the client answered: connected, logged in and told its state.", "", |s| {
            Some(f64::from(s.up))
        }),
        Metric::one(
            "boinc_authorized",
            "Whether the client took the password; absent if none is configured.",
            "auth2",
            |s| s.authorized.map(f64::from),
        ),
        Metric::one("boinc_scrape_duration_seconds", "How long the client was asked.", "", |s| {
            Some(s.duration.as_secs_f64())
        }),
        Metric::one(
            "boinc_scrape_state_timestamp_seconds",
            "When the slowly changing part of the state (host, preferences, averages) was got; with every poll unless there are very many tasks.",
            "",
            |s| timestamp(s.state_time?),
        ),
        Metric::many(
            "boinc_scrape_error",
            &["reason"],
            "Whether anything failed for this reason in the last poll of the client.",
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
            "Items (tasks, transfers, application versions; under state: projects) that a limit left without series. Of tasks the most urgent have them, of the others the first.",
            "",
            |s, emit| {
                for (collector, dropped) in &s.dropped {
                    emit.count(&[collector.name()], *dropped as u64);
                }
            },
        ),
    ],
};

/// A request to a client.
pub const PARTS: Table<Part> = Table {
    title: "Scrape of a client, by collector",
    collector: Collector::State,
    origin: "",
    labels: &["collector"],
    rows: |snapshot| {
        snapshot.parts.iter().map(|part| Row { labels: vec![part.collector.name()], item: part }).collect()
    },
    metrics: &[
        Metric::one(
            "boinc_scrape_collector_success",
            "Whether the collector's last request was answered and understood.",
            "",
            |p| Some(f64::from(p.error.is_none())),
        ),
        Metric::many(
            "boinc_scrape_collector_error",
            &["reason"],
            "1 with the reason for which the collector failed; absent otherwise.",
            "",
            |p, emit| {
                if let Some(error) = &p.error {
                    emit.sample(&[error.reason.name()], 1.0);
                }
            },
        ),
        Metric::one(
            "boinc_scrape_collector_duration_seconds",
            "How long the collector's request took; 0 if what is shown was got earlier.",
            "",
            |p| Some(p.duration.as_secs_f64()),
        ),
        Metric::one(
            "boinc_scrape_collector_last_success_timestamp_seconds",
            "When what the collector shows was got.",
            "",
            |p| timestamp(p.succeeded?),
        ),
        Metric::one("boinc_scrape_reply_bytes", "Size of the reply; 0 if what is shown was got earlier.", "", |p| {
            Some(p.bytes as f64)
        }),
        Metric::one(
            "boinc_scrape_unknown_elements",
            "Elements of the reply that the exporter does not know, as of another version of BOINC.",
            "",
            |p| Some(f64::from(p.unknown)),
        ),
        Metric::one(
            "boinc_scrape_unreadable_values",
            "Values of the reply that are not what they should be, and are left out.",
            "",
            |p| Some(f64::from(p.unreadable)),
        ),
    ],
};
