//! One client of a fleet: polls of it, and what is remembered of them. The terms of a scrape come in, a snapshot goes out. It
//! does not know the other clients.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::{timeout, timeout_at};

use super::address_locks::{AddressLock, AddressLocks};
use super::history::{History, Known, LastPoll};
use super::places::{Places, Shares};
use crate::client::Client;
use crate::client::access::{Access, Entrance, Lookups};
use crate::client::capacity::Capacity;
use crate::client::collectors::{Collector, Collectors};
use crate::client::gui_rpc::error::Error;
use crate::client::limits::Limits;
use crate::client::poll::{Session, poll};
use crate::client::poll_state::PollState;
use crate::client::reason::Reason;
use crate::client::snapshot::{Failure, Snapshot};
use crate::client::target::Target;
use crate::clock::Clock;
use crate::metric::fit;

/// With less time than this, a poll would end before a healthy client could answer and would blame the client. A client
/// whose own timeout is shorter is polled with that timeout.
const MIN_BUDGET: Duration = Duration::from_millis(200);

const NOT_ASKED_MESSAGE: &str = "the scrape ran out of time before this client was polled: increase scrape_timeout in Prometheus, \
                         or scrape.concurrency in the exporter's configuration";
const NO_CONNECTION_MESSAGE: &str = "the scrape ran out of time before this client was polled, because the exporter may not open \
                             enough files: raise its limit (LimitNOFILE= of the systemd unit, ulimit -n)";
const BUSY_MESSAGE: &str = "no result in time: another scrape was still polling this client; check whether the client responds, or scrape less often";

/// A client.
#[derive(Debug)]
pub struct Member {
    /// The client.
    pub target: Target,
    limits: Limits,
    capacity: Arc<Capacity>,
    clock: Clock,
    entrance: Entrance,
    /// Held during a poll of the client.
    pub(super) lock: AddressLock,
    /// Only locked while `lock` is held.
    pub(super) poll_state: Arc<Mutex<PollState>>,
    /// Whether it is being asked now, rather than in line.
    is_asked: AtomicBool,
    history: std::sync::Mutex<History>,
}

/// What the members of a fleet have in common.
pub type Common<'a> = (&'a Limits, &'a Arc<Capacity>, &'a Clock, &'a AddressLocks, &'a Lookups);

/// A member's turn in a scrape. Those that were down go last. Among equals, whoever waits the longest goes first; at the start
/// this is in no order that depends on the configuration, in which neighbours have troubles in common.
pub type Turn = (bool, Option<Instant>, u64);

/// What a scrape demands.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What to collect at most.
    pub only: Collectors,
    /// When it was requested.
    pub requested: Instant,
    /// When its result is due.
    pub deadline: Instant,
    /// How long one client may keep others waiting.
    pub shares: Shares,
}

impl Member {
    /// A member for this target that replaces `before`, one with the same address. It keeps the poll state, so that
    /// counters do not fall, unless the name or the collectors changed: cached values would then have been fetched with
    /// the old settings.
    pub fn replacing(
        before: Option<&Arc<Self>>,
        target: Target,
        (limits, capacity, clock, locks, lookups): Common<'_>,
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
        let history = before.map(|before| before.history().outliving()).unwrap_or_default();
        let lock = locks.get(&target.address);
        Arc::new(Self {
            entrance: lookups.entrance(&target),
            target,
            limits: limits.clone(),
            capacity: Arc::clone(capacity),
            clock: clock.clone(),
            lock,
            poll_state,
            is_asked: AtomicBool::default(),
            history: std::sync::Mutex::new(history),
        })
    }

    /// Where it stands in line.
    pub fn turn(&self) -> Turn {
        let mut hasher = DefaultHasher::new();
        self.target.name.hash(&mut hasher);
        let history = self.history();
        (history.was_down, history.asked, hasher.finish())
    }

    /// Polls the client, or shares the poll of another scrape.
    pub async fn scrape(&self, places: &Places, terms: Terms) -> Arc<Snapshot> {
        let Terms { only, requested, deadline, shares } = terms;
        // Lock the client before taking a place: a scrape that waits for an unresponsive client must not hold a place
        // while it waits.
        let locks = timeout_at(deadline.into(), async { (self.lock.lock().await, self.poll_state.lock().await) });
        let Ok((_lock, mut poll_state)) = locks.await else {
            return if self.is_asked.load(Ordering::Relaxed) {
                self.not_polled(only, Reason::Timeout, BUSY_MESSAGE)
            } else {
                self.not_polled(only, Reason::NotAsked, NOT_ASKED_MESSAGE)
            };
        };
        let Some(place) = places.place(deadline).await else {
            return self.not_asked(only, deadline, NOT_ASKED_MESSAGE);
        };
        // Another scrape polled this client while this one waited. Its result is fresh enough, unless it failed and this one
        // could wait longer.
        if let Some(last) = self.history().of(self.target.collectors.and(only))
            && last.finished >= requested
            && !last.snapshot.failed_with(Reason::NotAsked)
            && (last.snapshot.error.is_none() || last.deadline.is_none_or(|last| last >= deadline))
        {
            return Arc::clone(&last.snapshot);
        }
        let mut polling = pin!(self.poll(places, terms, &mut poll_state));
        if let Ok(snapshot) = timeout(shares.in_place, &mut polling).await {
            return snapshot;
        }
        drop(place);
        polling.await
    }

    /// Polls the client when there is a connection for it. If the operating system refuses it after all, tries again when
    /// another client is done.
    async fn poll(&self, places: &Places, terms: Terms, poll_state: &mut PollState) -> Arc<Snapshot> {
        let Terms { only, deadline, shares, .. } = terms;
        let least = MIN_BUDGET.min(self.target.timeout);
        loop {
            let started = Instant::now();
            if deadline.saturating_duration_since(started) < least {
                return self.not_asked(only, deadline, NOT_ASKED_MESSAGE);
            }
            let access = self.entrance.find(deadline.min(started + self.target.timeout)).await;
            let found_in = started.elapsed();
            let Some(connection) = places.connection(deadline.checked_sub(least).unwrap_or(deadline)).await else {
                return self.not_asked(only, deadline, NO_CONNECTION_MESSAGE);
            };
            let asked = Instant::now();
            let poll_deadline = deadline.min(asked + self.target.timeout.saturating_sub(found_in));
            // Whoever answered the last time is worth waiting for.
            let answer_by = if self.was_up() { poll_deadline } else { asked + shares.silent };
            self.is_asked.store(true, Ordering::Relaxed);
            let mut snapshot = self.ask(only, access, poll_state, poll_deadline, answer_by).await;
            self.is_asked.store(false, Ordering::Relaxed);
            snapshot.duration = found_in + asked.elapsed();
            let is_refused = snapshot.failed_with(Reason::FileDescriptors);
            if !(is_refused && !snapshot.up && places.lose(connection)) {
                let was_short = poll_deadline == deadline && snapshot.ran_out_of_time();
                return self.record(was_short.then_some(deadline), Arc::new(snapshot), true);
            }
        }
    }

    /// Asks the client for no more than `only`. The optional series cost no request, and what they add to replies that are
    /// kept for later polls must not depend on who asked, so they are left out afterwards.
    async fn ask(
        &self,
        only: Collectors,
        access: Result<Access, Error>,
        poll_state: &mut PollState,
        deadline: Instant,
        answer_by: Instant,
    ) -> Snapshot {
        let (all, chosen) = (self.target.collectors, self.target.collectors.and(only));
        let collectors = if chosen == all { all } else { chosen.or(all.optional()) };
        let target = Target { collectors, ..self.target.clone() };
        let session =
            Session::new(&target, access, &self.capacity, self.limits.max_reply_bytes, deadline).answer_by(answer_by);
        let mut snapshot = poll(session, poll_state, &self.limits, &self.clock).await;
        snapshot.collectors = chosen;
        snapshot.dropped.retain(|(collector, _)| chosen.contains(*collector));
        let (kept, left_out) = fit::<Client>(&snapshot, self.limits.max_series);
        snapshot.fit = kept;
        left_out.into_iter().for_each(|(collector, rows)| snapshot.count_dropped(collector, rows));
        snapshot
    }

    fn not_asked(&self, only: Collectors, deadline: Instant, message: &str) -> Arc<Snapshot> {
        self.record(Some(deadline), self.not_polled(only, Reason::NotAsked, message), false)
    }

    /// Stores and logs the result of a scrape with this deadline, if it mattered.
    fn record(&self, deadline: Option<Instant>, snapshot: Arc<Snapshot>, was_asked: bool) -> Arc<Snapshot> {
        let mut history = self.history();
        if was_asked {
            history.note(&snapshot, self.clock.time());
        }
        let before = history.of(snapshot.collectors).map(|last| Arc::clone(&last.snapshot));
        let poll = LastPoll { finished: Instant::now(), deadline, snapshot: Arc::clone(&snapshot) };
        let is_news = history.add(poll);
        drop(history);
        if is_news {
            log_health(&self.target, &snapshot);
        }
        if !snapshot.fit.is_whole() && before.is_none_or(|before| before.fit.is_whole()) {
            let (client, limit) = (&self.target.name, self.limits.max_series);
            tracing::warn!(
                client,
                "the client has more series than scrape.max_series ({limit}), so some are left out: see boinc_scrape_dropped_series; collect less of this client, or raise the limit"
            );
        }
        snapshot
    }

    fn was_up(&self) -> bool {
        let history = self.history();
        history.asked.is_some() && !history.was_down
    }

    /// What it said last: all of it, if a poll of all collectors is remembered.
    pub fn last(&self) -> Option<Arc<Snapshot>> {
        self.history().shown(self.target.collectors).map(|last| Arc::clone(&last.snapshot))
    }

    /// The last snapshot with what a collector brings.
    pub fn last_with(&self, collector: Collector) -> Option<Arc<Snapshot>> {
        self.history().with(collector).map(|last| Arc::clone(&last.snapshot))
    }

    /// What is remembered beside that.
    pub fn known(&self) -> Known {
        self.history().known.clone()
    }

    /// Whether it has not been polled for so long. A poll of a few collectors does not count if the client answered.
    pub fn is_older_than(&self, age: Duration) -> bool {
        let history = self.history();
        let shown = history.shown(self.target.collectors);
        shown.is_none_or(|last| last.finished.elapsed() > age || !last.tells_all(self.target.collectors))
    }

    fn history(&self) -> std::sync::MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The snapshot of a client that was not polled.
    pub fn not_polled(&self, only: Collectors, reason: Reason, message: &str) -> Arc<Snapshot> {
        let mut snapshot = Snapshot::new(&self.target.name, &self.target.labels, self.target.collectors.and(only));
        snapshot.error = Some(Failure { reason, message: message.to_owned() });
        Arc::new(snapshot)
    }
}

/// Logs how a client is.
fn log_health(target: &Target, now: &Snapshot) {
    let (client, address) = (&target.name, &target.address);
    match &now.error {
        None => tracing::info!(client, %address, "client is up"),
        Some(error) if now.up => {
            let part = now.parts.iter().find(|part| part.fails()).map_or("", |part| part.collector.name());
            tracing::warn!(client, %address, reason = %error.reason, collector = part, "client is up, but a part of it failed: {}", error.message);
        }
        Some(error) => tracing::warn!(client, %address, reason = %error.reason, "client is down: {}", error.message),
    }
}
