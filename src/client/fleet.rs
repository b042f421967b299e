//! Asking clients: one poll of each, all at the same time, each by its own deadline. Failure is data in a snapshot: nothing
//! here returns an error.

mod address_locks;
mod probe_cache;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use self::address_locks::{AddressLock, AddressLocks};
use self::probe_cache::ProbeCache;
use super::limits::Limits;
use super::poll::poll;
use super::poll_state::PollState;
use super::reason::Reason;
use super::snapshot::{Failure, Snapshot};
use super::target::Target;
use crate::clock::Clock;

/// A poll with less time would end before a healthy client could answer, and blame the client for it. Clients whose own
/// timeout is shorter get that.
const LEAST_BUDGET: Duration = Duration::from_millis(200);

const NOT_ASKED: &str = "the scrape ran out of time before it was this client's turn: give Prometheus a longer scrape_timeout, \
                         or raise scrape.concurrency";
const BUSY: &str = "no answer in time: another scrape was still waiting for this client";
const DEFECT: &str = "asking this client ended in a defect of the exporter; see its log";

/// All configured clients, and those that were probed by address.
#[derive(Debug)]
pub struct Fleet {
    clients: Vec<Arc<Member>>,
    limits: Limits,
    clock: Clock,
    /// One permit for each client that may be asked at the same time.
    permits: Arc<Semaphore>,
    locks: Arc<AddressLocks>,
    probed: Arc<ProbeCache>,
}

#[derive(Debug)]
struct Member {
    target: Target,
    limits: Limits,
    clock: Clock,
    /// Held while the client is polled.
    lock: AddressLock,
    /// Locked behind that lock, and by nobody else.
    kept: Arc<Mutex<PollState>>,
    last: std::sync::Mutex<Option<LastPoll>>,
}

impl Fleet {
    /// Of these targets.
    #[must_use]
    pub fn new(targets: Vec<Target>, limits: Limits) -> Self {
        Self::with_clock(targets, limits, Clock::default())
    }

    /// Of these targets, which live by this clock.
    #[must_use]
    pub fn with_clock(targets: Vec<Target>, limits: Limits, clock: Clock) -> Self {
        let empty = Self {
            clients: Vec::new(),
            permits: permits(&limits),
            limits: limits.clone(),
            clock,
            locks: Arc::default(),
            probed: Arc::default(),
        };
        empty.after(targets, limits)
    }

    /// The fleet that takes this one's place when the configuration changes. What is known of clients that stay is kept;
    /// scrapes of this one that are under way end as they began.
    #[must_use]
    pub fn after(&self, targets: Vec<Target>, limits: Limits) -> Self {
        self.locks.forget_unused();
        let known: HashMap<_, _> = self.clients.iter().map(|known| (known.target.address.to_string(), known)).collect();
        let member = |target: Target| {
            let before = known.get(&target.address.to_string()).copied();
            Member::after(before, target, &limits, &self.clock, &self.locks)
        };
        let same = limits.concurrency == self.limits.concurrency;
        Self {
            clients: targets.into_iter().map(member).collect(),
            permits: if same { Arc::clone(&self.permits) } else { permits(&limits) },
            limits,
            clock: self.clock.clone(),
            locks: Arc::clone(&self.locks),
            probed: Arc::clone(&self.probed),
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
    pub async fn probe(&self, target: Target, module: &str, deadline: Instant) -> Option<Arc<Snapshot>> {
        let client = self.probed.client(target, module, &self.limits, &self.clock, &self.locks);
        self.ask(&[client], deadline).await.pop()
    }

    async fn ask(&self, clients: &[Arc<Member>], deadline: Instant) -> Vec<Arc<Snapshot>> {
        let asked = Instant::now();
        let mut order: Vec<usize> = (0..clients.len()).collect();
        // Those that were down wait for the others: a dead client holds its permit for all of its time.
        order.sort_by_cached_key(|index| {
            clients[*index].last().is_some_and(|last| !last.up && !last.failed_with(Reason::NotAsked))
        });
        let mut polls = JoinSet::new();
        for index in order {
            let (client, permits) = (Arc::clone(&clients[index]), Arc::clone(&self.permits));
            polls.spawn(async move { (index, client.scrape(&permits, asked, deadline).await) });
        }
        let mut snapshots: Vec<Option<Arc<Snapshot>>> = vec![None; clients.len()];
        while let Some(done) = polls.join_next().await {
            if let Ok((index, snapshot)) = done {
                snapshots[index] = Some(snapshot);
            }
        }
        // A poll that panicked is a defect; even then the others are served, and its client is not silently missing.
        let failed = |(client, snapshot): (&Arc<Member>, Option<_>)| {
            snapshot.unwrap_or_else(|| client.not_polled(Reason::Internal, DEFECT))
        };
        clients.iter().zip(snapshots).map(failed).collect()
    }

    /// The time that the fleet lives in.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.time()
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
struct LastPoll {
    finished: Instant,
    /// Of who asked for it.
    deadline: Instant,
    snapshot: Arc<Snapshot>,
}

impl Member {
    /// The client of this target, in the place of one at the same address. Its memory is kept, so that no counter falls,
    /// unless it is asked for other things: what slowly changes would be shown as it was asked before.
    fn after(
        before: Option<&Arc<Self>>,
        target: Target,
        limits: &Limits,
        clock: &Clock,
        locks: &AddressLocks,
    ) -> Arc<Self> {
        if let Some(before) = before
            && before.target == target
            && before.limits == *limits
        {
            return Arc::clone(before);
        }
        let same =
            |before: &&Arc<Self>| before.target.name == target.name && before.target.collectors == target.collectors;
        let kept = before.filter(same).map(|before| Arc::clone(&before.kept)).unwrap_or_default();
        let lock = locks.of(&target.address);
        Arc::new(Self {
            target,
            limits: limits.clone(),
            clock: clock.clone(),
            lock,
            kept,
            last: std::sync::Mutex::default(),
        })
    }

    async fn scrape(&self, permits: &Semaphore, asked: Instant, deadline: Instant) -> Arc<Snapshot> {
        // First the turn with this client: a scrape that waits for one that hangs must not hold a permit meanwhile.
        let turn = tokio::time::timeout_at(deadline.into(), async { (self.lock.lock().await, self.kept.lock().await) });
        let Ok((_lock, mut kept)) = turn.await else { return self.not_polled(Reason::Timeout, BUSY) };
        let permit = tokio::time::timeout_at(deadline.into(), permits.acquire());
        let Ok(_permit) = permit.await else { return self.not_asked(deadline) };
        // Somebody else polled while this one waited: that answer is as fresh as any, unless that one had less time for it.
        if let Some(last) = &*self.lock_last()
            && last.finished >= asked
            && !last.snapshot.failed_with(Reason::NotAsked)
            && (last.snapshot.error.is_none() || last.deadline >= deadline)
        {
            return Arc::clone(&last.snapshot);
        }
        let now = Instant::now();
        if deadline.saturating_duration_since(now) < LEAST_BUDGET.min(self.target.timeout) {
            return self.not_asked(deadline);
        }
        let own = deadline.min(now + self.target.timeout);
        let snapshot = poll(&self.target, &mut kept, &self.limits, &self.clock, own).await;
        self.note(deadline, Arc::new(snapshot))
    }

    fn not_asked(&self, deadline: Instant) -> Arc<Snapshot> {
        self.note(deadline, self.not_polled(Reason::NotAsked, NOT_ASKED))
    }

    /// Takes note of what came of a scrape with this deadline.
    fn note(&self, deadline: Instant, snapshot: Arc<Snapshot>) -> Arc<Snapshot> {
        let last = LastPoll { finished: Instant::now(), deadline, snapshot: Arc::clone(&snapshot) };
        let before = self.lock_last().replace(last);
        report(&self.target, before.as_ref().map(|last| &*last.snapshot), &snapshot);
        snapshot
    }

    fn last(&self) -> Option<Arc<Snapshot>> {
        self.lock_last().as_ref().map(|last| Arc::clone(&last.snapshot))
    }

    fn lock_last(&self) -> std::sync::MutexGuard<'_, Option<LastPoll>> {
        self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn not_polled(&self, reason: Reason, message: &str) -> Arc<Snapshot> {
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
            tracing::warn!(client, %address, reason = %error.reason, collector = part, "client is up, but not all of it: {}", error.message);
        }
        Some(error) => tracing::warn!(client, %address, reason = %error.reason, "client is down: {}", error.message),
    }
}

/// The semaphore is never closed.
fn permits(limits: &Limits) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits.concurrency.max(1)))
}
