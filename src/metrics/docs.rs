//! The reference of all metrics, made of the tables: what `boinc_exporter metrics` prints and `docs/METRICS.md` holds.

use std::fmt::Write as _;

use super::TABLES;
use super::table::{AnyTable, Description, Kind};

const INTRODUCTION: &str = include_str!("introduction.md");
/// Every element of BOINC's replies that no metric shows; a test holds it to that.
const NOT_EXPORTED: &str = include_str!("not_exported.md");

/// The whole reference, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    TABLES.iter().for_each(|table| section(&mut page, *table));
    page.push_str("\n## Not exported, and why\n\n`*` stands for any one element, `**` for all below.\n\n");
    page.push_str(NOT_EXPORTED);
    page
}

fn section(page: &mut String, table: &dyn AnyTable) {
    let metrics = table.describe();
    let title = table.title();
    // Writing to a String cannot fail.
    let _ = write!(page, "\n## {title}\n\nCollector `{}`.\n\n", table.collector());
    page.push_str("| metric | type | labels | meaning | BOINC element |\n|---|---|---|---|---|\n");
    for metric in &metrics {
        let _ = writeln!(page, "{}", line(metric));
    }
}

fn line(metric: &Description) -> String {
    let kind = match metric.kind {
        Kind::Gauge => "gauge",
        Kind::Counter => "counter",
        Kind::Histogram => "histogram",
    };
    let labels: Vec<_> = ["client"].iter().chain(&metric.labels).map(|label| format!("`{label}`")).collect();
    let optional =
        metric.optional.map(|collector| format!(" *Only with the collector `{collector}`.*")).unwrap_or_default();
    let origin = if metric.origin.is_empty() { String::new() } else { format!("`{}`", metric.origin) };
    format!("| `{}` | {kind} | {} | {}{optional} | {origin} |", metric.name, labels.join(", "), metric.help)
}
