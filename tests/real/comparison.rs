//! Holds samples against what `boinccmd` printed before and after the scrape: a value that moves must lie between the
//! two, to the printed precision.

use std::path::PathBuf;

use crate::boinc::Boinc;
use crate::boinccmd::{Output, Record, number, precision};
use crate::exporter::{scrape, watch};
use crate::support::Samples;

/// One fact under two names: `boinccmd`'s key, the metric, and the labels that the metric has beyond the record's own.
pub type Fact = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// A client that an exporter can watch and that BOINC's own tool can ask: a real one or a simulated one.
pub trait Client {
    fn address(&self) -> String;

    fn password_file(&self) -> PathBuf;

    /// What the tool prints.
    fn boinccmd(&self, question: &str) -> Output;
}

impl Client for Boinc {
    fn address(&self) -> String {
        Self::address(self)
    }

    fn password_file(&self) -> PathBuf {
        Self::password_file(self)
    }

    fn boinccmd(&self, question: &str) -> Output {
        Self::boinccmd(self, question)
    }
}

/// What is compared, and what was found to differ.
pub struct Comparison {
    pub before: Output,
    pub samples: Samples,
    pub after: Output,
    pub differences: Vec<String>,
    pub compared: usize,
}

impl Comparison {
    /// Asks `boinccmd`, scrapes a fresh exporter, and asks again.
    pub async fn new(boinc: &impl Client, question: &str) -> Self {
        let exporter = watch(boinc);
        let before = boinc.boinccmd(question);
        let samples = scrape(&exporter).await;
        Self { before, samples, after: boinc.boinccmd(question), differences: Vec::new(), compared: 0 }
    }

    /// Compares the one record below a title.
    pub fn record(&mut self, title: &str, facts: &[Fact]) {
        let (before, after) = (self.before.record(title).clone(), self.after.record(title).clone());
        self.facts((&before, &after), &[], facts);
    }

    /// Compares all records below a title. `key` holds what tells them apart, and is the label `label`.
    pub fn records(&mut self, title: &str, (key, label): (&str, &str), facts: &[Fact]) {
        for before in self.before.records(title).to_vec() {
            let Some(name) = before.get(key) else { continue };
            let after = self.after.records(title).iter().find(|r| r.get(key) == Some(name)).cloned();
            let Some(after) = after else { panic!("{title} {name} vanished between two questions") };
            self.facts((&before, &after), &[(label, name)], facts);
        }
    }

    fn facts(&mut self, (before, after): (&Record, &Record), labels: &[(&str, &str)], facts: &[Fact]) {
        for (key, metric, more) in facts {
            let (Some(before), Some(after)) = (before.get(*key), after.get(*key)) else { continue };
            let labels = [labels, more].concat();
            let (from, to) = (number(before), number(after));
            let slack = precision(before).max(precision(after));
            let ours = self.samples.value(metric, &labels);
            // What does not hold is not there.
            let ours = ours.or((*metric == "boinc_project_flag").then_some(0.0));
            self.compared += 1;
            if !ours.is_some_and(|v| from.min(to) - slack <= v && v <= from.max(to) + slack) {
                let ours = ours.map_or("absent".to_owned(), |v| v.to_string());
                self.differences.push(format!("{metric}{labels:?} is {ours}; {key}: {before}, then {after}"));
            }
        }
    }

    /// Compares a number that the caller worked out from the answer.
    pub fn equal(&mut self, metric: &str, labels: &[(&str, &str)], expected: f64) {
        let ours = self.samples.value(metric, labels);
        self.compared += 1;
        if !ours.is_some_and(|v| (v - expected).abs() < 1e-6) {
            self.differences.push(format!("{metric}{labels:?} is {ours:?}, not {expected}"));
        }
    }

    /// Compares the sum of all series that have these labels.
    pub fn sum(&mut self, metric: &str, labels: &[(&str, &str)], expected: f64) {
        let ours = sum(&self.samples, metric, labels);
        self.compared += 1;
        if (ours - expected).abs() >= 1e-6 {
            self.differences.push(format!("{metric}{labels:?} add up to {ours}, not {expected}"));
        }
    }

    /// Fails with all differences at once, or when less was compared than the caller knows there is.
    pub fn finish(self, at_least: usize) {
        assert!(self.differences.is_empty(), "{}\n\nboinccmd said:\n{}", self.differences.join("\n"), self.after.text);
        assert!(self.compared >= at_least, "only {} values were compared:\n{}", self.compared, self.after.text);
    }
}

/// The sum of all series that have this name and, among others, these labels.
pub fn sum(samples: &Samples, name: &str, labels: &[(&str, &str)]) -> f64 {
    samples.series(name, labels).map(|(_, value)| value).sum()
}
