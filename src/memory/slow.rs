//! A value that is asked for now and then, and shown each time.

use std::time::{Duration, Instant, SystemTime};

use crate::snapshot::Failure;

/// The last answer to a request that is not sent with every poll.
#[derive(Debug)]
pub struct Slow<T> {
    value: Option<T>,
    succeeded: Option<SystemTime>,
    failure: Option<Failure>,
    /// Not before.
    next: Option<Instant>,
}

impl<T> Default for Slow<T> {
    fn default() -> Self {
        Self { value: None, succeeded: None, failure: None, next: None }
    }
}

impl<T> Slow<T> {
    /// Whether it may be asked for again.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        self.next.is_none_or(|next| next <= now)
    }

    /// Keeps an answer.
    pub fn succeed(&mut self, value: T, now: Instant, interval: Duration) {
        self.value = Some(value);
        self.succeeded = Some(SystemTime::now());
        self.failure = None;
        self.next = Some(now + interval);
    }

    /// Waits as long as after an answer: what took too long once shall not be tried at every scrape.
    pub fn postpone(&mut self, now: Instant, interval: Duration, failure: Option<Failure>) {
        self.failure = failure;
        self.next = Some(now + interval);
    }

    /// Asks again at the next poll.
    pub fn forget(&mut self) {
        self.next = None;
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
