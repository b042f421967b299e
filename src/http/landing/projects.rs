//! The part of the overview about projects' servers.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

use super::ago;
use crate::http::html;
use crate::project::snapshot::Part;
use crate::project::watch::Row;

/// A heading and a table; nothing if no project is watched.
pub fn section(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|row| (Reverse(badness(row)), row.snapshot.project.clone(), row.snapshot.url.clone()));
    let bodies: String = rows.iter().map(|row| project(row)).collect();
    let (all, plural) = (rows.len(), if rows.len() == 1 { "project" } else { "projects" });
    format!(
        "<p class=\"summary\">{all} {plural}, asked now and then while Prometheus scrapes this exporter.</p>\n<table>\n<thead><tr><th>Project<th>State<th>Pages\
         <th>Asked<th>Next<th>Probe</tr></thead>\n{bodies}</table>\n"
    )
}

/// What comes first.
fn badness(row: &Row) -> u8 {
    match (row.snapshot.up, &row.snapshot.error) {
        (Some(false), _) => 3,
        (None, Some(_)) => 2,
        (Some(true), Some(_)) => 1,
        _ => 0,
    }
}

/// One `<tbody>`: a row, and one more for each page that failed.
fn project(row: &Row) -> String {
    let snapshot = &row.snapshot;
    let asked = snapshot.parts.iter().filter_map(|part| part.asked).max();
    let (class, state) = match (snapshot.up, &snapshot.error) {
        (Some(false), _) => ("down", "down"),
        (Some(true), Some(_)) => ("partial", "partially up"),
        (Some(true), None) => ("up", "up"),
        (None, Some(_)) => ("partial", "unknown"),
        (None, None) => ("new", "not asked yet"),
    };
    let known: Vec<_> = snapshot.parts.iter().filter(|part| part.success.is_some()).collect();
    let well = known.iter().filter(|part| part.success == Some(true)).count();
    let pages = if known.is_empty() { String::new() } else { format!("{well} of {} ok", known.len()) };
    let next = row.due_in.map(|wait| format!("in {}", time(wait))).unwrap_or_default();
    let errors: String = known.iter().filter_map(|part| error(part)).collect();
    let name = html::escape(&snapshot.project);
    let title = html::escape(&snapshot.url);
    let query = html::query(&snapshot.url);
    format!(
        "<tbody class=\"{class}\"><tr><th scope=\"row\" title=\"{title}\">{name}</th><td><span class=\"state\">{state}</span></td>\
         <td data-before=\"Pages: \">{pages}</td><td>{}</td><td data-before=\"Next: \">{next}</td>\
         <td class=\"probe\"><a href=\"./probe?project={query}\">metrics</a></td></tr>\n{errors}</tbody>\n",
        asked.map(|asked| ago(age(asked, row.now))).unwrap_or_default()
    )
}

fn error(part: &Part) -> Option<String> {
    let message = html::escape(&part.error.as_ref()?.message);
    Some(format!("<tr class=\"error\"><td colspan=\"6\">{}: {message}</td></tr>\n", part.collector))
}

/// Zero if the clock was set back.
fn age(time: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(time).unwrap_or_default()
}

fn time(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
