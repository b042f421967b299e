//! The file that remembers when pages were asked for, so that an exporter that is started again and again asks no more often than
//! one that runs. States of projects come in, text goes out, and the other way round. It holds no key, and nothing that a
//! project said but its name and the addresses of its schedulers.
//!
//! Times are kept as a moment and a wait: however far the clock was set, a wait is never longer than it was meant to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::hosts::HostState;
use super::{Moment, PageState, PollState};
use crate::platform;

/// Far more than the states of a thousand projects. What is longer is not this file.
const MAX_BYTES: u64 = 16 << 20;

/// No wait is longer, whatever the file says.
const MAX_WAIT: Duration = Duration::from_secs(30 * 3600);

/// What the file holds.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// By URL without its scheme. Always there: what has none is not this file.
    projects: BTreeMap<String, SavedProject>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct SavedProject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    schedulers: Vec<String>,
    #[serde(default)]
    pages: BTreeMap<String, SavedPage>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    hosts: BTreeMap<String, SavedHost>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct SavedPage {
    /// Unix seconds.
    asked: u64,
    /// Seconds.
    wait: u64,
    #[serde(default)]
    failures: u32,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct SavedHost {
    /// Unix seconds.
    asked: u64,
    /// Seconds.
    wait: u64,
    #[serde(default)]
    failures: u32,
}

impl Saved {
    /// Adds the state of a project.
    pub fn add(&mut self, key: &str, state: &PollState) {
        let page = |(name, page): (&String, &PageState)| {
            let (asked, wait) = page.asked?;
            Some((name.clone(), SavedPage { asked: unix(asked), wait: seconds(wait), failures: page.failures }))
        };
        let host = |(name, host): (&str, &HostState)| {
            let (asked, wait) = host.closed;
            (name.to_owned(), SavedHost { asked: unix(asked), wait: seconds(wait), failures: host.failures })
        };
        let project = SavedProject {
            name: state.name.clone(),
            url: state.url.clone(),
            schedulers: state.schedulers.clone(),
            pages: state.pages.iter().filter_map(page).collect(),
            hosts: state.hosts.iter().map(host).collect(),
        };
        if project != SavedProject::default() {
            self.projects.insert(key.to_owned(), project);
        }
    }

    /// The state of a project as of now; an empty one if the file does not know it.
    #[must_use]
    pub fn state(&self, key: &str, now: Moment) -> PollState {
        let mut state = PollState::default();
        let Some(project) = self.projects.get(key) else { return state };
        state.name.clone_from(&project.name);
        state.url.clone_from(&project.url);
        state.schedulers.clone_from(&project.schedulers);
        for (name, saved) in project.pages.iter().take(super::MAX_PAGES) {
            let (asked, left) = left(saved.asked, saved.wait, now);
            let page = PageState {
                due: Some(now.instant + left),
                asked: Some(asked),
                failures: saved.failures,
                ..PageState::default()
            };
            state.pages.insert(name.clone(), page);
        }
        for (name, saved) in &project.hosts {
            let (closed, left) = left(saved.asked, saved.wait, now);
            let host = HostState { failures: saved.failures, closed_until: now.instant + left, closed };
            state.hosts.restore(name, host);
        }
        state
    }

    /// Forgets projects that have not been asked for a month: nothing of theirs waits any more.
    pub fn forget_old(&mut self, now: SystemTime) {
        const MONTH: u64 = 30 * 86_400;
        let now = unix(now);
        self.projects.retain(|_, project| project.pages.values().any(|page| page.asked.saturating_add(MONTH) > now));
    }

    /// Reads the file; an empty one if it does not exist.
    ///
    /// # Errors
    /// It cannot be read, or is something else.
    pub fn read(file: &Path) -> io::Result<Self> {
        match fs::metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
            Ok(found) if !found.is_file() => return Err(io::Error::other("it is not a regular file")),
            Ok(found) if found.len() > MAX_BYTES => return Err(io::Error::other("it is too long")),
            Ok(_) => {}
        }
        serde_json::from_slice(&fs::read(file)?).map_err(|_| io::Error::other("it is damaged"))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// Only those of the format.
    pub fn text(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }
}

/// Replaces the file, whole or not at all. Only its owner can read it. Makes its folder, if it has none.
///
/// # Errors
/// It cannot be written.
pub fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = file.file_name().ok_or_else(|| io::Error::other("it has no name"))?.to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = file.with_file_name(name);
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let written = write_private(&new, text).and_then(|()| fs::rename(&new, file));
    if written.is_err() {
        // It may not even exist.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write as _;

    // What an earlier process with this number left would keep its mode.
    let _ = fs::remove_file(file);
    let mut opened = platform::create_private(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

/// A moment and a wait from the file, and how much of the wait is left. If the clock was set back, all of it.
fn left(asked: u64, wait: u64, now: Moment) -> ((SystemTime, Duration), Duration) {
    let wait = Duration::from_secs(wait).min(MAX_WAIT);
    let asked = UNIX_EPOCH.checked_add(Duration::from_secs(asked)).unwrap_or(now.time).min(now.time);
    let elapsed = now.time.duration_since(asked).unwrap_or_default();
    ((asked, wait), wait.saturating_sub(elapsed))
}

fn unix(time: SystemTime) -> u64 {
    seconds(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// Rounded up: a wait that begins again must not be shorter.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::project::collectors::Collector;
    use crate::project::limits::Intervals;
    use crate::project::poll_state::Round;
    use crate::project::schedule::Pace;

    const PAGE: &str = "config https://example.org/get_project_config.php";
    const HOST: &str = "example.org";

    fn moment(unix: u64) -> Moment {
        Moment { instant: Instant::now(), time: UNIX_EPOCH + Duration::from_secs(unix) }
    }

    fn asked_at(unix: u64) -> Saved {
        let mut state = PollState { name: Some("Example".to_owned()), ..PollState::default() };
        let pace = Pace::of(Collector::Config, &Intervals::default());
        state.begin(PAGE, pace, moment(unix));
        state.end(PAGE, HOST, pace, Round::default(), moment(unix));
        let mut saved = Saved::default();
        saved.add("example.org", &state);
        saved
    }

    /// How long the page waits if the exporter is started at this time.
    fn wait(saved: &Saved, start: u64) -> u64 {
        let now = moment(start);
        let due = saved.state("example.org", now).due(PAGE, HOST).expect("it was asked for");
        due.saturating_duration_since(now.instant).as_secs()
    }

    #[test]
    fn a_page_waits_over_a_restart_and_no_longer_than_it_would_whatever_the_clock_says() {
        let saved = asked_at(1_000_000);
        let whole = wait(&saved, 1_000_000);
        assert!((3600..=4320).contains(&whole), "{whole}");
        assert_eq!(wait(&saved, 1_001_000), whole - 1000);
        assert_eq!(wait(&saved, 2_000_000), 0);
        // The clock was set back: by an hour, to the year 1970.
        assert_eq!(wait(&saved, 996_400), whole);
        assert_eq!(wait(&saved, 0), whole);
    }

    #[test]
    fn the_file_is_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("projects.json");
        assert_eq!(Saved::read(&file).unwrap(), Saved::default());
        let saved = asked_at(1_000_000);
        replace(&file, &saved.text().unwrap()).unwrap();
        replace(&file, &saved.text().unwrap()).unwrap();
        assert_eq!(Saved::read(&file).unwrap(), saved);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        for damaged in ["", "{", "{}", "[]", "\0", "{\"projects\": 1}"] {
            fs::write(&file, damaged).unwrap();
            assert_eq!(Saved::read(&file).unwrap_err().to_string(), "it is damaged", "{damaged:?}");
        }
        assert!(Saved::read(folder.path()).is_err());
    }
}
