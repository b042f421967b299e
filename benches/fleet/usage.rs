//! CPU time of processes in nanoseconds, as Linux counts it per thread.

use std::fs;
use std::time::Duration;

/// CPU time used by all threads of a process.
pub fn cpu(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the process is running");
    let of_thread = |task: std::io::Result<fs::DirEntry>| -> Option<u64> {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    Duration::from_nanos(tasks.filter_map(of_thread).sum())
}
