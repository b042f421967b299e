//! From tables and snapshots to prometheus-client's encoder: families outermost, so that none is interrupted.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::samples::{SampleWriter, cut, escape};
use super::table::{Description, ErasedTable, Metric, Row, Subject, Table, Value};

impl<S: Subject, T: Sync> ErasedTable<S> for Table<S, T> {
    fn title(&self) -> &'static str {
        self.title
    }

    fn collector(&self) -> S::Collector {
        self.collector
    }

    fn describe(&self) -> Vec<Description<S>> {
        self.descriptions()
    }

    fn encode(&self, snapshots: &[Arc<S::Snapshot>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let lines = Lines::new(self, snapshots);
        self.metrics.iter().try_for_each(|metric| family(self.origin, metric, &lines, encoder))
    }
}

/// A row of one snapshot, ready to be written once for each metric.
struct Line<'a, S: Subject, T> {
    snapshot: &'a S::Snapshot,
    item: &'a T,
    /// Where its labels stand in [`Lines::labels`], up to the name of the last.
    labels: Range<usize>,
    /// The value of the last.
    last: &'a str,
}

/// The rows of all snapshots, with their labels as text: these are the same in all families of a table, and side by side in
/// memory, for each family walks over all of them.
struct Lines<'a, S: Subject, T> {
    lines: Vec<Line<'a, S, T>>,
    labels: String,
}

impl<'a, S: Subject, T> Lines<'a, S, T> {
    fn new(table: &Table<S, T>, snapshots: &'a [Arc<S::Snapshot>]) -> Self {
        let mut lines = Self { lines: Vec::new(), labels: String::new() };
        let hasher = RandomState::new();
        let mut seen = HashSet::new();
        for snapshot in snapshots {
            seen.clear();
            for mut row in (table.rows)(snapshot) {
                row.labels.iter_mut().for_each(|label| *label = cut(label));
                // Two rows with the same labels would be one series with two values: Prometheus keeps one and complains.
                if row.labels.is_empty() || seen.insert(hasher.hash_one(&row.labels)) {
                    lines.push(table.labels, snapshot, &row);
                }
            }
        }
        lines
    }

    fn push(&mut self, names: &[&str], snapshot: &'a S::Snapshot, row: &Row<'a, T>) {
        let start = self.labels.len();
        let names = S::LABELS.iter().chain(names);
        let values = S::labels(snapshot).into_iter().map(cut).chain(row.labels.iter().copied());
        let mut last = "";
        for (name, value) in names.zip(values) {
            if self.labels.len() > start {
                self.labels.push_str("=\"");
                escape(last, &mut self.labels);
                self.labels.push_str("\",");
            }
            self.labels.push_str(name);
            last = value;
        }
        self.lines.push(Line { snapshot, item: row.item, labels: start..self.labels.len(), last });
    }
}

fn family<S: Subject, T>(
    origin: &str,
    metric: &Metric<S, T>,
    Lines { lines, labels }: &Lines<'_, S, T>,
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let help = || metric.full_help(origin);
    let mut samples = SampleWriter::new(encoder, metric.name, metric.kind(), metric.labels, &help);
    for line in lines {
        if metric.optional.is_some_and(|collector| !S::collects(line.snapshot, collector)) {
            continue;
        }
        samples.begin_row(&labels[line.labels.clone()], line.last);
        match metric.value {
            Value::One(value) => samples.sample(&[], value(line.item)),
            Value::Many(values) => values(line.item, &mut samples),
            Value::Histogram(histogram) => samples.histogram(histogram(line.item)),
        }
    }
    samples.finish()
}
