//! The overview for people: which clients there are, whether they answered when they were last asked, and why not.

use std::cmp::Reverse;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use super::html;
use crate::own;
use crate::snapshot::Snapshot;

/// One client.
pub struct Row<'a> {
    name: &'a str,
    /// How the last poll ended; `None` before the first.
    last: Option<Last<'a>>,
}

struct Last<'a> {
    up: bool,
    error: Option<&'a str>,
    age: Duration,
    took: Duration,
}

impl<'a> Row<'a> {
    pub fn new(name: &'a str, snapshot: Option<&'a Snapshot>) -> Self {
        let last = snapshot.map(|snapshot| Last {
            up: snapshot.up,
            error: snapshot.error.as_ref().map(|failure| failure.message.as_str()),
            // A clock that was set back is no reason to say nothing.
            age: SystemTime::now().duration_since(snapshot.finished).unwrap_or_default(),
            took: snapshot.duration,
        });
        Self { name, last }
    }

    fn is(&self, up: bool) -> bool {
        self.last.as_ref().is_some_and(|last| last.up == up)
    }
}

/// The page. Clients that are down come first.
pub fn page(telemetry_path: &str, mut rows: Vec<Row>) -> String {
    rows.sort_by_key(|row| Reverse(row.is(false)));
    let clients: String = rows.iter().map(client).collect();
    let revision = own::BUILD.iter().find(|(name, _)| *name == "revision").map_or("", |(_, value)| value);
    html::fill(
        include_str!("landing.html"),
        &[
            ("version", &html::escape(own::VERSION)),
            ("revision", &html::escape(revision)),
            // Relative, so that the page works behind a proxy that adds a prefix.
            ("metrics", &html::escape(&format!(".{telemetry_path}"))),
            ("summary", &summary(&rows)),
            ("clients", &clients),
        ],
    )
}

fn summary(rows: &[Row]) -> String {
    let (up, down) = (rows.iter().filter(|row| row.is(true)).count(), rows.iter().filter(|row| row.is(false)).count());
    match rows.len() {
        0 => "No client is configured.".to_owned(),
        all if up + down == 0 => format!("{}, not asked yet: a scrape of the metrics asks.", clients(all)),
        all if up == all => format!("{}, up.", clients(all)),
        all => {
            let parts = [(up, "up"), (down, "down"), (all - up - down, "not asked yet")];
            let parts: Vec<_> =
                parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, state)| format!("{n} {state}")).collect();
            format!("{}: {}.", clients(all), parts.join(", "))
        }
    }
}

fn clients(number: usize) -> String {
    if number == 1 { "1 client".to_owned() } else { format!("{number} clients") }
}

fn client(row: &Row) -> String {
    let mut item = format!("<li><strong>{}</strong> ", html::escape(row.name));
    match &row.last {
        None => item.push_str("not asked yet"),
        Some(last) => {
            item.push_str(if last.up { "up" } else { "<span class=\"down\">down</span>" });
            if let Some(error) = last.error {
                item.extend(["<p>", &html::escape(error), "</p>"]);
            }
            let _ = write!(item, " <small>{}, took {}</small>", ago(last.age), took(last.took));
        }
    }
    item.push_str("</li>\n");
    item
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

fn took(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(name: &'a str, up: bool, error: Option<&'a str>, age: u64) -> Row<'a> {
        let last =
            Last { up, error, age: Duration::from_secs(age), took: Duration::from_millis(1_250 * u64::from(!up) + 31) };
        Row { name, last: Some(last) }
    }

    #[test]
    fn people_see_what_is_wrong_first() {
        let rows = vec![
            Row { name: "new", last: None },
            row("attic", true, None, 12),
            row("<b>R&D</b>", false, Some("cannot connect to \"x\""), 7_200),
            row("half", true, Some("no answer to get_messages"), 0),
        ];
        let page = page("/metrics\"", rows);
        let main = page.split("</header>\n").nth(1).unwrap_or_default();
        assert_eq!(
            main,
            "<nav><a href=\"./metrics&quot;\">Metrics</a><a href=\"./-/healthy\">Health</a><a href=\"./-/ready\">Readiness</a></nav>
<main>
<p>4 clients: 2 up, 1 down, 1 not asked yet.</p>
<ul>
<li><strong>&lt;b&gt;R&amp;D&lt;/b&gt;</strong> <span class=\"down\">down</span><p>cannot connect to &quot;x&quot;</p> <small>2 h ago, took 1.3 s</small></li>
<li><strong>new</strong> not asked yet</li>
<li><strong>attic</strong> up <small>12 s ago, took 31 ms</small></li>
<li><strong>half</strong> up<p>no answer to get_messages</p> <small>just now, took 31 ms</small></li>
</ul>
</main>
<footer>Shows what the last scrape found; opening this page asks no client.</footer>
</html>
"
        );
    }

    #[test]
    fn summaries() {
        let new = || Row { name: "", last: None };
        for (rows, expected) in [
            (vec![], "No client is configured."),
            (vec![new()], "1 client, not asked yet: a scrape of the metrics asks."),
            (vec![row("", true, None, 1)], "1 client, up."),
            (vec![row("", false, None, 1), row("", false, None, 1)], "2 clients: 2 down."),
            (vec![new(), row("", true, None, 1)], "2 clients: 1 up, 1 not asked yet."),
        ] {
            assert_eq!(summary(&rows), expected);
        }
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let page = page("/metrics", vec![]);
        for word in ["<script", "http:", "https:", "//", "@import", "url(", "{{"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}
