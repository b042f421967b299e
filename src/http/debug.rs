//! The first part of `/probe?debug=true`, for people: what the exporter asked a client and how that went. It contains error
//! messages, but neither replies nor secrets.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use humantime_serde::re::humantime;

use crate::client::snapshot::{Part, Snapshot};

/// The page, up to the metrics.
pub fn page(snapshot: &Snapshot, address: &str, within: Duration, took: Duration) -> String {
    let mut page = format!("Probe of {} at {address}\n\n", snapshot.client);
    // Writing to a String cannot fail.
    let _ = writeln!(page, "up:        {}", if snapshot.up { "yes" } else { "no" });
    if let Some(error) = &snapshot.error {
        let _ = writeln!(page, "reason:    {}: {}", error.reason, error.message);
    }
    let password = match snapshot.authorized {
        Some(true) => "accepted",
        Some(false) => "rejected",
        None => "not sent",
    };
    let _ = writeln!(page, "password:  {password}");
    if let Some(version) = &snapshot.version {
        let _ = writeln!(page, "version:   {version} {}", snapshot.platform);
    }
    let _ = writeln!(page, "time:      {} of {} available", milliseconds(took), milliseconds(within));
    if let Some(finished) = snapshot.finished {
        let finished = humantime::format_rfc3339_millis(finished);
        let _ = writeln!(page, "poll:      {}, finished {finished}", milliseconds(snapshot.duration));
    }
    parts(&mut page, &snapshot.parts, snapshot.finished.unwrap_or(SystemTime::UNIX_EPOCH));
    page.push_str("\nMetrics:\n\n");
    page
}

fn parts(page: &mut String, parts: &[Part], now: SystemTime) {
    if parts.is_empty() {
        page.push_str("\nNo requests were sent.\n");
        return;
    }
    let _ = writeln!(
        page,
        "\n{:<18} {:<8} {:>12} {:>10} {:>8} {:>10}",
        "collector", "outcome", "time", "bytes", "unknown", "unreadable"
    );
    for part in parts {
        let name = part.collector.name();
        if let Some(error) = &part.error {
            let _ = writeln!(page, "{name:<18} failed   {:>12} {:>10}", milliseconds(part.duration), part.bytes);
            let _ = writeln!(page, "{:<18} {}: {}", "", error.reason, error.message);
        } else if part.bytes == 0 {
            let _ = writeln!(page, "{name:<18} not due  {}", cached(part.succeeded, now));
        } else {
            let _ = writeln!(
                page,
                "{name:<18} ok       {:>12} {:>10} {:>8} {:>10}",
                milliseconds(part.duration),
                part.bytes,
                part.unknown,
                part.unreadable
            );
        }
    }
}

fn cached(succeeded: Option<SystemTime>, now: SystemTime) -> String {
    let age = succeeded.map(|time| now.duration_since(time).unwrap_or_default());
    age.map_or_else(|| "no reply yet".to_owned(), |age| format!("using the reply from {} s ago", age.as_secs()))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
