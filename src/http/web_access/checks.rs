//! Work that may block, done now and then on behalf of requests: at most one run at a time, at most one per interval, and
//! a run that hangs holds up no more than the request that started it, for a moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// When to check, and how long to wait for it.
#[derive(Debug)]
pub struct Checks {
    interval: Duration,
    patience: Duration,
    /// One permit: held while a check runs, however long it hangs.
    running: Arc<Semaphore>,
    started: Mutex<Option<Instant>>,
}

impl Checks {
    /// Starts a check at most every `interval`; the request that starts it waits for it for at most `patience`.
    pub fn new(interval: Duration, patience: Duration) -> Self {
        Self { interval, patience, running: Arc::new(Semaphore::new(1)), started: Mutex::default() }
    }

    /// Runs the check if it is due and none is running.
    pub async fn run(&self, check: impl FnOnce() + Send + 'static) {
        if self.is_due() {
            self.run_now(check).await;
        }
    }

    /// Runs the check if none is running.
    pub async fn run_now(&self, check: impl FnOnce() + Send + 'static) {
        let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() else { return };
        let check = spawn_blocking(move || {
            check();
            drop(permit);
        });
        // After a timeout the check goes on by itself. A panic in it is in the log.
        let _ = tokio::time::timeout(self.patience, check).await;
    }

    fn is_due(&self) -> bool {
        if self.running.available_permits() == 0 {
            return false;
        }
        let now = Instant::now();
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let due = started.is_none_or(|started| now.duration_since(started) >= self.interval);
        if due {
            *started = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    /// Longer than any test takes.
    const LONG: Duration = Duration::from_secs(600);

    /// How often it was run, and the check that counts that.
    fn counter() -> (Arc<AtomicU32>, impl Fn() + Clone + Send + 'static) {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        (runs, move || _ = counted.fetch_add(1, Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_check_is_over_when_run_returns() {
        let (checks, (runs, check)) = (Checks::new(Duration::ZERO, LONG), counter());
        for expected in 1..4 {
            checks.run(check.clone()).await;
            assert_eq!(runs.load(Ordering::SeqCst), expected);
        }
    }

    #[tokio::test]
    async fn there_is_one_check_per_interval() {
        let (checks, (runs, check)) = (Checks::new(LONG, LONG), counter());
        for _ in 0..3 {
            checks.run(check.clone()).await;
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_check_that_hangs_holds_nothing_up() {
        let (checks, (runs, check)) = (Checks::new(Duration::ZERO, Duration::from_millis(1)), counter());
        let (release, released) = mpsc::channel::<()>();
        checks.run(move || _ = released.recv()).await;
        for _ in 0..3 {
            checks.run(check.clone()).await;
        }
        assert_eq!(runs.load(Ordering::SeqCst), 0);
        release.send(()).unwrap();
        while runs.load(Ordering::SeqCst) == 0 {
            checks.run(check.clone()).await;
            // Nothing tells when the thread of the check that hung is free again.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
