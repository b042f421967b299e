//! One metric's samples: each with its labels and its value, within limits, and none twice.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write as _};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::histogram::Histogram;

/// Names come from other people's servers: a longer one is cut, since a label's length multiplies with each series.
const MAX_LABEL_CHARS: usize = 200;

/// What a client lists within one row, such as applications by state, has an end: the longest real list is a year of days in
/// two directions.
const MAX_SAMPLES: usize = 2000;

/// Units that a name can end in.
static UNITS: LazyLock<[Unit; 5]> =
    LazyLock::new(|| ["seconds", "bytes", "ratio", "hertz", "celsius"].map(|unit| Unit::Other(unit.to_owned())));

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

/// Takes the samples of one metric.
pub struct SampleWriter<'a, 'e> {
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

impl fmt::Debug for SampleWriter<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleWriter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a, 'e> SampleWriter<'a, 'e> {
    /// Of the metric of this name, whose own labels are these. `help` is asked for when there is a sample.
    pub(super) fn new(
        encoder: &'a mut DescriptorEncoder<'e>,
        name: &'static str,
        kind: Kind,
        own_names: &'static [&'static str],
        help: &'a dyn Fn() -> String,
    ) -> Self {
        Self {
            family: Family::Waiting(encoder, help),
            name,
            kind,
            labels: Labels { before: "", last: "", own_names, own: &[] },
            hasher: RandomState::new(),
            seen: HashSet::new(),
            result: Ok(()),
        }
    }

    /// Begins a row. Its labels are given as text up to the name of the last, and the value of that.
    pub(super) fn begin_row(&mut self, before: &'a str, last: &'a str) {
        (self.labels.before, self.labels.last) = (before, last);
        self.seen.clear();
    }

    /// Whether everything could be written.
    pub(super) fn finish(self) -> fmt::Result {
        self.result
    }
}

impl SampleWriter<'_, '_> {
    /// A sample with these values of the metric's own labels. None if there is no value, or no finite one.
    pub fn sample(&mut self, own: &[&str], value: impl Into<Option<f64>>) {
        let Some(value) = value.into().filter(|value| value.is_finite()) else { return };
        // The client counts with 32 bits: below zero it has lost count.
        if self.kind == Kind::Counter && value < 0.0 {
            return;
        }
        if own.is_empty() || self.is_new(own) {
            self.sample_with(own, &BTreeMap::new(), value);
        }
    }

    /// Whether the row has no sample with these labels yet, and room for one.
    fn is_new(&mut self, own: &[&str]) -> bool {
        let mut hasher = self.hasher.build_hasher();
        own.iter().for_each(|label| cut(label).hash(&mut hasher));
        self.seen.len() < MAX_SAMPLES && self.seen.insert(hasher.finish())
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

    /// 1 or 0. The labels are names that this program gives, each once a row: it is not looked whether one is there twice.
    pub fn flag(&mut self, own: &[&str], flag: impl Into<Option<bool>>) {
        if let Some(flag) = flag.into() {
            self.sample_with(own, &BTreeMap::new(), f64::from(flag));
        }
    }

    pub(super) fn histogram(&mut self, histogram: &Histogram) {
        if self.result.is_ok() {
            self.result = self.begin().and_then(|()| {
                let Family::Begun(family) = &mut self.family else { return Err(fmt::Error) };
                let mut sample = family.encode_family(&self.labels)?;
                let (sum, count) = (histogram.sum(), histogram.count());
                sample.encode_histogram::<NoLabelSet>(sum, count, &histogram.buckets(), None)
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
        let labels = Labels { own, ..self.labels };
        let with_users = (labels, UserLabels(users));
        let mut sample =
            if users.is_empty() { family.encode_family(&labels)? } else { family.encode_family(&with_users)? };
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

/// The labels of the subject and of the row, then the sample's own.
#[derive(Debug, Clone, Copy)]
struct Labels<'a> {
    /// All of the row's labels but the value of the last, as text.
    before: &'a str,
    last: &'a str,
    own_names: &'static [&'static str],
    own: &'a [&'a str],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        // Names are written as they are, and so is what stands before this one.
        encode_label(encoder, self.before, self.last)?;
        self.own_names.iter().zip(self.own).try_for_each(|(name, value)| encode_label(encoder, name, cut(value)))
    }
}

/// The user's own labels.
#[derive(Debug)]
struct UserLabels<'a>(&'a BTreeMap<String, String>);

impl EncodeLabelSet for UserLabels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| encode_label(encoder, name, cut(value)))
    }
}

fn encode_label(encoder: &mut LabelSetEncoder<'_>, name: &str, value: &str) -> fmt::Result {
    let mut label = encoder.encode_label();
    let mut key = label.encode_label_key()?;
    key.write_str(name)?;
    let mut text = key.encode_label_value()?;
    text.write_str(value)?;
    text.finish()
}

/// A label's value, no longer than it may be.
pub(super) fn cut(value: &str) -> &str {
    if value.len() <= MAX_LABEL_CHARS {
        return value;
    }
    value.char_indices().nth(MAX_LABEL_CHARS).map_or(value, |(end, _)| &value[..end])
}

/// As prometheus-client does it for the labels that it is given as such.
pub(super) fn escape(value: &str, text: &mut String) {
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '"', '\n']) {
        text.push_str(&rest[..at]);
        text.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'"' => "\\\"",
            _ => "\\n",
        });
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
}
