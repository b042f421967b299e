//! Encodes a table. Its snapshots come in; all samples go to prometheus-client's encoder, family by family, so that no
//! family is interrupted. It does not know the text formats.

use std::borrow::Cow;
use std::fmt;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::HashSet;
use foldhash::quality::RandomState;
use prometheus_client::encoding::DescriptorEncoder;

use super::fit::Size;
use super::samples::{SampleWriter, escape, shorten};
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

    fn size(&self, snapshot: &S::Snapshot, max: usize) -> Size {
        let rows = (self.rows)(snapshot);
        let mut size = Size::default();
        for row in &rows {
            let series: usize = self.metrics.iter().map(|metric| series(metric, snapshot, row.item)).sum();
            if size.series + series > max {
                break;
            }
            (size.rows, size.series) = (size.rows + 1, size.series + series);
        }
        Size { left_out: rows.len() - size.rows, ..size }
    }

    fn encode(&self, index: usize, snapshots: &[Arc<S::Snapshot>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let rows = PreparedRows::new(self, index, snapshots);
        self.metrics.iter().try_for_each(|metric| family(self.origin, metric, &rows, encoder))
    }
}

/// A row of one snapshot, prepared to be written once per metric.
struct PreparedRow<'a, S: Subject, T> {
    snapshot: &'a S::Snapshot,
    item: &'a T,
    /// Where its labels are in [`PreparedRows::labels`], up to the name of the last one.
    labels: Range<usize>,
    /// The value of the last label.
    last: Cow<'a, str>,
}

/// The rows of all snapshots, with their labels as text. The labels are the same in all families of a table, so they
/// are rendered once; they are contiguous in memory because every family walks over all of them.
struct PreparedRows<'a, S: Subject, T> {
    rows: Vec<PreparedRow<'a, S, T>>,
    labels: String,
}

impl<'a, S: Subject, T> PreparedRows<'a, S, T> {
    fn new(table: &Table<S, T>, index: usize, snapshots: &'a [Arc<S::Snapshot>]) -> Self {
        let mut prepared = Self { rows: Vec::new(), labels: String::new() };
        let hasher = RandomState::default();
        let mut seen = HashSet::default();
        for snapshot in snapshots {
            seen.clear();
            for row in (table.rows)(snapshot).into_iter().take(S::fit(snapshot).rows(index)) {
                // Two rows with the same labels would be one series with two values: Prometheus keeps one and logs a
                // warning.
                if row.labels.is_empty() || seen.insert(hasher.hash_one(&row.labels)) {
                    prepared.push(table.labels, snapshot, &row);
                }
            }
        }
        prepared
    }

    fn push(&mut self, names: &[&str], snapshot: &'a S::Snapshot, row: &Row<'a, T>) {
        let start = self.labels.len();
        let names = S::LABELS.iter().chain(names);
        let values = S::labels(snapshot).into_iter().chain(row.labels.iter().copied());
        let mut last = "";
        for (name, value) in names.zip(values) {
            if self.labels.len() > start {
                self.labels.push_str("=\"");
                escape(&shorten(last), &mut self.labels);
                self.labels.push_str("\",");
            }
            self.labels.push_str(name);
            last = value;
        }
        self.rows.push(PreparedRow { snapshot, item: row.item, labels: start..self.labels.len(), last: shorten(last) });
    }
}

fn family<S: Subject, T>(
    origin: &str,
    metric: &Metric<S, T>,
    PreparedRows { rows, labels }: &PreparedRows<'_, S, T>,
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let help = || metric.full_help(origin);
    let mut samples = SampleWriter::new(encoder, metric.name, metric.kind(), metric.labels, &help);
    for row in rows {
        if is_left_out(metric, row.snapshot) {
            continue;
        }
        samples.begin_row(&labels[row.labels.clone()], &row.last);
        write(metric, row.item, &mut samples);
    }
    samples.finish()
}

/// Whether an optional part that the metric needs is not collected.
fn is_left_out<S: Subject, T>(metric: &Metric<S, T>, snapshot: &S::Snapshot) -> bool {
    metric.optional.is_some_and(|collector| !S::collects(snapshot, collector))
}

fn write<T, S: Subject>(metric: &Metric<S, T>, item: &T, samples: &mut SampleWriter<'_, '_>) {
    match metric.value {
        Value::One(value) => samples.sample(&[], value(item)),
        Value::Many(values) => values(item, samples),
        Value::Histogram(histogram) => samples.histogram(histogram(item)),
    }
}

/// How many series a metric has for an item.
fn series<S: Subject, T>(metric: &Metric<S, T>, snapshot: &S::Snapshot, item: &T) -> usize {
    if is_left_out(metric, snapshot) {
        return 0;
    }
    let mut samples = SampleWriter::counting(metric.name, metric.kind());
    write(metric, item, &mut samples);
    samples.counted()
}
