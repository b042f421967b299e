//! A real Prometheus with the alerts, which looks at them each second.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::rules::{dashboards, render};
use crate::support::process::PATIENCE;
use crate::support::{Prometheus, pause};

/// How Prometheus writes the time of what has not been yet.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// What tells alerts of one name apart, beside job and instance.
const LABELS: [&str; 10] =
    ["client", "project", "app", "resource", "collector", "reason", "state", "user_id", "host_id", "batch_id"];

/// A Prometheus with these rules.
pub struct Alerts(Prometheus);

/// An alert that fires.
#[derive(Debug)]
pub struct Alert {
    pub name: String,
    /// Its labels, in words: `attic`, `attic Steady`, or nothing.
    pub of: String,
    annotations: Value,
}

impl Alerts {
    /// Over what is in this folder: blocks in `data`, and the files that this configuration of scrapes names. A sample is
    /// shown for so long.
    pub fn start(folder: TempDir, scrapes: &str, lookback: &str) -> Self {
        render(folder.path());
        let config =
            format!("global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files: [rules.yaml]\n{scrapes}");
        Self(Prometheus::start(folder, &config, &[&format!("--query.lookback-delta={lookback}")]))
    }

    /// Waits until exactly these fire: names, and what of.
    ///
    /// # Panics
    /// When they do not in time, or a rule cannot be evaluated.
    pub async fn until(&mut self, expected: &[(&str, &str)]) -> Vec<Alert> {
        let expected: BTreeSet<_> = expected.iter().map(|(name, of)| ((*name).to_owned(), (*of).to_owned())).collect();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let firing = self.firing().await;
            let seen: Option<BTreeSet<_>> =
                firing.as_ref().map(|alerts| alerts.iter().map(|a| (a.name.clone(), a.of.clone())).collect());
            match firing {
                Some(alerts) if seen.as_ref() == Some(&expected) => return alerts,
                _ if Instant::now() < deadline => {}
                _ => {
                    let log = self.0.log().join("\n");
                    assert_eq!(seen.unwrap_or_default(), expected, "what fires, and what should. Prometheus:\n{log}");
                }
            }
            pause().await;
        }
    }

    /// What fires, once each rule was looked at.
    async fn firing(&self) -> Option<Vec<Alert>> {
        let answer = self.0.ask("rules", &[("type", "alert")]).await;
        let groups = answer["groups"].as_array().expect("there are groups");
        let rules: Vec<&Value> = groups.iter().filter_map(|group| group["rules"].as_array()).flatten().collect();
        if rules.is_empty() || rules.iter().any(|rule| rule["lastEvaluation"] == NEVER) {
            return None;
        }
        for rule in &rules {
            assert_eq!(rule["health"], "ok", "{}: {}", rule["name"], rule["lastError"]);
        }
        let alerts = rules.iter().filter_map(|rule| rule["alerts"].as_array()).flatten();
        let mut alerts: Vec<_> = alerts.inspect(|alert| assert_eq!(alert["state"], "firing")).map(Alert::of).collect();
        alerts.sort_by(|a, b| (&a.name, &a.of).cmp(&(&b.name, &b.of)));
        Some(alerts)
    }
}

impl Alert {
    fn of(alert: &Value) -> Self {
        let labels = &alert["labels"];
        let of: Vec<_> = LABELS.iter().filter_map(|label| labels[label].as_str()).collect();
        Self {
            name: labels["alertname"].as_str().expect("alerts have names").to_owned(),
            of: of.join(" "),
            annotations: alert["annotations"].clone(),
        }
    }

    fn annotation(&self, name: &str) -> &str {
        self.annotations[name].as_str().unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }
}

/// What a person reads of alerts, with `#` for numbers, which change from run to run.
///
/// # Panics
/// When a link leads nowhere.
pub fn texts(alerts: &[Alert]) -> String {
    let runbooks = fs::read_to_string(dashboards().join("../docs/runbooks.md")).expect("it is shipped");
    let mut text = String::new();
    for alert in alerts {
        let [dashboard, runbook] = ["dashboard_url", "runbook_url"].map(|name| alert.annotation(name));
        let (path, _) = dashboard.split_once('?').unwrap_or((dashboard, ""));
        let (_, uid) = path.rsplit_once('/').expect("a path has a last part");
        assert!(dashboards().join(format!("{uid}.json")).is_file(), "there is no dashboard {dashboard}");
        let (_, anchor) = runbook.split_once('#').expect("a runbook is a part of a page");
        let found = runbooks.lines().filter_map(|line| line.strip_prefix("## ")).any(|t| t.to_lowercase() == anchor);
        assert!(found, "there is no runbook {runbook}");
        let [summary, description] = ["summary", "description"].map(|name| without_numbers(alert.annotation(name)));
        let title = format!("{} {}", alert.name, alert.of);
        let _ = writeln!(text, "{}\n  {summary}\n  {description}\n  {dashboard}", title.trim_end());
    }
    text
}

fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for (at, character) in text.char_indices() {
        let is_point = character == '.' && text[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        let is_number = character.is_ascii_digit() || is_point && out.ends_with('#');
        if !is_number {
            out.push(character);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}
