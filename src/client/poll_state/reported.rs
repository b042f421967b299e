//! Tasks that the client reported, each counted once. The client lists them for an hour or more after the report and
//! forgets them when it restarts, so what it lists is no count; what appears in the list is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use super::counters::{Counters, Readers, Shown};
use super::recent::ReportedByHour;
use crate::client::gui_rpc::codes::{OUTCOMES, outcome};
use crate::client::gui_rpc::model::{MAX_REPORTED, OldResult};
use crate::client::snapshot::{ReportedApp, ReportedTask};

/// Applications that are counted apart; what a client lists beyond these is counted as application `other`. Each has some forty
/// series. The thirty projects on BOINC's own list have about a hundred and fifty together.
const MAX_APPS: usize = 200;

/// Exit statuses that are counted apart: applications have codes of their own, but few.
const MAX_EXIT_STATUSES: usize = 50;

/// Which tasks were counted.
#[derive(Debug, Default)]
pub struct Reported {
    /// Those in the client's present list: as many as it lists.
    listed: HashSet<(String, String, u64)>,
    asked_before: bool,
    readers: Readers,
    apps: BTreeMap<(String, String), App>,
    /// By project and task, the application of tasks whose report names another one: as many as the client has, and had at
    /// the poll before, but at most as many as it can report.
    app_of: HashMap<(String, String), String>,
    app_of_before: HashMap<(String, String), String>,
    /// By project and task, what runs it, likewise; empty unless wanted.
    resource_of: HashMap<(String, String), String>,
    resource_of_before: HashMap<(String, String), String>,
    /// Those in the client's present list that were reported with success since the exporter first asked.
    successes: BTreeMap<(String, String, u64), ReportedTask>,
    /// By the hour.
    by_hour: ReportedByHour,
}

/// An application's reports. All of its counts are shown as 0 first.
#[derive(Debug, Default)]
struct App {
    counts: ReportedApp,
    exit_statuses: Counters<i64>,
    shown: Shown,
}

impl Reported {
    /// Counts what was not in the list before. What the first list holds was reported before the exporter began.
    pub fn add(&mut self, results: &[OldResult]) {
        let mut listed = HashSet::with_capacity(results.len());
        for result in results.iter().filter(|result| !is_dropped(result)) {
            // A task can be sent again under the same name after a project's reset: the time makes the difference.
            let time = result.create_time.unwrap_or_default().to_bits();
            let key = (result.project_url.to_string(), result.result_name.to_string(), time);
            let new = self.asked_before && !self.listed.contains(&key) && !listed.contains(&key);
            if new && let Some(time) = result.create_time {
                self.by_hour.add(time, outcome(result.exit_status.unwrap_or_default()) != "success");
            }
            let task = (result.project_url.to_string(), result.result_name.to_string());
            let noted = self.app_of.get(&task).or_else(|| self.app_of_before.get(&task)).cloned();
            let name = noted.as_deref().unwrap_or(&result.app_name);
            if new && outcome(result.exit_status.unwrap_or_default()) == "success" {
                let resource = self.resource_of.get(&task).or_else(|| self.resource_of_before.get(&task));
                let success = ReportedTask {
                    project_url: result.project_url.to_string(),
                    name: result.result_name.to_string(),
                    app: name.to_owned(),
                    resource: resource.cloned().unwrap_or_default(),
                };
                self.successes.insert(key.clone(), success);
            }
            let app = self.app(&result.project_url, name);
            if new {
                app.count(result);
            }
            listed.insert(key);
        }
        self.successes.retain(|key, _| listed.contains(key));
        self.listed = listed;
        self.asked_before = true;
    }

    /// Takes note of an application that has tasks: its counters begin at zero before the first report, as a rate over them
    /// wants it.
    pub fn know(&mut self, project_url: &str, app: &str) {
        self.app(project_url, app);
    }

    /// Begins a poll: tasks are noted anew.
    pub fn begin_poll(&mut self) {
        self.app_of_before = std::mem::take(&mut self.app_of);
        self.resource_of_before = std::mem::take(&mut self.resource_of);
    }

    /// Takes note of what runs a task: a report does not tell.
    pub fn note_resource(&mut self, project_url: &str, task: &str, resource: &str) {
        self.resource_of.insert((project_url.to_owned(), task.to_owned()), resource.to_owned());
    }

    /// How many of the tasks reported within the day before `now` failed, and how many there were.
    #[must_use]
    pub fn within_day(&self, now: f64) -> [u32; 2] {
        self.by_hour.within_day(now)
    }

    /// The tasks that were reported with success since the exporter first asked, as long as the client lists them.
    pub fn successes(&self) -> impl Iterator<Item = &ReportedTask> {
        self.successes.values()
    }

    /// Takes note of a task whose report will not tell its application.
    pub fn note_app(&mut self, project_url: &str, task: &str, app: &str) {
        if self.app_of.len() >= MAX_REPORTED {
            return;
        }
        self.app_of.insert((project_url.to_owned(), task.to_owned()), app.to_owned());
    }

    fn app(&mut self, project_url: &str, app: &str) -> &mut App {
        let mut key = (project_url.to_owned(), app.to_owned());
        if self.apps.len() >= MAX_APPS && !self.apps.contains_key(&key) {
            key = (String::new(), "other".to_owned());
        }
        let name = key.1.clone();
        self.apps
            .entry(key)
            .or_insert_with(|| App { counts: ReportedApp { app: name, ..ReportedApp::default() }, ..App::default() })
    }

    /// What to show in a poll that began at `now`: project URL and counts.
    pub fn show(&mut self, now: Instant) -> impl Iterator<Item = (&str, ReportedApp)> {
        self.readers.come(now);
        self.apps.iter_mut().map(|((url, _), app)| (url.as_str(), app.show(&self.readers)))
    }
}

impl App {
    fn count(&mut self, result: &OldResult) {
        let outcome = outcome(result.exit_status.unwrap_or_default());
        for (count, name) in self.counts.outcomes.iter_mut().zip(OUTCOMES) {
            *count += u64::from(name == outcome);
        }
        let (elapsed, cpu) = (plausible(result.elapsed_time), plausible(result.cpu_time));
        self.counts.elapsed += elapsed;
        self.counts.cpu += cpu;
        if outcome == "success" {
            self.counts.elapsed_times.observe(elapsed);
            self.counts.cpu_times.observe(cpu);
        }
        let status = result.exit_status.unwrap_or_default();
        if self.exit_statuses.has_room(&status, MAX_EXIT_STATUSES) {
            self.exit_statuses.add(status, 1);
        }
    }

    fn show(&mut self, readers: &Readers) -> ReportedApp {
        let exit_statuses = self.exit_statuses.show(readers).map(|(status, count)| (*status, count)).collect();
        if self.shown.step(readers) {
            ReportedApp { exit_statuses, ..self.counts.clone() }
        } else {
            ReportedApp { app: self.counts.app.clone(), exit_statuses, ..ReportedApp::default() }
        }
    }
}

/// A reset or a detach puts each task that it drops into the list too, as a success that never ended. It was not reported.
#[must_use]
pub fn is_dropped(result: &OldResult) -> bool {
    result.exit_status.unwrap_or_default() == 0 && result.completed_time == Some(0.0)
}

/// A time that a task can have taken. What else a client says, having lost count, would make the counters fall or end them.
fn plausible(seconds: Option<f64>) -> f64 {
    const CENTURY: f64 = 3_155_760_000.0;
    seconds.filter(|seconds| (0.0..=CENTURY).contains(seconds)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::time::Instant;

    use super::{Reported, ReportedApp};
    use crate::client::gui_rpc::model::OldResult;
    use crate::metric::Histogram;

    /// Of all polls: each reader came.
    static NOW: LazyLock<Instant> = LazyLock::new(Instant::now);

    #[test]
    fn each_report_is_counted_once_and_none_from_before_the_first_look() {
        let result = |name: &str, exit_status: i64, time: f64| OldResult {
            project_url: "u".into(),
            result_name: name.into(),
            app_name: "app".into(),
            exit_status: Some(exit_status),
            elapsed_time: Some(10.0),
            cpu_time: Some(5.0),
            completed_time: Some(time),
            create_time: Some(time),
        };
        let mut reported = Reported::default();
        let app = |outcomes: [u64; 3], elapsed, cpu, statuses: &[(i64, u64)]| {
            let times = |time: f64| {
                let mut times = Histogram::default();
                (0..outcomes[0]).for_each(|_| times.observe(time));
                times
            };
            let (elapsed_times, cpu_times) = (times(10.0), times(5.0));
            let exit_statuses = statuses.iter().copied().collect();
            vec![ReportedApp { app: "app".into(), outcomes, elapsed, cpu, elapsed_times, cpu_times, exit_statuses }]
        };
        let mut shown = |results: &[OldResult]| {
            reported.add(results);
            reported.show(*NOW).map(|(_, app)| app).collect::<Vec<_>>()
        };
        assert_eq!(shown(&[result("a", 0, 1.0)]), app([0, 0, 0], 0.0, 0.0, &[]));
        let three = [result("a", 0, 1.0), result("b", 0, 2.0), result("c", 203, 2.0)];
        assert_eq!(shown(&three), app([1, 0, 1], 20.0, 10.0, &[(0, 0), (203, 0)]));
        assert_eq!(shown(&three), app([1, 0, 1], 20.0, 10.0, &[(0, 1), (203, 1)]));
        // The client restarts, forgets, reports another; then the first is sent again under its old name.
        shown(&[result("d", 193, 3.0)]);
        let again = [result("d", 193, 3.0), result("a", 0, 4.0)];
        assert_eq!(shown(&again), app([2, 1, 1], 40.0, 20.0, &[(0, 2), (193, 1), (203, 1)]));
        // A reset drops a task; another was aborted before it began.
        let dropped = OldResult { completed_time: Some(0.0), ..result("e", 0, 5.0) };
        let aborted = OldResult { completed_time: Some(0.0), ..result("f", 203, 5.0) };
        assert_eq!(shown(&[dropped, aborted]), app([2, 1, 2], 50.0, 25.0, &[(0, 2), (193, 1), (203, 2)]));
    }

    #[test]
    fn a_docker_job_is_counted_as_what_runs_inside() {
        let mut reported = Reported::default();
        reported.begin_poll();
        reported.note_app("u", "a", "autodock");
        reported.add(&[]);
        // Reported since: it is no longer among the tasks.
        reported.begin_poll();
        let result = |name: &str| OldResult {
            project_url: "u".into(),
            result_name: name.into(),
            app_name: "buda".into(),
            ..OldResult::default()
        };
        reported.add(&[result("a"), result("b")]);
        assert_eq!(reported.show(*NOW).count(), 2);
        let shown: Vec<_> = reported.show(*NOW).map(|(_, app)| (app.app, app.outcomes[0])).collect();
        assert_eq!(shown, [("autodock".to_owned(), 1), ("buda".to_owned(), 1)]);
    }

    #[test]
    fn an_application_that_begins_with_a_report_is_shown_with_zeros_first() {
        let mut reported = Reported::default();
        reported.add(&[]);
        let result = OldResult { app_name: "new".into(), create_time: Some(1.0), ..OldResult::default() };
        reported.add(std::slice::from_ref(&result));
        let mut success =
            || reported.show(*NOW).map(|(_, app)| (app.outcomes[0], app.elapsed_times.count())).collect::<Vec<_>>();
        assert_eq!((success(), success()), (vec![(0, 0)], vec![(1, 1)]));
    }
}
