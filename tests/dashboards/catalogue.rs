//! Every metric that a dashboard or rule names is there, and every metric that is there by default is of use to one of them,
//! or is listed as a detail.

use std::collections::{BTreeMap, BTreeSet};

use boinc_exporter::client;
use boinc_exporter::metric::Kind;
use boinc_exporter::project;
use boinc_exporter::self_metrics;
use serde_json::Value;

use crate::files::{dashboards, json, text};

const RULES: [&str; 2] = ["dashboards/rules/alerts.yaml", "dashboards/rules/rules.yaml"];
const WITHOUT_PANEL: &str = "dashboards/without_panel.md";

/// The collector of details, and those that it brings.
const DETAILS: [&str; 4] = ["details", "screensaver_tasks", "statistics", "known_projects"];

/// Metrics of other exporters that dashboards may ask for: of heat and power. No others.
pub const OTHERS: [&str; 9] = [
    "node_hwmon_temp_celsius",
    "node_hwmon_chip_names",
    "node_hwmon_power_average_watt",
    "node_rapl_package_joules_total",
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_DEV_POWER_USAGE",
    "nvidia_smi_temperature_gpu",
    "nvidia_smi_power_draw_watts",
    "nvidia_smi_gpu_info",
];

/// When a metric is there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    ByDefault,
    /// With the collector `details`, or with one that it brings.
    InDetails,
    /// With another collector, which a dashboard may ask for.
    OnDemand,
}

/// All metrics of clients and projects by name, with their kind and when they are there.
fn of_tables() -> BTreeMap<&'static str, (Kind, Shown)> {
    let clients = client::metrics::TABLES.iter().flat_map(|table| table.describe());
    let clients =
        clients.map(|metric| (metric.name, metric.kind, metric.optional.map(client::collectors::Collector::name)));
    let projects = project::metrics::TABLES.iter().flat_map(|table| table.describe());
    let projects =
        projects.map(|metric| (metric.name, metric.kind, metric.optional.map(project::collectors::Collector::name)));
    let shown = |(name, kind, part): (_, _, Option<&str>)| {
        let shown = match part {
            None => Shown::ByDefault,
            Some(part) if DETAILS.contains(&part) => Shown::InDetails,
            Some(_) => Shown::OnDemand,
        };
        (name, (kind, shown))
    };
    clients.chain(projects).map(shown).collect()
}

/// All metrics that there are.
pub fn names() -> BTreeSet<String> {
    let process = self_metrics::PROCESS.iter().map(|metric| metric.name);
    let reloads = self_metrics::RELOADS.into_iter().chain(self_metrics::WEB_RELOADS);
    let own = [self_metrics::BUILD_INFO].into_iter().chain(reloads).map(|(name, _)| name).chain(process);
    of_tables().into_keys().chain(own).map(str::to_owned).collect()
}

/// The metrics that a text names. A histogram's series go by other names than the histogram.
fn named_in(text: &str) -> BTreeSet<String> {
    let histograms: Vec<_> = of_tables().into_iter().filter(|(_, (kind, _))| *kind == Kind::Histogram).collect();
    let metric = |word: &str| {
        let of = |name: &str| ["_bucket", "_sum", "_count"].iter().any(|end| word.strip_suffix(end) == Some(name));
        histograms.iter().find(|(name, _)| of(name)).map_or(word, |(name, _)| name).to_owned()
    };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_:".contains(c));
    // Recording rules have colons in their names, and what is not ours begins otherwise.
    words.filter(|word| word.starts_with("boinc_") && !word.contains(':')).map(metric).collect()
}

/// The expressions below a value: of panels, variables and annotations.
fn expressions(value: &Value, into: &mut String) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| expressions(item, into)),
        Value::Object(map) => {
            for (key, item) in map {
                if let ("expr" | "query", Some(text)) = (key.as_str(), item.as_str()) {
                    into.push_str(text);
                    into.push('\n');
                }
                expressions(item, into);
            }
        }
        _ => {}
    }
}

fn expressions_of_dashboards() -> String {
    let mut all = String::new();
    dashboards().iter().for_each(|file| expressions(&json(file), &mut all));
    all
}

fn used_by_dashboards() -> BTreeSet<String> {
    named_in(&expressions_of_dashboards())
}

fn expressions_of_rules() -> String {
    // Words of a sentence are no expression: those begin with `expr:` and go on to the next key.
    let mut all = String::new();
    for file in RULES {
        let rules: Value = serde_saphyr::from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        expressions(&rules, &mut all);
    }
    all
}

fn used_by_rules() -> BTreeSet<String> {
    named_in(&expressions_of_rules())
}

/// The selectors in expressions: names of metrics, and the labels that are matched.
fn selectors(expressions: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let word = |c: char| c.is_ascii_alphanumeric() || "_:".contains(c);
    let selector = |(at, _): (usize, &str)| {
        let name = &expressions[expressions[..at].rfind(|c| !word(c)).map_or(0, |before| before + 1)..at];
        // What is between quotes is a value.
        let mut labels = BTreeSet::new();
        for (index, part) in expressions[at + 1..].split('"').enumerate().filter(|(index, _)| index % 2 == 0) {
            let (inside, ends) = part.split_once('}').map_or((part, false), |(inside, _)| (inside, true));
            let inside = if index == 0 { inside } else { inside.trim_start_matches([',', ' ']) };
            labels.extend(Some(inside.trim_end_matches(['=', '!', '~'])).filter(|label| !label.is_empty()));
            if ends {
                break;
            }
        }
        (name, labels)
    };
    expressions.match_indices('{').map(selector).collect()
}

/// The metrics in the list of those without a panel.
fn listed() -> BTreeSet<String> {
    let page = text(WITHOUT_PANEL);
    let names = page.lines().filter(|line| line.starts_with("| `")).flat_map(|line| {
        let cell = line.split('|').nth(1).unwrap_or_default();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    });
    names.collect()
}

#[test]
fn every_metric_that_is_asked_for_is_there() {
    let there = names();
    let used: BTreeSet<_> = used_by_dashboards().union(&used_by_rules()).cloned().collect();
    assert!(used.len() > 60, "only these metrics were found: {used:?}");
    let missing: Vec<_> = used.difference(&there).collect();
    assert!(missing.is_empty(), "dashboards or rules ask for what no exporter has: {missing:?}");
}

/// A matcher of a label that a metric does not have lets nothing through where all values are chosen, which are `.+`. Prometheus
/// itself adds job and instance, and users their own labels to `boinc_client_info`.
#[test]
fn every_label_that_is_matched_is_there() {
    let clients = client::metrics::TABLES.iter().flat_map(|table| table.describe());
    let projects = project::metrics::TABLES.iter().flat_map(|table| table.describe());
    let clients = clients.map(|metric| (metric.name, metric.labels));
    let all: BTreeMap<_, _> = clients.chain(projects.map(|metric| (metric.name, metric.labels))).collect();
    let is_there = |name: &str, label: &str| {
        ["job", "instance"].contains(&label)
            || name == "boinc_client_info"
            || all.get(name).is_none_or(|labels| labels.contains(&label))
    };
    let expressions = expressions_of_dashboards() + &expressions_of_rules();
    let selectors = selectors(&expressions);
    assert!(selectors.iter().filter(|(name, labels)| all.contains_key(name) && !labels.is_empty()).count() > 500);
    let wrong: BTreeSet<_> = selectors
        .iter()
        .flat_map(|(name, labels)| labels.iter().map(move |label| (*name, *label)))
        .filter(|(name, label)| !is_there(name, label))
        .collect();
    assert!(wrong.is_empty(), "these labels are matched, but the metrics never have them: {wrong:?}");
}

/// That they ask for no others, the lint sees: it knows this list too.
#[test]
fn dashboards_ask_for_each_metric_of_other_exporters() {
    let all = expressions_of_dashboards();
    let unused: Vec<_> = OTHERS.iter().filter(|name| !all.contains(**name)).collect();
    assert!(unused.is_empty(), "the list of metrics of other exporters has these needlessly: {unused:?}");
}

#[test]
fn every_metric_is_of_use_or_a_detail() {
    let used: BTreeSet<_> = used_by_dashboards().union(&used_by_rules()).cloned().collect();
    let (listed, all) = (listed(), of_tables());
    let shown = |wanted: Shown| all.iter().filter(move |(_, (_, shown))| *shown == wanted).map(|(name, _)| *name);
    let useless: Vec<&str> = shown(Shown::ByDefault).filter(|name| !used.contains(*name)).collect();
    let unlisted: Vec<_> = useless.iter().filter(|name| !listed.contains(**name)).collect();
    assert!(
        unlisted.is_empty(),
        "no panel or rule uses these metrics. Use them, move them to `details`, or say in {WITHOUT_PANEL} what they are for: {unlisted:#?}"
    );
    let needless: Vec<_> = listed.iter().filter(|name| !useless.contains(&name.as_str())).collect();
    assert!(needless.is_empty(), "{WITHOUT_PANEL} lists what is used, optional or gone: {needless:?}");
    let hidden: Vec<_> = shown(Shown::InDetails).filter(|name| used.contains(*name)).collect();
    assert!(hidden.is_empty(), "dashboards or rules ask for what is in `details`, which is off by default: {hidden:?}");
}

#[test]
fn names_are_found_in_expressions() {
    let text =
        "sum(increase(boinc_tasks_reported_run_time_seconds_bucket{job=~\"$job\"}[1d])) / x:boinc_up:y - boinc_up";
    assert_eq!(named_in(text), ["boinc_tasks_reported_run_time_seconds", "boinc_up"].map(str::to_owned).into());
}
