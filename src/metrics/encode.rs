//! From tables and snapshots to prometheus-client's encoder: families outermost, so that none is interrupted.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write as _};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::table::{Kind, Metric, Row, Table, Value};
use crate::memory::Histogram;
use crate::snapshot::Snapshot;

/// Names come from other people's servers: a longer one is cut, since a label's length multiplies with each series.
const MAX_LABEL_CHARS: usize = 200;

/// What a client lists within one row, such as applications by state, has an end: the longest real list is a year of days in
/// two directions.
const MAX_SAMPLES: usize = 2000;

/// Units that a name can end in.
static UNITS: LazyLock<[Unit; 5]> =
    LazyLock::new(|| ["seconds", "bytes", "ratio", "hertz", "celsius"].map(|unit| Unit::Other(unit.to_owned())));

/// Writes the families of a table.
pub(super) fn table<T>(
    table: &Table<T>,
    snapshots: &[Arc<Snapshot>],
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let rows: Vec<_> = snapshots
        .iter()
        .flat_map(|snapshot| {
            // Two rows with the same labels would be one series with two values: Prometheus keeps one and complains.
            let mut seen = HashSet::new();
            let rows = (table.rows)(snapshot).into_iter().filter(move |row| {
                let labels: Vec<_> = row.labels.iter().map(|label| cut(label)).collect();
                seen.insert(labels)
            });
            rows.map(move |row| (&**snapshot, row))
        })
        .collect();
    table.metrics.iter().try_for_each(|metric| family(table, metric, &rows, encoder))
}

fn family<T>(
    table: &Table<T>,
    metric: &Metric<T>,
    rows: &[(&Snapshot, Row<'_, T>)],
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let help = || metric.full_help(table.origin);
    let mut emit = Emit {
        family: Family::Waiting(encoder, &help),
        name: metric.name,
        kind: metric.kind(),
        labels: Labels { client: "", row_names: table.labels, row: &[], own_names: metric.labels, own: &[] },
        hasher: RandomState::new(),
        seen: HashSet::new(),
        result: Ok(()),
    };
    for (snapshot, row) in rows {
        if metric.optional.is_some_and(|collector| !snapshot.collectors.contains(collector)) {
            continue;
        }
        emit.labels.client = &snapshot.client;
        emit.labels.row = &row.labels;
        emit.seen.clear();
        match metric.value {
            Value::One(value) => emit.sample(&[], value(row.item)),
            Value::Many(values) => values(row.item, &mut emit),
            Value::Times(times) => emit.times(times(row.item)),
        }
    }
    emit.result
}

/// Takes the samples of one metric.
pub struct Emit<'a, 'e> {
    family: Family<'a, 'e>,
    name: &'static str,
    kind: Kind,
    labels: Labels<'a>,
    hasher: RandomState,
    /// Own labels of the row's samples so far. What clients list may hold the same twice; the first counts.
    seen: HashSet<u64>,
    result: fmt::Result,
}

/// A family begins with its first sample: one without any is left out.
enum Family<'a, 'e> {
    Waiting(&'a mut DescriptorEncoder<'e>, &'a dyn Fn() -> String),
    Begun(MetricEncoder<'a>),
    Failed,
}

impl fmt::Debug for Emit<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emit").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Emit<'_, '_> {
    /// A sample with these values of the metric's own labels. None if there is no value, or no finite one.
    pub fn sample(&mut self, own: &[&str], value: impl Into<Option<f64>>) {
        let Some(value) = value.into().filter(|value| value.is_finite()) else { return };
        // The client counts with 32 bits: below zero it has lost count.
        if self.kind == Kind::Counter && value < 0.0 {
            return;
        }
        if !own.is_empty() {
            let hash = self.hasher.hash_one(own.iter().map(|label| cut(label)).collect::<Vec<_>>());
            if self.seen.len() >= MAX_SAMPLES || !self.seen.insert(hash) {
                return;
            }
        }
        if self.result.is_ok() {
            self.result = self.write(own, &BTreeMap::new(), value);
        }
    }

    /// A sample with further labels whose names the user chose.
    pub fn sample_with(&mut self, own: &[&str], users: &BTreeMap<String, String>, value: f64) {
        if self.result.is_ok() {
            self.result = self.write(own, users, value);
        }
    }

    /// A number of things.
    pub fn count(&mut self, own: &[&str], count: impl Into<u64>) {
        let value = count.into() as f64;
        self.sample(own, value);
    }

    /// 1 or 0.
    pub fn flag(&mut self, own: &[&str], flag: impl Into<Option<bool>>) {
        self.sample(own, flag.into().map(f64::from));
    }

    fn times(&mut self, times: &Histogram) {
        if self.result.is_ok() {
            self.result = self.begin().and_then(|()| {
                let Family::Begun(family) = &mut self.family else { return Err(fmt::Error) };
                let mut sample = family.encode_family(&self.labels)?;
                sample.encode_histogram::<NoLabelSet>(times.sum(), times.count(), &times.buckets(), None)
            });
        }
    }

    /// Writes what stands above the first sample.
    fn begin(&mut self) -> fmt::Result {
        if matches!(self.family, Family::Begun(_)) {
            return Ok(());
        }
        let Family::Waiting(encoder, help) = std::mem::replace(&mut self.family, Family::Failed) else {
            return Err(fmt::Error);
        };
        let (name, unit) = split(self.name);
        let kind = match self.kind {
            Kind::Gauge => MetricType::Gauge,
            Kind::Counter => MetricType::Counter,
            Kind::Histogram => MetricType::Histogram,
        };
        self.family = Family::Begun(encoder.encode_descriptor(name, &help(), unit, kind)?);
        Ok(())
    }

    fn write(&mut self, own: &[&str], users: &BTreeMap<String, String>, value: f64) -> fmt::Result {
        self.begin()?;
        let Family::Begun(family) = &mut self.family else { return Err(fmt::Error) };
        let labels = (Labels { own, ..self.labels }, UserLabels(users));
        let mut sample = family.encode_family(&labels)?;
        // A whole number is shorter, and nicer to read, without its `.0`.
        #[expect(clippy::cast_possible_truncation, reason = "checked to be an integer that i64 holds")]
        let whole = (value.fract() == 0.0 && value.abs() < 1e15).then_some(value as i64);
        match (self.kind, whole) {
            (Kind::Counter, Some(whole)) if whole >= 0 => {
                sample.encode_counter::<NoLabelSet, _, f64>(&whole.unsigned_abs(), None)
            }
            (Kind::Counter, _) => sample.encode_counter::<NoLabelSet, _, f64>(&value, None),
            (_, Some(whole)) => sample.encode_gauge(&whole),
            (_, None) => sample.encode_gauge(&value),
        }
    }
}

/// The name without its unit and `_total`, which prometheus-client puts back, and the unit.
fn split(name: &'static str) -> (&'static str, Option<&'static Unit>) {
    let name = name.strip_suffix("_total").unwrap_or(name);
    let with_unit = UNITS.iter().find_map(|unit| Some((name.strip_suffix(unit.as_str())?.strip_suffix('_')?, unit)));
    with_unit.map_or((name, None), |(name, unit)| (name, Some(unit)))
}

/// `client`, then the row's labels, then the sample's own.
#[derive(Debug, Clone, Copy)]
struct Labels<'a> {
    client: &'a str,
    row_names: &'static [&'static str],
    row: &'a [&'a str],
    own_names: &'static [&'static str],
    own: &'a [&'a str],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        let row = self.row_names.iter().zip(self.row);
        let own = self.own_names.iter().zip(self.own);
        let all = [(&"client", &self.client)].into_iter().chain(row).chain(own);
        all.into_iter().try_for_each(|(name, value)| encode_label(encoder, name, value))
    }
}

/// The user's own labels.
#[derive(Debug)]
struct UserLabels<'a>(&'a BTreeMap<String, String>);

impl EncodeLabelSet for UserLabels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| encode_label(encoder, name, value))
    }
}

fn encode_label(encoder: &mut LabelSetEncoder<'_>, name: &str, value: &str) -> fmt::Result {
    let mut label = encoder.encode_label();
    let mut key = label.encode_label_key()?;
    key.write_str(name)?;
    let mut text = key.encode_label_value()?;
    text.write_str(cut(value))?;
    text.finish()
}

fn cut(value: &str) -> &str {
    value.char_indices().nth(MAX_LABEL_CHARS).map_or(value, |(end, _)| &value[..end])
}
