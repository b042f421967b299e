//! A histogram with fixed buckets. Values come in; counts per bucket go out. It does not know what is measured.

/// Upper bounds of the buckets in seconds: from five minutes to eight days, the range of tasks' run times. Each costs a series an
/// application.
pub const DURATIONS: [f64; 7] = [300.0, 1800.0, 7200.0, 28_800.0, 86_400.0, 259_200.0, 691_200.0];

/// A histogram; of durations, unless it is made with other bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    bounds: &'static [f64],
    /// The count of each bucket, not cumulative; the last is the bucket `+Inf`.
    counts: Box<[u64]>,
    sum: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::of(&DURATIONS)
    }
}

impl Histogram {
    /// An empty one with these upper bounds, lowest first.
    #[must_use]
    pub fn of(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1].into(), sum: 0.0 }
    }

    /// Adds a value.
    pub fn observe(&mut self, value: f64) {
        let bucket = self.bounds.iter().position(|bound| value <= *bound).unwrap_or(self.bounds.len());
        self.counts[bucket] += 1;
        self.sum += value;
    }

    /// Adds the values of another with the same bounds.
    pub fn join(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self.sum += other.sum;
    }

    /// The sum of all values.
    #[must_use]
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// The number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The upper bound and count of each bucket. The counts are not cumulative: prometheus-client adds them up.
    #[must_use]
    pub fn buckets(&self) -> Vec<(f64, u64)> {
        self.bounds.iter().copied().chain([f64::INFINITY]).zip(self.counts.iter().copied()).collect()
    }
}
