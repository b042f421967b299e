//! What is kept about one project: of each page when it may be asked for again, how that went, and what it said. Outcomes come
//! in; what is due and a snapshot go out. When pages may be asked for survives a restart, in [`mod@file`]; what they said does not. It
//! does not know requests.

mod assemble;
pub mod file;
mod hosts;
pub mod validation;

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

pub use self::hosts::Hosts;
use self::validation::ReportedTasks;
use super::fetch::Validators;
use super::schedule::{self, Pace, Retry};
use super::snapshot::{Failure, Reading};

/// Pages of one project that are kept: those asked for now, and those of earlier configurations, so that a change back and forth
/// is no reason to ask again.
const MAX_PAGES: usize = 100;

/// The state of one project.
#[derive(Debug, Default)]
pub struct PollState {
    /// By what is asked for; see [`crate::project::target::Target`]. Never with a key.
    pub pages: BTreeMap<String, PageState>,
    /// Hosts that cannot be reached, or want to be left alone.
    pub hosts: Hosts,
    /// The project's own name, as it was last told.
    pub name: Option<String>,
    /// The master URL as clients say it.
    pub url: Option<String>,
    /// The addresses of its schedulers, from its first page.
    pub schedulers: Vec<String>,
    /// The tasks that the watched clients reported.
    pub tasks: ReportedTasks,
}

/// The state of one page.
#[derive(Debug, Default)]
pub struct PageState {
    /// Not to be asked for before; `None`: at once.
    due: Option<Instant>,
    /// When it was last asked for, and how long to wait from then, for the file.
    asked: Option<(SystemTime, Duration)>,
    /// Rounds that failed in a row.
    failures: u32,
    /// Why the last round failed.
    error: Option<Failure>,
    /// When the last round was finished; `None` if there was none since the exporter started.
    finished: Option<SystemTime>,
    /// When the page was last read.
    succeeded: Option<(Instant, SystemTime)>,
    /// What makes the next answer short.
    validators: Validators,
    /// What the page said.
    reading: Option<Reading>,
    /// Rows of the page beyond what is read.
    left_out: u64,
    /// Requests since the exporter started: those whose answer was the page, and the others.
    requests: [u64; 2],
}

/// What became of one round of requests.
#[derive(Debug, Default)]
pub struct Round {
    /// What was read; `None` if nothing was, or if nothing has changed.
    pub reading: Option<Reading>,
    /// Rows of it beyond what is read.
    pub left_out: u64,
    /// Why it failed, wholly or in part.
    pub error: Option<Failure>,
    /// Requests whose answer was the page, and the others.
    pub requests: [u64; 2],
    /// The hosts that answered, and how long they want to be left alone: a project's scheduler may be on a host of its own.
    pub answered: BTreeMap<String, Option<Duration>>,
    /// How long there is no use in asking for this page; the others are not held up.
    pub page_wait: Option<Duration>,
    /// A host that could not be reached.
    pub unseen: Option<String>,
    /// For the next request.
    pub validators: Validators,
}

/// The moment of an outcome.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// For waits.
    pub instant: Instant,
    /// For people and for the file.
    pub time: SystemTime,
}

impl PollState {
    /// Whether a page may be asked for now, on this host.
    #[must_use]
    pub fn is_due(&self, page: &str, host: &str, now: Instant) -> bool {
        self.due(page, host).is_none_or(|due| due <= now)
    }

    /// When a page may be asked for; `None`: at once.
    #[must_use]
    pub fn due(&self, page: &str, host: &str) -> Option<Instant> {
        self.pages.get(page).and_then(|page| page.due).max(self.hosts.closed_until(host))
    }

    /// Takes note that a page is going to be asked for. If the exporter ends before the answer, it counts as asked.
    pub fn begin(&mut self, name: &str, pace: Pace, now: Moment) {
        if self.pages.len() >= MAX_PAGES && !self.pages.contains_key(name) {
            self.forget_oldest();
        }
        let state = self.pages.entry(name.to_owned()).or_default();
        state.wait(pace.after_success(fastrand::f64()), now);
    }

    /// Takes note of the outcome.
    pub fn end(&mut self, name: &str, host: &str, pace: Pace, round: Round, now: Moment) {
        let dice = fastrand::f64();
        let state = self.pages.entry(name.to_owned()).or_default();
        state.requests = [0, 1].map(|index| state.requests[index].saturating_add(round.requests[index]));
        state.finished = Some(now.time);
        let wait = match &round.error {
            None => {
                state.failures = 0;
                state.succeeded = Some((now.instant, now.time));
                state.validators = round.validators;
                pace.after_success(dice)
            }
            Some(failure) => {
                state.failures = state.failures.saturating_add(1);
                let retry = Retry::after(failure.reason);
                // The page's host is closed for as long; then any of its pages may be the one that tries.
                if retry == Retry::Soon && round.unseen.as_deref() == Some(host) {
                    Duration::ZERO
                } else {
                    pace.after_failure(retry, state.failures, dice)
                }
            }
        };
        state.error = round.error;
        if round.reading.is_some() {
            (state.reading, state.left_out) = (round.reading, round.left_out);
        }
        let requested = round.answered.values().copied().max().flatten().max(round.page_wait);
        state.wait(wait.max(requested.map(schedule::requested).unwrap_or_default()), now);
        for (host, wait) in round.answered {
            self.hosts.answer(&host, wait.map(schedule::requested), now);
        }
        if let Some(unseen) = round.unseen {
            self.hosts.fail(&unseen, dice, now);
        }
    }

    /// Takes note that a page was not asked for after all, because its host is closed.
    pub fn postpone(&mut self, page: &str, now: Moment) {
        if let Some(page) = self.pages.get_mut(page) {
            page.wait(Duration::ZERO, now);
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.pages.iter().min_by_key(|(_, page)| page.asked.map(|(time, _)| time));
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.pages.remove(&name);
        }
    }
}

impl PageState {
    /// Validators are of use only as long as there is something that has not changed.
    #[must_use]
    pub fn validators(&self) -> Option<&Validators> {
        self.reading.is_some().then_some(&self.validators)
    }

    /// Rounds that failed in a row.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Why the last round failed.
    #[must_use]
    pub const fn error(&self) -> Option<&Failure> {
        self.error.as_ref()
    }

    /// Whether there was a round since the exporter started.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.finished.is_some()
    }

    fn wait(&mut self, wait: Duration, now: Moment) {
        self.due = Some(now.instant + wait);
        self.asked = Some((now.time, wait));
    }
}
