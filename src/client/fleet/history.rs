//! What polls of one client found, as far as later ones, the log and people need it. Snapshots come in. Bounded by `MAX_SETS`. It
//! asks nobody.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::client::collectors::{Collector, Collectors};
use crate::client::gui_rpc::model::ServerVersion;
use crate::client::snapshot::Snapshot;

/// More sets of collectors than this are not remembered.
const MAX_SETS: usize = 8;

/// What earlier scrapes found.
#[derive(Debug, Default)]
pub struct History {
    /// The last poll of each set of collectors that scrapes asked for, the newest at the end: scrape jobs may divide them.
    polls: Vec<LastPoll>,
    /// When it was last asked.
    pub asked: Option<Instant>,
    /// Whether it did not answer then.
    pub was_down: bool,
    /// For people.
    pub known: Known,
}

/// What the exporter remembers of a client since it began, for people: the last snapshot of one that is down says little.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// When it was last found up.
    pub last_up: Option<SystemTime>,
    /// When it was first found down since then; `None` while it is up.
    pub down_since: Option<SystemTime>,
    /// Its version, as it last said.
    pub version: Option<ServerVersion>,
}

/// The last poll of a client.
#[derive(Debug)]
pub struct LastPoll {
    /// When it ended.
    pub finished: Instant,
    /// The deadline of the scrape that started it; `None` if a later one would have changed nothing, since time was not
    /// short, or the client had all that it may ever take.
    pub deadline: Option<Instant>,
    /// What it found.
    pub snapshot: Arc<Snapshot>,
}

impl History {
    /// Takes note that the client was asked.
    pub fn note(&mut self, snapshot: &Snapshot, now: SystemTime) {
        self.asked = Some(Instant::now());
        self.was_down = !snapshot.up;
        self.known.note(snapshot, now);
    }

    /// Adds a poll. Returns whether the client's health changed with it.
    pub fn add(&mut self, poll: LastPoll) -> bool {
        let newest = self.polls.last().map(|last| &*last.snapshot);
        let before = self.of(poll.snapshot.collectors).map(|last| &*last.snapshot);
        let is_news = is_news(newest, before, &poll.snapshot);
        self.polls.retain(|last| last.snapshot.collectors != poll.snapshot.collectors);
        if self.polls.len() == MAX_SETS {
            self.polls.remove(0);
        }
        self.polls.push(poll);
        is_news
    }

    /// The last poll of these collectors.
    pub fn of(&self, collectors: Collectors) -> Option<&LastPoll> {
        self.polls.iter().find(|last| last.snapshot.collectors == collectors)
    }

    /// The last poll with what a collector brings.
    pub fn with(&self, collector: Collector) -> Option<&LastPoll> {
        let brings = |last: &&LastPoll| last.snapshot.up && last.snapshot.collectors.contains(collector);
        self.polls.iter().rev().find(brings)
    }

    /// The last poll that tells all, unless the client went down or came up since.
    pub fn shown(&self, all: Collectors) -> Option<&LastPoll> {
        let newest = self.polls.last()?;
        let whole = self.polls.iter().rev().find(|last| last.tells_all(all));
        whole.filter(|whole| whole.snapshot.up == newest.snapshot.up).or(Some(newest))
    }

    /// What a new configuration of the client does not change.
    pub fn outliving(&self) -> Self {
        Self { polls: Vec::new(), known: self.known.clone(), ..*self }
    }
}

impl LastPoll {
    /// Whether it is of all these collectors. A client that is down has no more to tell.
    pub fn tells_all(&self, all: Collectors) -> bool {
        self.snapshot.collectors == all || !self.snapshot.up
    }
}

impl Known {
    fn note(&mut self, snapshot: &Snapshot, now: SystemTime) {
        if snapshot.up {
            (self.last_up, self.down_since) = (Some(now), None);
        } else {
            self.down_since.get_or_insert(now);
        }
        if let Some(version) = &snapshot.version {
            self.version = Some(version.clone());
        }
    }
}

/// Whether a client's health changed, since the newest poll and since the one of the same collectors: that it is down is news
/// once, and the failure of a part once for those who ask for it.
fn is_news(newest: Option<&Snapshot>, before: Option<&Snapshot>, now: &Snapshot) -> bool {
    let reason = |snapshot: &Snapshot| snapshot.error.as_ref().map(|error| error.reason);
    let Some(newest) = newest.filter(|newest| newest.up == now.up) else { return true };
    let like = if now.up { before.filter(|before| before.up) } else { Some(newest) };
    like.map_or(now.error.is_some(), |like| reason(like) != reason(now))
}
