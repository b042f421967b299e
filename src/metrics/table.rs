//! What a metric and a table of metrics are.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::encode::{self, Emit};
use crate::collectors::Collector;
use crate::memory::Histogram;
use crate::snapshot::Snapshot;

/// One metric of a `T`: its whole definition.
#[derive(Debug)]
pub struct Metric<T: 'static> {
    /// The name that users type. `_total` at its end makes it a counter, a base unit before that is its unit.
    pub name: &'static str,
    /// What it means, as a sentence.
    pub help: &'static str,
    /// BOINC's element below that of the table; empty for what the exporter itself knows.
    pub origin: &'static str,
    /// Labels beyond those of the table.
    pub labels: &'static [&'static str],
    /// Shown only if this is collected; `None` for always.
    pub optional: Option<Collector>,
    /// The value.
    pub value: Value<T>,
}

/// How a metric gets its samples from a row.
pub enum Value<T> {
    /// One sample, or none where the value is not known.
    One(fn(&T) -> Option<f64>),
    /// As many as it likes, each with the metric's own labels.
    Many(fn(&T, &mut Emit<'_, '_>)),
    /// A histogram.
    Times(fn(&T) -> &Histogram),
}

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One(_) => "One",
            Self::Many(_) => "Many",
            Self::Times(_) => "Times",
        })
    }
}

/// What Prometheus calls a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Goes up, or begins again at zero.
    Counter,
    /// Counts by size.
    Histogram,
}

impl<T> Metric<T> {
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
        value: fn(&T, &mut Emit<'_, '_>),
    ) -> Self {
        Self { name, help, origin, labels, optional: None, value: Value::Many(value) }
    }

    /// A histogram of times.
    pub const fn times(
        name: &'static str,
        help: &'static str,
        origin: &'static str,
        times: fn(&T) -> &Histogram,
    ) -> Self {
        Self { name, help, origin, labels: &[], optional: None, value: Value::Times(times) }
    }

    /// As [`Metric::many`], shown only if `collector` is collected too.
    pub const fn optional(
        collector: Collector,
        name: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
        origin: &'static str,
        value: fn(&T, &mut Emit<'_, '_>),
    ) -> Self {
        Self { name, help, origin, labels, optional: Some(collector), value: Value::Many(value) }
    }

    /// Counter or gauge: the name says it. Histogram: the value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.value {
            Value::Times(_) => Kind::Histogram,
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

/// A row: something of a client that has metrics, and its labels beyond `client`.
#[derive(Debug)]
pub struct Row<'a, T> {
    /// Values of the table's labels.
    pub labels: Vec<&'a str>,
    /// The thing.
    pub item: &'a T,
}

/// Metrics of things of one kind.
#[derive(Debug)]
pub struct Table<T: 'static> {
    /// Title in `docs/METRICS.md`.
    pub title: &'static str,
    /// Where the things come from.
    pub collector: Collector,
    /// The element of BOINC that the metrics' origins are children of.
    pub origin: &'static str,
    /// Labels of each row beyond `client`.
    pub labels: &'static [&'static str],
    /// The rows of a client.
    pub rows: for<'a> fn(&'a Snapshot) -> Vec<Row<'a, T>>,
    /// The metrics.
    pub metrics: &'static [Metric<T>],
}

/// A table of whatever rows.
pub trait AnyTable: Sync {
    /// Title in `docs/METRICS.md`.
    fn title(&self) -> &'static str;
    /// Where its rows come from.
    fn collector(&self) -> Collector;
    /// Name, kind, labels beyond `client`, help and origin of each metric, and what makes it shown.
    fn describe(&self) -> Vec<Description>;
    /// Writes all samples of all clients, family by family.
    ///
    /// # Errors
    /// Only what the encoder's writer returns.
    fn encode(&self, snapshots: &[Arc<Snapshot>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result;
}

/// A metric as a user sees it.
#[derive(Debug, Clone)]
pub struct Description {
    /// Name.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Labels beyond `client`.
    pub labels: Vec<&'static str>,
    /// What it means.
    pub help: &'static str,
    /// BOINC's element, with those around it.
    pub origin: String,
    /// What must be collected beyond the table's own collector.
    pub optional: Option<Collector>,
}

impl<T: Sync> AnyTable for Table<T> {
    fn title(&self) -> &'static str {
        self.title
    }

    fn collector(&self) -> Collector {
        self.collector
    }

    fn describe(&self) -> Vec<Description> {
        let describe = |metric: &Metric<T>| Description {
            name: metric.name,
            kind: metric.kind(),
            labels: self.labels.iter().chain(metric.labels).copied().collect(),
            help: metric.help,
            origin: match (self.origin, metric.origin) {
                ("", origin) | (origin, "") => origin.to_owned(),
                (table, origin) => format!("{table}: {origin}"),
            },
            optional: metric.optional.or((!self.collector.is_request()).then_some(self.collector)),
        };
        self.metrics.iter().map(describe).collect()
    }

    fn encode(&self, snapshots: &[Arc<Snapshot>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        encode::table(self, snapshots, encoder)
    }
}
