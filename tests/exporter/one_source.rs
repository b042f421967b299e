//! Each metric is declared once, and everything that tells of it agrees: its page, its name, its help. So it is with the
//! time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use boinc_exporter::client::Client;
use boinc_exporter::jobs::reference::reference;
use boinc_exporter::metric::{Kind, Subject};
use boinc_exporter::project::Project;

/// What Prometheus has better units for.
const NOT_BASE_UNITS: [&str; 16] = [
    "minutes",
    "hours",
    "days",
    "milliseconds",
    "microseconds",
    "ms",
    "kilobytes",
    "megabytes",
    "gigabytes",
    "mebibytes",
    "gibibytes",
    "percent",
    "pct",
    "kilohertz",
    "megahertz",
    "fahrenheit",
];

/// How names begin of what projects' servers say.
const OF_PROJECTS: [&str; 5] = ["boinc_server_", "boinc_account_", "boinc_team_", "boinc_batch_", "boinc_validation_"];

#[test]
fn the_page_of_metrics_is_up_to_date() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/METRICS.md");
    let written = std::fs::read_to_string(page).unwrap_or_default();
    // Not assert_eq: two pages of 50 kB are no help.
    assert!(written == reference(), "docs/METRICS.md is old. Refresh it: cargo run -- metrics > docs/METRICS.md");
}

#[test]
fn every_metric_has_a_name_of_its_own_and_a_help_that_every_format_can_hold() {
    let mut tables = BTreeMap::new();
    check_metrics::<Client>(&mut tables);
    let of_clients = tables.len();
    check_metrics::<Project>(&mut tables);
    // What a client says of a project and what the project says itself have names of their own.
    let of_projects = Project::TABLES.iter().flat_map(|table| table.describe());
    let wrong =
        of_projects.map(|metric| metric.name).find(|name| !OF_PROJECTS.iter().any(|start| name.starts_with(start)));
    assert_eq!(wrong, None);
    assert!(tables.len() > of_clients);
    // A histogram or summary writes samples under other names, which must not be another metric's.
    for name in tables.keys() {
        let base = ["_bucket", "_sum", "_count", "_total", "_info"].iter().find_map(|suffix| name.strip_suffix(suffix));
        assert!(
            base.is_none_or(|base| !tables.contains_key(base)),
            "{name} clashes with the samples of another metric"
        );
    }
}

fn check_metrics<S: Subject>(tables: &mut BTreeMap<&'static str, &'static str>) {
    for table in S::TABLES {
        for metric in table.describe() {
            let name = metric.name;
            assert_eq!(tables.insert(name, table.title()), None, "{name} is declared twice");
            let words: Vec<_> = name.split('_').collect();
            let is_word =
                |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            assert!(words[0] == "boinc" && words.iter().all(is_word), "{name} is no name of a metric of BOINC");
            assert_eq!(
                words.last() == Some(&"total"),
                metric.kind == Kind::Counter,
                "{name}: counters and only they end so"
            );
            let odd = words.iter().find(|word| NOT_BASE_UNITS.contains(word));
            assert_eq!(odd, None, "{name} is not in a base unit");
            assert!(metric.help.ends_with('.') && !metric.help.contains(['\\', '\n']), "{name}: {}", metric.help);
            let mut labels = metric.labels.clone();
            labels.sort_unstable();
            labels.dedup();
            assert_eq!(labels.len(), metric.labels.len(), "{name} has a label twice");
            assert!(
                metric.labels.starts_with(S::LABELS)
                    && !metric.labels.iter().any(|label| ["job", "instance", "le", "quantile"].contains(label)),
                "{name}"
            );
        }
    }
}

/// Simulated clients live in a time of their own, and the exporter's memory of them must live in it too.
#[test]
fn what_time_it_is_is_asked_of_the_clock() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    files_below(&source.join("client"), &mut files);
    files_below(&source.join("project"), &mut files);
    assert!(files.len() > 30, "only these were found: {files:?}");
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let text = fs::read_to_string(file).expect("sources can be read");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(!text.contains("SystemTime::now"), "{} asks the computer", file.display());
        // Those who ask wait, too, and that takes the computer's time. Nobody else does.
        let waits = ["client/access", "client/fleet", "client/poll", "project/poll"]
            .iter()
            .any(|part| file.starts_with(source.join(part)))
            || file.ends_with("client/access.rs")
            || file.ends_with("client/fleet.rs")
            || file.ends_with("client/poll.rs");
        assert!(waits || !text.contains("Instant::now"), "{} asks the computer", file.display());
    }
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}
