//! One watched project: what is asked of it, and its state, which outlives changes of the configuration. It does not know other
//! projects.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::OwnedMutexGuard;

use crate::metric::fit;
use crate::project::Project;
use crate::project::collectors::Collector;
use crate::project::fetch::Web;
use crate::project::limits::{Limits, MAX_SERIES};
use crate::project::plan::{PagePlan, What, pages};
use crate::project::poll::{Found, Known, poll};
use crate::project::poll_state::file::Saved;
use crate::project::poll_state::validation::ReportedTask;
use crate::project::poll_state::{Moment, PollState, Round};
use crate::project::schedule::Pace;
use crate::project::snapshot::{Reading, Snapshot};
use crate::project::target::{MasterUrl, Target};

/// A scheduler that failed so often in a row may have moved.
const LOST_AFTER: u32 = 3;

/// A watched project.
#[derive(Debug)]
pub struct Member {
    target: Target,
    plans: Vec<PagePlan>,
    limits: Limits,
    key: String,
    state: Arc<State>,
}

/// What outlives a change of the configuration.
#[derive(Debug, Default)]
struct State {
    pages: Mutex<PollState>,
    /// Held while pages are asked for: one at a time.
    busy: Arc<tokio::sync::Mutex<()>>,
    /// When somebody last read the metrics.
    read: Mutex<Option<Instant>>,
}

/// Being asked.
pub type Busy = OwnedMutexGuard<()>;

/// A project, for display.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is known.
    pub snapshot: Arc<Snapshot>,
    /// When its next page is due; `None` if that is now, or as soon as somebody reads its metrics.
    pub due_in: Option<Duration>,
    /// Whether nothing is known of it yet, and it is being asked.
    pub is_new: bool,
    /// The time by which this was made.
    pub now: SystemTime,
}

impl Member {
    /// A project with this state.
    pub fn new(target: Target, limits: &Limits, poll_state: PollState) -> Self {
        let state = State { pages: Mutex::new(poll_state), ..State::default() };
        Self::with_state(target, limits, Arc::new(state))
    }

    /// The same project with another target or other limits; itself if they are the same.
    pub fn with(self: &Arc<Self>, target: Target, limits: &Limits) -> Arc<Self> {
        if self.target == target && self.limits == *limits {
            return Arc::clone(self);
        }
        Arc::new(Self::with_state(target, limits, Arc::clone(&self.state)))
    }

    fn with_state(target: Target, limits: &Limits, state: Arc<State>) -> Self {
        Self { plans: pages(&target), key: target.url.key(), limits: limits.clone(), target, state }
    }

    /// What is watched.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The URL without its scheme.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether a request means this project: by its name, its URL, or the URL without its scheme.
    pub fn is_called(&self, name: &str) -> bool {
        let by_name = self.target.name.as_deref() == Some(name) || self.lock().name.as_deref() == Some(name);
        by_name || name == self.key || MasterUrl::parse(name).is_ok_and(|url| url.key() == self.key)
    }

    /// Somebody reads the metrics.
    pub fn read_at(&self, now: Instant) {
        *self.state.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether somebody has read the metrics within this time.
    pub fn is_read(&self, now: Instant, within: Duration) -> bool {
        let read = *self.state.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.is_some_and(|read| now.saturating_duration_since(read) <= within)
    }

    /// Takes note of what a client says about the project. What was heard first stays: labels must not change back and forth.
    pub fn hear(&self, url: &str, name: &str) {
        let mut state = self.lock();
        if state.url.is_none() {
            state.url = Some(url.to_owned());
        }
        if state.name.is_none() && !name.is_empty() && name != url {
            state.name = Some(name.to_owned());
        }
    }

    /// Takes note of tasks that clients reported.
    pub fn hear_tasks(&self, tasks: &[ReportedTask], now: Instant) {
        if self.target.collectors.contains(Collector::Validation) {
            let mut state = self.lock();
            tasks.iter().for_each(|task| state.tasks.add(task.clone(), now));
        }
    }

    /// What is known now.
    pub fn snapshot(&self, now: Moment) -> Snapshot {
        let mut snapshot = self.lock().snapshot(&self.target, &self.plans, &self.limits.intervals, now);
        let (kept, left_out) = fit::<Project>(&snapshot, MAX_SERIES);
        snapshot.fit = kept;
        left_out.into_iter().for_each(|(collector, rows)| snapshot.count_dropped(collector, rows as u64));
        snapshot
    }

    /// For display. It is asked if somebody read its metrics `within` this time.
    pub fn row(&self, now: Moment, within: Duration) -> Row {
        let snapshot = self.snapshot(now);
        let due_in = self.due_in(now.instant);
        let is_asked = self.is_read(now.instant, within)
            && (due_in == Some(Duration::ZERO) || self.state.busy.try_lock().is_err());
        let is_new = is_asked && snapshot.parts.iter().all(|part| part.success.is_none());
        Row { snapshot: Arc::new(snapshot), due_in: due_in.filter(|wait| !wait.is_zero()), is_new, now: now.time }
    }

    /// How long until a page is due; `None` if there is no page.
    pub fn due_in(&self, now: Instant) -> Option<Duration> {
        let state = self.lock();
        let due = self.plans.iter().filter(|plan| makes_sense(plan, &state, now)).map(|plan| {
            let due = state.due(&plan.name, &plan.host);
            due.map_or(Duration::ZERO, |due| due.saturating_duration_since(now))
        });
        due.min()
    }

    /// Occupies the project, if nobody asks it at the moment.
    pub fn occupy(&self) -> Option<Busy> {
        Arc::clone(&self.state.busy).try_lock_owned().ok()
    }

    /// The pages that are due. From now on they count as asked for.
    pub fn begin(&self, now: Moment) -> Vec<PagePlan> {
        let mut state = self.lock();
        let is_due = |plan: &&PagePlan| {
            makes_sense(plan, &state, now.instant) && state.is_due(&plan.name, &plan.host, now.instant)
        };
        let due: Vec<_> = self.plans.iter().filter(is_due).cloned().collect();
        due.iter().for_each(|plan| state.begin(&plan.name, self.pace(plan), now));
        due
    }

    /// Asks for a page, unless its host turned out not to be there.
    pub async fn ask(&self, web: &Web, plan: &PagePlan, clock: impl Fn() -> Moment) {
        let started = clock();
        let known = {
            let mut state = self.lock();
            if state.hosts.closed_until(&plan.host).is_some_and(|until| until > started.instant) {
                state.postpone(&plan.name, started);
                return;
            }
            known(&state, plan, started.instant)
        };
        let unix = started.time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let (round, found) = poll(web, &self.target, &self.limits, plan, &known, unix).await;
        self.end(plan, &known, round, found, clock());
    }

    fn end(&self, plan: &PagePlan, known: &Known, round: Round, found: Found, now: Moment) {
        let mut state = self.lock();
        self.log_change(plan, &state, &round);
        if let Some(Reading::Config(config)) = &round.reading
            && !config.name.is_empty()
        {
            state.name = Some(config.name.to_string());
        }
        if plan.what == What::Scheduler {
            state.schedulers = found.schedulers;
        }
        if let Some(results) = &found.results {
            state.tasks.answer(&known.names, results, now.instant);
        }
        state.end(&plan.name, &plan.host, self.pace(plan), round, now);
    }

    /// Adds what must survive a restart.
    pub fn save(&self, saved: &mut Saved) {
        saved.add(&self.key, &self.lock());
    }

    const fn pace(&self, plan: &PagePlan) -> Pace {
        Pace::of(plan.collector, &self.limits.intervals)
    }

    /// Logs a change of what a page says about the project's health, once.
    fn log_change(&self, plan: &PagePlan, before: &PollState, now: &Round) {
        let before = before.pages.get(&plan.name);
        let (was, is) = (before.and_then(|page| page.error()), now.error.as_ref());
        let first = before.is_none_or(|page| !page.is_known());
        if !first && was.map(|error| error.reason) == is.map(|error| error.reason) {
            return;
        }
        let (project, collector) = (&self.key, plan.collector.name());
        match is {
            None => tracing::info!(project, collector, "the project answers"),
            Some(error) => tracing::warn!(project, collector, reason = %error.reason, "{}", error.message),
        }
    }

    fn lock(&self) -> MutexGuard<'_, PollState> {
        self.state.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing is asked about no tasks.
fn makes_sense(plan: &PagePlan, state: &PollState, now: Instant) -> bool {
    plan.what != What::Validation || !state.tasks.names(now).is_empty()
}

fn known(state: &PollState, plan: &PagePlan, now: Instant) -> Known {
    let page = state.pages.get(&plan.name);
    let lost = page.is_some_and(|page| page.failures() >= LOST_AFTER);
    // PHP's pages are made for each request; only files have validators.
    let is_file = matches!(plan.what, What::Statistics | What::Status);
    Known {
        validators: page.filter(|_| is_file).and_then(|page| page.validators().cloned()),
        schedulers: if plan.what == What::Scheduler && !lost { state.schedulers.clone() } else { Vec::new() },
        names: if plan.what == What::Validation { state.tasks.names(now) } else { Vec::new() },
    }
}
