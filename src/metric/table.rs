//! A metric, a table of metrics, and the subject that tables are about.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::histogram::Histogram;
use super::samples::{Kind, SampleWriter};

/// Something that is watched. Its tables turn its snapshots into metrics.
pub trait Subject: Sized + 'static {
    /// What one poll brought.
    type Snapshot: fmt::Debug + Send + Sync;
    /// A part of a snapshot that can be switched on and off.
    type Collector: Copy + fmt::Display + Send + Sync;

    /// Names of the labels that every sample has.
    const LABELS: &'static [&'static str];
    /// All tables, in the order in which they are shown.
    const TABLES: &'static [&'static dyn ErasedTable<Self>];

    /// Values of [`Self::LABELS`].
    fn labels(snapshot: &Self::Snapshot) -> Vec<&str>;
    /// Whether this part was to be collected.
    fn collects(snapshot: &Self::Snapshot, collector: Self::Collector) -> bool;
    /// When this part is collected, for people: "on by default", say.
    fn availability(collector: Self::Collector) -> &'static str;
    /// Whether this part only adds series to what others bring.
    fn is_optional(collector: Self::Collector) -> bool;
}

/// One metric of a `T`: its whole definition.
#[derive(Debug)]
pub struct Metric<S: Subject, T: 'static> {
    /// The name that users type. `_total` at its end makes it a counter; a base unit before that is its unit.
    pub name: &'static str,
    /// What it means, as a sentence.
    pub help: &'static str,
    /// BOINC's element below that of the table; empty for what the exporter itself knows.
    pub origin: &'static str,
    /// Labels beyond those of the table.
    pub labels: &'static [&'static str],
    /// Shown only if this is collected; `None` for always.
    pub optional: Option<S::Collector>,
    /// The value.
    pub value: Value<T>,
}

/// How a metric gets its samples from a row.
pub enum Value<T> {
    /// One sample, or none where the value is not known.
    One(fn(&T) -> Option<f64>),
    /// Any number of samples, each with the metric's own labels.
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
    /// A metric with one sample a row.
    pub const fn one(
        name: &'static str,
        help: &'static str,
        origin: &'static str,
        value: fn(&T) -> Option<f64>,
    ) -> Self {
        Self { name, help, origin, labels: &[], optional: None, value: Value::One(value) }
    }

    /// A metric with several samples a row, which differ in `labels`.
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

    /// As [`Metric::many`], shown only if `collector` is collected too.
    pub const fn optional(
        collector: S::Collector,
        name: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
        origin: &'static str,
        value: fn(&T, &mut SampleWriter<'_, '_>),
    ) -> Self {
        Self { name, help, origin, labels, optional: Some(collector), value: Value::Many(value) }
    }

    /// Counter or gauge: the name says it. Histogram: the value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.value {
            Value::Histogram(_) => Kind::Histogram,
            _ if self.name.ends_with("_total") => Kind::Counter,
            _ => Kind::Gauge,
        }
    }

    /// The whole help text.
    #[must_use]
    pub fn full_help(&self, table_origin: &str) -> String {
        match (self.origin, table_origin) {
            ("", _) => self.help.to_owned(),
            (origin, "") => [self.help, " From ", origin, "."].concat(),
            (origin, table) => [self.help, " From ", table, ": ", origin, "."].concat(),
        }
    }
}

/// A row: something in a snapshot that has metrics, and its labels beyond those of the subject.
#[derive(Debug)]
pub struct Row<'a, T> {
    /// Values of the table's labels.
    pub labels: Vec<&'a str>,
    /// The thing.
    pub item: &'a T,
}

/// Metrics of things of one kind.
#[derive(Debug)]
pub struct Table<S: Subject, T: 'static> {
    /// Title in `docs/METRICS.md`.
    pub title: &'static str,
    /// Where the things come from.
    pub collector: S::Collector,
    /// The element of BOINC that the metrics' origins are children of.
    pub origin: &'static str,
    /// Labels of each row beyond those of the subject.
    pub labels: &'static [&'static str],
    /// The rows of a snapshot.
    pub rows: for<'a> fn(&'a S::Snapshot) -> Vec<Row<'a, T>>,
    /// The metrics.
    pub metrics: &'static [Metric<S, T>],
}

/// A table of whichever rows.
pub trait ErasedTable<S: Subject>: Sync {
    /// Title in `docs/METRICS.md`.
    fn title(&self) -> &'static str;
    /// Where its rows come from.
    fn collector(&self) -> S::Collector;
    /// Each metric as a user sees it.
    fn describe(&self) -> Vec<Description<S>>;
    /// Writes all samples of all snapshots, family by family.
    ///
    /// # Errors
    /// Only what the encoder's writer returns.
    fn encode(&self, snapshots: &[Arc<S::Snapshot>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result;
}

/// A metric as a user sees it.
#[derive(Debug, Clone)]
pub struct Description<S: Subject> {
    /// Name.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Labels, those of the subject first.
    pub labels: Vec<&'static str>,
    /// What it means.
    pub help: &'static str,
    /// BOINC's element, with those around it.
    pub origin: String,
    /// What must be collected beyond the table's own collector.
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
