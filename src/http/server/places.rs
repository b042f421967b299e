//! Places for connections. There is a limit to them, and whoever keeps one for nothing gives it up when others need it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::activity::Activity;
use crate::http::peer::Peer;

/// How often to look again for somebody who may leave: readers fall behind without an event.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// All connections.
#[derive(Debug)]
pub struct Places {
    limit: usize,
    taken: Mutex<Vec<Arc<Activity>>>,
    /// A place is free, or a connection waits for its peer.
    changed: Arc<Notify>,
}

/// The place of one connection. It is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    pub activity: Arc<Activity>,
    places: Arc<Places>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().retain(|activity| !Arc::ptr_eq(activity, &self.activity));
        self.places.changed.notify_waiters();
    }
}

impl Places {
    /// At least one place.
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), taken: Mutex::default(), changed: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Arc<Activity>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from there. If there is none, the idlest connection gives up its own; while all are busy, the
    /// new one waits.
    pub async fn take(self: &Arc<Self>, peer: Peer) -> Place {
        loop {
            // From here on, so that no change is missed.
            let changed = self.changed.notified();
            {
                let mut taken = self.taken();
                if taken.len() < self.limit {
                    let activity = Arc::new(Activity::new(peer, Arc::clone(&self.changed)));
                    taken.push(Arc::clone(&activity));
                    return Place { activity, places: Arc::clone(self) };
                }
                one_leaves(&taken, Activity::wasted);
            }
            // Either way, look again.
            let _ = tokio::time::timeout(LOOK_AGAIN, changed).await;
        }
    }

    /// Makes the slowest reader leave. Returns whether there is a slow one.
    pub fn slowest_reader_leaves(&self) -> bool {
        one_leaves(&self.taken(), Activity::behind)
    }
}

/// Of the peer that has most connections, the one that has `waited` longest is told to leave, unless one of those that wait is
/// leaving already: nobody can push others out by coming often. Returns whether one leaves.
fn one_leaves(taken: &[Arc<Activity>], waited: impl Fn(&Activity, Instant) -> Option<Duration>) -> bool {
    let now = Instant::now();
    let mut connections: HashMap<Peer, usize> = HashMap::new();
    for activity in taken {
        *connections.entry(activity.peer).or_default() += 1;
    }
    let waiting = taken.iter().filter_map(|activity| Some((activity, waited(activity, now)?)));
    let rank = |(activity, waited): &(&Arc<Activity>, Duration)| {
        (activity.is_leaving(), connections.get(&activity.peer).copied(), *waited)
    };
    let Some((first, _)) = waiting.max_by_key(rank) else { return false };
    if !first.is_leaving() {
        first.leave();
    }
    true
}
