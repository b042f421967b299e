//! How many clients are polled at a time. There are places for those that begin, so that a fleet is not asked all at once:
//! whoever takes longer than its share of the scrape gives its place to another, since waiting for a client that hangs costs next
//! to nothing. And there are connections, as many as the process may open. It does not know what a poll does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use crate::client::limits::Limits;

/// The right to begin a poll.
pub type Place = OwnedSemaphorePermit;

/// The right to have a connection.
pub type ConnectionPermit = OwnedSemaphorePermit;

/// The places and connections of a fleet.
#[derive(Debug)]
pub struct Places {
    beginning: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    concurrency: usize,
    max_connections: usize,
    /// Connections that turned out to be too many.
    lost: AtomicUsize,
    /// Whether that has been logged.
    told: AtomicBool,
}

/// How long each client of a scrape may keep others waiting.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// In a place.
    pub in_place: Duration,
    /// Without having answered anything, with a connection.
    pub silent: Duration,
}

impl Places {
    /// As many as these limits allow. The semaphores are never closed.
    pub fn new(limits: &Limits) -> Arc<Self> {
        let of = |number: usize| number.clamp(1, Semaphore::MAX_PERMITS);
        let (concurrency, max_connections) = (of(limits.concurrency), of(limits.connections));
        Arc::new(Self {
            beginning: Arc::new(Semaphore::new(concurrency)),
            connections: Arc::new(Semaphore::new(max_connections)),
            concurrency,
            max_connections,
            lost: AtomicUsize::default(),
            told: AtomicBool::default(),
        })
    }

    /// The shares of so many clients in the time that is left: every one of them begins in the first half of it, even if all
    /// others hang. If there are fewer connections than clients, that holds for those that do not answer anything.
    pub fn shares(&self, clients: usize, left: Duration) -> Shares {
        let half_by = |places: usize| {
            let rounds = u32::try_from(clients.div_ceil(places).max(1)).unwrap_or(u32::MAX);
            left / 2 / rounds
        };
        let silent = if clients > self.max_connections { half_by(self.max_connections) } else { left };
        Shares { in_place: half_by(self.concurrency), silent }
    }

    /// A place; `None` if none is free by then.
    pub async fn place(&self, deadline: Instant) -> Option<Place> {
        timeout_at(deadline.into(), Arc::clone(&self.beginning).acquire_owned()).await.ok()?.ok()
    }

    /// A connection; `None` if none is free by then.
    pub async fn connection(&self, deadline: Instant) -> Option<ConnectionPermit> {
        timeout_at(deadline.into(), Arc::clone(&self.connections).acquire_owned()).await.ok()?.ok()
    }

    /// The operating system refused this connection: from now on there are only as many as are open. Returns whether there are
    /// any, after which it can be tried again.
    pub fn lose(&self, connection: ConnectionPermit) -> bool {
        connection.forget();
        let lost = 1 + self.connections.forget_permits(Semaphore::MAX_PERMITS);
        let are_open = self.lost.fetch_add(lost, Ordering::Relaxed) + lost < self.max_connections;
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the exporter has no file descriptor left; polling fewer clients at a time. Raise its limit: LimitNOFILE= in the \
                 unit, ulimit -n"
            );
        }
        if !are_open {
            // Nobody would give one back.
            self.lost.fetch_sub(1, Ordering::Relaxed);
            self.connections.add_permits(1);
        }
        are_open
    }

    /// What took the descriptors may be gone: the next scrape tries with as many connections as are allowed.
    pub fn restore(&self) {
        self.connections.add_permits(self.lost.swap(0, Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(concurrency: usize, connections: usize) -> Arc<Places> {
        Places::new(&Limits { concurrency, connections, ..Limits::default() })
    }

    #[test]
    fn every_client_begins_in_the_first_half_of_the_time() {
        let left = Duration::from_secs(8);
        let shares = places(10, 1000).shares(40, left);
        assert_eq!((shares.in_place, shares.silent), (Duration::from_secs(1), left));
        let shares = places(10, 20).shares(40, left);
        assert_eq!((shares.in_place, shares.silent), (Duration::from_secs(1), Duration::from_secs(2)));
        assert_eq!(places(10, 20).shares(0, left).in_place, left / 2);
    }

    #[tokio::test]
    async fn connections_that_are_refused_are_given_up_until_the_next_scrape() {
        let places = places(1, 4);
        let soon = || Instant::now() + Duration::from_millis(1);
        let (first, second) = (places.connection(soon()).await.unwrap(), places.connection(soon()).await.unwrap());
        assert!(places.lose(second));
        // There is one, and it is in use.
        assert!(places.connection(soon()).await.is_none());
        drop(first);
        let again = places.connection(soon()).await.unwrap();
        assert!(places.connection(soon()).await.is_none());
        // It was the last: that none can be opened is nobody else's fault.
        assert!(!places.lose(again));
        let last = places.connection(soon()).await.unwrap();
        assert!(places.connection(soon()).await.is_none());
        drop(last);
        places.restore();
        let mut all = Vec::new();
        while let Some(connection) = places.connection(soon()).await {
            all.push(connection);
        }
        assert_eq!(all.len(), 4);
    }
}
