//! A value that is asked for now and then, and shown each time.

use std::time::{Duration, Instant, SystemTime};

use crate::client::snapshot::Failure;

/// The last answer to a request that is not sent with every poll.
#[derive(Debug)]
pub struct Cached<T> {
    value: Option<T>,
    succeeded: Option<SystemTime>,
    failure: Option<Failure>,
    /// When it was last asked for, if it shall not be asked for again at once.
    asked: Option<Instant>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { value: None, succeeded: None, failure: None, asked: None }
    }
}

impl<T> Cached<T> {
    /// Whether it may be asked for again, once an `interval`.
    #[must_use]
    pub fn is_due(&self, now: Instant, interval: Duration) -> bool {
        self.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= interval)
    }

    /// Keeps an answer.
    pub fn succeed(&mut self, value: T, now: Instant, time: SystemTime) {
        self.value = Some(value);
        self.succeeded = Some(time);
        self.failure = None;
        self.asked = Some(now);
    }

    /// Waits as long as after an answer: what took too long once shall not be tried at every scrape.
    pub fn postpone(&mut self, now: Instant, failure: Option<Failure>) {
        self.failure = failure;
        self.asked = Some(now);
    }

    /// Asks again at the next poll.
    pub fn forget(&mut self) {
        self.asked = None;
    }

    /// Why it is not asked now, if that is for a failure.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The last answer.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// When it came.
    #[must_use]
    pub const fn succeeded(&self) -> Option<SystemTime> {
        self.succeeded
    }
}
