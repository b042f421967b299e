//! Batches of jobs, counted by application and state; those with series of their own.

use std::collections::BTreeMap;

use crate::project::pages::batches::{Batch, BatchState};

/// What the pages about batches said.
#[derive(Debug, Clone, Default)]
pub struct BatchesReading {
    /// All batches, counted by application.
    pub apps: Vec<BatchesOfApp>,
    /// Those with series of their own: the unfinished, then the newest.
    pub rows: Vec<BatchRow>,
    /// How many were left out because of the limit.
    pub left_out: u64,
}

/// The batches of an application.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchesOfApp {
    /// The application.
    pub app: String,
    /// By state, in the order of [`BatchState::ALL`].
    pub states: [u64; BatchState::ALL.len()],
}

/// A batch.
#[derive(Debug, Clone, Default)]
pub struct BatchRow {
    /// The label `batch_id`.
    pub id: String,
    /// What the page says.
    pub batch: Batch,
    /// Seconds until it is done, if it goes on as it did so far; `None` if nothing is done yet.
    pub remaining: Option<f64>,
}

impl BatchesReading {
    /// Counts the batches of a page that was read at this time.
    #[must_use]
    pub fn new(batches: Vec<Batch>, max: usize, now: f64) -> Self {
        let mut apps: BTreeMap<String, [u64; BatchState::ALL.len()]> = BTreeMap::new();
        for batch in &batches {
            let states = apps.entry(batch.app_name.to_string()).or_default();
            for (count, state) in states.iter_mut().zip(BatchState::ALL) {
                *count += u64::from(state == batch.batch_state());
            }
        }
        let left_out = batches.len().saturating_sub(max) as u64;
        let row = |batch: Batch| BatchRow {
            id: batch.id.map(|id| id.to_string()).unwrap_or_default(),
            remaining: remaining(&batch, now),
            batch,
        };
        Self {
            apps: apps.into_iter().map(|(app, states)| BatchesOfApp { app, states }).collect(),
            rows: batches.into_iter().take(max).map(row).collect(),
            left_out,
        }
    }
}

/// The server never works this out: the field it has for it is always 0.
fn remaining(batch: &Batch, now: f64) -> Option<f64> {
    if batch.batch_state() != BatchState::InProgress {
        return None;
    }
    let done = batch.fraction_done.filter(|done| *done > 0.0 && *done <= 1.0)?;
    let elapsed = now - batch.create_time.filter(|time| *time > 0.0)?;
    (elapsed > 0.0).then_some(elapsed * (1.0 - done) / done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_is_done() {
        let batch = |state: i64, done: f64| Batch {
            state: Some(state),
            fraction_done: Some(done),
            create_time: Some(1000.0),
            ..Batch::default()
        };
        for (batch, left) in [
            (batch(1, 0.25), Some(300.0)),
            (batch(1, 1.0), Some(0.0)),
            (batch(1, 0.0), None),
            (batch(2, 1.0), None),
            (Batch { create_time: None, ..batch(1, 0.5) }, None),
        ] {
            assert_eq!(remaining(&batch, 1100.0), left, "{batch:?}");
        }
    }
}
