//! Host names that are resolved late, or not at all: they cost nobody else anything. The resolver is a function of the test, which
//! answers when the test wants it to.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::client::{Fleet, Limits};

use crate::support::process::PATIENCE;
use crate::support::{FOLDER, FakeClient, Scene};

/// A name server that the test controls.
#[derive(Default)]
struct NameServer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Names that are not answered.
    silent: BTreeSet<String>,
    /// Names that do not exist.
    unknown: BTreeSet<String>,
    /// Questions so far, by name.
    asked: BTreeMap<String, usize>,
    /// Questions that wait for an answer.
    waiting: usize,
    most_waiting: usize,
}

impl NameServer {
    fn answer(&self, host: &str) -> io::Result<Vec<Ipv4Addr>> {
        let mut state = self.state.lock().expect("no test panics while it holds this");
        *state.asked.entry(host.to_owned()).or_default() += 1;
        state.waiting += 1;
        state.most_waiting = state.most_waiting.max(state.waiting);
        state = self.changed.wait_while(state, |state| state.silent.contains(host)).expect("as above");
        state.waiting -= 1;
        if state.unknown.contains(host) {
            return Err(io::Error::other("failed to lookup address information: Name or service not known"));
        }
        Ok(vec![Ipv4Addr::LOCALHOST])
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state.lock().expect("no test panics while it holds this"));
        self.changed.notify_all();
        changed
    }

    fn asked(&self, host: &str) -> usize {
        self.change(|state| state.asked.get(host).copied().unwrap_or_default())
    }
}

/// A fleet, the clients behind its names, and the name server.
struct Watched {
    fleet: Fleet,
    names: Arc<NameServer>,
    _clients: Vec<FakeClient>,
}

/// Threads that wait would keep the test's runtime from ending.
impl Drop for Watched {
    fn drop(&mut self) {
        self.names.change(|state| state.silent.clear());
    }
}

impl Watched {
    /// So many clients by name (`host0`, …), each on a port of its own, and one by address.
    async fn new(by_name: usize, limits: Limits) -> Self {
        let names = Arc::new(NameServer::default());
        let (mut clients, mut targets) = (Vec::new(), Vec::new());
        for number in 0..=by_name {
            let client = FakeClient::playing(FOLDER).without_password().start().await;
            let port = client.address().rsplit_once(':').expect("a port").1.parse().expect("a number");
            let host = if number < by_name { format!("host{number}") } else { "127.0.0.1".to_owned() };
            targets.push(Target {
                data_directory: Place::None,
                name: if number < by_name { host.clone() } else { "by address".to_owned() },
                address: Address::Tcp { host, port },
                password: Password::None,
                labels: BTreeMap::new(),
                collectors: Collectors::default(),
                timeout: PATIENCE,
            });
            clients.push(client);
        }
        let server = Arc::clone(&names);
        let resolver = Arc::new(move |host: &str| server.answer(host));
        Self { fleet: Fleet::with_resolver(targets, limits, &(resolver as _)), names, _clients: clients }
    }

    /// What is found of each client: that it is up, or why not.
    async fn scrape(&self, deadline: Instant) -> BTreeMap<String, String> {
        let snapshots = self.fleet.scrape(deadline).await;
        let found = snapshots.iter().map(|snapshot| {
            let reason = snapshot.error.as_ref().map_or("up".to_owned(), |error| error.reason.to_string());
            (snapshot.client.clone(), reason)
        });
        found.collect()
    }

    /// The same as counts of each outcome.
    async fn outcomes(&self, deadline: Instant) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        self.scrape(deadline).await.into_values().for_each(|outcome| *counts.entry(outcome).or_default() += 1);
        counts
    }
}

fn counts<const N: usize>(outcomes: [(&str, usize); N]) -> BTreeMap<String, usize> {
    outcomes.map(|(outcome, count)| (outcome.to_owned(), count)).into()
}

/// When a scrape must be over if something of it never ends, and when it need not.
async fn soon() -> Instant {
    Instant::now() + Scene::time_for(2).await
}

fn whenever() -> Instant {
    Instant::now() + PATIENCE
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_name_servers_cost_those_with_names_only() {
    let limits = Limits { lookups: 8, ..Limits::default() };
    let watched = Watched::new(40, limits).await;
    watched.names.change(|state| state.silent = (0..40).map(|number| format!("host{number}")).collect());
    let expected = counts([("unresolved", 40), ("up", 1)]);
    assert_eq!(watched.outcomes(soon().await).await, expected);
    // The questions are still open, so none is asked a second time.
    assert_eq!(watched.outcomes(soon().await).await, expected);
    assert!((0..40).all(|number| watched.names.asked(&format!("host{number}")) <= 1));
    assert!(watched.names.change(|state| state.most_waiting) <= 8);
    watched.names.change(|state| state.silent.clear());
    assert_eq!(watched.outcomes(whenever()).await, counts([("up", 41)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_known_address_is_used_while_name_servers_fail() {
    let watched = Watched::new(1, Limits::default()).await;
    let up = counts([("up", 2)]);
    assert_eq!(watched.outcomes(whenever()).await, up);
    watched.names.change(|state| state.silent.insert("host0".to_owned()));
    // The second scrape does not wait for what was late in the first.
    assert_eq!(watched.outcomes(whenever()).await, up);
    assert_eq!(watched.outcomes(whenever()).await, up);
    assert_eq!(watched.names.asked("host0"), 2);
    watched.names.change(|state| {
        state.silent.clear();
        state.unknown.insert("host0".to_owned());
    });
    assert_eq!(watched.outcomes(whenever()).await, up);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_does_not_exist_is_told() {
    let watched = Watched::new(1, Limits::default()).await;
    watched.names.change(|state| state.unknown.insert("host0".to_owned()));
    assert_eq!(watched.outcomes(whenever()).await, counts([("unresolved", 1), ("up", 1)]));
    let snapshot = watched.fleet.scrape_one("host0", whenever()).await.expect("it is configured");
    insta::assert_snapshot!(
        snapshot.error.as_ref().expect("it is down").message,
        @"cannot resolve the host name host0: Name or service not known; check the name and the name servers (getent ahostsv4 host0), or configure the client's IPv4 address"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_hang_leave_threads_to_those_that_are_answered() {
    let limits = Limits { lookups: 4, ..Limits::default() };
    let watched = Watched::new(20, limits).await;
    watched.names.change(|state| state.silent = (1..20).map(|number| format!("host{number}")).collect());
    watched.fleet.scrape_one("host0", whenever()).await.expect("it is configured");
    for times in [2, 3] {
        assert_eq!(watched.outcomes(soon().await).await, counts([("unresolved", 19), ("up", 2)]));
        assert_eq!(watched.names.asked("host0"), times);
    }
}
