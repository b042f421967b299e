//! What the benchmarks share: times that other programs disturb little, and their median.

use std::time::{Duration, Instant};

/// Something to measure, with its name.
pub type Job<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// The seconds that a job takes: of CPU time, where that can be had.
pub fn time(job: &dyn Fn()) -> f64 {
    let (started, before) = (Instant::now(), cpu_time());
    job();
    let taken = before.zip(cpu_time()).map(|(before, after)| after.saturating_sub(before));
    taken.unwrap_or_else(|| started.elapsed()).as_secs_f64()
}

/// CPU time of this thread so far, from Linux.
fn cpu_time() -> Option<Duration> {
    // The kernel brings the number up to date when the thread yields.
    std::thread::yield_now();
    let numbers = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    numbers.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
