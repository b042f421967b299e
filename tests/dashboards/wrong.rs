//! The judges find what is wrong: each is shown a dashboard that is broken in one way.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::files::{json, path};
use super::judges::{Range, Shot, dashcheck, shoot, types};
use super::past::{END, Past};

/// Words of the judge, and what they are about.
type Case = (&'static str, fn(&mut Value));

/// A copy of a dashboard, changed.
struct Broken {
    folder: TempDir,
}

impl Broken {
    fn new(change: impl Fn(&mut Value)) -> Self {
        let mut dashboard = json(&path("dashboards/boinc-fleet.json"));
        change(&mut dashboard);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join("broken.json"), dashboard.to_string()).expect("it is writable");
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("broken.json")
    }
}

/// The panel of a title.
fn panel<'a>(dashboard: &'a mut Value, title: &str) -> &'a mut Value {
    let panels = dashboard["panels"].as_array_mut().expect("a dashboard has panels");
    panels.iter_mut().find(|panel| panel["title"] == title && panel["type"] != "row").expect("it has this panel")
}

/// Makes the variable `client` one of which a single value is chosen.
fn single(dashboard: &mut Value) {
    let list = dashboard["templating"]["list"].as_array_mut().expect("a dashboard has variables");
    let client = list.iter_mut().find(|variable| variable["name"] == "client").expect("it has this variable");
    (client["multi"], client["includeAll"], client["allValue"]) = (json!(false), json!(false), Value::Null);
}

#[test]
fn the_lint_finds_what_is_wrong() {
    let cases: [Case; 15] = [
        ("there is no metric boinc_upp", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!("boinc_upp{job=~\"$job\",client=~\"$client\"}");
        }),
        ("unexpected end of input", |d| panel(d, "Clients")["targets"][0]["expr"] = json!("sum(boinc_up{")),
        ("there is no metric node_load1", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!("node_load1{instance=~\"$client\"}");
        }),
        ("node_hwmon_temp_celsius is not limited to the computers of the chosen clients", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!("max(node_hwmon_temp_celsius)");
        }),
        ("node_hwmon_temp_celsius is not limited to the computers of the chosen clients", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!("max(node_hwmon_temp_celsius{instance=~\".+\"})");
        }),
        ("boinc_up is not limited to the chosen job", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!("boinc_up");
        }),
        ("$jobb is used, and no variable", |d| panel(d, "Clients")["title"] = json!("Clients of $jobb")),
        ("no unit", |d| panel(d, "Failed, 24 h")["fieldConfig"]["defaults"]["unit"] = Value::Null),
        ("stands upon", |d| panel(d, "CPUs")["gridPos"]["x"] = json!(0)),
        ("a title and a description are needed", |d| panel(d, "Clients")["description"] = json!("")),
        ("a filter in histogram_quantile takes empty buckets away", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!(
                "histogram_quantile(0.5, sum by (le) (increase(boinc_tasks_reported_run_time_seconds_bucket{job=~\"$job\",client=~\"$client\"}[1d])) > 0)"
            );
        }),
        ("the variable client has a single value", |d| single(d)),
        ("the variable client has a single value", |d| {
            single(d);
            panel(d, "Clients")["targets"][0]["expr"] = json!("sum(boinc_up{job=~\"$job\",client!~'(?i)(${client})'})");
        }),
        ("the variable client has several values", |d| {
            panel(d, "Clients")["targets"][0]["expr"] = json!("sum(boinc_up{job=~\"$job\",client=\"$client\"})");
        }),
        ("does not use ${datasource}", |d| panel(d, "Clients")["datasource"]["uid"] = json!("prometheus")),
    ];
    for (words, change) in cases {
        let broken = Broken::new(change);
        let verdict = dashcheck(&[broken.file()], None, &[]);
        assert!(!verdict.content && verdict.words.contains(words), "{words}:\n{}", verdict.words);
    }
    let verdict = dashcheck(&[Broken::new(|_| ()).file()], None, &[]);
    assert!(verdict.content, "without a change nothing is wrong:\n{}", verdict.words);
}

#[test]
fn the_types_find_what_is_wrong() {
    let cases: [Case; 3] = [
        ("colorMode", |d| panel(d, "Clients")["options"]["colorMode"] = json!("loud")),
        ("fillOpacty", |d| panel(d, "Tasks by state")["fieldConfig"]["defaults"]["custom"]["fillOpacty"] = json!(10)),
        ("graphTooltip", |d| d["graphTooltip"] = json!(7)),
    ];
    for (words, change) in cases {
        let verdict = types(&[Broken::new(change).file()]);
        assert!(!verdict.content && verdict.words.contains(words), "{words}:\n{}", verdict.words);
    }
}

#[test]
fn the_eye_finds_what_is_wrong() {
    // Hours are enough: nothing is asked of the days before.
    let hour = std::time::Duration::from_secs(3600);
    let past = Past { length: 2 * hour, step: hour / 6, tasks: false };
    let prometheus = past.load();
    let range = Range { end: END, length: 7200, scrape: 600 };
    let cases: [Case; 4] = [
        ("unknown unit byts", |d| panel(d, "Tasks running")["fieldConfig"]["defaults"]["unit"] = json!("byts")),
        ("cuts off: \"Tasks running\"", |d| panel(d, "Tasks running")["gridPos"]["w"] = json!(2)),
        ("this text is shown: {{nobody}}", |d| panel(d, "Tasks running")["title"] = json!("{{nobody}}")),
        ("overlap", |d| panel(d, "Tasks running")["gridPos"]["x"] = json!(0)),
    ];
    let shoot = |broken: &Broken| shoot(&broken.file(), &prometheus.url(), range, &Shot::default());
    for (words, change) in cases {
        let seen = shoot(&Broken::new(change));
        assert!(!seen.content && seen.words.contains(words), "{words}:\n{}", seen.words);
    }
    let nothing = json!("sum(boinc_up{job=~\"$job\", client=~\"$client\"} == 2)");
    let broken = Broken::new(move |d| panel(d, "Tasks running")["targets"][0]["expr"] = nothing.clone());
    assert!(shoot(&broken).empty.contains("Tasks running"), "an empty panel is seen");

    let live = Some((prometheus.url(), range));
    let queries: [Case; 2] = [
        ("there is no such label", |d| panel(d, "Clients over time")["targets"][0]["legendFormat"] = json!("{{host}}")),
        ("series have 1 names", |d| panel(d, "Clients over time")["targets"][0]["legendFormat"] = json!("all")),
    ];
    for (words, change) in queries {
        let broken = Broken::new(change);
        let verdict = dashcheck(&[broken.file()], live.as_ref().map(|(url, range)| (url.as_str(), *range)), &[]);
        assert!(!verdict.content && verdict.words.contains(words), "{words}:\n{}", verdict.words);
    }
}
