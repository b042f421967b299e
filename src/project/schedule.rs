//! When a page may be asked for again. What became of a request and a random number come in; how long to wait goes out. No
//! clock is read here: waits are durations, so that no step of a clock can make one longer or shorter.

use std::time::Duration;

use super::collectors::Collector;
use super::limits::Intervals;
use super::reason::Reason;

/// The first wait after a failure, and the longest: those of BOINC's own clients.
const FIRST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 3600);

/// Waits are longer by up to this part of them, so that many exporters do not ask at the same moment. Never shorter: intervals
/// are promises.
const JITTER: f64 = 0.2;

/// The longest time that a server can ask for. What asks for more is a mistake.
const LONGEST_REQUESTED: Duration = Duration::from_secs(24 * 3600);

/// After this many rounds without success, values are too old to be shown.
const MISSED_ROUNDS: u32 = 3;

/// How soon it makes sense to ask again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The server has not seen the request, so that it may come again within a minute.
    Soon,
    /// The server tried: not before the page may be asked for at all.
    Later,
    /// The project does not offer the page, or not to us: not before the page's own interval.
    Slowly,
}

impl Retry {
    /// What a reason means for the next request.
    #[must_use]
    pub const fn after(reason: Reason) -> Self {
        match reason {
            Reason::Dns | Reason::Refused | Reason::Unreachable | Reason::Tls | Reason::KeyFile => Self::Soon,
            Reason::Timeout
            | Reason::TooLarge
            | Reason::Truncated
            | Reason::TooManyRequests
            | Reason::Maintenance
            | Reason::Database
            | Reason::ServerError
            | Reason::Unavailable
            | Reason::HttpError
            | Reason::ProjectError
            | Reason::Empty
            | Reason::NotAsked
            | Reason::Internal => Self::Later,
            _ => Self::Slowly,
        }
    }
}

/// The pace of a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    interval: Duration,
    floor: Duration,
}

impl Pace {
    /// The pace of this collector.
    #[must_use]
    pub const fn of(collector: Collector, intervals: &Intervals) -> Self {
        Self { interval: intervals.of(collector), floor: Intervals::floor(collector) }
    }

    /// The wait after a success. `dice` is a random number from 0 to 1.
    #[must_use]
    pub fn after_success(self, dice: f64) -> Duration {
        jittered(self.interval, dice)
    }

    /// The wait after so many failures in a row.
    #[must_use]
    pub fn after_failure(self, retry: Retry, failures: u32, dice: f64) -> Duration {
        let wait = match retry {
            Retry::Soon => backoff(failures),
            Retry::Later => backoff(failures).max(self.floor),
            Retry::Slowly => doubled(self.interval, failures).min(LONGEST_WAIT.max(self.interval)),
        };
        jittered(wait, dice)
    }

    /// How old a value may be to be shown.
    #[must_use]
    pub fn shown_for(self) -> Duration {
        jittered(self.interval, 1.0) * MISSED_ROUNDS
    }

    /// No wait of this collector is longer: neither one that a file tells.
    #[must_use]
    pub fn longest_wait(self) -> Duration {
        jittered(self.interval.max(LONGEST_WAIT), 1.0).max(LONGEST_REQUESTED)
    }
}

/// The wait after so many failed connections in a row.
#[must_use]
pub fn backoff(failures: u32) -> Duration {
    doubled(FIRST_WAIT, failures).min(LONGEST_WAIT)
}

/// The time that a server asks for, within reason.
#[must_use]
pub fn requested(wait: Duration) -> Duration {
    wait.min(LONGEST_REQUESTED)
}

fn jittered(wait: Duration, dice: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * dice.clamp(0.0, 1.0))
}

/// `first` doubled with each failure after the first.
fn doubled(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn failures_wait_from_a_minute_to_four_hours() {
        let waits: Vec<_> = (1..=11).map(|failures| backoff(failures).as_secs() / 60).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]);
        assert_eq!(backoff(u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn a_server_that_saw_the_request_is_left_alone_as_long_as_a_page_needs() {
        let status = Pace::of(Collector::Status, &Intervals::default());
        assert_eq!(status.after_failure(Retry::Soon, 1, 0.0), MINUTE);
        assert_eq!(status.after_failure(Retry::Later, 1, 0.0), 10 * MINUTE);
        assert_eq!(status.after_failure(Retry::Later, 6, 0.0), 32 * MINUTE);
        let account = Pace::of(Collector::Account, &Intervals::default());
        assert_eq!(account.after_failure(Retry::Later, 1, 0.0), HOUR);
    }

    #[test]
    fn a_page_that_is_not_offered_is_tried_at_its_interval_and_then_more_rarely() {
        let config = Pace::of(Collector::Config, &Intervals::default());
        let waits: Vec<_> =
            (1..=5).map(|failures| config.after_failure(Retry::Slowly, failures, 0.0).as_secs() / 3600).collect();
        assert_eq!(waits, [1, 2, 4, 4, 4]);
        let statistics = Pace::of(Collector::Statistics, &Intervals::default());
        assert_eq!(statistics.after_failure(Retry::Slowly, 5, 0.0), 24 * HOUR);
    }

    #[test]
    fn jitter_makes_waits_longer_and_never_shorter() {
        let config = Pace::of(Collector::Config, &Intervals::default());
        assert_eq!([0.0, 0.5, 1.0].map(|dice| config.after_success(dice).as_secs()), [3600, 3960, 4320]);
        assert_eq!(config.shown_for().as_secs(), 3 * 4320);
    }
}
