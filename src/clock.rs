//! What time it is. The exporter asks here, so that its memory of a client can live in simulated time as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The computer's clock, or one of its own pace.
#[derive(Debug, Clone, Default)]
pub struct Clock(Pace);

#[derive(Debug, Clone, Default)]
enum Pace {
    #[default]
    Real,
    Fast(Arc<Start>, f64),
    Stepped(Arc<Start>, Arc<AtomicU64>),
}

/// Where a clock of its own pace began.
#[derive(Debug)]
struct Start {
    instant: Instant,
    time: SystemTime,
}

impl Clock {
    /// One that begins at `time` and goes `speed` times as fast as the computer's.
    #[must_use]
    pub fn fast(time: SystemTime, speed: f64) -> Self {
        Self(Pace::Fast(Start::at(time), speed))
    }

    /// One that begins at `time` and stands still but for [`Self::step`].
    #[must_use]
    pub fn stepped(time: SystemTime) -> Self {
        Self(Pace::Stepped(Start::at(time), Arc::default()))
    }

    /// Puts a stepped clock forward. Others take no notice.
    pub fn step(&self, by: Duration) {
        if let Pace::Stepped(_, passed) = &self.0 {
            passed.fetch_add(u64::try_from(by.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// How many of this clock's seconds pass in one of the computer's; 0 for one that is stepped.
    #[must_use]
    pub const fn speed(&self) -> f64 {
        match self.0 {
            Pace::Real => 1.0,
            Pace::Fast(_, speed) => speed,
            Pace::Stepped(..) => 0.0,
        }
    }

    /// For measuring how long ago something was.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.started().map_or_else(Instant::now, |(start, passed)| start.instant + passed)
    }

    /// For telling when something was.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.started().map_or_else(SystemTime::now, |(start, passed)| start.time + passed)
    }

    /// [`Self::time`] in seconds since 1970.
    #[must_use]
    pub fn unix(&self) -> f64 {
        self.time().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
    }

    fn started(&self) -> Option<(&Start, Duration)> {
        match &self.0 {
            Pace::Real => None,
            Pace::Fast(start, speed) => Some((start, start.instant.elapsed().mul_f64(*speed))),
            Pace::Stepped(start, passed) => Some((start, Duration::from_micros(passed.load(Ordering::Relaxed)))),
        }
    }
}

/// Two are the same if they show the same time forever.
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
