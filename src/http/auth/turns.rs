//! Whose password is compared next. Comparing takes a tenth of a second by design, so those who guess could keep everybody
//! else waiting. Peers come in, turns go out, one at a time. It does not know passwords.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::http::peer::Peer;

/// How many peers are remembered: some ten kilobytes. Whoever was wrong is forgotten first.
const MAX_PEERS: usize = 1024;

/// How often a peer can be wrong; more tells nothing. Where many share an address, that is not held against them for ever.
const MAX_WRONG: u32 = 16;

/// Identifies credentials.
pub type Tag = Vec<u8>;

/// The turns.
#[derive(Debug, Default)]
pub struct Turns(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether it is somebody's turn.
    taken: bool,
    /// In the order in which they came.
    waiting: Vec<Waiting>,
    peers: HashMap<Peer, Record>,
}

#[derive(Debug)]
struct Waiting {
    peer: Peer,
    credentials: Tag,
    call: oneshot::Sender<Call>,
}

/// What is known of a peer since the exporter started.
#[derive(Debug, Clone, Copy, Default)]
struct Record {
    /// Whether it was ever right.
    was_right: bool,
    /// How often it was wrong since then.
    wrong: u32,
}

/// What ends the waiting.
#[derive(Debug)]
pub enum Call {
    /// Nobody else compares anything until this is dropped.
    Turn(Turn),
    /// Somebody else had the same credentials, and they were right or wrong.
    Outcome(bool),
}

/// The only turn.
#[derive(Debug)]
pub struct Turn(Arc<Turns>);

impl Turns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub async fn wait(self: &Arc<Self>, peer: Peer, credentials: &Tag) -> Call {
        let (call, called) = oneshot::channel();
        {
            let mut state = self.state();
            if !state.taken {
                state.taken = true;
                return Call::Turn(Turn(Arc::clone(self)));
            }
            state.waiting.push(Waiting { peer, credentials: credentials.clone(), call });
        }
        // Whoever waits is called or told the outcome.
        called.await.unwrap_or(Call::Outcome(false))
    }
}

impl Turn {
    /// These credentials were compared. All who wait with the same are told.
    pub fn compared(self, peer: Peer, credentials: &Tag, right: bool) {
        let mut state = self.0.state();
        state.remember(peer, right);
        let waiting = std::mem::take(&mut state.waiting);
        let (same, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|waiting| waiting.credentials == *credentials);
        state.waiting = others;
        drop(state);
        for waiting in same {
            // It may have left.
            let _ = waiting.call.send(Call::Outcome(right));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.state();
        let next = state.next();
        state.taken = next.is_some();
        drop(state);
        if let Some(call) = next {
            // If it has just left, the turn is dropped here, and goes to the next.
            let _ = call.send(Call::Turn(Turn(Arc::clone(&self.0))));
        }
    }
}

impl State {
    /// Whoever was wrong least often goes first; of those, whoever was right before; of those, whoever came last: the others have
    /// less time left for the rest of their scrape, and a crowd that guesses from one address does not keep others behind it.
    fn next(&mut self) -> Option<oneshot::Sender<Call>> {
        self.waiting.retain(|waiting| !waiting.call.is_closed());
        let record = |waiting: &Waiting| self.peers.get(&waiting.peer).copied().unwrap_or_default();
        let rank = |waiting: &Waiting| (Reverse(record(waiting).wrong), record(waiting).was_right);
        let (next, _) = self.waiting.iter().enumerate().max_by_key(|(_, waiting)| rank(waiting))?;
        Some(self.waiting.remove(next).call)
    }

    fn remember(&mut self, peer: Peer, right: bool) {
        if self.peers.len() >= MAX_PEERS && !self.peers.contains_key(&peer) {
            self.peers.retain(|_, record| record.was_right);
        }
        if self.peers.len() >= MAX_PEERS && !self.peers.contains_key(&peer) {
            self.peers.clear();
        }
        let record = self.peers.entry(peer).or_default();
        record.was_right |= right;
        record.wrong = if right { 0 } else { MAX_WRONG.min(record.wrong + 1) };
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use tokio::task::JoinHandle;

    use super::*;

    fn peer(address: &str) -> Peer {
        address.parse::<IpAddr>().unwrap().into()
    }

    /// Waits in a task of its own; returns when it does.
    async fn waiting(turns: &Arc<Turns>, address: &str, credentials: &str) -> JoinHandle<Call> {
        let before = turns.state().waiting.len();
        let (queue, peer, credentials) = (Arc::clone(turns), peer(address), credentials.as_bytes().to_vec());
        let task = tokio::spawn(async move { queue.wait(peer, &credentials).await });
        while turns.state().waiting.len() == before {
            tokio::task::yield_now().await;
        }
        task
    }

    async fn turn(call: impl Future<Output = Call>) -> Turn {
        match call.await {
            Call::Turn(turn) => turn,
            Call::Outcome(right) => panic!("an outcome: {right}"),
        }
    }

    /// A peer that was right or wrong before.
    async fn known(turns: &Arc<Turns>, address: &str, outcomes: impl IntoIterator<Item = bool>) {
        for outcome in outcomes {
            let credentials = Tag::new();
            turn(turns.wait(peer(address), &credentials)).await.compared(peer(address), &credentials, outcome);
        }
    }

    #[tokio::test]
    async fn who_was_wrong_least_often_then_who_was_right_then_the_newest() {
        let turns = Arc::new(Turns::default());
        known(&turns, "192.0.2.1", [false, false, false, true]).await;
        known(&turns, "192.0.2.2", [true, false, false]).await;
        known(&turns, "192.0.2.3", [false]).await;
        known(&turns, "192.0.2.4", [false; 50]).await;
        known(&turns, "192.0.2.5", [false; 60]).await;
        let mut current = turn(turns.wait(peer("192.0.2.9"), &Tag::new())).await;
        let mut tasks = Vec::new();
        for (address, name) in [
            ("192.0.2.5", "wrong for hours"),
            ("192.0.2.4", "wrong for minutes"),
            ("192.0.2.2", "wrong twice since it was right"),
            ("192.0.2.3", "wrong once, first"),
            ("192.0.2.3", "wrong once, second"),
            ("192.0.2.1", "right"),
            ("192.0.2.6", "unknown"),
        ] {
            tasks.push((name, waiting(&turns, address, name).await));
        }
        let mut order = Vec::new();
        while !tasks.is_empty() {
            drop(current);
            let next = loop {
                match tasks.iter().position(|(_, task)| task.is_finished()) {
                    Some(next) => break next,
                    None => tokio::task::yield_now().await,
                }
            };
            let (name, task) = tasks.remove(next);
            order.push(name);
            current = turn(async { task.await.unwrap() }).await;
        }
        let expected = [
            "right",
            "unknown",
            "wrong once, second",
            "wrong once, first",
            "wrong twice since it was right",
            "wrong for minutes",
            "wrong for hours",
        ];
        assert_eq!(order, expected);
    }

    #[tokio::test]
    async fn those_who_have_left_are_passed_over() {
        let turns = Arc::new(Turns::default());
        let current = turn(turns.wait(peer("192.0.2.1"), &Tag::new())).await;
        let stays = waiting(&turns, "192.0.2.2", "stays").await;
        let leaves = waiting(&turns, "192.0.2.3", "leaves").await;
        leaves.abort();
        leaves.await.unwrap_err();
        drop(current);
        drop(turn(async { stays.await.unwrap() }).await);
        assert!(!turns.state().taken);
    }

    #[tokio::test]
    async fn all_who_wait_with_the_same_credentials_are_told() {
        let turns = Arc::new(Turns::default());
        let current = turn(turns.wait(peer("192.0.2.1"), &b"same".to_vec())).await;
        let same = waiting(&turns, "192.0.2.2", "same").await;
        let other = waiting(&turns, "192.0.2.3", "other").await;
        current.compared(peer("192.0.2.1"), &b"same".to_vec(), true);
        assert!(matches!(same.await.unwrap(), Call::Outcome(true)));
        drop(turn(async { other.await.unwrap() }).await);
    }

    #[tokio::test]
    async fn few_peers_are_remembered_and_the_right_ones_longest() {
        let turns = Arc::new(Turns::default());
        known(&turns, "198.51.100.1", [true]).await;
        for guesser in 0..2 * MAX_PEERS {
            known(&turns, &format!("2001:db8:0:{guesser:x}::1"), [false]).await;
        }
        let state = turns.state();
        assert!(state.peers.len() <= MAX_PEERS && state.peers[&peer("198.51.100.1")].was_right);
    }
}
