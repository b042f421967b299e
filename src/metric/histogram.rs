//! A histogram of times.

/// Upper ends of the buckets, seconds: a minute to eight days, which is what tasks take.
pub const BOUNDS: [f64; 13] = [
    60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 57_600.0, 86_400.0, 172_800.0, 345_600.0, 691_200.0,
];

/// Times, counted by length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// How many fell into each bucket and no lower one; the last is for what is longer than all.
    counts: [u64; BOUNDS.len() + 1],
    sum: f64,
}

impl Histogram {
    /// Counts a time.
    pub fn observe(&mut self, seconds: f64) {
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.counts[bucket] += 1;
        self.sum += seconds;
    }

    /// Sum of all times.
    #[must_use]
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// How many times there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Each bucket's upper end, and how many fell into it alone: prometheus-client adds them up.
    #[must_use]
    pub fn buckets(&self) -> [(f64, u64); BOUNDS.len() + 1] {
        std::array::from_fn(|i| (BOUNDS.get(i).copied().unwrap_or(f64::INFINITY), self.counts[i]))
    }
}
