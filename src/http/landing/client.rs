//! A client on the overview: a line, and what unfolds below it.

use std::time::{Duration, SystemTime};

use humantime_serde::re::humantime::format_rfc3339_seconds;

use super::{Down, LastPoll, Row, State, ago, span};
use crate::client::snapshot::IdleReason;
use crate::client::trouble::{Colour, Idle, Trouble, gpus, list, sentence};
use crate::http::html;

/// The headings of the columns, on wide screens; opens the table.
pub fn head(grouped: bool) -> String {
    let group = if grouped { "<span>Group</span>" } else { "" };
    let class = if grouped { "clients grouped" } else { "clients" };
    format!(
        "<div class=\"{class}\">\n<p class=\"head\"><span>Client</span><span>State</span><span>Why</span>{group}\
         <span>Running</span><span>Answered</span></p>\n"
    )
}

/// One line. On narrow screens it is the name and the state; the rest unfolds.
pub fn row(row: &Row, grouped: bool) -> String {
    let (name, (state, colour)) = (html::escape(row.name), row.shown());
    let more = row.findings.len().saturating_sub(1);
    let more = if more > 0 { format!(" <small>+{more}</small>") } else { String::new() };
    let group = if grouped { format!("<span>{}</span>", html::escape(&row.group().join(", "))) } else { String::new() };
    let last = row.last.as_ref();
    let tasks =
        last.filter(|last| last.up).map(|last| format!("{} of {}", last.running, last.tasks)).unwrap_or_default();
    let answered = last.map(|_| answered(row)).unwrap_or_default();
    format!(
        "<details class=\"{colour}\"><summary><b>{name}</b><span class=\"state\">{}{more}</span><span class=\"why\">{}</span>\
         {group}<span>{tasks}</span><span>{answered}</span></summary>\n{}</details>\n",
        html::escape(&state),
        html::escape(&why(row)),
        unfolded(row)
    )
}

/// What the worst trouble is about, and which others there are.
fn why(row: &Row) -> String {
    let Some((worst, others)) = row.findings.split_first() else {
        return row.last.as_ref().map(|last| sentence(&last.idle)).unwrap_or_default();
    };
    let mut parts = match (worst.trouble, row.down) {
        (Trouble::Down(_), Some(down)) => vec![format!("{}: {}", since(down), worst.detail)],
        _ => vec![worst.detail.clone()],
    };
    // That it computes nothing is the first question about one that is late.
    parts.extend(row.last.iter().flat_map(suspended));
    if !others.is_empty() {
        let others: Vec<_> = others.iter().map(|other| other.trouble.shown().0).collect();
        parts.push(others.join(", "));
    }
    parts.join("; ")
}

/// Why its user has what it uses suspended, each reason once. Other suspensions are troubles.
fn suspended(last: &LastPoll) -> Vec<String> {
    let suspended = |idle: &&Idle<'_>| idle.reason == IdleReason::Suspended && idle.colour == Colour::Blue;
    let mut reasons: Vec<_> = last.idle.iter().filter(suspended).map(|idle| idle.why.clone()).collect();
    reasons.dedup();
    reasons
}

/// `down since 17:21 UTC (2 min)`
fn since(down: Down) -> String {
    format!("down since {} ({})", moment(down.since, down.lasts), span(down.lasts))
}

/// When it last answered; for one that is down, as long as that is known.
fn answered(row: &Row) -> String {
    match (row.state(), &row.last) {
        (State::Down, _) => row.last_up.map_or_else(|| "not yet".to_owned(), ago),
        (_, Some(last)) => ago(last.age),
        (_, None) => String::new(),
    }
}

/// Everything that is known, one thing a line.
fn unfolded(row: &Row) -> String {
    let mut facts: Vec<(&str, String)> = Vec::new();
    for finding in &row.findings {
        let (words, colour) = finding.trouble.shown();
        let detail = html::escape(&finding.detail);
        facts.push((
            "Trouble",
            format!("<span class=\"{}\"><b class=\"state\">{words}</b></span>: {detail}", colour.name()),
        ));
    }
    if row.state() == State::Down {
        let last_up = row.last_up.map_or_else(
            || "not seen up since the exporter started".to_owned(),
            |up| format!("last seen up {}", ago(up)),
        );
        facts.extend(row.down.map(|down| {
            ("Down", format!("since {} ({}); {last_up}", moment(down.since, down.lasts), span(down.lasts)))
        }));
    }
    facts.extend(row.last.iter().filter(|last| last.up).flat_map(working));
    facts.extend(row.version.as_ref().map(|version| ("Version", format!("BOINC {}", html::escape(version)))));
    let labels: Vec<_> = row.labels().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !labels.is_empty() {
        facts.push(("Labels", html::escape(&labels.join(", "))));
    }
    facts.extend(row.last.as_ref().map(|last| ("Asked", asked(last))));
    let fact = |(name, value): &(&str, String)| format!("<dt>{name}<dd>{value}</dd>\n");
    let facts: String = facts.iter().map(fact).collect();
    let target = html::query(row.name);
    format!(
        "<dl>\n{facts}</dl>\n<p><a href=\"./probe?target={target}\">metrics</a> \
         <a href=\"./probe?target={target}&amp;debug=true\">debug</a></p>\n"
    )
}

/// What it works on.
fn working<'a>(last: &'a LastPoll) -> impl Iterator<Item = (&'static str, String)> + use<'a> {
    let all: Vec<_> = last
        .resources
        .iter()
        .map(|(name, usable)| match *name {
            "CPU" if *usable > 1.0 => format!("{usable:.0} CPUs"),
            "CPU" => "1 CPU".to_owned(),
            other => format!("{usable:.0} {}", html::escape(&gpus(other, *usable > 1.0))),
        })
        .collect();
    let idle = last.idle.iter().map(|idle| {
        let words = html::escape(&sentence(std::slice::from_ref(idle)));
        ("Idle", format!("<span class=\"{}\"><span class=\"state\">{words}</span></span>", idle.colour.name()))
    });
    let tasks = ("Tasks", format!("{} of {} running", last.running, last.tasks));
    let projects = html::escape(&list(&last.projects));
    let projects = if projects.is_empty() { "none".to_owned() } else { projects };
    [("Uses", all.join(", "))].into_iter().chain(idle).chain([tasks, ("Projects", projects)])
}

fn asked(last: &LastPoll) -> String {
    format!("{}, {}, {}", ago(last.age), duration(last.took), size(last.bytes))
}

/// The time of day, in UTC as in the log: a page without scripts does not know its reader's. The day, too, if it was long ago.
fn moment(time: SystemTime, ago: Duration) -> String {
    const HALF_A_DAY: Duration = Duration::from_secs(12 * 3600);
    let text = format_rfc3339_seconds(time).to_string();
    let (day, time) = (text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    if ago < HALF_A_DAY { format!("{time} UTC") } else { format!("{day} {time} UTC") }
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
