//! A histogram of durations with fixed buckets. Durations come in; counts per bucket go out. It does not know what is
//! measured.

/// Upper bounds of the buckets in seconds: from a minute to eight days, the range of tasks' run times.
pub const BOUNDS: [f64; 13] = [
    60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 57_600.0, 86_400.0, 172_800.0, 345_600.0, 691_200.0,
];

/// A histogram of durations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// The count of each bucket, not cumulative; the last is the bucket `+Inf`.
    counts: [u64; BOUNDS.len() + 1],
    sum: f64,
}

impl Histogram {
    /// Adds a duration.
    pub fn observe(&mut self, seconds: f64) {
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.counts[bucket] += 1;
        self.sum += seconds;
    }

    /// The sum of all durations.
    #[must_use]
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// The number of durations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The upper bound and count of each bucket. The counts are not cumulative: prometheus-client adds them up.
    #[must_use]
    pub fn buckets(&self) -> [(f64, u64); BOUNDS.len() + 1] {
        std::array::from_fn(|i| (BOUNDS.get(i).copied().unwrap_or(f64::INFINITY), self.counts[i]))
    }
}
