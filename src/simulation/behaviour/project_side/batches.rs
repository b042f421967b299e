//! Batches of jobs that the account submits, if it does. They are made several times a day, get on, and are over after some hours.

use super::{ProjectSide, chance};
use crate::simulation::scenario::{self, FaultKind};

const DAY: f64 = 86_400.0;
/// Seconds between two batches.
const EVERY: f64 = 7.0 * 3600.0;
/// Seconds until the first job of a batch is made.
const INIT: f64 = 2700.0;
/// Seconds after which a batch that is over is forgotten.
const RETIRED_AFTER: f64 = 5.0 * DAY;
/// Days of batches at the start of the simulation.
const HISTORY: f64 = 3.0 * DAY;
/// Fraction of the jobs that fail, usually and with the fault.
const ERRORS: [f64; 2] = [0.015, 0.7];

/// A batch, with BOINC's codes.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Number.
    pub id: u32,
    /// When it was made.
    pub create_time: f64,
    /// When its lease ends; 0 if never.
    pub expire_time: f64,
    /// Jobs.
    pub njobs: f64,
    /// Jobs that are over.
    pub done: f64,
    /// Jobs that failed.
    pub errors: f64,
    /// 0 init, 1 in progress, 2 complete, 3 aborted.
    pub state: u8,
    /// When it was complete or aborted; 0 before.
    pub completion_time: f64,
    /// Cobblestones that a job earns.
    pub credit: f64,
    /// CPU seconds of a job.
    pub cpu_time: f64,
    /// Name.
    pub name: String,
    /// Position of its application.
    pub app: usize,
    /// Jobs per second.
    rate: f64,
    /// It is aborted when so many jobs are over.
    aborted_at: f64,
}

/// Batches of the last days.
pub(super) fn history(project: &scenario::Project, time: f64) -> Vec<Batch> {
    if !project.submits || project.apps.is_empty() {
        return Vec::new();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "about ten")]
    let count = (HISTORY / EVERY) as u32;
    let mut batches: Vec<_> =
        (1..=count).map(|id| new(project, id, time - EVERY * f64::from(count - id) - 1800.0)).collect();
    for batch in &mut batches {
        let passed = time - batch.create_time;
        advance(batch, batch.create_time + passed.min(INIT), passed.min(INIT), ERRORS[0]);
        let (mut at, step) = (batch.create_time + INIT, 600.0);
        while at < time {
            advance(batch, at, step, ERRORS[0]);
            at += step;
        }
    }
    batches
}

fn new(project: &scenario::Project, id: u32, time: f64) -> Batch {
    let named = format!("{} {id}", project.name);
    let app = id as usize % project.apps.len();
    let settings = &project.apps[app];
    let njobs = (40.0 + 400.0 * chance(&named, "jobs")).floor();
    let takes = (3.0 + 20.0 * chance(&named, "time")) * 3600.0;
    let aborted = id.is_multiple_of(9);
    let name = match id % 4 {
        // A batch that nobody names is named after the one who made it.
        0 => format!("{}:{}:batch {id}", project.user, settings.name),
        1 => format!("scan <{id}> & co"),
        _ => format!("parameter study {id}"),
    };
    Batch {
        id,
        create_time: time.floor(),
        expire_time: if id.is_multiple_of(3) { (time + 10.0 * DAY).floor() } else { 0.0 },
        njobs,
        done: 0.0,
        errors: 0.0,
        state: 0,
        completion_time: 0.0,
        credit: settings.credit * settings.takes.as_secs_f64() / 3600.0,
        cpu_time: settings.takes.as_secs_f64() * settings.cpus,
        name,
        app,
        rate: njobs / takes,
        aborted_at: if aborted { njobs / 3.0 } else { f64::INFINITY },
    }
}

/// Lets `passed` seconds pass for a batch.
fn advance(batch: &mut Batch, time: f64, passed: f64, errors: f64) {
    match batch.state {
        0 if time - batch.create_time >= INIT => batch.state = 1,
        1 => {
            let done = (batch.rate * passed).min(batch.njobs - batch.done);
            batch.done += done;
            batch.errors += done * errors;
            if batch.done >= batch.njobs {
                (batch.state, batch.completion_time) = (2, time.floor());
            } else if batch.done >= batch.aborted_at {
                (batch.state, batch.completion_time) = (3, time.floor());
            }
        }
        _ => {}
    }
}

pub(super) fn tick(side: &mut ProjectSide, passed: f64) {
    if side.batches.is_empty() {
        return;
    }
    let time = side.time;
    let works = side.validates() && side.schedules() && !side.has(FaultKind::BatchStalls);
    let errors = ERRORS[usize::from(side.has(FaultKind::BatchFails))];
    for batch in &mut side.batches {
        advance(batch, time, if works { passed } else { 0.0 }, errors);
    }
    side.batches.retain(|batch| batch.state < 2 || time - batch.completion_time < RETIRED_AFTER);
    let newest = side.batches.last().map(|batch| (batch.id, batch.create_time));
    if let Some((id, _)) = newest.filter(|(_, made)| time - made >= EVERY && side.runs("")) {
        side.batches.push(new(&side.settings, id + 1, time));
    }
}
