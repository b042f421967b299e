//! The data directory of one client, over many polls. A place, a deadline and what is wanted come in; a reading goes out, or
//! why there is none. Disks and network mounts take as long as they like, so a reading has a thread of its own, of which there
//! are few, and one client never has two. It does not know metrics.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use super::changes::Moment;
use super::place::{Place, Problem};
use super::reading::{Memory, Reading, Wanted};
use crate::client::capacity::Capacity;

/// What is kept of a directory.
#[derive(Debug, Clone, Default)]
pub struct Directory(Arc<Mutex<Memory>>);

/// Why there is no reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may not be read, or is none.
    Problem(String),
    /// It took too long.
    Late(String),
}

impl Directory {
    /// Reads what stands at a place; `None` if there is nothing to be told: nothing is there, or it was only looked for and may
    /// not be read.
    pub async fn read(
        &self,
        place: &Place,
        wanted: Wanted,
        now: Moment,
        capacity: &Capacity,
        deadline: Instant,
    ) -> Option<Result<Reading, Failure>> {
        if *place == Place::None || wanted == Wanted::default() {
            return None;
        }
        let outcome = match tokio::time::timeout_at(deadline.into(), self.begin(place, wanted, now, capacity)).await {
            Ok(outcome) => outcome.transpose()?,
            Err(_) => Err(late(place)),
        };
        if !place.is_named() && matches!(outcome, Err(Failure::Problem(_))) {
            return None;
        }
        Some(outcome)
    }

    async fn begin(
        &self,
        place: &Place,
        wanted: Wanted,
        now: Moment,
        capacity: &Capacity,
    ) -> Result<Option<Reading>, Failure> {
        // If the last reading has not ended yet, it will not do so for this one.
        let Ok(mut memory) = Arc::clone(&self.0).try_lock_owned() else { return Err(late(place)) };
        let reader = capacity.reader().await;
        let owned = place.clone();
        let reading = tokio::task::spawn_blocking(move || {
            // The place among readers is given back when the reading ends, whoever still waits for it.
            let _reader = reader;
            let opened = owned.open()?;
            opened.map(|opened| memory.read(&opened, wanted, now)).transpose()
        });
        let problem = |Problem(sentence)| Failure::Problem(sentence);
        reading
            .await
            .unwrap_or_else(|_| Err(Problem(format!("reading the data directory {place} failed"))))
            .map_err(problem)
    }
}

fn late(place: &Place) -> Failure {
    Failure::Late(format!(
        "the data directory {place} could not be read in time: check the disk or network mount it is on"
    ))
}
