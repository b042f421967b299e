//! `rate_limit`: how many requests may come in quick succession, of all clients together.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One request per interval on average, and `burst` at once after a quiet time.
#[derive(Debug)]
pub struct RateLimit {
    interval: Duration,
    burst: u32,
    /// When the requests so far would have been answered at one per interval.
    used_until: Mutex<Option<Instant>>,
}

impl RateLimit {
    /// `burst` is at least 1: a limit of no requests at all would be of no use.
    pub fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, burst: burst.max(1), used_until: Mutex::default() }
    }

    /// Whether a request may pass now.
    pub fn allows(&self, now: Instant) -> bool {
        let mut used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let start = used_until.map_or(now, |until| until.max(now));
        let allowed = start.duration_since(now) <= self.interval.saturating_mul(self.burst - 1);
        if allowed {
            // Too late to be represented is never.
            *used_until = Some(start.checked_add(self.interval).unwrap_or(start));
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_and_then_one_per_interval() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let limit = RateLimit::new(second, 3);
        let allowed = |at: Duration, requests: usize| (0..requests).filter(|_| limit.allows(start + at)).count();
        assert_eq!(allowed(Duration::ZERO, 10), 3);
        assert_eq!(allowed(second / 2, 10), 0);
        assert_eq!(allowed(second, 10), 1);
        assert_eq!(allowed(second * 100, 10), 3);
    }

    #[test]
    fn without_a_burst_one_at_a_time() {
        let (start, limit) = (Instant::now(), RateLimit::new(Duration::from_secs(1), 0));
        assert!(limit.allows(start) && !limit.allows(start) && limit.allows(start + Duration::from_secs(1)));
    }
}
