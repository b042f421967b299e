//! The tasks that the watched clients reported, until the project has decided on them. Tasks as clients tell them and answers
//! of the project come in; names to ask for and counts go out. It is bounded: what does not fit is not asked for, and counted.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::project::pages::results::Validation;
use crate::project::pages::results::{Results, TaskResult};
use crate::project::snapshot::ValidationRow;

/// Names in one request: the server looks up each of them.
const MAX_NAMES: usize = 20;

/// Tasks that wait for a decision: a hundred days of requests.
const MAX_WAITING: usize = 2000;

/// Applications times devices.
const MAX_ROWS: usize = 100;

/// Tasks on which the project decided, and that clients may still list.
const MAX_DECIDED: usize = 20_000;
const LISTED_FOR: Duration = Duration::from_secs(2 * 86_400);

/// The first wait of a task that waits for others' results, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(3600);
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

/// After this time nobody waits any more: projects purge tasks some days after their end.
const GIVEN_UP: Duration = Duration::from_secs(30 * 86_400);

/// A task that a watched client reported with success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedTask {
    /// Its name.
    pub name: String,
    /// The application, as the client calls it.
    pub app: String,
    /// What ran it, as the client calls it; empty if unknown.
    pub resource: String,
}

/// The reported tasks of one project.
#[derive(Debug, Default)]
pub struct ReportedTasks {
    waiting: BTreeMap<String, Waiting>,
    /// Names that must not come again, and since when.
    decided: HashMap<String, Instant>,
    rows: BTreeMap<(String, String), ValidationRow>,
    /// Tasks that did not fit.
    left_out: u64,
}

#[derive(Debug)]
struct Waiting {
    app: String,
    resource: String,
    first_seen: Instant,
    due: Instant,
    tries: u32,
    state: Validation,
}

impl ReportedTasks {
    /// Takes note of a task. It is asked for once, however often clients list it.
    pub fn add(&mut self, task: ReportedTask, now: Instant) {
        if self.waiting.contains_key(&task.name) || self.decided.contains_key(&task.name) {
            return;
        }
        // The counters of its application begin at 0.
        self.row(&task.app, &task.resource);
        if self.waiting.len() >= MAX_WAITING {
            self.left_out += 1;
            self.decide(task.name, now);
            return;
        }
        let ReportedTask { name, app, resource } = task;
        let waiting = Waiting { app, resource, first_seen: now, due: now, tries: 0, state: Validation::Pending };
        self.waiting.insert(name, waiting);
    }

    /// The names to ask for now, those that wait longest first.
    #[must_use]
    pub fn names(&self, now: Instant) -> Vec<String> {
        let mut due: Vec<_> = self.waiting.iter().filter(|(_, task)| task.due <= now).collect();
        due.sort_by_key(|(_, task)| task.due);
        due.into_iter().take(MAX_NAMES).map(|(name, _)| name.clone()).collect()
    }

    /// Takes note of what the project said about these names.
    pub fn answer(&mut self, asked: &[String], results: &Results, now: Instant) {
        for name in asked {
            let result = results.results.iter().find(|result| *result.name == **name);
            let gone = results.gone.iter().any(|gone| **gone == **name);
            match result.map(|result| (result, result.validation())) {
                Some((result, validation)) if validation.is_final() => self.finish(name, validation, result, now),
                _ if gone || self.is_given_up(name, now) => self.give_up(name, now),
                result => {
                    let Some(task) = self.waiting.get_mut(name) else { continue };
                    if let Some((_, validation)) = result {
                        task.state = validation;
                    }
                    task.tries = task.tries.saturating_add(1);
                    let wait = FIRST_WAIT.saturating_mul(1_u32.checked_shl(task.tries - 1).unwrap_or(u32::MAX));
                    task.due = now + wait.min(LONGEST_WAIT);
                }
            }
        }
        self.decided.retain(|_, since| now.saturating_duration_since(*since) < LISTED_FOR);
    }

    /// The counts.
    #[must_use]
    pub fn show(&self) -> Vec<ValidationRow> {
        let mut rows = self.rows.clone();
        for task in self.waiting.values() {
            let key = (task.app.clone(), task.resource.clone());
            if let Some(row) = rows.get_mut(&key) {
                row.waiting[index(task.state)] += 1;
            }
        }
        rows.into_values().collect()
    }

    /// Tasks that were not asked for because there were too many.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    fn finish(&mut self, name: &str, validation: Validation, result: &TaskResult, now: Instant) {
        let Some(task) = self.waiting.remove(name) else { return };
        let row = self.row(&task.app, &task.resource);
        row.decided[index(validation)] += 1;
        row.credit += result.granted_credit.filter(|credit| *credit > 0.0).unwrap_or_default();
        self.decide(name.to_owned(), now);
    }

    fn give_up(&mut self, name: &str, now: Instant) {
        let Some(task) = self.waiting.remove(name) else { return };
        self.row(&task.app, &task.resource).gone += 1;
        self.decide(name.to_owned(), now);
    }

    fn is_given_up(&self, name: &str, now: Instant) -> bool {
        self.waiting.get(name).is_some_and(|task| now.saturating_duration_since(task.first_seen) > GIVEN_UP)
    }

    fn decide(&mut self, name: String, now: Instant) {
        if self.decided.len() < MAX_DECIDED {
            self.decided.insert(name, now);
        }
    }

    fn row(&mut self, app: &str, resource: &str) -> &mut ValidationRow {
        let mut key = (app.to_owned(), resource.to_owned());
        if self.rows.len() >= MAX_ROWS && !self.rows.contains_key(&key) {
            key = ("other".to_owned(), String::new());
        }
        let (app, resource) = key.clone();
        self.rows.entry(key).or_insert_with(|| ValidationRow { app, resource, ..ValidationRow::default() })
    }
}

fn index(validation: Validation) -> usize {
    Validation::ALL.iter().position(|known| *known == validation).unwrap_or_default()
}
