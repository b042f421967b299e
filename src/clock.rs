//! The clock that the exporter reads, so that the state it keeps about clients can also live in simulated time. A speed
//! or steps come in, times go out. It does not know who reads them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The system clock, or one that runs at its own speed.
#[derive(Debug, Clone, Default)]
pub struct Clock(Pace);

#[derive(Debug, Clone, Default)]
enum Pace {
    #[default]
    Real,
    Fast(Arc<Start>, f64),
    Stepped(Arc<Start>, Arc<AtomicU64>),
}

/// The start of a clock that runs at its own speed.
#[derive(Debug)]
struct Start {
    instant: Instant,
    time: SystemTime,
}

impl Clock {
    /// A clock that starts at `time` and runs `speed` times as fast as the system clock.
    #[must_use]
    pub fn fast(time: SystemTime, speed: f64) -> Self {
        Self(Pace::Fast(Start::at(time), speed))
    }

    /// A clock that starts at `time` and only moves on [`Self::step`].
    #[must_use]
    pub fn stepped(time: SystemTime) -> Self {
        Self(Pace::Stepped(Start::at(time), Arc::default()))
    }

    /// Moves a stepped clock forward. Has no effect on other clocks.
    pub fn step(&self, by: Duration) {
        if let Pace::Stepped(_, elapsed) = &self.0 {
            elapsed.fetch_add(u64::try_from(by.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// The number of seconds that pass on this clock per real second; 0 for a stepped clock.
    #[must_use]
    pub const fn speed(&self) -> f64 {
        match self.0 {
            Pace::Real => 1.0,
            Pace::Fast(_, speed) => speed,
            Pace::Stepped(..) => 0.0,
        }
    }

    /// The current instant, for measuring durations.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.start_and_elapsed().map_or_else(Instant::now, |(start, elapsed)| start.instant + elapsed)
    }

    /// The current time of day, for timestamps.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.start_and_elapsed().map_or_else(SystemTime::now, |(start, elapsed)| start.time + elapsed)
    }

    /// [`Self::time`] in seconds since 1970.
    #[must_use]
    pub fn unix(&self) -> f64 {
        self.time().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
    }

    fn start_and_elapsed(&self) -> Option<(&Start, Duration)> {
        match &self.0 {
            Pace::Real => None,
            Pace::Fast(start, speed) => Some((start, start.instant.elapsed().mul_f64(*speed))),
            Pace::Stepped(start, elapsed) => Some((start, Duration::from_micros(elapsed.load(Ordering::Relaxed)))),
        }
    }
}

/// Two clocks are equal if they always show the same time.
impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Pace::Real, Pace::Real) => true,
            (Pace::Fast(a, _), Pace::Fast(b, _)) | (Pace::Stepped(a, _), Pace::Stepped(b, _)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Start {
    fn at(time: SystemTime) -> Arc<Self> {
        Arc::new(Self { instant: Instant::now(), time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stepped_clock_stands_still_between_steps() {
        let clock = Clock::stepped(UNIX_EPOCH);
        let (instant, copy) = (clock.instant(), clock.clone());
        assert_eq!((clock.unix(), clock.instant()), (0.0, instant));
        copy.step(Duration::from_millis(1500));
        assert_eq!((clock.unix(), clock.instant() - instant), (1.5, Duration::from_millis(1500)));
    }
}
