//! What work costs, whatever else the computer does.

use std::time::Duration;

/// Processor time that this thread takes for something. What else the computer does is not in it.
pub fn processor_time(work: impl FnOnce()) -> Duration {
    let used = || {
        let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
        let first = times.split_whitespace().next().and_then(|time| time.parse().ok());
        Duration::from_nanos(first.expect("a number of nanoseconds"))
    };
    let before = used();
    work();
    used().saturating_sub(before)
}
