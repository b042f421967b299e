//! Writes the samples of one metric. Label values and numbers come in; samples go to prometheus-client's encoder,
//! within limits and without duplicates. It does not know where rows come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::LazyLock;

use foldhash::HashSet;
use foldhash::quality::RandomState;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::histogram::Histogram;

/// Maximum length of a label value. Names come from other people's servers, and the length of a label counts in every
/// series, so longer ones are shortened.
const MAX_LABEL_CHARS: usize = 200;

/// Maximum number of samples of one metric per row, such as applications by state. The longest real list is a year of
/// days in two directions.
const MAX_SAMPLES: usize = 2000;

/// Units that a name can end with.
static UNITS: LazyLock<[Unit; 5]> =
    LazyLock::new(|| ["seconds", "bytes", "ratio", "hertz", "celsius"].map(|unit| Unit::Other(unit.to_owned())));

/// The type of a metric, as Prometheus defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Goes up, or restarts at zero.
    Counter,
    /// Counts observations in buckets.
    Histogram,
}

/// Writes the samples of one metric.
pub struct SampleWriter<'a, 'e> {
    family: Family<'a, 'e>,
    name: &'static str,
    kind: Kind,
    labels: Labels<'a>,
    hasher: RandomState,
    /// Hashes of the metric's own labels in the row so far. Clients' lists can contain duplicates; the first one
    /// counts.
    seen: HashSet<u64>,
    result: fmt::Result,
}

/// A family starts with its first sample, so a family without samples is left out.
enum Family<'a, 'e> {
    Pending(&'a mut DescriptorEncoder<'e>, &'a dyn Fn() -> String),
    Started(MetricEncoder<'a>),
    /// Nothing is written, but counted.
    Counted(usize),
    Failed,
}

impl fmt::Debug for SampleWriter<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleWriter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a, 'e> SampleWriter<'a, 'e> {
    /// A writer for the metric with this name and these labels of its own. `help` is called when the first sample is
    /// written.
    pub(super) fn new(
        encoder: &'a mut DescriptorEncoder<'e>,
        name: &'static str,
        kind: Kind,
        own_names: &'static [&'static str],
        help: &'a dyn Fn() -> String,
    ) -> Self {
        Self {
            family: Family::Pending(encoder, help),
            name,
            kind,
            labels: Labels { prefix: "", last_value: "", own_names, own: &[] },
            hasher: RandomState::default(),
            seen: HashSet::default(),
            result: Ok(()),
        }
    }

    /// A writer that counts the series of one row instead of writing them.
    pub(super) fn counting(name: &'static str, kind: Kind) -> Self {
        Self {
            family: Family::Counted(0),
            name,
            kind,
            labels: Labels { prefix: "", last_value: "", own_names: &[], own: &[] },
            hasher: RandomState::default(),
            seen: HashSet::default(),
            result: Ok(()),
        }
    }

    /// How many series were counted.
    pub(super) const fn counted(&self) -> usize {
        match self.family {
            Family::Counted(series) if series < MAX_SAMPLES => series,
            Family::Counted(_) => MAX_SAMPLES,
            _ => 0,
        }
    }

    /// Begins a row. `prefix` is the text of its labels up to the name of the last one; `last_value` is the value of
    /// that one.
    pub(super) fn begin_row(&mut self, prefix: &'a str, last_value: &'a str) {
        (self.labels.prefix, self.labels.last_value) = (prefix, last_value);
        self.seen.clear();
    }

    /// Returns the first error of the encoder, if any.
    pub(super) fn finish(self) -> fmt::Result {
        self.result
    }
}

impl SampleWriter<'_, '_> {
    /// Writes a sample with these values of the metric's own labels. Skipped if there is no value or it is not finite.
    pub fn sample(&mut self, own: &[&str], value: impl Into<Option<f64>>) {
        let Some(value) = value.into().filter(|value| value.is_finite()) else { return };
        // The client counts with 32 bits: a negative counter has overflowed.
        if self.kind == Kind::Counter && value < 0.0 {
            return;
        }
        // Duplicates are counted too: they are rare, and to find them costs more than to count.
        if own.is_empty() || matches!(self.family, Family::Counted(_)) || self.is_new(own) {
            self.sample_with(own, &BTreeMap::new(), value);
        }
    }

    /// Whether the row has no sample with these labels yet and is below its limit.
    fn is_new(&mut self, own: &[&str]) -> bool {
        let mut hasher = self.hasher.build_hasher();
        own.iter().for_each(|label| label.hash(&mut hasher));
        self.seen.len() < MAX_SAMPLES && self.seen.insert(hasher.finish())
    }

    /// Writes a sample with additional, user-defined labels.
    pub fn sample_with(&mut self, own: &[&str], user_labels: &BTreeMap<String, String>, value: f64) {
        if self.result.is_ok() {
            self.result = self.write(own, user_labels, value);
        }
    }

    /// Writes a count.
    pub fn count(&mut self, own: &[&str], count: impl Into<u64>) {
        let value = count.into() as f64;
        self.sample(own, value);
    }

    /// Writes a flag as 1 or 0. The caller uses each label value once per row, so duplicates are not checked.
    pub fn flag(&mut self, own: &[&str], flag: impl Into<Option<bool>>) {
        if let Some(flag) = flag.into() {
            self.sample_with(own, &BTreeMap::new(), f64::from(flag));
        }
    }

    pub(super) fn histogram(&mut self, histogram: &Histogram) {
        if let Family::Counted(series) = &mut self.family {
            // Sum and count.
            *series += histogram.buckets().len() + 2;
        } else if self.result.is_ok() {
            self.result = self.start().and_then(|()| {
                let Family::Started(family) = &mut self.family else { return Err(fmt::Error) };
                let mut sample = family.encode_family(&self.labels)?;
                let (sum, count) = (histogram.sum(), histogram.count());
                sample.encode_histogram::<NoLabelSet>(sum, count, &histogram.buckets(), None)
            });
        }
    }

    /// Writes the family's header, before its first sample.
    fn start(&mut self) -> fmt::Result {
        if matches!(self.family, Family::Started(_)) {
            return Ok(());
        }
        let Family::Pending(encoder, help) = std::mem::replace(&mut self.family, Family::Failed) else {
            return Err(fmt::Error);
        };
        let (name, unit) = split(self.name);
        let kind = match self.kind {
            Kind::Gauge => MetricType::Gauge,
            Kind::Counter => MetricType::Counter,
            Kind::Histogram => MetricType::Histogram,
        };
        self.family = Family::Started(encoder.encode_descriptor(name, &help(), unit, kind)?);
        Ok(())
    }

    fn write(&mut self, own: &[&str], user_labels: &BTreeMap<String, String>, value: f64) -> fmt::Result {
        if let Family::Counted(series) = &mut self.family {
            *series += 1;
            return Ok(());
        }
        self.start()?;
        let Family::Started(family) = &mut self.family else { return Err(fmt::Error) };
        let labels = Labels { own, ..self.labels };
        let with_user_labels = (labels, UserLabels(user_labels));
        let mut sample = if user_labels.is_empty() {
            family.encode_family(&labels)?
        } else {
            family.encode_family(&with_user_labels)?
        };
        // Integers are written without `.0`: shorter and easier to read.
        #[expect(clippy::cast_possible_truncation, reason = "checked to be an integer that i64 holds")]
        let integer = (value.fract() == 0.0 && value.abs() < 1e15).then_some(value as i64);
        match (self.kind, integer) {
            (Kind::Counter, Some(integer)) if integer >= 0 => {
                sample.encode_counter::<NoLabelSet, _, f64>(&integer.unsigned_abs(), None)
            }
            (Kind::Counter, _) => sample.encode_counter::<NoLabelSet, _, f64>(&value, None),
            (_, Some(integer)) => sample.encode_gauge(&integer),
            (_, None) => sample.encode_gauge(&value),
        }
    }
}

/// Splits a name into its base and its unit. prometheus-client appends the unit and `_total` again.
fn split(name: &'static str) -> (&'static str, Option<&'static Unit>) {
    let name = name.strip_suffix("_total").unwrap_or(name);
    let with_unit = UNITS.iter().find_map(|unit| Some((name.strip_suffix(unit.as_str())?.strip_suffix('_')?, unit)));
    with_unit.map_or((name, None), |(name, unit)| (name, Some(unit)))
}

/// The labels of the subject and the row, followed by the metric's own.
#[derive(Debug, Clone, Copy)]
struct Labels<'a> {
    /// The row's labels as text, up to the name of the last one.
    prefix: &'a str,
    last_value: &'a str,
    own_names: &'static [&'static str],
    own: &'a [&'a str],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        // The encoder writes names verbatim, so the rendered labels can be passed as part of the name.
        encode_label(encoder, self.prefix, self.last_value)?;
        self.own_names.iter().zip(self.own).try_for_each(|(name, value)| encode_label(encoder, name, &shorten(value)))
    }
}

/// User-defined labels.
#[derive(Debug)]
struct UserLabels<'a>(&'a BTreeMap<String, String>);

impl EncodeLabelSet for UserLabels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| encode_label(encoder, name, &shorten(value)))
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

/// The value of a label, no longer than allowed. A longer one ends in a digest of the whole, so that values that begin alike
/// stay apart.
pub(super) fn shorten(value: &str) -> Cow<'_, str> {
    const DIGEST_CHARS: usize = 8;
    if value.len() <= MAX_LABEL_CHARS || value.chars().nth(MAX_LABEL_CHARS).is_none() {
        return Cow::Borrowed(value);
    }
    let kept: String = value.chars().take(MAX_LABEL_CHARS - DIGEST_CHARS - 1).collect();
    Cow::Owned(format!("{kept}~{}", &format!("{:x}", md5::compute(value))[..DIGEST_CHARS]))
}

/// Escapes a label value as prometheus-client does.
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
