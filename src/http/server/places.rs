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
                let now = Instant::now();
                let is_on_its_way = |one: &Arc<Activity>| one.is_leaving() && one.wasted(now).is_some();
                if !taken.iter().any(is_on_its_way) {
                    one_leaves(&taken, Activity::wasted);
                }
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

/// Of the peer that has most connections, the one that has `waited` longest is told to leave, so that nobody can push others out
/// by coming often. Returns whether there is one.
fn one_leaves(taken: &[Arc<Activity>], waited: impl Fn(&Activity, Instant) -> Option<Duration>) -> bool {
    let now = Instant::now();
    let mut connections: HashMap<Peer, usize> = HashMap::new();
    for activity in taken {
        *connections.entry(activity.peer).or_default() += 1;
    }
    let staying = taken.iter().filter(|activity| !activity.is_leaving());
    let waiting = staying.filter_map(|activity| Some((activity, waited(activity, now)?)));
    let first = waiting.max_by_key(|(activity, waited)| (connections.get(&activity.peer).copied(), *waited));
    if let Some((activity, _)) = first {
        activity.leave();
    }
    first.is_some()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use futures_util::FutureExt as _;
    use tokio::time::advance;

    use super::super::activity::Timeouts;
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn places(limit: usize) -> Arc<Places> {
        Arc::new(Places::new(limit))
    }

    fn peer(address: &str) -> Peer {
        address.parse::<IpAddr>().unwrap().into()
    }

    /// A place that is taken a second after the one before.
    async fn take(places: &Arc<Places>, address: &str) -> Place {
        advance(SECOND).await;
        places.take(peer(address)).now_or_never().expect("there is a free place")
    }

    fn is_told_to_leave(place: &Place) -> bool {
        place.activity.over(Timeouts::default()).now_or_never().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn the_idlest_connection_of_the_peer_with_most_gives_way() {
        let places = places(5);
        let alone = take(&places, "192.0.2.1").await;
        let busy = take(&places, "192.0.2.2").await;
        let idle = take(&places, "192.0.2.2").await;
        let silent = take(&places, "192.0.2.2").await;
        let asking = take(&places, "192.0.2.2").await;
        busy.activity.answering();
        for (place, what) in
            [(&idle, Activity::answered as fn(&Activity)), (&silent, Activity::secured), (&asking, Activity::asked)]
        {
            advance(SECOND).await;
            what(&place.activity);
        }
        let mut left = vec![("alone", alone), ("busy", busy), ("idle", idle), ("silent", silent), ("asking", asking)];
        let mut order = Vec::new();
        let mut new = Vec::new();
        while left.len() > 1 {
            let mut waiting = std::pin::pin!(places.take(peer("192.0.2.3")));
            assert!(waiting.as_mut().now_or_never().is_none());
            let leaves = left.iter().position(|(_, place)| is_told_to_leave(place)).expect("one leaves");
            let (name, place) = left.remove(leaves);
            order.push(name);
            drop(place);
            let place = waiting.await;
            place.activity.answering();
            new.push(place);
        }
        assert_eq!(order, ["idle", "silent", "asking", "alone"]);
        // All are busy: the next one waits until one of them is not.
        let mut waiting = std::pin::pin!(places.take(peer("192.0.2.3")));
        assert!(tokio::time::timeout(3600 * SECOND, waiting.as_mut()).await.is_err());
        assert!(!new.iter().any(is_told_to_leave));
        new[1].activity.answered();
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(is_told_to_leave(&new[1]));
        drop(new.remove(1));
        waiting.await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_back_to_life_in_time_stays_and_another_leaves() {
        let places = places(2);
        let (first, second) = (take(&places, "192.0.2.1").await, take(&places, "192.0.2.1").await);
        let mut waiting = std::pin::pin!(places.take(peer("192.0.2.2")));
        assert!(waiting.as_mut().now_or_never().is_none());
        first.activity.answering();
        assert!(!is_told_to_leave(&first) && !is_told_to_leave(&second));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(is_told_to_leave(&second));
        drop(second);
        waiting.await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowest_reader_leaves_and_others_do_not() {
        let places = places(9);
        let mut readers = Vec::new();
        // Bytes that each takes in a second.
        for speed in [1 << 20, 32 << 10, 16 << 10] {
            let place = take(&places, "192.0.2.1").await;
            place.activity.answering();
            readers.push((speed, place));
        }
        let _idle = take(&places, "192.0.2.1").await;
        assert!(!places.slowest_reader_leaves());
        for _ in 0..10 {
            readers.iter().for_each(|(_, place)| place.activity.stuck());
            advance(SECOND).await;
            readers.iter().for_each(|(speed, place)| place.activity.taken(*speed));
        }
        for slowest in [2, 1] {
            assert!(places.slowest_reader_leaves());
            let leaving: Vec<_> = readers.iter().map(|(_, place)| is_told_to_leave(place)).collect();
            assert_eq!(leaving.iter().filter(|leaving| **leaving).count(), 1);
            assert!(leaving[slowest]);
            readers.truncate(slowest);
        }
        assert!(!places.slowest_reader_leaves());
    }
}
