//! From `/proc/self`, see proc(5). If a file cannot be read or parsed, values are absent.

use std::fs;
use std::io::Read as _;

use super::Usage;
use crate::platform::max_open_files;

/// Ticks per second in `/proc`. The kernel scales these values to `USER_HZ`, which is 100 on every architecture that Rust's
/// standard library supports on Linux (include/uapi/asm-generic/param.h). Calling `sysconf` would require `unsafe` or
/// another dependency.
const TICKS_PER_SECOND: f64 = 100.0;

/// The files of a process have at most two kilobytes.
const INITIAL_CAPACITY: usize = 4 << 10;

/// `/proc/stat` has a line for each processor and a number for each interrupt.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// This process.
#[derive(Debug)]
pub struct Process {
    /// Read once: it never changes, and reading `/proc/stat` is slow on computers with many processors.
    start_seconds: Option<f64>,
}

impl Process {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        let start_seconds = read("/proc/self/stat")
            .zip(read("/proc/stat"))
            .and_then(|(process, system)| Some(boot_time(&system)? + field(&process, 22)? / TICKS_PER_SECOND));
        Self { start_seconds }
    }

    /// What it uses now.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let stat = read("/proc/self/stat").unwrap_or_default();
        let status = read("/proc/self/status").unwrap_or_default();
        Usage {
            cpu_seconds: field(&stat, 14)
                .zip(field(&stat, 15))
                .map(|(user, system)| (user + system) / TICKS_PER_SECOND),
            // From `status`: `stat` counts pages, whose size cannot be determined without `unsafe`.
            resident_bytes: status_number(&status, "VmRSS:").map(|kib| kib * 1024.0),
            virtual_bytes: status_number(&status, "VmSize:").map(|kib| kib * 1024.0),
            open_fds: open_fds(),
            max_fds: max_open_files().map(|limit| limit as f64),
            start_seconds: self.start_seconds,
            threads: status_number(&status, "Threads:"),
        }
    }
}

fn read(path: &str) -> Option<String> {
    // These files report a size of 0. With enough capacity from the start, one read is enough.
    let mut text = String::with_capacity(INITIAL_CAPACITY);
    fs::File::open(path).ok()?.take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Field `number` of `/proc/PID/stat`, counted from 1 as in proc(5). The second field is the name of the program in
/// parentheses, which may itself hold spaces and parentheses.
fn field(stat: &str, number: usize) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(number - 3)?.parse().ok()
}

/// The boot time of the system in seconds since the Unix epoch, from `/proc/stat`.
fn boot_time(stat: &str) -> Option<f64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// A line of `/proc/PID/status`.
fn status_number(status: &str, key: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix(key))?.split_ascii_whitespace().next()?.parse().ok()
}

/// Excludes the one that is open for reading the directory.
fn open_fds() -> Option<f64> {
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    u32::try_from(open.saturating_sub(1)).ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_of_a_program_with_an_odd_name() {
        let stat =
            "7 (a) R (b) S 1 7 7 0 -1 4194560 9 8 7 6 250 150 4 3 20 0 5 0 123176 3133440 358 18446744073709551615";
        assert_eq!(
            [field(stat, 14), field(stat, 15), field(stat, 22), field(stat, 99)],
            [Some(250.0), Some(150.0), Some(123_176.0), None]
        );
        assert_eq!(field("", 14), None);
    }

    #[test]
    fn other_files() {
        assert_eq!(boot_time("cpu  1 2 3\nbtime 1795446679\nprocesses 5\n"), Some(1_795_446_679.0));
        assert_eq!(status_number("VmSize:\t    3760 kB\nVmRSS:\t    1892 kB\n", "VmRSS:"), Some(1892.0));
    }

    #[test]
    fn usage_changes_with_the_process() {
        let process = Process::this();
        let before = process.usage();
        let (files, memory) =
            ([(); 40].map(|()| fs::File::open("/proc/self/stat").unwrap()), std::hint::black_box(vec![1_u8; 64 << 20]));
        let after = process.usage();
        drop((files, memory));
        // The margins are for other tests that run in this process at the same time.
        assert!(after.open_fds.unwrap() >= before.open_fds.unwrap() + 20.0, "{before:?} {after:?}");
        assert!(after.resident_bytes.unwrap() >= before.resident_bytes.unwrap() + f64::from(32 << 20));
        assert!(after.virtual_bytes > after.resident_bytes && after.max_fds > after.open_fds);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        let age = now - after.start_seconds.unwrap();
        assert!((-2.0..3600.0).contains(&age), "started {age} s ago");
    }
}
