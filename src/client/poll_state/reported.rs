//! Tasks that the client reported, each counted once. The client lists them for an hour or more after the report and
//! forgets them when it restarts, so what it lists is no count; what appears in the list is.

use std::collections::{BTreeMap, HashSet};

use crate::client::gui_rpc::codes::{OUTCOMES, outcome};
use crate::client::gui_rpc::model::OldResult;
use crate::client::snapshot::ReportedApp;

/// Applications that are counted apart; what a client lists beyond these is counted as application `other`.
const MAX_APPS: usize = 500;

/// Exit statuses that are counted apart: applications have codes of their own, but few.
const MAX_EXIT_STATUSES: usize = 50;

/// Which tasks were counted.
#[derive(Debug, Default)]
pub struct Reported {
    /// Those in the client's present list: as many as it lists.
    listed: HashSet<(String, String, u64)>,
    asked_before: bool,
    apps: BTreeMap<(String, String), ReportedApp>,
}

impl Reported {
    /// Counts what was not in the list before. What the first list holds was reported before the exporter began.
    pub fn add(&mut self, results: &[OldResult]) {
        let mut listed = HashSet::with_capacity(results.len());
        for result in results {
            // A task can be sent again under the same name after a project's reset: the time makes the difference.
            let time = result.create_time.unwrap_or_default().to_bits();
            let key = (result.project_url.to_string(), result.result_name.to_string(), time);
            let new = self.asked_before && !self.listed.contains(&key) && !listed.contains(&key);
            self.count(result, new);
            listed.insert(key);
        }
        self.listed = listed;
        self.asked_before = true;
    }

    /// Takes note of an application that has tasks: its counters begin at zero before the first report, as a rate over them
    /// wants it.
    pub fn know(&mut self, project_url: &str, app: &str) {
        self.app(project_url, app);
    }

    fn app(&mut self, project_url: &str, app: &str) -> &mut ReportedApp {
        let mut key = (project_url.to_owned(), app.to_owned());
        if self.apps.len() >= MAX_APPS && !self.apps.contains_key(&key) {
            key = (String::new(), "other".to_owned());
        }
        let name = key.1.clone();
        self.apps.entry(key).or_insert_with(|| ReportedApp { app: name, ..ReportedApp::default() })
    }

    fn count(&mut self, result: &OldResult, new: bool) {
        let app = self.app(&result.project_url, &result.app_name);
        if new {
            let outcome = outcome(result.exit_status.unwrap_or_default());
            for (count, name) in app.outcomes.iter_mut().zip(OUTCOMES) {
                *count += u64::from(name == outcome);
            }
            let (elapsed, cpu) = (plausible(result.elapsed_time), plausible(result.cpu_time));
            app.elapsed += elapsed;
            app.cpu += cpu;
            if outcome == "success" {
                app.elapsed_times.observe(elapsed);
                app.cpu_times.observe(cpu);
            }
            let status = result.exit_status.unwrap_or_default();
            if app.exit_statuses.len() < MAX_EXIT_STATUSES || app.exit_statuses.contains_key(&status) {
                *app.exit_statuses.entry(status).or_default() += 1;
            }
        }
    }

    /// What to show: project URL and counts.
    pub fn apps(&self) -> impl Iterator<Item = (&str, &ReportedApp)> {
        self.apps.iter().map(|((url, _), app)| (url.as_str(), app))
    }
}

/// A time that a task can have taken. What else a client says, having lost count, would make the counters fall or end them.
fn plausible(seconds: Option<f64>) -> f64 {
    const CENTURY: f64 = 3_155_760_000.0;
    seconds.filter(|seconds| (0.0..=CENTURY).contains(seconds)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Reported, ReportedApp};
    use crate::client::gui_rpc::model::OldResult;
    use crate::metric::Histogram;

    #[test]
    fn each_report_is_counted_once_and_none_from_before_the_first_look() {
        let result = |name: &str, exit_status: i64, time: f64| OldResult {
            project_url: "u".into(),
            result_name: name.into(),
            app_name: "app".into(),
            exit_status: Some(exit_status),
            elapsed_time: Some(10.0),
            cpu_time: Some(5.0),
            create_time: Some(time),
            ..OldResult::default()
        };
        let mut reported = Reported::default();
        let shown = |reported: &Reported| reported.apps().map(|(_, app)| app.clone()).collect::<Vec<_>>();
        let app = |outcomes: [u64; 3], elapsed, cpu| {
            let times = |time: f64| {
                let mut times = Histogram::default();
                (0..outcomes[0]).for_each(|_| times.observe(time));
                times
            };
            let statuses = [(0, outcomes[0]), (193, outcomes[1]), (203, outcomes[2])];
            let exit_statuses = statuses.into_iter().filter(|(_, count)| *count > 0).collect();
            let (elapsed_times, cpu_times) = (times(10.0), times(5.0));
            vec![ReportedApp { app: "app".into(), outcomes, elapsed, cpu, elapsed_times, cpu_times, exit_statuses }]
        };
        reported.add(&[result("a", 0, 1.0)]);
        assert_eq!(shown(&reported), app([0, 0, 0], 0.0, 0.0));
        reported.add(&[result("a", 0, 1.0), result("b", 0, 2.0), result("c", 203, 2.0)]);
        assert_eq!(shown(&reported), app([1, 0, 1], 20.0, 10.0));
        // The client restarts, forgets, reports another; then the first is sent again under its old name.
        reported.add(&[result("d", 193, 3.0)]);
        reported.add(&[result("d", 193, 3.0), result("a", 0, 4.0)]);
        assert_eq!(shown(&reported), app([2, 1, 1], 40.0, 20.0));
    }
}
