//! The counters of an exposition, from scrape to scrape: none falls, but for a reason that the same exposition tells.
//!
//! Prometheus takes a counter that falls for one that began again at zero. That is right in two cases, and so they are
//! allowed: what counts from the start of a client's process begins again when there is another process, and what counts from
//! a host's attachment to a project begins again when the project takes it for another host. A client that is installed anew
//! is both. What the exporter itself counts never falls while the exporter runs, whatever becomes of a client.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Sample, Samples};

/// What counts from the start of a client's process.
const SINCE_START: [&str; 7] = [
    "boinc_client_session_active_seconds_total",
    "boinc_client_session_gpu_active_seconds_total",
    "boinc_messages_total",
    "boinc_project_messages_total",
    "boinc_tasks_premature_exits_total",
    "boinc_work_fetch_replies_total",
    "boinc_messages_lost_total",
];

/// What counts from a host's attachment to a project.
const SINCE_ATTACHMENT: [&str; 3] =
    ["boinc_project_jobs_total", "boinc_project_elapsed_seconds_total", "boinc_project_scheduler_rpcs_total"];

/// A counter's last value, and what told then since when it counts: nothing does if that is the exporter's start.
type Last = (f64, Option<String>);

/// All counters, as they were last seen.
#[derive(Debug, Default)]
pub struct Counters {
    last: BTreeMap<Sample, Last>,
    /// By series that tell since when others count, their value and labels.
    epochs: BTreeMap<(String, String), String>,
    /// How many began again.
    pub resets: usize,
}

impl Counters {
    /// Compares a scrape with those before it.
    ///
    /// # Panics
    /// When a counter fell and nothing tells why.
    pub fn observe(&mut self, text: &str, samples: &Samples) {
        self.note_epochs(samples);
        let counters = names(text);
        for (sample, value) in samples.0.iter().filter(|(sample, _)| counters.contains(&sample.name)) {
            let epoch = self.epoch(sample);
            if let Some((before, epoch_before)) = self.last.insert(sample.clone(), (*value, epoch.clone()))
                && *value < before
            {
                assert!(
                    epoch != epoch_before,
                    "{sample:?} fell from {before} to {value}, as of {epoch:?}\n{}",
                    of(text, sample)
                );
                self.resets += 1;
            }
        }
    }

    fn note_epochs(&mut self, samples: &Samples) {
        for (sample, start) in samples.series("boinc_client_start_timestamp_seconds", &[]) {
            self.epochs.insert((label(sample, "client"), String::new()), start.to_string());
        }
        for (sample, _) in samples.series("boinc_project_info", &[]) {
            self.epochs.insert((label(sample, "client"), label(sample, "project_url")), label(sample, "host_id"));
        }
    }

    /// What tells since when this one counts.
    fn epoch(&self, sample: &Sample) -> Option<String> {
        let client = label(sample, "client");
        let name = sample.name.as_str();
        let key = match () {
            () if SINCE_START.contains(&name) => (client, String::new()),
            () if SINCE_ATTACHMENT.contains(&name) => (client, label(sample, "project_url")),
            () => return None,
        };
        self.epochs.get(&key).cloned()
    }
}

/// How the scrape of its client went.
fn of(text: &str, sample: &Sample) -> String {
    let client = format!("client=\"{}\"", label(sample, "client"));
    let is_about = |line: &&str| line.starts_with("boinc_scrape_") && line.contains(&client);
    text.lines().filter(is_about).collect::<Vec<_>>().join("\n")
}

fn label(sample: &Sample, name: &str) -> String {
    sample.label(name).unwrap_or_default().to_owned()
}

/// The names of the series that are counters.
fn names(text: &str) -> BTreeSet<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let of = |(family, kind): (&str, &str)| -> Vec<String> {
        match kind {
            "counter" => vec![family.to_owned()],
            "histogram" => ["bucket", "sum", "count"].iter().map(|suffix| format!("{family}_{suffix}")).collect(),
            _ => Vec::new(),
        }
    };
    types.flat_map(of).collect()
}
