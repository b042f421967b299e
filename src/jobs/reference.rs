//! `boinc_exporter metrics`: the reference documentation of all metrics, generated from the tables. It is checked in as
//! `docs/METRICS.md`.

use std::fmt::Write as _;

use crate::client::Client;
use crate::client::metrics::NOT_EXPORTED;
use crate::metric::reference::tables;
use crate::project::{self, Project};
use crate::self_metrics;

const INTRODUCTION: &str = include_str!("reference/introduction.md");

const PROJECTS: &str = include_str!("reference/projects.md");

/// The whole reference, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str(&tables::<Client>());
    page.push_str(PROJECTS);
    page.push_str(&tables::<Project>());
    exporter(&mut page);
    page.push_str("\n## Not exported, and why\n\n`*` stands for any element, `**` for all elements below.\n\n");
    page.push_str(NOT_EXPORTED);
    page.push_str("\n## Not exported of projects' pages, and why\n\n");
    page.push_str("The first part of each is the page, below it are its elements.\n\n");
    page.push_str(project::metrics::NOT_EXPORTED);
    let more = project::pages::NOT_READ.lines().skip(2);
    more.for_each(|line| page.extend([line, "\n"]));
    page
}

/// Metrics about the exporter itself.
fn exporter(page: &mut String) {
    page.push_str("\n## The exporter itself\n\nOn by default; `web.disable_exporter_metrics` turns them off. `/-/metrics` has only these.\n\n");
    page.push_str("| metric | type | meaning |\n|---|---|---|\n");
    let process = self_metrics::PROCESS.iter().map(|metric| (metric.name, metric.help));
    let reloads = self_metrics::RELOADS.into_iter().chain(self_metrics::WEB_RELOADS);
    for (name, help) in [self_metrics::BUILD_INFO].into_iter().chain(reloads).chain(process) {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| `{name}` | {kind} | {help} |");
    }
}
