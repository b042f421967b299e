//! Success and cost of the scrape itself.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::reason::Reason;
use crate::client::snapshot::{Part, Snapshot};

/// Seconds since 1970.
#[must_use]
pub fn timestamp(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}

/// A count of what is usually none.
fn some(count: u32) -> Option<f64> {
    (count > 0).then(|| f64::from(count))
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
        details(Metric::one(
            "boinc_authorized",
            "Whether the client accepted the password; absent if none is configured.",
            "auth2",
            |s| s.authorized.map(f64::from),
        )),
        Metric::one("boinc_scrape_duration_seconds", "How long the poll of the client took.", "", |s| {
            Some(s.duration.as_secs_f64())
        }),
        details(Metric::one(
            "boinc_scrape_state_timestamp_seconds",
            "When the cached part of the state (host, preferences, averages) was last fetched; on every poll unless there are very many tasks.",
            "",
            |s| timestamp(s.state_time?),
        )),
        Metric::many(
            "boinc_scrape_error",
            &["reason"],
            "1 for each reason why the last poll of the client failed, wholly or in part; absent if it did not. That its version does not know a request is no failure.",
            "",
            |s, emit| {
                let failed = s.parts.iter().filter(|part| part.fails());
                let errors = failed.filter_map(|part| part.error.as_ref()).chain(&s.error);
                let reasons: BTreeSet<Reason> = errors.map(|error| error.reason).collect();
                reasons.into_iter().for_each(|reason| emit.flag(&[reason.name()], true));
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

/// One row per collector that ran: a client that answers nothing has none, beside those of its data directory.
pub const PARTS: Table<Part> = Table {
    title: "Scrape by collector",
    collector: Collector::State,
    origin: "",
    labels: &["collector"],
    rows: |snapshot| {
        let ran = |part: &&Part| snapshot.answered || !part.collector.asks_client();
        let rows = snapshot.parts.iter().filter(ran);
        rows.map(|part| Row { labels: vec![part.collector.name()], item: part }).collect()
    },
    metrics: &[
        Metric::one("boinc_scrape_collector_success", "Whether the collector's last request succeeded.", "", |p| {
            Some(f64::from(p.error.is_none()))
        }),
        Metric::many(
            "boinc_scrape_collector_error",
            &["reason"],
            "1 for the reason the collector failed; absent on success. unsupported: the client's version does not know the request.",
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
            "When the collector's values were last fetched, of collectors whose values are kept for longer than a scrape.",
            "",
            |p| timestamp(p.succeeded.filter(|_| p.kept)?),
        ),
        details(Metric::one(
            "boinc_scrape_reply_bytes",
            "Size of the reply; 0 if the collector's values are cached.",
            "",
            |p| Some(p.bytes as f64),
        )),
        Metric::one(
            "boinc_scrape_unknown_elements",
            "Elements of the reply that the exporter does not know, as other BOINC versions may send; absent if there are none.",
            "",
            |p| some(p.unknown),
        ),
        Metric::one(
            "boinc_scrape_unreadable_values",
            "Invalid values in the reply, which are not exported; absent if there are none.",
            "",
            |p| some(p.unreadable),
        ),
    ],
};
