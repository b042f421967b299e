//! Tables as Markdown: the part of the reference that is made from them.

use std::fmt::Write as _;

use super::samples::Kind;
use super::table::{Description, ErasedTable, Subject};

/// All tables of a subject, each with a heading.
#[must_use]
pub fn tables<S: Subject>() -> String {
    S::TABLES.iter().map(|table| section(*table)).collect()
}

fn section<S: Subject>(table: &dyn ErasedTable<S>) -> String {
    let (title, collector) = (table.title(), table.collector());
    let default = S::availability(collector);
    let mut section = format!("\n## {title}\n\nCollector `{collector}`, {default}.\n\n");
    section.push_str("| metric | type | labels | meaning | BOINC element |\n|---|---|---|---|---|\n");
    for metric in table.describe() {
        // Writing to a String cannot fail.
        let _ = writeln!(section, "{}", line(&metric));
    }
    section
}

fn line<S: Subject>(metric: &Description<S>) -> String {
    let kind = match metric.kind {
        Kind::Gauge => "gauge",
        Kind::Counter => "counter",
        Kind::Histogram => "histogram",
    };
    let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    let optional =
        metric.optional.map(|collector| format!(" *Only with the collector `{collector}`.*")).unwrap_or_default();
    let origin = if metric.origin.is_empty() { String::new() } else { format!("`{}`", metric.origin) };
    format!("| `{}` | {kind} | {} | {}{optional} | {origin} |", metric.name, labels.join(", "), metric.help)
}
