//! What the logs in a data directory tell of the years before. A place comes in; changes with their times go out. It reads all of
//! the logs at once, which takes seconds for an old client, and is for commands, not for scrapes. It does not know metrics.

use std::collections::BTreeMap;

use super::folder::{Content, Folder, Unreadable};
use super::job_log::{Completed, Job};
use super::place::{Place, Problem};
use super::reading::projects;

/// Bytes of a log that are held at a time.
const PIECE: u64 = 1 << 20;

/// The past of a client.
#[derive(Debug, Default, PartialEq)]
pub struct Past {
    /// All tasks computed so far, by project, each time that there was another: URL and name, time and totals.
    pub completed: Vec<OfProject>,
    /// What the client did, each time that it did something else.
    pub presence: Vec<(f64, Presence)>,
}

/// The tasks of a project.
#[derive(Debug, PartialEq)]
pub struct OfProject {
    /// Master URL; of a project that the client has left, its name in names of files.
    pub url: String,
    /// Name; the URL if it is not known.
    pub name: String,
    /// Totals from these times on, oldest first.
    pub totals: Vec<(f64, Completed)>,
}

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It does not run, or the computer is off.
    Off,
    /// It runs and may compute.
    Computing,
    /// It runs and may not compute.
    Suspended,
}

impl Past {
    /// Reads the logs at a place; nothing if there is none. Totals are as exact as `step` seconds.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(place: &Place, step: f64) -> Result<Self, Problem> {
        let Some(opened) = place.open()? else { return Ok(Self::default()) };
        let files = opened.folder.names().unwrap_or_default();
        let projects = projects(&opened.folder, &files);
        let cpus = std::thread::available_parallelism().map_or(1.0, |cpus| cpus.get() as f64);
        let mut completed = Vec::new();
        for file in &files {
            let Some(project) = file.strip_prefix("job_log_").and_then(|rest| rest.strip_suffix(".txt")) else {
                continue;
            };
            let totals = totals(&opened.folder, file, step, cpus);
            let known = projects.get(project);
            let url = known.map_or(project, |(url, _)| url).to_owned();
            let name =
                known.map(|(_, name)| name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| url.clone());
            completed.push(OfProject { url, name, totals });
        }
        completed.sort_by(|a, b| a.url.cmp(&b.url));
        Ok(Self { completed, presence: presence(&opened.folder) })
    }
}

/// Calls this with each whole line of a file.
fn lines(folder: &Folder, file: &str, mut line: impl FnMut(&str)) -> Result<(), Unreadable> {
    let mut offset = 0;
    loop {
        let Content { bytes, .. } = folder.read(file, offset, PIECE)?;
        let end = memchr::memrchr(b'\n', &bytes).map_or(0, |end| end + 1);
        bytes[..end].split(|byte| *byte == b'\n').filter_map(|text| str::from_utf8(text).ok()).for_each(&mut line);
        // No line is as long as a piece.
        offset += if end == 0 { bytes.len() as u64 } else { end as u64 };
        if (bytes.len() as u64) < PIECE {
            return Ok(());
        }
    }
}

/// The totals of a log after each step in which there was a task. Lines are in the order in which tasks ended, unless the clock was
/// set.
fn totals(folder: &Folder, file: &str, step: f64, cpus: f64) -> Vec<(f64, Completed)> {
    let mut steps: BTreeMap<u64, Completed> = BTreeMap::new();
    // A log that vanishes tells what was read of it.
    let _ = lines(folder, file, |line| {
        if let Some(job) = Job::read(line) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            let number = (job.time / step).floor() as u64;
            steps.entry(number).or_default().add(&job, cpus);
        }
    });
    let mut total = Completed::default();
    let mut totals = Vec::new();
    for (number, of_step) in steps {
        total.join(&of_step);
        totals.push(((number as f64 + 1.0) * step, total.clone()));
    }
    totals
}

/// What the client did, from `time_stats_log`. Its times go back by some seconds at times, it says twice that the client ended, and
/// after a crash it says so afterwards.
fn presence(folder: &Folder) -> Vec<(f64, Presence)> {
    let mut changes: Vec<(f64, Presence)> = Vec::new();
    let _ = lines(folder, "time_stats_log", |line| {
        let mut words = line.split_ascii_whitespace();
        let time =
            words.next().and_then(|time| time.parse::<f64>().ok()).filter(|time| time.is_finite() && *time > 0.0);
        let (Some(time), Some(event)) = (time, words.next()) else { return };
        let now = match event {
            "power_on" | "proc_start" => Presence::Computing,
            "power_off" => Presence::Off,
            "proc_stop" => Presence::Suspended,
            _ => return,
        };
        let last = changes.last().copied();
        // Who does not run is neither suspended nor resumed.
        let is_off = last.is_none_or(|(_, presence)| presence == Presence::Off);
        if last.is_some_and(|(_, presence)| presence == now) || (is_off && event.starts_with("proc_")) {
            return;
        }
        changes.push((last.map_or(time, |(before, _)| time.max(before)), now));
    });
    changes
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_past_is_read_although_its_times_go_back() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
        write("client_state.xml", "");
        write("account_a.xml", "<account>\n<master_url>https://a/</master_url>\n</account>\n");
        write(
            "job_log_a.txt",
            "1000 ue 5 ct 1 nm x et 2\n1010 ue 5 ct 1 nm y et 2\n700 ue 5 ct 1 nm early et 2\n1500 ue 5 ct 9",
        );
        write("job_log_left.txt", "1 ue 5 ct 1 nm x\n");
        write(
            "time_stats_log",
            "1439705759.02 power_on\n1439705762.0 power_off\n1439705759.0 power_off\n1439705771.0 version 7.2.42\n\
             1439705771.0 power_on\n1439705780 proc_stop\n1439705780 proc_stop\n1439705775 proc_start\nnan power_off\n\
             1439705790 power_off\n1439705791 proc_start\n",
        );
        let past = Past::read(&Place::Named(place.path().to_owned()), 300.0).unwrap();
        let completed: Vec<_> = past
            .completed
            .iter()
            .map(|of| (&*of.url, of.totals.iter().map(|(time, total)| (*time, total.tasks, total.elapsed)).collect()))
            .collect();
        assert_eq!(
            completed,
            [("https://a/", vec![(900.0, 1, 2.0), (1200.0, 3, 6.0)]), ("left", vec![(300.0, 1, 0.0)])]
        );
        let expected = [
            (1_439_705_759.02, Presence::Computing),
            (1_439_705_762.0, Presence::Off),
            (1_439_705_771.0, Presence::Computing),
            (1_439_705_780.0, Presence::Suspended),
            (1_439_705_780.0, Presence::Computing),
            (1_439_705_790.0, Presence::Off),
        ];
        assert_eq!(past.presence, expected);
        assert_eq!(Past::read(&Place::FirstOf(vec![place.path().join("none")]), 300.0), Ok(Past::default()));
    }
}
