//! The definitions of a metric, a table and a subject. Each subject declares its tables with these types; the other
//! modules of `metric` encode them and describe them. It does not know the text formats.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::fit::{Fit, Size};
use super::histogram::Histogram;
use super::samples::{Kind, SampleWriter};

/// A kind of thing that is monitored. Its tables turn its snapshots into metrics.
pub trait Subject: Sized + 'static {
    /// The result of one poll.
    type Snapshot: fmt::Debug + Send + Sync;
    /// A part of a snapshot that can be enabled or disabled.
    type Collector: Copy + fmt::Display + Send + Sync;

    /// Names of the labels of every sample.
    const LABELS: &'static [&'static str];
    /// All tables, in the order in which they are exported.
    const TABLES: &'static [&'static dyn ErasedTable<Self>];

    /// Which rows of a snapshot are exported.
    fn fit(snapshot: &Self::Snapshot) -> &Fit;
    /// Values of [`Self::LABELS`].
    fn labels(snapshot: &Self::Snapshot) -> Vec<&str>;
    /// Whether this part was enabled.
    fn collects(snapshot: &Self::Snapshot, collector: Self::Collector) -> bool;
    /// When this part is collected, for display: "on by default", for example.
    fn availability(collector: Self::Collector) -> &'static str;
    /// Whether this part only adds series derived from other parts.
    fn is_optional(collector: Self::Collector) -> bool;
}

/// The complete definition of one metric of a `T`.
#[derive(Debug)]
pub struct Metric<S: Subject, T: 'static> {
    /// The full name. `_total` at the end makes it a counter; a base unit before that is its unit.
    pub name: &'static str,
    /// The help text: one sentence.
    pub help: &'static str,
    /// BOINC's element, relative to the table's; empty if the exporter itself provides the value.
    pub origin: &'static str,
    /// Labels in addition to the table's.
    pub labels: &'static [&'static str],
    /// Exported only if this is collected; `None` for always.
    pub optional: Option<S::Collector>,
    /// How its samples are obtained.
    pub value: Value<T>,
}

/// How the samples of a metric are obtained from a row.
pub enum Value<T> {
    /// One sample, or none if the value is unknown.
    One(fn(&T) -> Option<f64>),
    /// Any number of samples, distinguished by the metric's own labels.
    Many(fn(&T, &mut SampleWriter<'_, '_>)),
    /// A histogram.
    Histogram(fn(&T) -> &Histogram),
}

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One(_) => "One",
            Self::Many(_) => "Many",
            Self::Histogram(_) => "Histogram",
        })
    }
}

impl<S: Subject, T> Metric<S, T> {
    /// A metric with one sample per row.
    pub const fn one(
        name: &'static str,
        help: &'static str,
        origin: &'static str,
        value: fn(&T) -> Option<f64>,
    ) -> Self {
        Self { name, help, origin, labels: &[], optional: None, value: Value::One(value) }
    }

    /// A metric with several samples per row, distinguished by `labels`.
    pub const fn many(
        name: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
        origin: &'static str,
        value: fn(&T, &mut SampleWriter<'_, '_>),
    ) -> Self {
        Self { name, help, origin, labels, optional: None, value: Value::Many(value) }
    }

    /// A histogram.
    pub const fn histogram(
        name: &'static str,
        help: &'static str,
        origin: &'static str,
        histogram: fn(&T) -> &Histogram,
    ) -> Self {
        Self { name, help, origin, labels: &[], optional: None, value: Value::Histogram(histogram) }
    }

    /// A metric that is exported only if `collector` is collected too.
    #[must_use]
    pub const fn only_with(collector: S::Collector, mut metric: Self) -> Self {
        metric.optional = Some(collector);
        metric
    }

    /// The type: given by the value for histograms, and by the name otherwise.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.value {
            Value::Histogram(_) => Kind::Histogram,
            _ if self.name.ends_with("_total") => Kind::Counter,
            _ => Kind::Gauge,
        }
    }

    /// The help text with the origin of the value.
    #[must_use]
    pub fn full_help(&self, table_origin: &str) -> String {
        match (self.origin, table_origin) {
            ("", _) => self.help.to_owned(),
            (origin, "") => [self.help, " From ", origin, "."].concat(),
            (origin, table) => [self.help, " From ", table, ": ", origin, "."].concat(),
        }
    }
}

/// A row: an item of a snapshot that has metrics, and its labels in addition to the subject's.
#[derive(Debug)]
pub struct Row<'a, T> {
    /// Values of the table's labels.
    pub labels: Vec<&'a str>,
    /// The item.
    pub item: &'a T,
}

/// The metrics of one kind of item.
#[derive(Debug)]
pub struct Table<S: Subject, T: 'static> {
    /// Title in `docs/METRICS.md`.
    pub title: &'static str,
    /// The collector that provides the items.
    pub collector: S::Collector,
    /// BOINC's element that contains the metrics' origins.
    pub origin: &'static str,
    /// Labels of each row in addition to the subject's.
    pub labels: &'static [&'static str],
    /// The rows of a snapshot.
    pub rows: for<'a> fn(&'a S::Snapshot) -> Vec<Row<'a, T>>,
    /// The metrics.
    pub metrics: &'static [Metric<S, T>],
}

/// A table of any item type.
pub trait ErasedTable<S: Subject>: Sync {
    /// Title in `docs/METRICS.md`.
    fn title(&self) -> &'static str;
    /// The collector that provides its rows.
    fn collector(&self) -> S::Collector;
    /// Describes each metric.
    fn describe(&self) -> Vec<Description<S>>;
    /// How many rows a snapshot has of it that have no more than `max` series together.
    fn size(&self, snapshot: &S::Snapshot, max: usize) -> Size;
    /// Writes the samples of all snapshots, family by family. `index` is its place among the tables of the subject.
    ///
    /// # Errors
    /// Only errors of the encoder's writer.
    fn encode(&self, index: usize, snapshots: &[Arc<S::Snapshot>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result;
}

/// The description of a metric.
#[derive(Debug, Clone)]
pub struct Description<S: Subject> {
    /// Name.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Labels, starting with the subject's.
    pub labels: Vec<&'static str>,
    /// Help text, without the origin.
    pub help: &'static str,
    /// BOINC's element, including the table's.
    pub origin: String,
    /// The collector that must be enabled in addition to the table's own.
    pub optional: Option<S::Collector>,
}

impl<S: Subject, T> Table<S, T> {
    pub(super) fn descriptions(&self) -> Vec<Description<S>> {
        let describe = |metric: &Metric<S, T>| Description {
            name: metric.name,
            kind: metric.kind(),
            labels: S::LABELS.iter().chain(self.labels).chain(metric.labels).copied().collect(),
            help: metric.help,
            origin: match (self.origin, metric.origin) {
                ("", origin) | (origin, "") => origin.to_owned(),
                (table, origin) => format!("{table}: {origin}"),
            },
            optional: metric.optional.or(S::is_optional(self.collector).then_some(self.collector)),
        };
        self.metrics.iter().map(describe).collect()
    }
}
