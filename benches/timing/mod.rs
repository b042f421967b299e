//! Shared by the benchmarks: timing that other programs disturb little, and medians.

use std::time::{Duration, Instant};

/// A job to measure, with its name.
pub type Job<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// The seconds that a job takes, in CPU time if available.
pub fn time(job: &dyn Fn()) -> f64 {
    let (started, before) = (Instant::now(), cpu_time());
    job();
    let taken = before.zip(cpu_time()).map(|(before, after)| after.saturating_sub(before));
    taken.unwrap_or_else(|| started.elapsed()).as_secs_f64()
}

/// CPU time of this thread so far, on Linux.
fn cpu_time() -> Option<Duration> {
    // The kernel updates the value when the thread yields.
    std::thread::yield_now();
    let numbers = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    numbers.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
