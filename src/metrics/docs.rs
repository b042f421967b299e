//! The reference of all metrics, made of the tables: what `boinc_exporter metrics` prints and `docs/METRICS.md` holds.

use std::fmt::Write as _;

use super::TABLES;
use super::table::{AnyTable, Description, Kind};
use crate::collectors::Collector;
use crate::own;

const INTRODUCTION: &str = include_str!("introduction.md");
/// Every element of BOINC's replies that no metric shows; a test holds it to that.
const NOT_EXPORTED: &str = include_str!("not_exported.md");

/// The whole reference, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    TABLES.iter().for_each(|table| section(&mut page, *table));
    exporter(&mut page);
    page.push_str("\n## Not exported, and why\n\n`*` stands for any one element, `**` for all below.\n\n");
    page.push_str(NOT_EXPORTED);
    page
}

fn section(page: &mut String, table: &dyn AnyTable) {
    let metrics = table.describe();
    let title = table.title();
    // Writing to a String cannot fail.
    let collector = table.collector();
    let default = match collector {
        Collector::State => "always on",
        collector if collector.is_request() => "on by default",
        _ => "off by default",
    };
    let _ = write!(page, "\n## {title}\n\nCollector `{collector}`, {default}.\n\n");
    page.push_str("| metric | type | labels | meaning | BOINC element |\n|---|---|---|---|---|\n");
    for metric in &metrics {
        let _ = writeln!(page, "{}", line(metric));
    }
}

/// The metrics of the exporter itself.
fn exporter(page: &mut String) {
    page.push_str("\n## The exporter itself\n\nAlways on, unless `web.disable_exporter_metrics`; also alone, at `/-/metrics`.\n\n");
    page.push_str("| metric | type | meaning |\n|---|---|---|\n");
    let process = own::PROCESS.iter().map(|metric| (metric.name, metric.help));
    for (name, help) in [own::BUILD_INFO].into_iter().chain(own::RELOADS).chain(process) {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        let _ = writeln!(page, "| `{name}` | {kind} | {help} |");
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
