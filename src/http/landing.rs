//! The overview for people: all clients, whether the last scrape reached them, and why not; then all projects. Worst first.

mod projects;

use std::time::{Duration, SystemTime};

use super::html;
use crate::client::snapshot::Snapshot;
use crate::project::watch;
use crate::self_metrics;

/// One client.
pub struct Row<'a> {
    name: &'a str,
    /// `None` before the first poll.
    last: Option<LastPoll<'a>>,
}

struct LastPoll<'a> {
    up: bool,
    error: Option<&'a str>,
    age: Duration,
    took: Duration,
    bytes: usize,
    version: Option<String>,
    /// Projects, running tasks, all tasks; if the client is up.
    counts: Option<[usize; 3]>,
}

/// The state of a client, worst first: the order of the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Down,
    Partial,
    New,
    Up,
}

impl State {
    /// The CSS class, and the text.
    const fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::Down => ("down", "down"),
            Self::Partial => ("partial", "partially up"),
            Self::New => ("new", "not scraped yet"),
            Self::Up => ("up", "up"),
        }
    }
}

impl<'a> Row<'a> {
    pub fn new(name: &'a str, snapshot: Option<&'a Snapshot>, now: SystemTime) -> Self {
        Self { name, last: snapshot.map(|snapshot| LastPoll::new(snapshot, now)) }
    }

    fn state(&self) -> State {
        match &self.last {
            None => State::New,
            Some(last) if !last.up => State::Down,
            Some(last) if last.error.is_some() => State::Partial,
            Some(_) => State::Up,
        }
    }
}

impl<'a> LastPoll<'a> {
    fn new(snapshot: &'a Snapshot, now: SystemTime) -> Self {
        let tasks = |sums: &crate::client::snapshot::TaskSums| sums.states.values().map(|n| *n as usize).sum::<usize>();
        let running = snapshot.tasks.iter().map(|of| of.item.running as usize).sum();
        let all = snapshot.tasks.iter().map(|of| tasks(&of.item)).sum();
        Self {
            up: snapshot.up,
            error: snapshot.error.as_ref().map(|failure| failure.message.as_str()),
            // Zero if the clock was set back.
            age: snapshot.finished.and_then(|finished| now.duration_since(finished).ok()).unwrap_or_default(),
            took: snapshot.duration,
            bytes: snapshot.parts.iter().map(|part| part.bytes).sum(),
            version: snapshot.version.as_ref().map(ToString::to_string),
            counts: snapshot.up.then_some([snapshot.projects.len(), running, all]),
        }
    }
}

/// The page.
pub fn page(telemetry_path: &str, mut rows: Vec<Row>, projects: &[watch::Row]) -> String {
    rows.sort_by(|a, b| a.state().cmp(&b.state()).then_with(|| a.name.cmp(b.name)));
    let clients: String = rows.iter().map(client).collect();
    let revision = self_metrics::BUILD.iter().find(|(name, _)| *name == "revision").map_or("", |(_, value)| value);
    html::fill(
        include_str!("landing.html"),
        &[
            ("version", &html::escape(self_metrics::VERSION)),
            ("revision", &html::escape(revision)),
            // Relative, for proxies that add a prefix.
            ("metrics", &html::escape(&format!(".{telemetry_path}"))),
            ("summary", &summary(&rows)),
            ("clients", &clients),
            ("projects", &projects::section(projects)),
        ],
    )
}

fn summary(rows: &[Row]) -> String {
    let count = |state| rows.iter().filter(|row| row.state() == state).count();
    let states = [State::Down, State::Partial, State::New, State::Up].map(|state| (count(state), state));
    let all = if rows.len() == 1 { "1 client".to_owned() } else { format!("{} clients", rows.len()) };
    let some: Vec<_> = states.iter().filter(|(number, _)| *number > 0).collect();
    match some.as_slice() {
        [] => "No clients configured.".to_owned(),
        [(_, State::New)] => format!("{all}, not scraped yet."),
        [(_, state)] => format!("{all}, {}.", state.shown().1),
        some => {
            let parts: Vec<_> = some.iter().map(|(number, state)| format!("{number} {}", state.shown().1)).collect();
            format!("{all}: {}.", parts.join("; "))
        }
    }
}

/// One `<tbody>`: a row, and a second one with the error. On narrow screens it becomes a card.
fn client(row: &Row) -> String {
    let ((class, state), name, last) = (row.state().shown(), html::escape(row.name), row.last.as_ref());
    let version = last.and_then(|last| last.version.as_deref()).map(html::escape).unwrap_or_default();
    let counts = last.and_then(|last| last.counts);
    let projects = counts.map(|[projects, ..]| projects.to_string()).unwrap_or_default();
    let tasks = counts.map(|[_, running, all]| format!("{running} of {all} running")).unwrap_or_default();
    let age = last.map(|last| ago(last.age)).unwrap_or_default();
    let cost = last.map(|last| format!("{}, {}", duration(last.took), size(last.bytes))).unwrap_or_default();
    let error = last.and_then(|last| last.error).map(html::escape);
    let error =
        error.map(|error| format!("<tr class=\"error\"><td colspan=\"8\">{error}</td></tr>\n")).unwrap_or_default();
    let target = html::query(row.name);
    format!(
        "<tbody class=\"{class}\"><tr><th scope=\"row\">{name}</th><td><span class=\"state\">{state}</span></td>\
         <td data-before=\"BOINC \">{version}</td><td data-before=\"Projects: \">{projects}</td>\
         <td data-before=\"Tasks: \">{tasks}</td><td>{age}</td><td>{cost}</td>\
         <td class=\"probe\"><a href=\"./probe?target={target}\">metrics</a> \
         <a href=\"./probe?target={target}&amp;debug=true\">debug</a></td></tr>\n{error}</tbody>\n"
    )
}

fn ago(age: Duration) -> String {
    match age.as_secs() {
        0 => "just now".to_owned(),
        seconds @ 1..=119 => format!("{seconds} s ago"),
        seconds @ 120..=7_199 => format!("{} min ago", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h ago", seconds / 3_600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

fn duration(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} B"),
        10_000..=9_999_999 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(name: &'a str, up: bool, error: Option<&'a str>, age: u64) -> Row<'a> {
        let took = Duration::from_millis(1_250 * u64::from(!up) + 31);
        let counts = up.then_some([3, 8, 140]);
        let version = up.then(|| "8.2.1".to_owned());
        Row {
            name,
            last: Some(LastPoll { up, error, age: Duration::from_secs(age), took, bytes: 123_456, version, counts }),
        }
    }

    #[test]
    fn the_worst_comes_first() {
        let rows = vec![
            row("cellar", true, None, 0),
            Row { name: "new", last: None },
            row("attic", true, None, 12),
            row("<b>R&D</b>", false, Some("cannot connect to \"x\""), 7_200),
            row("half", true, Some("no answer to get_messages"), 0),
        ];
        let page = page("/metrics\"", rows, &[]);
        let main = page.split("</header>\n").nth(1).unwrap_or_default();
        insta::assert_snapshot!(main);
    }

    #[test]
    fn summaries() {
        let new = || Row { name: "", last: None };
        for (rows, expected) in [
            (vec![], "No clients configured."),
            (vec![new()], "1 client, not scraped yet."),
            (vec![row("", true, None, 1)], "1 client, up."),
            (vec![row("", false, None, 1), row("", false, None, 1)], "2 clients, down."),
            (vec![new(), row("", true, None, 1)], "2 clients: 1 not scraped yet; 1 up."),
            (
                vec![row("", true, Some("x"), 1), row("", true, None, 1), row("", false, Some("x"), 1)],
                "3 clients: 1 down; 1 partially up; 1 up.",
            ),
        ] {
            assert_eq!(summary(&rows), expected);
        }
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let page = page("/metrics", vec![row("attic", true, None, 1)], &[]);
        for word in ["<script", "http:", "https:", "//", "@import", "url(", "{{"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}
