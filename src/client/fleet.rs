//! Polls all clients concurrently, each with its own deadline. Targets and deadlines come in, snapshots go out. A
//! failure is data in a snapshot, so nothing here returns an error. It does not know which requests a poll sends.

mod address_locks;
mod probe_cache;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use self::address_locks::{AddressLock, AddressLocks};
use self::probe_cache::ProbeCache;
use super::Client;
use super::capacity::Capacity;
use super::collectors::Collectors;
use super::limits::Limits;
use super::poll::poll;
use super::poll_state::PollState;
use super::reason::Reason;
use super::snapshot::{Failure, Snapshot};
use super::target::Target;
use crate::clock::Clock;
use crate::metric::fit;

/// With less time than this, a poll would end before a healthy client could answer and would blame the client. A client
/// whose own timeout is shorter is polled with that timeout.
const MIN_BUDGET: Duration = Duration::from_millis(200);

const NOT_ASKED_MESSAGE: &str = "the scrape ran out of time before this client was polled: increase scrape_timeout in Prometheus, \
                         or scrape.concurrency in the exporter's configuration";
const BUSY_MESSAGE: &str = "no result in time: another scrape was still polling this client; check whether the client responds, or scrape less often";
const PANICKED_MESSAGE: &str =
    "polling this client failed with an internal error of the exporter: see the exporter's log";

/// All configured clients, and those that were probed by address.
#[derive(Debug)]
pub struct Fleet {
    clients: Vec<Arc<Member>>,
    limits: Limits,
    clock: Clock,
    /// One permit for each client that may be polled at the same time.
    permits: Arc<Semaphore>,
    capacity: Arc<Capacity>,
    locks: Arc<AddressLocks>,
    probe_cache: Arc<ProbeCache>,
}

#[derive(Debug)]
struct Member {
    target: Target,
    limits: Limits,
    capacity: Arc<Capacity>,
    clock: Clock,
    /// Held during a poll of the client.
    lock: AddressLock,
    /// Only locked while `lock` is held.
    poll_state: Arc<Mutex<PollState>>,
    last_poll: std::sync::Mutex<Option<LastPoll>>,
}

impl Fleet {
    /// A fleet of these targets.
    #[must_use]
    pub fn new(targets: Vec<Target>, limits: Limits) -> Self {
        Self::with_clock(targets, limits, Clock::default())
    }

    /// A fleet of these targets that reads the time from this clock.
    #[must_use]
    pub fn with_clock(targets: Vec<Target>, limits: Limits, clock: Clock) -> Self {
        let empty = Self {
            clients: Vec::new(),
            permits: permits(&limits),
            capacity: Arc::new(Capacity::new(&limits)),
            limits: limits.clone(),
            clock,
            locks: Arc::default(),
            probe_cache: Arc::default(),
        };
        empty.after(targets, limits)
    }

    /// The fleet that replaces this one after a configuration change. It keeps what is known about clients that remain;
    /// scrapes of this fleet that are in progress finish as they started.
    #[must_use]
    pub fn after(&self, targets: Vec<Target>, limits: Limits) -> Self {
        self.locks.forget_unused();
        let known: HashMap<_, _> = self.clients.iter().map(|known| (known.target.address.to_string(), known)).collect();
        let same = limits.max_reply_bytes == self.limits.max_reply_bytes;
        let capacity = if same { Arc::clone(&self.capacity) } else { Arc::new(Capacity::new(&limits)) };
        let member = |target: Target| {
            let before = known.get(&target.address.to_string()).copied();
            Member::replacing(before, target, &limits, &capacity, &self.clock, &self.locks)
        };
        let same = limits.concurrency == self.limits.concurrency;
        Self {
            clients: targets.into_iter().map(member).collect(),
            permits: if same { Arc::clone(&self.permits) } else { permits(&limits) },
            limits,
            capacity,
            clock: self.clock.clone(),
            locks: Arc::clone(&self.locks),
            probe_cache: Arc::clone(&self.probe_cache),
        }
    }

    /// Polls all clients and returns by `deadline` with one snapshot per client, in the configured order.
    pub async fn scrape(&self, deadline: Instant) -> Vec<Arc<Snapshot>> {
        self.scrape_only(Collectors::all(), deadline).await
    }

    /// The same, but collects no more than `only`.
    pub async fn scrape_only(&self, only: Collectors, deadline: Instant) -> Vec<Arc<Snapshot>> {
        self.poll_all(&self.clients, only, deadline).await
    }

    /// Polls the client with this name, if one is configured.
    pub async fn scrape_one(&self, name: &str, deadline: Instant) -> Option<Arc<Snapshot>> {
        self.scrape_one_only(name, Collectors::all(), deadline).await
    }

    /// The same, but collects no more than `only`.
    pub async fn scrape_one_only(&self, name: &str, only: Collectors, deadline: Instant) -> Option<Arc<Snapshot>> {
        let client = self.clients.iter().find(|client| client.target.name == name)?;
        self.poll_all(std::slice::from_ref(client), only, deadline).await.pop()
    }

    /// Polls a client that is not configured, with the settings of this probe module. Collects no more than `only`.
    pub async fn probe(
        &self,
        target: Target,
        module: &str,
        only: Collectors,
        deadline: Instant,
    ) -> Option<Arc<Snapshot>> {
        let client = self.probe_cache.client(target, module, &self.limits, &self.capacity, &self.clock, &self.locks);
        self.poll_all(&[client], only, deadline).await.pop()
    }

    async fn poll_all(&self, clients: &[Arc<Member>], only: Collectors, deadline: Instant) -> Vec<Arc<Snapshot>> {
        let requested = Instant::now();
        let mut order: Vec<usize> = (0..clients.len()).collect();
        // Clients that were down go last: an unresponsive client holds its permit for its whole timeout.
        order.sort_by_cached_key(|index| {
            clients[*index].last().is_some_and(|last| !last.up && !last.failed_with(Reason::NotAsked))
        });
        let mut polls = JoinSet::new();
        for index in order {
            let (client, permits) = (Arc::clone(&clients[index]), Arc::clone(&self.permits));
            let terms = Terms { only, requested, deadline };
            polls.spawn(async move { (index, client.scrape(&permits, terms).await) });
        }
        let mut snapshots: Vec<Option<Arc<Snapshot>>> = vec![None; clients.len()];
        while let Some(done) = polls.join_next().await {
            if let Ok((index, snapshot)) = done {
                snapshots[index] = Some(snapshot);
            }
        }
        // A poll that panics is a bug. Even then the other clients are served, and this one is reported as failed
        // instead of missing.
        let failed = |(client, snapshot): (&Arc<Member>, Option<_>)| {
            snapshot.unwrap_or_else(|| client.not_polled(only, Reason::Internal, PANICKED_MESSAGE))
        };
        clients.iter().zip(snapshots).map(failed).collect()
    }

    /// The current time on the fleet's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.time()
    }

    /// The targets, in the configured order.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.clients.iter().map(|client| &client.target)
    }

    /// The last snapshot of each client, for display; `None` if it was never polled.
    #[must_use]
    pub fn last(&self) -> Vec<(&Target, Option<Arc<Snapshot>>)> {
        self.clients.iter().map(|client| (&client.target, client.last())).collect()
    }
}

/// What a scrape demands.
#[derive(Debug, Clone, Copy)]
struct Terms {
    /// What to collect at most.
    only: Collectors,
    /// When it was requested.
    requested: Instant,
    /// When its result is due.
    deadline: Instant,
}

/// The last poll of a client.
#[derive(Debug)]
struct LastPoll {
    finished: Instant,
    /// The deadline of the scrape that started it.
    deadline: Instant,
    snapshot: Arc<Snapshot>,
}

impl Member {
    /// A member for this target that replaces `before`, one with the same address. It keeps the poll state, so that
    /// counters do not fall, unless the name or the collectors changed: cached values would then have been fetched with
    /// the old settings.
    fn replacing(
        before: Option<&Arc<Self>>,
        target: Target,
        limits: &Limits,
        capacity: &Arc<Capacity>,
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
        let poll_state = before.filter(same).map(|before| Arc::clone(&before.poll_state)).unwrap_or_default();
        let lock = locks.get(&target.address);
        Arc::new(Self {
            target,
            limits: limits.clone(),
            capacity: Arc::clone(capacity),
            clock: clock.clone(),
            lock,
            poll_state,
            last_poll: std::sync::Mutex::default(),
        })
    }

    async fn scrape(&self, permits: &Semaphore, terms: Terms) -> Arc<Snapshot> {
        let Terms { only, requested, deadline } = terms;
        // Lock the client before taking a permit: a scrape that waits for an unresponsive client must not hold a permit
        // while it waits.
        let locks =
            tokio::time::timeout_at(deadline.into(), async { (self.lock.lock().await, self.poll_state.lock().await) });
        let Ok((_lock, mut poll_state)) = locks.await else {
            return self.not_polled(only, Reason::Timeout, BUSY_MESSAGE);
        };
        let permit = tokio::time::timeout_at(deadline.into(), permits.acquire());
        let Ok(_permit) = permit.await else { return self.not_asked(only, deadline) };
        // Another scrape polled this client while this one waited. Its result is fresh enough, unless it failed with an
        // earlier deadline.
        if let Some(last) = &*self.lock_last_poll()
            && last.finished >= requested
            && last.snapshot.collectors == self.target.collectors.and(only)
            && !last.snapshot.failed_with(Reason::NotAsked)
            && (last.snapshot.error.is_none() || last.deadline >= deadline)
        {
            return Arc::clone(&last.snapshot);
        }
        let now = Instant::now();
        if deadline.saturating_duration_since(now) < MIN_BUDGET.min(self.target.timeout) {
            return self.not_asked(only, deadline);
        }
        let poll_deadline = deadline.min(now + self.target.timeout);
        let snapshot = self.poll(only, &mut poll_state, poll_deadline).await;
        self.record(deadline, Arc::new(snapshot))
    }

    /// Asks the client for no more than `only`. The optional series cost no request, and what they add to replies that are
    /// kept for later polls must not depend on who asked, so they are left out afterwards.
    async fn poll(&self, only: Collectors, poll_state: &mut PollState, deadline: Instant) -> Snapshot {
        let (all, chosen) = (self.target.collectors, self.target.collectors.and(only));
        let mut target = Cow::Borrowed(&self.target);
        if chosen != all {
            target.to_mut().collectors = chosen.or(all.optional());
        }
        let mut snapshot = poll(&target, poll_state, &self.limits, &self.capacity, &self.clock, deadline).await;
        snapshot.collectors = chosen;
        snapshot.dropped.retain(|(collector, _)| chosen.contains(*collector));
        let (kept, left_out) = fit::<Client>(&snapshot, self.limits.max_series);
        snapshot.fit = kept;
        left_out.into_iter().for_each(|(collector, rows)| snapshot.count_dropped(collector, rows));
        snapshot
    }

    fn not_asked(&self, only: Collectors, deadline: Instant) -> Arc<Snapshot> {
        self.record(deadline, self.not_polled(only, Reason::NotAsked, NOT_ASKED_MESSAGE))
    }

    /// Stores and logs the result of a scrape with this deadline.
    fn record(&self, deadline: Instant, snapshot: Arc<Snapshot>) -> Arc<Snapshot> {
        let mut last = self.lock_last_poll();
        let before = last.as_ref().map(|last| Arc::clone(&last.snapshot));
        // A poll of a few collectors is no news about the others.
        let tells_less = |before: &Snapshot| before.collectors != snapshot.collectors && before.up == snapshot.up;
        if snapshot.collectors != self.target.collectors && before.as_deref().is_some_and(tells_less) {
            return snapshot;
        }
        *last = Some(LastPoll { finished: Instant::now(), deadline, snapshot: Arc::clone(&snapshot) });
        drop(last);
        log_change(&self.target, before.as_deref(), &snapshot);
        if !snapshot.fit.is_whole() && before.is_none_or(|before| before.fit.is_whole()) {
            let (client, limit) = (&self.target.name, self.limits.max_series);
            tracing::warn!(
                client,
                "the client has more series than scrape.max_series ({limit}), so some are left out: see boinc_scrape_dropped_series; collect less of this client, or raise the limit"
            );
        }
        snapshot
    }

    fn last(&self) -> Option<Arc<Snapshot>> {
        self.lock_last_poll().as_ref().map(|last| Arc::clone(&last.snapshot))
    }

    fn lock_last_poll(&self) -> std::sync::MutexGuard<'_, Option<LastPoll>> {
        self.last_poll.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn not_polled(&self, only: Collectors, reason: Reason, message: &str) -> Arc<Snapshot> {
        let mut snapshot = Snapshot::new(&self.target.name, &self.target.labels, self.target.collectors.and(only));
        snapshot.error = Some(Failure { reason, message: message.to_owned() });
        Arc::new(snapshot)
    }
}

/// Logs a change of a client's health, once.
fn log_change(target: &Target, before: Option<&Snapshot>, now: &Snapshot) {
    let reason = |snapshot: &Snapshot| snapshot.error.as_ref().map(|error| error.reason);
    if before.is_some_and(|before| before.up == now.up && reason(before) == reason(now)) {
        return;
    }
    let (client, address) = (&target.name, &target.address);
    match &now.error {
        None => tracing::info!(client, %address, "client is up"),
        Some(error) if now.up => {
            let part = now.parts.iter().find(|part| part.error.is_some()).map_or("", |part| part.collector.name());
            tracing::warn!(client, %address, reason = %error.reason, collector = part, "client is up, but a part of it failed: {}", error.message);
        }
        Some(error) => tracing::warn!(client, %address, reason = %error.reason, "client is down: {}", error.message),
    }
}

/// A semaphore with one permit per concurrent poll. It is never closed.
fn permits(limits: &Limits) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits.concurrency.max(1)))
}
