//! A watch over scripted projects in simulated time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::{Format, render};
use boinc_exporter::metric::Scrape;
use boinc_exporter::project::collectors::Collectors;
use boinc_exporter::project::target::{MasterUrl, Target};
use boinc_exporter::project::watch::Settings;
use boinc_exporter::project::{Limits, Project, Watch};
use tokio::task::JoinSet;

use crate::support::process::PATIENCE;

/// When simulated time begins.
pub const START: u64 = 1_795_322_400;

/// A clock that tests move.
pub fn clock() -> Clock {
    Clock::stepped(UNIX_EPOCH + Duration::from_secs(START))
}

/// A project at this URL, with the default collectors.
pub fn target(url: &str) -> Target {
    Target::new(MasterUrl::parse(url).expect("a URL"), Collectors::default())
}

/// These projects, with limits in which no test runs out of time.
pub fn settings(targets: Vec<Target>) -> Settings {
    let limits = Limits { timeout: PATIENCE, ..Limits::default() };
    Settings { targets, attached: None, limits, contact: Some("me@example.org".to_owned()), state_file: None }
}

/// The same with a file.
pub fn settings_with_file(targets: Vec<Target>, file: PathBuf) -> Settings {
    Settings { state_file: Some(file), ..settings(targets) }
}

/// Asks for everything that is due, and waits for the answers. Returns when to look again.
pub async fn settle(watch: &Arc<Watch>) -> Duration {
    let mut tasks = JoinSet::new();
    let mut wait = watch.ask(&mut tasks);
    // What was asked first may make something else due.
    while !tasks.is_empty() {
        while let Some(done) = tasks.join_next().await {
            done.expect("a round does not panic");
        }
        wait = watch.ask(&mut tasks);
    }
    wait
}

/// Asks for what is due, and is killed while it waits for the first answer.
pub async fn die(watch: &Arc<Watch>) -> Duration {
    let mut tasks = JoinSet::new();
    let wait = watch.ask(&mut tasks);
    tokio::task::yield_now().await;
    tasks.shutdown().await;
    wait
}

/// Lets time pass, with a scrape every minute.
pub async fn pass(watch: &Arc<Watch>, clock: &Clock, time: Duration) {
    let end = clock.instant() + time;
    while clock.instant() < end {
        let _ = watch.scrape();
        settle(watch).await;
        clock.step(Duration::from_secs(60));
    }
}

/// The exposition of all projects now.
pub fn expose(watch: &Watch) -> String {
    render(None, Scrape::of::<Project>(watch.scrape()), Format::Text)
}

/// The samples of an exposition with this name, without the labels that all of them have.
pub fn samples(text: &str, name: &str) -> Vec<String> {
    let sample = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
    text.lines().filter(|line| sample(line)).map(str::to_owned).collect()
}
