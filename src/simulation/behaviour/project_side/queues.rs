//! The work that goes through a project's server: of all its users, most of whom have no simulated computer. Tasks are made, sent,
//! reported, validated, assimilated and deleted at the pace of its population.

use std::f64::consts::TAU;

use super::ProjectSide;
use crate::simulation::scenario::{self, FaultKind};

/// Tasks that a computer has at a time.
const TASKS_PER_HOST: f64 = 6.0;
/// A task is at a computer for so many times its run time.
const TURNAROUND: f64 = 4.0;
/// As many tasks wait to be sent, compared with those in progress, when the generator stops.
const FULL: f64 = 0.4;
/// It makes work so many times as fast as it is sent.
const GENERATES: f64 = 4.0;
/// Without new work, the rest is sent so many times as fast: everybody asks more often.
const RUSH: f64 = 6.0;
/// A daemon does so many times the work that comes.
const CAPACITY: f64 = 3.0;
/// Seconds of work that the deleters let come together.
const DELETES_AFTER: f64 = 900.0;
const DAY: f64 = 86_400.0;

/// Tasks of an application.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Made and not sent.
    pub unsent: f64,
    /// At other people's computers, on average.
    pub others: f64,
    /// Sent, and so reported, per second.
    pub rate: f64,
    /// The generator is filling it.
    fills: bool,
}

/// All queues of a project.
#[derive(Debug, Clone)]
pub struct Queues {
    /// By application.
    pub apps: Vec<Queue>,
    /// Workunits that wait for a validator.
    pub validation: f64,
    /// Workunits that wait for an assimilator.
    pub assimilation: f64,
    /// Workunits whose files wait for deletion.
    pub workunit_deletion: f64,
    /// Tasks whose files wait for deletion.
    pub result_deletion: f64,
    /// Seconds that the transitioner is late.
    pub backlog: f64,
}

impl Queues {
    pub(super) fn new(project: &scenario::Project) -> Self {
        let others = f64::from(project.population) * TASKS_PER_HOST / project.apps.len().max(1) as f64;
        let queue = |app: &scenario::App| Queue {
            unsent: (others * FULL * 0.7).floor(),
            others,
            rate: others / (app.takes.as_secs_f64() * TURNAROUND),
            fills: true,
        };
        Self {
            apps: project.apps.iter().map(queue).collect(),
            validation: 0.0,
            assimilation: 0.0,
            workunit_deletion: 0.0,
            result_deletion: 0.0,
            backlog: 0.0,
        }
    }

    /// Tasks at other people's computers now: fewer by night.
    #[must_use]
    pub fn others(&self, app: usize, time: f64) -> f64 {
        (self.apps[app].others * (1.0 + 0.08 * (TAU * time / DAY).sin())).floor()
    }
}

impl Queue {
    /// Sends and makes tasks.
    fn tick(&mut self, makes: bool, sends: bool, passed: f64) {
        let full = self.others * FULL;
        self.fills = makes && (self.fills || self.unsent < full / 2.0) && self.unsent < full;
        let rush = if makes { 1.0 } else { RUSH };
        let sent = if sends { self.rate * rush * passed } else { 0.0 };
        let made = if self.fills { self.rate * GENERATES * passed } else { 0.0 };
        self.unsent = (self.unsent + made - sent).max(0.0);
    }
}

/// `work` seconds of it came; as much as can be done is done.
fn process(waiting: &mut f64, comes: f64, works: bool) -> f64 {
    *waiting += comes;
    let done = if works { waiting.min(comes * CAPACITY) } else { 0.0 };
    *waiting -= done;
    done
}

pub(super) fn tick(side: &mut ProjectSide, passed: f64) {
    let down = side.has(FaultKind::Maintenance) || side.has(FaultKind::DatabaseDown);
    let makes = side.runs("work_generator") && !(side.has(FaultKind::NoWork) || side.has(FaultKind::Ended));
    let (sends, validates) = (side.schedules(), side.validates());
    let (transitions, assimilates, deletes) =
        (side.runs("transitioner"), side.runs("assimilator"), side.runs("file_deleter"));
    let late = side.has(FaultKind::Backlog) || !transitions && !down;
    let queues = &mut side.queues;
    let reported: f64 = queues.apps.iter().map(|queue| queue.rate * passed).sum();
    for queue in &mut queues.apps {
        queue.tick(makes && transitions, sends, passed);
    }
    queues.backlog = if late { queues.backlog + 0.9 * passed } else { (queues.backlog - 5.0 * passed).max(0.0) };
    let to_validate = if down { 0.0 } else { reported };
    let to_assimilate = process(&mut queues.validation, to_validate, validates);
    let to_delete = process(&mut queues.assimilation, to_assimilate, assimilates);
    queues.workunit_deletion += to_delete;
    queues.result_deletion += to_delete * 2.0;
    if deletes && queues.workunit_deletion > to_validate / passed.max(1.0) * DELETES_AFTER {
        (queues.workunit_deletion, queues.result_deletion) = (0.0, 0.0);
    }
}
