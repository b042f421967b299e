//! Polls all clients concurrently, each with its own deadline. Targets and deadlines come in, snapshots go out. A
//! failure is data in a snapshot, so nothing here returns an error. It does not know which requests a poll sends.

mod address_locks;
mod history;
mod member;
mod places;
mod probe_cache;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::task::JoinSet;

use self::address_locks::AddressLocks;
pub use self::history::Known;
use self::member::{Member, Terms};
use self::places::Places;
use self::probe_cache::ProbeCache;
use super::access::{Lookups, Resolver};
use super::capacity::Capacity;
use super::collectors::{Collector, Collectors};
use super::gui_rpc::error::Error;
use super::limits::Limits;
use super::reason::Reason;
use super::snapshot::Snapshot;
use super::target::Target;
use crate::clock::Clock;

const PANICKED_MESSAGE: &str =
    "polling this client failed with an internal error of the exporter: see the exporter's log";

/// All configured clients, and those that were probed by address.
#[derive(Debug)]
pub struct Fleet {
    clients: Vec<Arc<Member>>,
    limits: Limits,
    clock: Clock,
    places: Arc<Places>,
    capacity: Arc<Capacity>,
    locks: Arc<AddressLocks>,
    probe_cache: Arc<ProbeCache>,
    lookups: Lookups,
    /// Whoever may probe can choose names, of which no number must delay those that are configured.
    probe_lookups: Lookups,
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
        let lookups = || Lookups::new(limits.lookups);
        let (of_clients, of_probes) = (lookups(), lookups());
        Self::with(targets, limits, clock, of_clients, of_probes)
    }

    /// A fleet of these targets, whose names it resolves so.
    #[must_use]
    pub fn with_resolver(targets: Vec<Target>, limits: Limits, resolver: &Resolver) -> Self {
        let lookups = || Lookups::with_resolver(limits.lookups, Arc::clone(resolver));
        let (of_clients, of_probes) = (lookups(), lookups());
        Self::with(targets, limits, Clock::default(), of_clients, of_probes)
    }

    fn with(targets: Vec<Target>, limits: Limits, clock: Clock, lookups: Lookups, probe_lookups: Lookups) -> Self {
        let empty = Self {
            clients: Vec::new(),
            places: Places::new(&limits),
            capacity: Arc::new(Capacity::new(&limits)),
            limits: limits.clone(),
            clock,
            locks: Arc::default(),
            probe_cache: Arc::default(),
            lookups,
            probe_lookups,
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
            Member::replacing(before, target, (&limits, &capacity, &self.clock, &self.locks, &self.lookups))
        };
        let places = |limits: &Limits| (limits.concurrency, limits.connections);
        let same = places(&limits) == places(&self.limits);
        Self {
            clients: targets.into_iter().map(member).collect(),
            places: if same { Arc::clone(&self.places) } else { Places::new(&limits) },
            limits,
            capacity,
            clock: self.clock.clone(),
            locks: Arc::clone(&self.locks),
            probe_cache: Arc::clone(&self.probe_cache),
            lookups: self.lookups.clone(),
            probe_lookups: self.probe_lookups.clone(),
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
        let known = (&self.limits, &self.capacity, &self.clock, &*self.locks, &self.probe_lookups);
        let client = self.probe_cache.client(target, module, known);
        self.poll_all(&[client], only, deadline).await.pop()
    }

    /// Polls the clients that have not been polled for so long, or shares the polls of scrapes that do.
    pub async fn catch_up(&self, age: Duration, deadline: Instant) {
        let behind: Vec<_> = self.clients.iter().filter(|client| client.is_older_than(age)).cloned().collect();
        self.poll_all(&behind, Collectors::all(), deadline).await;
    }

    /// How many clients have not been polled for so long.
    #[must_use]
    pub fn behind(&self, age: Duration) -> usize {
        self.clients.iter().filter(|client| client.is_older_than(age)).count()
    }

    async fn poll_all(&self, clients: &[Arc<Member>], only: Collectors, deadline: Instant) -> Vec<Arc<Snapshot>> {
        let requested = Instant::now();
        let shares = self.places.shares(clients.len(), deadline.saturating_duration_since(requested));
        let terms = Terms { only, requested, deadline, shares };
        self.places.restore();
        let mut order: Vec<usize> = (0..clients.len()).collect();
        order.sort_by_cached_key(|index| clients[*index].turn());
        let mut polls = JoinSet::new();
        for index in order {
            let (client, places) = (Arc::clone(&clients[index]), Arc::clone(&self.places));
            polls.spawn(async move { (index, client.scrape(&places, terms).await) });
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

    /// The addresses of a host that is to be probed.
    ///
    /// # Errors
    /// There are none, or none in time.
    pub async fn resolve(&self, host: &str, deadline: Instant) -> Result<Vec<Ipv4Addr>, Error> {
        self.probe_lookups.addresses(host, deadline).await
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

    /// The last snapshot of each client with what a collector brings; `None` if there is none since the configuration was read.
    #[must_use]
    pub fn last_with(&self, collector: Collector) -> Vec<Option<Arc<Snapshot>>> {
        self.clients.iter().map(|client| client.last_with(collector)).collect()
    }

    /// What is remembered of each client beside that, in the same order.
    #[must_use]
    pub fn known(&self) -> Vec<Known> {
        self.clients.iter().map(|client| client.known()).collect()
    }
}
