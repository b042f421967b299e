//! The cached result of a paced request. Results and failures come in; the last value and whether a new one is due go
//! out. It does not know the request.

use std::time::{Duration, Instant, SystemTime};

use crate::client::snapshot::Failure;

/// The last result of a request that is not sent with every poll. Bounded by the size of one reply.
#[derive(Debug)]
pub struct Cached<T> {
    value: Option<T>,
    succeeded: Option<SystemTime>,
    failure: Option<Failure>,
    /// How many rows of it were not read, because there were too many.
    dropped: usize,
    /// When it was last requested; `None` if it is due at once.
    requested: Option<Instant>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { value: None, succeeded: None, failure: None, dropped: 0, requested: None }
    }
}

impl<T> Cached<T> {
    /// Whether `interval` has passed since the last request.
    #[must_use]
    pub fn is_due(&self, now: Instant, interval: Duration) -> bool {
        self.requested.is_none_or(|requested| now.saturating_duration_since(requested) >= interval)
    }

    /// Stores a result.
    pub fn succeed(&mut self, value: T, now: Instant, time: SystemTime) {
        self.value = Some(value);
        self.succeeded = Some(time);
        self.failure = None;
        self.requested = Some(now);
    }

    /// Makes it due only after the interval, as after a success: a request that timed out must not be repeated at every
    /// scrape.
    pub fn postpone(&mut self, now: Instant, failure: Option<Failure>) {
        self.failure = failure;
        self.requested = Some(now);
    }

    /// Makes it due at the next poll.
    pub fn forget(&mut self) {
        self.requested = None;
    }

    /// The failure that postponed it, if any.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The last result.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The same, to be changed.
    pub const fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// Says how many rows of the last result were left out.
    pub const fn count_dropped(&mut self, rows: usize) {
        self.dropped = rows;
    }

    /// How many rows of the last result were left out.
    #[must_use]
    pub const fn dropped(&self) -> usize {
        self.dropped
    }

    /// When the last result arrived.
    #[must_use]
    pub const fn succeeded(&self) -> Option<SystemTime> {
        self.succeeded
    }
}
