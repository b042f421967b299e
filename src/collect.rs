//! Asking clients: one poll of each, all at the same time, each by its own deadline. Failure is data in a snapshot: nothing
//! here returns an error.

mod fill;
mod gates;
mod poll;
mod session;
mod visited;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

pub use poll::poll;
pub use session::Session;

use self::gates::{Gate, Gates};
use self::visited::Visited;
use crate::clock::Clock;
use crate::config::{Intervals, Scrape};
use crate::memory::Memory;
use crate::snapshot::{Failure, Snapshot};
use crate::target::Target;

const LATE: &str = "the time for the scrape was over before this client's turn; give Prometheus a longer scrape_timeout, or \
                    raise scrape.concurrency";
const DEFECT: &str = "asking this client ended in a defect of the exporter; see its log";

/// Limits and paces of a poll.
#[derive(Debug, Clone, PartialEq)]
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
    /// What paces these, and tells when something was got. Deadlines and durations are the computer's: they are waited for.
    pub clock: Clock,
}

impl From<&Scrape> for Options {
    fn from(scrape: &Scrape) -> Self {
        Self {
            max_reply_bytes: usize::try_from(scrape.max_reply_bytes).unwrap_or(usize::MAX),
            max_tasks: scrape.max_tasks,
            max_transfers: scrape.max_transfers,
            max_app_versions: scrape.max_app_versions,
            intervals: scrape.intervals.clone(),
            clock: Clock::default(),
        }
    }
}

/// All configured clients, and those that were probed by address.
#[derive(Debug)]
pub struct Fleet {
    clients: Vec<Arc<Client>>,
    options: Options,
    concurrency: usize,
    places: Arc<Semaphore>,
    gates: Arc<Gates>,
    visited: Arc<Visited>,
}

#[derive(Debug)]
struct Client {
    target: Target,
    options: Options,
    /// Held while the client is polled.
    gate: Gate,
    /// Locked behind the gate, and by nobody else.
    memory: Arc<Mutex<Memory>>,
    last: std::sync::Mutex<Option<Last>>,
}

impl Fleet {
    /// Of these targets.
    #[must_use]
    pub fn new(targets: Vec<Target>, scrape: &Scrape) -> Self {
        Self::with_clock(targets, scrape, Clock::default())
    }

    /// Of these targets, which live by this clock.
    #[must_use]
    pub fn with_clock(targets: Vec<Target>, scrape: &Scrape, clock: Clock) -> Self {
        let empty = Self {
            clients: Vec::new(),
            options: Options { clock, ..Options::from(scrape) },
            concurrency: scrape.concurrency,
            places: Arc::new(Semaphore::new(scrape.concurrency.max(1))),
            gates: Arc::default(),
            visited: Arc::default(),
        };
        empty.after(targets, scrape)
    }

    /// The fleet that takes this one's place when the configuration changes. What is known of clients that stay is kept;
    /// scrapes of this one that are under way end as they began.
    #[must_use]
    pub fn after(&self, targets: Vec<Target>, scrape: &Scrape) -> Self {
        let options = Options { clock: self.options.clock.clone(), ..Options::from(scrape) };
        self.gates.forget_unused();
        let known: HashMap<_, _> = self.clients.iter().map(|known| (known.target.address.to_string(), known)).collect();
        let client = |target: Target| {
            let before = known.get(&target.address.to_string()).copied();
            Client::after(before, target, &options, &self.gates)
        };
        let places = if scrape.concurrency == self.concurrency {
            Arc::clone(&self.places)
        } else {
            Arc::new(Semaphore::new(scrape.concurrency.max(1)))
        };
        Self {
            clients: targets.into_iter().map(client).collect(),
            options,
            concurrency: scrape.concurrency,
            places,
            gates: Arc::clone(&self.gates),
            visited: Arc::clone(&self.visited),
        }
    }

    /// Polls all clients and returns by `deadline`, one snapshot a client in the configured order.
    pub async fn scrape(&self, deadline: Instant) -> Vec<Arc<Snapshot>> {
        self.ask(&self.clients, deadline).await
    }

    /// Polls the client of this name, if it is configured.
    pub async fn scrape_one(&self, name: &str, deadline: Instant) -> Option<Arc<Snapshot>> {
        let client = self.clients.iter().find(|client| client.target.name == name)?;
        self.ask(std::slice::from_ref(client), deadline).await.pop()
    }

    /// Polls a client that is not configured, as the module of this name says.
    pub async fn visit(&self, target: Target, module: &str, deadline: Instant) -> Option<Arc<Snapshot>> {
        let client = self.visited.client(target, module, &self.options, &self.gates);
        self.ask(&[client], deadline).await.pop()
    }

    async fn ask(&self, clients: &[Arc<Client>], deadline: Instant) -> Vec<Arc<Snapshot>> {
        let asked = Instant::now();
        let mut order: Vec<usize> = (0..clients.len()).collect();
        // Those that were down wait for the others: a dead client holds its place for all of its time.
        order.sort_by_key(|index| clients[*index].last().is_some_and(|last| !last.up));
        let mut polls = JoinSet::new();
        for index in order {
            let (client, places) = (Arc::clone(&clients[index]), Arc::clone(&self.places));
            polls.spawn(async move { (index, client.scrape(&places, asked, deadline).await) });
        }
        let mut snapshots: Vec<Option<Arc<Snapshot>>> = vec![None; clients.len()];
        while let Some(done) = polls.join_next().await {
            if let Ok((index, snapshot)) = done {
                snapshots[index] = Some(snapshot);
            }
        }
        // A poll that panicked is a defect; even then the others are served, and its client is not silently missing.
        let failed = |(client, snapshot): (&Arc<Client>, Option<_>)| {
            snapshot.unwrap_or_else(|| client.not_polled("internal", DEFECT))
        };
        clients.iter().zip(snapshots).map(failed).collect()
    }

    /// The time that the fleet lives in.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.options.clock.time()
    }

    /// The clients, in the configured order.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.clients.iter().map(|client| &client.target)
    }

    /// The last snapshot of each client, for people to look at; `None` where it was never polled.
    #[must_use]
    pub fn last(&self) -> Vec<(&Target, Option<Arc<Snapshot>>)> {
        self.clients.iter().map(|client| (&client.target, client.last())).collect()
    }
}

/// The last poll of a client.
#[derive(Debug)]
struct Last {
    finished: Instant,
    /// Of who asked for it.
    deadline: Instant,
    snapshot: Arc<Snapshot>,
}

impl Client {
    /// The client of this target, in the place of one at the same address. Its memory is kept, so that no counter falls,
    /// unless it is asked for other things: what slowly changes would be shown as it was asked before.
    fn after(before: Option<&Arc<Self>>, target: Target, options: &Options, gates: &Gates) -> Arc<Self> {
        if let Some(before) = before
            && before.target == target
            && before.options == *options
        {
            return Arc::clone(before);
        }
        let same =
            |before: &&Arc<Self>| before.target.name == target.name && before.target.collectors == target.collectors;
        let memory = before.filter(same).map(|before| Arc::clone(&before.memory)).unwrap_or_default();
        let gate = gates.of(&target.address);
        Arc::new(Self { target, options: options.clone(), gate, memory, last: std::sync::Mutex::default() })
    }

    async fn scrape(&self, places: &Semaphore, asked: Instant, deadline: Instant) -> Arc<Snapshot> {
        let in_time = tokio::time::timeout_at(deadline.into(), async {
            // First the turn with this client: whoever waits for one that hangs shall not hold a place meanwhile.
            let gate = self.gate.lock().await;
            let memory = self.memory.lock().await;
            (gate, memory, places.acquire().await)
        });
        let Ok((_gate, mut memory, _place)) = in_time.await else { return self.not_polled("timeout", LATE) };
        // Somebody else polled while this one waited: that answer is as fresh as any, unless that one had less time for it.
        if let Some(last) = &*self.lock_last()
            && last.finished >= asked
            && (last.snapshot.error.is_none() || last.deadline >= deadline)
        {
            return Arc::clone(&last.snapshot);
        }
        let own = deadline.min(Instant::now() + self.target.timeout);
        let snapshot = Arc::new(poll(&self.target, &mut memory, &self.options, own).await);
        let last = Last { finished: Instant::now(), deadline, snapshot: Arc::clone(&snapshot) };
        let before = self.lock_last().replace(last);
        report(&self.target, before.as_ref().map(|last| &*last.snapshot), &snapshot);
        snapshot
    }

    fn last(&self) -> Option<Arc<Snapshot>> {
        self.lock_last().as_ref().map(|last| Arc::clone(&last.snapshot))
    }

    fn lock_last(&self) -> std::sync::MutexGuard<'_, Option<Last>> {
        self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn not_polled(&self, reason: &'static str, message: &str) -> Arc<Snapshot> {
        let mut snapshot = Snapshot::new(&self.target.name, &self.target.labels, self.target.collectors);
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
