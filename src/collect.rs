//! Asking clients: one poll of each, all at the same time, each by its own deadline. Failure is data in a snapshot: nothing
//! here returns an error.

mod poll;
mod session;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

pub use poll::poll;
pub use session::Session;

use crate::config::{Intervals, Scrape};
use crate::memory::Memory;
use crate::snapshot::{Failure, Snapshot};
use crate::target::Target;

/// Limits and paces of a poll.
#[derive(Debug, Clone)]
pub struct Options {
    /// A longer reply is none of a BOINC client: 5 000 tasks make 6 MB.
    pub max_reply_bytes: usize,
    /// Most single tasks shown of a client.
    pub max_tasks: usize,
    /// Most single transfers shown of a client.
    pub max_transfers: usize,
    /// Most application versions shown of a client.
    pub max_app_versions: usize,
    /// Least time between two requests of a kind.
    pub intervals: Intervals,
}

impl From<&Scrape> for Options {
    fn from(scrape: &Scrape) -> Self {
        Self {
            max_reply_bytes: usize::try_from(scrape.max_reply_bytes).unwrap_or(usize::MAX),
            max_tasks: scrape.max_tasks,
            max_transfers: scrape.max_transfers,
            max_app_versions: scrape.max_app_versions,
            intervals: scrape.intervals.clone(),
        }
    }
}

/// All configured clients.
#[derive(Debug)]
pub struct Fleet {
    clients: Vec<Arc<Client>>,
    places: Arc<Semaphore>,
}

#[derive(Debug)]
struct Client {
    target: Target,
    options: Options,
    /// Held while the client is polled: so there is never more than one connection to it.
    memory: Mutex<Memory>,
    last: std::sync::Mutex<Option<(Instant, Arc<Snapshot>)>>,
}

impl Fleet {
    /// Of these targets.
    #[must_use]
    pub fn new(targets: Vec<Target>, scrape: &Scrape) -> Self {
        let client = |target| {
            Arc::new(Client {
                target,
                options: Options::from(scrape),
                memory: Mutex::default(),
                last: std::sync::Mutex::default(),
            })
        };
        Self {
            clients: targets.into_iter().map(client).collect(),
            places: Arc::new(Semaphore::new(scrape.concurrency.max(1))),
        }
    }

    /// Polls all clients and returns by `deadline`, one snapshot a client in the configured order.
    pub async fn scrape(&self, deadline: Instant) -> Vec<Arc<Snapshot>> {
        let asked = Instant::now();
        let mut order: Vec<usize> = (0..self.clients.len()).collect();
        // Those that were down wait for the others: a dead client holds its place for all of its time.
        order.sort_by_key(|index| self.clients[*index].last().is_some_and(|last| !last.up));
        let mut polls = JoinSet::new();
        for index in order {
            let (client, places) = (Arc::clone(&self.clients[index]), Arc::clone(&self.places));
            polls.spawn(async move { (index, client.scrape(&places, asked, deadline).await) });
        }
        let mut snapshots: Vec<Option<Arc<Snapshot>>> = vec![None; self.clients.len()];
        while let Some(done) = polls.join_next().await {
            if let Ok((index, snapshot)) = done {
                snapshots[index] = Some(snapshot);
            }
        }
        // A poll that panicked is a defect; even then the others are served, and its client is not silently missing.
        let failed =
            |(client, snapshot): (&Arc<Client>, Option<_>)| snapshot.unwrap_or_else(|| client.not_polled("internal"));
        self.clients.iter().zip(snapshots).map(failed).collect()
    }

    /// The last snapshot of each client, for people to look at; `None` where it was never polled.
    #[must_use]
    pub fn last(&self) -> Vec<(&Target, Option<Arc<Snapshot>>)> {
        self.clients.iter().map(|client| (&client.target, client.last())).collect()
    }
}

impl Client {
    async fn scrape(&self, places: &Semaphore, asked: Instant, deadline: Instant) -> Arc<Snapshot> {
        let in_time = tokio::time::timeout_at(deadline.into(), async {
            let place = places.acquire().await;
            (place, self.memory.lock().await)
        });
        let Ok((_place, mut memory)) = in_time.await else { return self.not_polled("timeout") };
        // Somebody else polled while this one waited: that answer is as fresh as any.
        if let Some((finished, snapshot)) = &*self.lock_last()
            && *finished >= asked
        {
            return Arc::clone(snapshot);
        }
        let deadline = deadline.min(Instant::now() + self.target.timeout);
        let snapshot = Arc::new(poll(&self.target, &mut memory, &self.options, deadline).await);
        let before = self.lock_last().replace((Instant::now(), Arc::clone(&snapshot)));
        report(&self.target, before.as_ref().map(|(_, snapshot)| &**snapshot), &snapshot);
        snapshot
    }

    fn last(&self) -> Option<Arc<Snapshot>> {
        self.lock_last().as_ref().map(|(_, snapshot)| Arc::clone(snapshot))
    }

    fn lock_last(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<Snapshot>)>> {
        self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn not_polled(&self, reason: &'static str) -> Arc<Snapshot> {
        let mut snapshot = Snapshot::new(&self.target.name, &self.target.labels, self.target.collectors);
        let message = "the time for the scrape was over before this client's turn; give Prometheus a longer scrape_timeout, \
                       or raise scrape.concurrency";
        snapshot.error = Some(Failure { reason, message: message.to_owned() });
        Arc::new(snapshot)
    }
}

/// Says when a client's health changed, once.
fn report(target: &Target, before: Option<&Snapshot>, now: &Snapshot) {
    let reason = |snapshot: &Snapshot| snapshot.error.as_ref().map(|error| error.reason);
    if before.is_some_and(|before| before.up == now.up && reason(before) == reason(now)) {
        return;
    }
    let (client, address) = (&target.name, &target.address);
    match &now.error {
        None => tracing::info!(client, %address, "client is up"),
        Some(error) if now.up => {
            let part = now.parts.iter().find(|part| part.error.is_some()).map_or("", |part| part.collector.name());
            tracing::warn!(client, %address, reason = error.reason, collector = part, "client is up, but not all of it: {}", error.message);
        }
        Some(error) => tracing::warn!(client, %address, reason = error.reason, "client is down: {}", error.message),
    }
}

/// The most time that a request may take, if its caller leaves `timeout`.
#[must_use]
pub fn deadline(timeout: Duration, offset: Duration) -> Instant {
    // Even with an offset that eats all the time something can be served: what needs no client.
    const LEAST: Duration = Duration::from_millis(50);
    Instant::now() + timeout.saturating_sub(offset).max(LEAST)
}
