//! The overview for people: each client, whether it is well, and if not why; then all projects. Worst first. Knows nothing of how
//! clients are asked.

mod client;
mod projects;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::html;
use crate::client::fleet::Known;
use crate::client::snapshot::Snapshot;
use crate::client::target::Target;
use crate::client::trouble::{Colour, Finding, Idle, Trouble, idle, troubles};
use crate::project::watch;
use crate::self_metrics;

/// What the page shows.
pub struct Page<'a> {
    pub telemetry_path: &'a str,
    pub rows: Vec<Row<'a>>,
    pub projects: &'a [watch::Row],
    /// Why reloads of configurations failed, as sentences.
    pub failures: Vec<String>,
    /// How many clients still have to be asked, and after how many seconds the page shall come again.
    pub asking: (usize, u64),
}

/// One client.
pub struct Row<'a> {
    name: &'a str,
    labels: &'a BTreeMap<String, String>,
    /// `None` before the first poll.
    last: Option<LastPoll<'a>>,
    findings: Vec<Finding>,
    down: Option<Down>,
    /// How long ago it was last up.
    last_up: Option<Duration>,
    version: Option<String>,
}

/// Since when it has been down, and for how long.
#[derive(Clone, Copy)]
struct Down {
    since: SystemTime,
    lasts: Duration,
}

struct LastPoll<'a> {
    up: bool,
    age: Duration,
    took: Duration,
    bytes: usize,
    idle: Vec<Idle<'a>>,
    /// What is usable of each resource.
    resources: Vec<(&'a str, f64)>,
    projects: Vec<&'a str>,
    running: usize,
    tasks: usize,
}

/// What becomes of a client at a glance, worst first: the order of the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Down,
    Troubled,
    New,
    /// It does nothing, as its user wants it.
    Idle,
    Well,
}

impl State {
    const ALL: [Self; 5] = [Self::Down, Self::Troubled, Self::New, Self::Idle, Self::Well];

    /// As in `3 down`.
    const fn counted(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Troubled => "in trouble",
            Self::New => "not asked yet",
            Self::Idle => "idle by choice",
            Self::Well => "well",
        }
    }
}

impl<'a> Row<'a> {
    pub fn new(target: &'a Target, snapshot: Option<&'a Snapshot>, known: &Known, now: SystemTime) -> Self {
        // Zero if the clock was set back.
        let age = |time: SystemTime| now.duration_since(time).unwrap_or_default();
        Self {
            name: &target.name,
            labels: &target.labels,
            last: snapshot.map(|snapshot| LastPoll::new(snapshot, snapshot.finished.map(age).unwrap_or_default())),
            findings: snapshot.map(troubles).unwrap_or_default(),
            down: known.down_since.map(|since| Down { since, lasts: age(since) }),
            last_up: known.last_up.map(age),
            version: known.version.as_ref().map(ToString::to_string),
        }
    }

    fn state(&self) -> State {
        match (&self.last, self.findings.first().map(|worst| worst.trouble)) {
            (None, _) => State::New,
            (Some(_), Some(Trouble::Down(_))) => State::Down,
            (Some(_), Some(_)) => State::Troubled,
            (Some(last), None) if last.running == 0 && !last.idle.is_empty() => State::Idle,
            (Some(_), None) => State::Well,
        }
    }

    /// The state in words, and the class of its colour.
    fn shown(&self) -> (String, &'static str) {
        let colour = |colour: Colour| colour.name();
        match (self.state(), &self.last) {
            (State::New, _) => (State::New.counted().to_owned(), colour(Colour::Grey)),
            (State::Idle, Some(last)) if !last.idle.is_empty() => {
                (last.idle[0].why.clone(), colour(last.idle[0].colour))
            }
            _ => match self.findings.first().map(|worst| worst.trouble.shown()) {
                Some((words, of)) if self.state() == State::Down => (format!("down: {words}"), colour(of)),
                Some((words, of)) => (words.to_owned(), colour(of)),
                None => (State::Well.counted().to_owned(), "green"),
            },
        }
    }

    /// The worst first; of equals, those of a group together.
    fn place(&self) -> impl Ord + use<'a> {
        let worst = self.findings.first().map(|worst| worst.trouble.rank());
        (self.state(), Reverse(worst), self.group(), self.name)
    }

    /// What its user labelled it with: the label `group` first, then the others by name.
    fn labels(&self) -> Vec<(&'a str, &'a str)> {
        let mut labels: Vec<_> = self.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        labels.sort_by_key(|(name, _)| *name != "group");
        labels
    }

    fn group(&self) -> Vec<&'a str> {
        self.labels().into_iter().map(|(_, value)| value).collect()
    }
}

impl<'a> LastPoll<'a> {
    fn new(snapshot: &'a Snapshot, age: Duration) -> Self {
        let tasks = |sums: &crate::client::snapshot::TaskSums| sums.states.values().map(|n| *n as usize).sum::<usize>();
        Self {
            up: snapshot.up,
            age,
            took: snapshot.duration,
            bytes: snapshot.parts.iter().map(|part| part.bytes).sum(),
            idle: idle(snapshot),
            resources: snapshot.resources.iter().map(|resource| (&*resource.name, resource.usable)).collect(),
            projects: snapshot.projects.iter().map(|of| &*of.name).collect(),
            running: snapshot.tasks.iter().map(|of| of.item.running as usize).sum(),
            tasks: snapshot.tasks.iter().map(|of| tasks(&of.item)).sum(),
        }
    }
}

impl Page<'_> {
    pub fn html(mut self) -> String {
        self.rows.sort_by_cached_key(Row::place);
        let grouped = self.rows.iter().any(|row| !row.labels.is_empty());
        let clients: String = self.rows.iter().map(|row| client::row(row, grouped)).collect();
        let clients = if clients.is_empty() { clients } else { format!("{}{clients}</div>\n", client::head(grouped)) };
        let revision = self_metrics::BUILD.iter().find(|(name, _)| *name == "revision").map_or("", |(_, value)| value);
        html::fill(
            include_str!("landing.html"),
            &[
                ("refresh", &self.asking.1.to_string()),
                ("title", &title(&self.rows)),
                ("version", &html::escape(self_metrics::VERSION)),
                ("revision", &html::escape(revision)),
                // Relative, for proxies that add a prefix.
                ("metrics", &html::escape(&format!(".{}", self.telemetry_path))),
                ("failures", &failures(self.failures)),
                ("summary", &summary(&self.rows, self.asking.0)),
                ("clients", &clients),
                ("projects", &projects::section(self.projects)),
            ],
        )
    }
}

/// What somebody with many tabs sees.
fn title(rows: &[Row]) -> String {
    match rows.iter().filter(|row| row.state() <= State::Troubled).count() {
        0 => String::new(),
        bad => format!("({bad}) "),
    }
}

/// One sentence for each; a web configuration that cannot be loaded may be the reason for both.
fn failures(mut sentences: Vec<String>) -> String {
    if let [first, second] = sentences.as_slice()
        && first.contains(second.as_str())
    {
        sentences.pop();
    }
    let sentence = |sentence: &String| {
        format!(
            "<p class=\"failed red\"><b class=\"state\">The configuration could not be reloaded.</b> The previous one is still in \
             force. {}</p>\n",
            html::escape(sentence)
        )
    };
    sentences.iter().map(sentence).collect()
}

fn summary(rows: &[Row], behind: usize) -> String {
    let count = |state| rows.iter().filter(|row| row.state() == state).count();
    let all = if rows.len() == 1 { "1 client".to_owned() } else { format!("{} clients", rows.len()) };
    let states = State::ALL.map(|state| (count(state), state.counted()));
    let some: Vec<_> = states.iter().filter(|(number, _)| *number > 0).collect();
    let found = match some.as_slice() {
        [] => "No clients configured.".to_owned(),
        [(_, state)] => format!("{all}, {state}."),
        some => {
            let parts: Vec<_> = some.iter().map(|(number, state)| format!("{number} {state}")).collect();
            format!("{all}: {}.", parts.join(", "))
        }
    };
    if behind == 0 { found } else { format!("{found} <small>Asking {behind} of them …</small>") }
}

fn ago(age: Duration) -> String {
    match age.as_secs() {
        0 => "just now".to_owned(),
        _ => format!("{} ago", span(age)),
    }
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
