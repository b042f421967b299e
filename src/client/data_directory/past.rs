//! What the files in a data directory tell of the years before. A place comes in; values with their times go out. It reads all of
//! the logs at once, which takes seconds for an old client, and is for commands, not for scrapes. It does not know metrics.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::host::Host;
use super::job_log::{Completed, Job};
use super::place::{Place, Problem};
use super::reading::{projects, written};
use super::text::whole;
use super::time_stats_log::{Presence, TimeStatsLog};
use crate::client::gui_rpc::model::{DailyStatistics, DailyTransfer, DailyTransfers, ProjectStatistics};
use crate::markup::element::Element;
use crate::platform::folder::{Content, Folder, Unreadable};

/// Bytes of a log that are held at a time.
const PIECE: u64 = 1 << 20;

/// Bytes of a file of days: 10 000 days of credit have 3 MB.
const MAX_DAYS: u64 = 8 << 20;

/// The past of a client.
#[derive(Debug, Default)]
pub struct Past {
    /// All tasks computed so far, by project, each time that there was another: time and totals, oldest first.
    pub completed: Vec<OfProject<Vec<(f64, Completed)>>>,
    /// Credit by day, by project, oldest first.
    pub credit: Vec<OfProject<Vec<DailyStatistics>>>,
    /// Traffic by day.
    pub traffic: Vec<DailyTransfer>,
    /// What the client did, each time that it did something else.
    pub presence: Vec<(f64, Presence)>,
    /// The client's standard time: seconds ahead of UTC.
    pub timezone: Option<f64>,
    /// When the client last wrote anything.
    pub written: Option<SystemTime>,
}

/// What is told of a project.
#[derive(Debug)]
pub struct OfProject<T> {
    /// Master URL; of a project that the client has left, its name in names of files.
    pub url: String,
    /// Name; the URL if it is not known.
    pub name: String,
    /// That.
    pub item: T,
}

impl Past {
    /// Reads the files at a place; nothing if there is none. Totals are as exact as `step` seconds.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(place: &Place, step: f64) -> Result<Self, Problem> {
        let Some(opened) = place.open()? else { return Ok(Self::default()) };
        let folder = &opened.folder;
        let files = folder.names().unwrap_or_default();
        let projects = projects(folder, &files);
        let host = Host::read(folder);
        let (mut completed, mut credit) = (Vec::new(), Vec::new());
        for file in &files {
            if let Some(project) = file.strip_prefix("job_log_").and_then(|rest| rest.strip_suffix(".txt")) {
                let url = projects.get(project).map_or(project, |(url, _)| url);
                completed.push(of_project(&projects, project, url, totals(folder, file, step, host.cpus())));
            } else if let Some(project) = file.strip_prefix("statistics_").and_then(|rest| rest.strip_suffix(".xml"))
                && let Some(ProjectStatistics { master_url, days }) = element(folder, file, "project_statistics")
            {
                credit.push(of_project(
                    &projects,
                    project,
                    if master_url.is_empty() { project } else { &master_url },
                    days,
                ));
            }
        }
        completed.sort_by(|a, b| a.url.cmp(&b.url));
        credit.sort_by(|a, b| a.url.cmp(&b.url));
        let mut log = TimeStatsLog::default();
        // A log that vanishes tells what was read of it.
        let _ = lines(folder, "time_stats_log", |line| log.line(line));
        let traffic: Option<DailyTransfers> = element(folder, "daily_xfer_history.xml", "daily_xfers");
        Ok(Self {
            completed,
            credit,
            traffic: traffic.map(|traffic| traffic.days).unwrap_or_default(),
            presence: log.changes(),
            timezone: host.timezone,
            written: written(folder),
        })
    }

    /// Whether it tells nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let Self { completed, credit, traffic, presence, .. } = self;
        completed.is_empty() && credit.is_empty() && traffic.is_empty() && presence.is_empty()
    }
}

/// What is told of a project, with the name that its account has.
fn of_project<T>(projects: &BTreeMap<String, (String, String)>, project: &str, url: &str, item: T) -> OfProject<T> {
    let name = projects.get(project).map(|(_, name)| name.clone()).filter(|name| !name.is_empty());
    OfProject { url: url.to_owned(), name: name.unwrap_or_else(|| url.to_owned()), item }
}

/// The element that is all of a file.
fn element<T: Element>(folder: &Folder, file: &str, name: &'static str) -> Option<T> {
    whole(&folder.read(file, 0, MAX_DAYS).ok()?.bytes, name)
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
        write("time_stats_log", "1439705771.0 power_on\n1439705780 proc_stop\n1439705781 net_unknown");
        write(
            "statistics_a.xml",
            "<project_statistics>\n<master_url>https://a/</master_url>\n<daily_statistics><day>86400.0</day>\
             <host_total_credit>7</host_total_credit></daily_statistics>\n</project_statistics>\n",
        );
        write("statistics_half.xml", "<project_statistics>\n<master_url>https://half/</master_url>\n");
        let past = Past::read(&Place::Named(place.path().to_owned()), 300.0).unwrap();
        let completed: Vec<_> = past
            .completed
            .iter()
            .map(|of| (&*of.url, of.item.iter().map(|(time, total)| (*time, total.tasks, total.elapsed)).collect()))
            .collect();
        assert_eq!(
            completed,
            [("https://a/", vec![(900.0, 1, 2.0), (1200.0, 3, 6.0)]), ("left", vec![(300.0, 1, 0.0)])]
        );
        let credit: Vec<_> = past.credit.iter().map(|of| (&*of.url, &*of.name, of.item.len())).collect();
        assert_eq!(credit, [("https://a/", "https://a/", 1)]);
        let on = |computing| Presence::On { computing, network: None };
        assert_eq!(past.presence, [(1_439_705_771.0, on(true)), (1_439_705_780.0, on(false))]);
        let nothing = Past::read(&Place::FirstOf(vec![place.path().join("none")]), 300.0).unwrap();
        assert!(nothing.is_empty());
    }

    #[test]
    fn the_past_of_a_client_of_7_20() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/data_directory/7.20.5_busy");
        let past = Past::read(&Place::Named(place.into()), 300.0).unwrap();
        let [credit] = &past.credit[..] else { panic!("{:?}", past.credit) };
        assert_eq!((&*credit.url, &*credit.name), ("http://127.0.0.1:31080/alpha/", "Alpha & Läb@home"));
        let days: Vec<_> = credit.item.iter().map(|day| (day.day, day.host_total_credit)).collect();
        assert_eq!(days, [(Some(1_795_305_600.0), Some(5.994_337))]);
        let on = |network| Presence::On { computing: true, network };
        assert_eq!(past.presence, [(1_795_321_912.030_635, on(None)), (1_795_321_922.808_677, on(Some(true)))]);
        let traffic: Vec<_> = past.traffic.iter().map(|day| (day.when, day.up, day.down)).collect();
        assert_eq!(traffic, [(Some(20_779), Some(1_024_372.0), Some(13_207_732.0))]);
        assert_eq!(past.timezone, Some(0.0));
    }

    #[test]
    fn a_client_of_7_2_that_was_not_allowed_to_use_the_network() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/data_directory/7.2.42");
        let past = Past::read(&Place::Named(place.into()), 300.0).unwrap();
        let on = |computing, network| Presence::On { computing, network };
        let last = past.presence.iter().rev().take(4).rev().copied();
        let expected = [
            (1_439_980_517.938_757, on(true, None)),
            (1_439_980_527.998_817, on(true, Some(false))),
            (1_439_980_527.998_817, on(false, Some(false))),
            (1_439_980_534.463_968, Presence::Off),
        ];
        assert_eq!(last.collect::<Vec<_>>(), expected);
    }
}
