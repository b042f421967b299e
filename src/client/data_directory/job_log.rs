//! `job_log_*.txt`: a line for each task that was computed without error, since the client was installed. Folders come in; counts
//! and sums go out. A log is never cleared and may have 50 MB, so each reading goes on where the last one ended. Bounded by
//! `MAX_LOGS`. A line does not say which application computed the task, so the sums are by project: what the exporter saw in slots
//! would be forgotten at a restart, and the tasks be counted again. It does not know projects or metrics.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::host::Host;
use crate::metric::Histogram;
use crate::platform::folder::{Folder, Unreadable};

/// Bytes of all logs that one reading goes through. The first readings of an old client have more to do, in turns.
const MAX_BYTES: u64 = 16 << 20;

/// Bytes of a log that are held at a time.
const PIECE: u64 = 1 << 20;

/// Projects with a log: those that were ever attached.
const MAX_LOGS: usize = 1000;

/// Bytes before the end of the last reading that must still be there at the next.
const TAIL: usize = 64;

/// Upper bounds of run times divided by their estimates.
const RATIOS: [f64; 10] = [0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0, 10.0];

/// A line of a log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Job<'a> {
    /// When the task was done, Unix seconds.
    pub time: f64,
    /// Its name.
    pub name: &'a str,
    /// Run time that was estimated for it, in seconds.
    pub estimate: f64,
    /// CPU time in seconds.
    pub cpu: f64,
    /// Run time in seconds; `None` before 6.8, where the estimate was one of CPU time.
    pub elapsed: Option<f64>,
}

impl<'a> Job<'a> {
    /// Reads a line: the time, then keys and values. Clients before 6.8 wrote no `et`, and before 7.2.5 no `es`.
    #[must_use]
    pub fn read(line: &'a str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let positive = |word: &str| word.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        let time = positive(words.next()?)?;
        let (mut name, mut estimate, mut cpu, mut elapsed) = (None, None, None, None);
        while let (Some(key), Some(value)) = (words.next(), words.next()) {
            match key {
                "nm" => name = Some(value),
                "ue" => estimate = positive(value),
                "ct" => cpu = positive(value),
                "et" => elapsed = Some(positive(value)?),
                _ => {}
            }
        }
        Some(Self { time, name: name?, estimate: estimate?, cpu: cpu?, elapsed })
    }
}

/// Tasks that were computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Completed {
    /// Their number.
    pub tasks: u64,
    /// Run time of all, in seconds.
    pub elapsed: f64,
    /// CPU time of all, in seconds.
    pub cpu: f64,
    /// Estimated run time of those whose run time is known, in seconds.
    pub estimated: f64,
    /// Run times divided by estimates.
    pub ratios: Histogram,
}

impl Default for Completed {
    fn default() -> Self {
        Self { tasks: 0, elapsed: 0.0, cpu: 0.0, estimated: 0.0, ratios: Histogram::of(&RATIOS) }
    }
}

impl Completed {
    /// Adds what another counted.
    pub fn join(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.elapsed += other.elapsed;
        self.cpu += other.cpu;
        self.estimated += other.estimated;
        self.ratios.join(&other.ratios);
    }

    /// Adds a task that was computed on a host with so many CPUs.
    pub fn add(&mut self, job: &Job<'_>, cpus: f64) {
        self.tasks += 1;
        let Some(elapsed) = job.elapsed else {
            self.cpu += job.cpu;
            return;
        };
        self.elapsed += elapsed;
        // Wrappers around containers have multiplied CPU time by the processors of the host. Both times are rounded.
        if job.cpu <= (elapsed + 1.0) * cpus {
            self.cpu += job.cpu;
        }
        if job.estimate > 0.0 {
            self.estimated += job.estimate;
            self.ratios.observe(elapsed / job.estimate);
        }
    }
}

/// What was read of one log.
#[derive(Debug, Default)]
struct Log {
    id: (u64, u64),
    offset: u64,
    /// The bytes before the offset.
    tail: Vec<u8>,
    /// The newest time. What is older was counted, if the log begins anew.
    newest: f64,
    /// Lines up to this time are passed over: they stand in a log that was shortened.
    counted: f64,
    /// Whether all of it was read once.
    is_complete: bool,
    completed: Completed,
}

/// All logs of a client.
#[derive(Debug, Default)]
pub struct JobLogs(BTreeMap<String, Log>);

impl JobLogs {
    /// Reads what is new in the logs among these files.
    pub fn read(&mut self, folder: &Folder, files: &[String]) {
        let cpus = LazyCell::new(|| Host::read(folder).cpus());
        let mut left = MAX_BYTES;
        let project = |file: &'_ String| Some(file.strip_prefix("job_log_")?.strip_suffix(".txt")?.to_owned());
        for (file, project) in files.iter().filter_map(|file| Some((file, project(file)?))) {
            if self.0.len() < MAX_LOGS || self.0.contains_key(&project) {
                let log = self.0.entry(project).or_default();
                // It is being moved, or closed to us: the next reading may find it again.
                let _ = log.read(folder, file, &mut left, &cpus);
            }
        }
    }

    /// What was computed, by project in names of files. Logs that have not been read to their end yet are left out: their past
    /// would look like work of today.
    pub fn completed(&self) -> impl Iterator<Item = (&str, &Completed)> {
        let complete = self.0.iter().filter(|(_, log)| log.is_complete);
        complete.map(|(project, log)| (&**project, &log.completed))
    }
}

impl Log {
    fn read(
        &mut self,
        folder: &Folder,
        file: &str,
        left: &mut u64,
        cpus: &LazyCell<f64, impl FnOnce() -> f64>,
    ) -> Result<(), Unreadable> {
        loop {
            let piece = PIECE.min(*left);
            let back = self.tail.len() as u64;
            let content = folder.read(file, self.offset - back, piece + back)?;
            let same = content.facts.id == self.id && content.bytes.starts_with(&self.tail);
            if !same && self.offset > 0 {
                // It was shortened, replaced or moved away.
                (self.offset, self.tail, self.counted) = (0, Vec::new(), self.newest);
                self.id = content.facts.id;
                continue;
            }
            self.id = content.facts.id;
            let new = &content.bytes[self.tail.len()..];
            // The last line may still be written.
            let end = match memchr::memrchr(b'\n', new) {
                Some(end) => end + 1,
                // No line is as long.
                None if new.len() as u64 == PIECE => new.len(),
                None => 0,
            };
            for line in new[..end].split(|byte| *byte == b'\n') {
                self.line(line, **cpus);
            }
            self.offset += end as u64;
            *left -= (new.len() as u64).min(*left);
            let read = &content.bytes[..self.tail.len() + end];
            self.tail = read[read.len().saturating_sub(TAIL)..].to_vec();
            let is_end = (new.len() as u64) < piece;
            self.is_complete |= is_end;
            if is_end || *left == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self, line: &[u8], cpus: f64) {
        let Some(job) = str::from_utf8(line).ok().and_then(Job::read) else { return };
        if job.time <= self.counted {
            return;
        }
        self.newest = self.newest.max(job.time);
        self.completed.add(&job, cpus);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn lines_of_all_ages() {
        let job = |line| Job::read(line).map(|job| (job.time, job.name, job.estimate, job.cpu, job.elapsed));
        let newest = "1795322013 ue 120.000000 ct 0.466994 fe 240000000000 nm labsleep_0 et 43.224217 es 0";
        assert_eq!(job(newest), Some((1_795_322_013.0, "labsleep_0", 120.0, 0.466_994, Some(43.224_217))));
        let before_2013 = newest.strip_suffix(" es 0").unwrap();
        assert_eq!(job(before_2013), job(newest));
        let of_2007 = "1177000000.000000 ue 120.000000 ct 99.5 fe 240000000000.000000 nm wu_0\r";
        assert_eq!(job(of_2007), Some((1_177_000_000.0, "wu_0", 120.0, 99.5, None)));
        assert_eq!(
            job("1795322013 nm a_0 et 5 ct 4 ue 3 zz 9 odd"),
            Some((1_795_322_013.0, "a_0", 3.0, 4.0, Some(5.0)))
        );
        for line in [
            "",
            "1795322013",
            "x ue 1 ct 1 nm a",
            "1 ue 1 ct 1",
            "1 ue 1 ct nan nm a",
            "1 ue 1 ct 1 nm a et -1",
            "inf ue 1 ct 1 nm a",
        ] {
            assert_eq!(job(line), None, "{line}");
        }
    }

    /// Tasks, seconds of run time and CPU time of each log.
    fn counts(logs: &JobLogs) -> Vec<(u64, f64, f64)> {
        logs.completed().map(|(_, c)| (c.tasks, c.elapsed, c.cpu)).collect()
    }

    #[test]
    fn a_log_is_read_on_where_it_was_left() {
        let place = tempfile::tempdir().unwrap();
        let (folder, file) = (Folder::open(place.path()).unwrap(), place.path().join("job_log_a.txt"));
        let files = ["job_log_a.txt".to_owned(), "job_log_none.txt".to_owned(), "job_log_b.bak".to_owned()];
        let mut logs = JobLogs::default();
        let line = |time: u32| format!("{time} ue 10 ct 1 fe 1 nm wu_{time}_0 et 2 es 0\n");
        let append = |text: &str| {
            let opened = fs::File::options().create(true).append(true).open(&file);
            opened.unwrap().write_all(text.as_bytes()).unwrap();
        };
        let mut after = |text: &str| {
            append(text);
            logs.read(&folder, &files);
            counts(&logs)
        };
        let all = |tasks: u64| vec![(tasks, 2.0 * tasks as f64, tasks as f64)];
        assert_eq!(after(&line(1)), all(1));
        // Half a line, then its rest.
        let (half, rest) = (&line(2)[..9], &line(2)[9..]);
        assert_eq!(after(half), all(1));
        assert_eq!(after(rest), all(2));
        assert_eq!(after(""), all(2));
        // Copied away and truncated; then it has grown beyond where it was read.
        fs::write(&file, "").unwrap();
        assert_eq!(after(""), all(2));
        fs::write(&file, [line(3), line(4), line(5), line(6)].concat()).unwrap();
        assert_eq!(after(""), all(6));
        // Shortened by hand: what stays was counted.
        fs::write(&file, [line(5), line(6)].concat()).unwrap();
        assert_eq!(after(&line(7)), all(7));
        // Another file of the same name.
        fs::rename(&file, place.path().join("job_log_b.bak")).unwrap();
        assert_eq!(after(&line(8)), all(8));
        fs::remove_file(&file).unwrap();
        logs.read(&folder, &files);
        assert_eq!(counts(&logs), all(8));
    }

    #[test]
    fn what_cannot_be_true_is_not_summed() {
        let place = tempfile::tempdir().unwrap();
        let lines = b"1 ue 10 ct 399649 nm container_0 et 2\n2 ue 10 ct 1 nm known_0 et 2\n3 ue 10 ct 7 nm old_0\n\0\xff\n4 ue 0 ct 1 nm a et 1\n";
        fs::write(place.path().join("job_log_a.txt"), lines).unwrap();
        let mut logs = JobLogs::default();
        logs.read(&Folder::open(place.path()).unwrap(), &["job_log_a.txt".to_owned()]);
        assert_eq!(counts(&logs), [(4, 5.0, 9.0)]);
        let ratios: Vec<_> =
            logs.completed().map(|(_, completed)| (completed.ratios.count(), completed.estimated)).collect();
        assert_eq!(ratios, [(2, 20.0)]);
    }

    #[test]
    fn cpu_time_is_bounded_by_the_cpus_of_the_computer_and_not_of_this_process() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
        write("job_log_a.txt", "1 ue 10 ct 180 nm threads_0 et 100\n2 ue 10 ct 10.2 nm one_0 et 10\n");
        for (cpus, summed) in [("1", 10.2), ("2", 190.2), ("0", 190.2)] {
            write(
                "client_state.xml",
                &format!("<client_state>\n<host_info>\n<p_ncpus>{cpus}</p_ncpus>\n</host_info>\n"),
            );
            let mut logs = JobLogs::default();
            logs.read(&Folder::open(place.path()).unwrap(), &["job_log_a.txt".to_owned()]);
            assert_eq!(counts(&logs), [(2, 110.0, summed)], "{cpus} CPUs");
        }
    }

    #[test]
    fn a_long_log_is_read_in_turns_and_told_when_it_is_done() {
        let place = tempfile::tempdir().unwrap();
        let line = format!("1795322013 ue 120.0 ct 0.4 fe 240000000000 nm {} et 43.2 es 0\n", "x".repeat(400));
        let lines = 40_000;
        fs::write(place.path().join("job_log_a.txt"), line.repeat(lines)).unwrap();
        let mut logs = JobLogs::default();
        let folder = Folder::open(place.path()).unwrap();
        logs.read(&folder, &["job_log_a.txt".to_owned()]);
        assert_eq!(counts(&logs), []);
        logs.read(&folder, &["job_log_a.txt".to_owned()]);
        assert_eq!(counts(&logs).iter().map(|(tasks, ..)| *tasks).collect::<Vec<_>>(), [lines as u64]);
    }
}
