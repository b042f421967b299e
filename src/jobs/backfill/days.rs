//! Which values a metric had at which times. The client keeps one value per day, but a metric has a value at any time.
//! `docs/decisions/0006` says why a day's credit is shown after the end of the day, and its traffic during the day.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::joined::{self, Traffic, find_or_push};
use super::writer::Writer;
use crate::client::Client;
use crate::client::collectors::{Collector, Collectors};
use crate::client::data_directory::Completed;
use crate::client::data_directory::past::{OfProject as OfFiles, Past};
use crate::client::data_directory::time_stats_log::Presence;
use crate::client::gui_rpc::model::{
    CcStatus, DailyStatistics, DailyTransfer, DailyTransfers, HostInfo, Project, ProjectStatistics, TimeStats,
};
use crate::client::snapshot::{CreditDays, Lifetime, OfProject, ProjectView, Snapshot, TransferDays};
use crate::exposition::{Format, render};
use crate::metric::Scrape;

const DAY: f64 = 86_400.0;

/// The metrics that a day of credit gives.
const CREDIT: [&str; 5] = [
    "boinc_project_user_credit",
    "boinc_project_user_average_credit",
    "boinc_project_host_credit",
    "boinc_project_host_average_credit",
    "boinc_project_daily_credit",
];

/// The metrics that a day of traffic gives.
const TRAFFIC: [&str; 1] = ["boinc_network_today_bytes"];

/// The metrics that a job log gives.
const COMPLETED: [&str; 4] = [
    "boinc_tasks_completed_total",
    "boinc_tasks_completed_elapsed_seconds_total",
    "boinc_tasks_completed_cpu_seconds_total",
    "boinc_tasks_completed_estimated_seconds_total",
];

/// The metrics that the log of the client's time gives.
const PRESENCE: [&str; 2] = ["boinc_up", "boinc_suspended"];

/// The log does not say why the client might not compute or use the network. By a preference, mostly.
const UNKNOWN_REASON: i64 = 4;

/// Samples by family and series: `OpenMetrics` requires both to be contiguous.
#[derive(Debug)]
pub struct History {
    period: Range<u64>,
    step: u64,
    families: Vec<Family>,
}

#[derive(Debug)]
struct Family {
    name: String,
    /// Its `HELP`, `TYPE` and `UNIT`.
    head: String,
    series: Vec<Series>,
}

#[derive(Debug)]
struct Series {
    /// Name and labels.
    name: String,
    /// Values, with the periods in which they were valid.
    spans: Vec<(Range<u64>, String)>,
}

impl History {
    /// The history in a snapshot and in files, with a sample every `step` seconds.
    #[must_use]
    pub fn of(source: &Snapshot, past: &Past, period: &Range<u64>, step: u64) -> Self {
        let mut history = Self { period: period.clone(), step: step.max(1), families: Vec::new() };
        joined::credit(source, past).iter().for_each(|of_project| history.credit(source, of_project));
        if let Some(traffic) = joined::traffic(source, past, period.end) {
            history.traffic(source, &traffic);
        }
        past.completed.iter().for_each(|of_project| history.completed(source, of_project));
        history.presence(source, past);
        history
    }

    /// Tasks that were computed so far. The client writes them down when they end.
    fn completed(&mut self, source: &Snapshot, of_project: &OfFiles<Vec<(f64, Completed)>>) {
        let OfFiles { url, name, item: totals } = of_project;
        // Of the projects that it is attached to, the client itself tells the name.
        let known = source.projects.iter().find(|project| *project.url == **url);
        let name = known.map_or_else(|| name.as_str().into(), |project| Arc::clone(&project.name));
        for (at, (from, total)) in totals.iter().enumerate() {
            let next = totals.get(at + 1).map_or(f64::INFINITY, |(next, _)| *next);
            self.add(*from, next, &COMPLETED, || {
                let project = OfProject { url: url.as_str().into(), name: Arc::clone(&name), item: total.clone() };
                let completed = vec![project];
                Snapshot { completed, ..empty(source) }
            });
        }
    }

    /// Whether the client ran, and whether it was allowed to compute and to use the network.
    fn presence(&mut self, source: &Snapshot, past: &Past) {
        // A client that crashed says so when it is started again. Until then, what it wrote last shows how long it ran.
        let written = past.written.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map(|time| time.as_secs_f64());
        let last = past.presence.last().map_or(Presence::Off, |(_, last)| *last);
        let end = written.filter(|_| !source.up && last != Presence::Off).unwrap_or(f64::INFINITY);
        for (at, (from, presence)) in past.presence.iter().enumerate() {
            let next = past.presence.get(at + 1).map_or(end, |(next, _)| *next);
            self.add(*from, next, &PRESENCE[..], || {
                let reason = |allowed| if allowed { 0 } else { UNKNOWN_REASON };
                let status = match *presence {
                    Presence::Off => None,
                    Presence::On { computing, network } => Some(CcStatus {
                        task_suspend_reason: Some(reason(computing)),
                        network_suspend_reason: network.map(reason),
                        ..CcStatus::default()
                    }),
                };
                let collectors = source.collectors.or(Collectors::of([Collector::CcStatus]));
                Snapshot { up: status.is_some(), status, collectors, ..empty(source) }
            });
        }
    }

    /// The credit of a project. A day's value, from its last contact, is valid until the next contact: at least until the end of
    /// the next day with a contact, because only the last contact of that day is known.
    fn credit(&mut self, source: &Snapshot, project: &OfProject<Vec<DailyStatistics>>) {
        let days = &project.item;
        let start = |at: usize| days.get(at).and_then(|day| day.day);
        for at in 0..days.len() {
            let Some(from) = start(at) else { continue };
            let next = start(at + 1).unwrap_or(f64::INFINITY);
            self.add(from + DAY, next + DAY, &CREDIT, || as_of_day(source, project, &days[at.saturating_sub(1)..=at]));
        }
    }

    /// Traffic by day. The current day is not over; scrapes show it.
    fn traffic(&mut self, source: &Snapshot, Traffic { days, clock, timezone }: &Traffic<'_>) {
        let (clock, timezone) = (*clock, *timezone);
        let rows: BTreeMap<i64, &DailyTransfer> = days.iter().filter_map(|day| Some((day.when?, day))).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a day number")]
        let number = |time: f64| ((time + timezone) / DAY).floor() as i64;
        let Some(oldest) = rows.keys().next() else { return };
        let first = number(self.period.start as f64).max(*oldest);
        for day in first..number(clock).min(number(self.period.end as f64).saturating_add(1)) {
            let from = day as f64 * DAY - timezone;
            self.add(from, from + DAY, &TRAFFIC, || {
                let mut snapshot = empty(source);
                snapshot.time = Some(TimeStats { now: Some(from), ..TimeStats::default() });
                snapshot.host = Some(HostInfo { timezone: Some(timezone), ..HostInfo::default() });
                // A day without a row had no traffic.
                let days = rows.get(&day).map(|row| (*row).clone()).into_iter().collect();
                snapshot.daily_transfers = Some(TransferDays::new(&DailyTransfers { days }, false));
                snapshot
            });
        }
    }

    /// Adds the metrics with these names of a snapshot that was valid from one time to another.
    fn add(&mut self, from: f64, to: f64, names: &[&str], snapshot: impl FnOnce() -> Snapshot) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let [from, to] = [from, to].map(|time| time.ceil() as u64);
        let from = from.clamp(self.period.start, self.period.end).next_multiple_of(self.step);
        let to = to.min(self.period.end);
        if from >= to {
            return;
        }
        let text = render(None, Scrape::of::<Client>(vec![Arc::new(snapshot())]), Format::OpenMetrics);
        let mut head = String::new();
        for line in text.lines() {
            if let Some(descriptor) = line.strip_prefix("# ") {
                if descriptor.starts_with("HELP ") {
                    head.clear();
                }
                head.extend([line, "\n"]);
            } else if let (Some((name, _)), Some((series, value))) = (line.split_once('{'), line.rsplit_once(' '))
                && names.contains(&name)
            {
                self.series(name, &head, series).spans.push((from..to, value.to_owned()));
            }
        }
    }

    fn series(&mut self, name: &str, head: &str, series: &str) -> &mut Series {
        let new = || Family { name: name.to_owned(), head: head.to_owned(), series: Vec::new() };
        let family = find_or_push(&mut self.families, |family| family.name == name, new);
        let new = || Series { name: series.to_owned(), spans: Vec::new() };
        find_or_push(&mut family.series, |known| known.name == series, new)
    }

    /// The times of the first and of the last sample.
    #[must_use]
    pub fn first_and_last(&self) -> Option<(u64, u64)> {
        let spans = || self.families.iter().flat_map(|family| &family.series).flat_map(|series| &series.spans);
        let first = spans().map(|(span, _)| span.start).min()?;
        let end = spans().map(|(span, _)| span.end).max()?;
        Some((first, (end - 1) / self.step * self.step))
    }

    /// Writes all samples.
    ///
    /// # Errors
    /// Writing failed.
    pub fn write(&self, writer: &mut Writer) -> io::Result<()> {
        for family in &self.families {
            writer.comment(&family.head)?;
            for series in &family.series {
                let name = writer.labelled(&series.name);
                for (span, value) in &series.spans {
                    let step = usize::try_from(self.step).unwrap_or(usize::MAX);
                    span.clone().step_by(step).try_for_each(|time| writer.sample(&name, value, time))?;
                }
            }
        }
        Ok(())
    }
}

/// A snapshot without values.
fn empty(source: &Snapshot) -> Snapshot {
    Snapshot::new(&source.client, &BTreeMap::new(), source.collectors)
}

/// A snapshot of a project at the end of the last of these days.
fn as_of_day<T>(source: &Snapshot, project: &OfProject<T>, days: &[DailyStatistics]) -> Snapshot {
    let mut snapshot = empty(source);
    let (url, name) = (Arc::clone(&project.url), Arc::clone(&project.name));
    let day = days.last().cloned().unwrap_or_default();
    let view = ProjectView {
        project: Project {
            user_total_credit: day.user_total_credit,
            user_expavg_credit: day.user_expavg_credit,
            host_total_credit: day.host_total_credit,
            host_expavg_credit: day.host_expavg_credit,
            ..Project::default()
        },
        lifetime: Lifetime::default(),
        apps: 0,
        app_versions: 0,
        workunits: 0,
    };
    let statistics = ProjectStatistics { days: days.to_vec(), ..ProjectStatistics::default() };
    let (credit, _) = CreditDays::new(&statistics, false, None);
    snapshot.projects = vec![OfProject { url: Arc::clone(&url), name: Arc::clone(&name), item: view }];
    snapshot.credit_days = vec![OfProject { url, name, item: credit }];
    snapshot
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERIOD: Range<u64> = 1_000_000_000..1_010_000_000;

    /// A snapshot with these days of credit and traffic.
    fn snapshot_with(credit: Vec<Option<f64>>, traffic: Vec<Option<i64>>, timezone: f64, clock: f64) -> Snapshot {
        let mut source = Snapshot::new("attic", &BTreeMap::new(), Collectors::default());
        let mut number = 0.0;
        let days = credit.into_iter().map(|day| {
            number += 1.0;
            DailyStatistics { day, host_total_credit: Some(number), ..DailyStatistics::default() }
        });
        let statistics = ProjectStatistics { days: days.collect(), ..ProjectStatistics::default() };
        let of_project = |item| OfProject { url: "u".into(), name: "n".into(), item };
        source.credit_days = vec![of_project(CreditDays::new(&statistics, true, None).0)];
        source.projects = as_of_day(&source, &project(), &[]).projects;
        let days = traffic.into_iter().map(|when| DailyTransfer { when, up: Some(1.0), down: Some(2.0) }).collect();
        source.daily_transfers = Some(TransferDays::new(&DailyTransfers { days }, true));
        source.host = Some(HostInfo { timezone: Some(timezone), ..HostInfo::default() });
        source.time = Some(TimeStats { now: Some(clock), ..TimeStats::default() });
        source
    }

    fn project() -> OfProject<()> {
        OfProject { url: "u".into(), name: "n".into(), item: () }
    }

    fn times() -> impl Strategy<Value = Option<f64>> {
        let usual = (990_000_000_u32..1_020_000_000).prop_map(f64::from);
        prop_oneof![8 => usual.prop_map(Some), 1 => prop::num::f64::NORMAL.prop_map(Some), 1 => Just(None)]
    }

    #[test]
    fn logs_become_totals_and_presence_within_the_period() {
        let source = snapshot_with(Vec::new(), Vec::new(), 0.0, 1_005_000_000.0);
        let total = |tasks| Completed { tasks, elapsed: 10.0 * tasks as f64, ..Completed::default() };
        let past = Past {
            completed: vec![OfFiles {
                url: "u".to_owned(),
                name: "as its files say".to_owned(),
                item: vec![(1.0, total(7)), (1_000_001_000.0, total(8)), (1_009_999_900.0, total(9))],
            }],
            presence: vec![
                (999_000_000.0, Presence::On { computing: true, network: None }),
                (1_000_000_500.5, Presence::On { computing: false, network: Some(true) }),
                (1_000_001_000.0, Presence::On { computing: false, network: Some(false) }),
                (1_000_002_000.0, Presence::Off),
            ],
            ..Past::default()
        };
        let history = History::of(&source, &past, &PERIOD, 300);
        let spans = |name: &str| {
            let series = history
                .families
                .iter()
                .flat_map(|family| &family.series)
                .filter(|series| series.name.starts_with(name));
            let told = series.flat_map(|series| {
                series.spans.iter().map(|(span, value)| format!("{} {span:?} {value}", series.name))
            });
            told.collect::<Vec<_>>()
        };
        assert_eq!(
            spans("boinc_tasks_completed_elapsed"),
            [
                r#"boinc_tasks_completed_elapsed_seconds_total{client="attic",project="n",project_url="u"} 1000000200..1000001000 70"#,
                r#"boinc_tasks_completed_elapsed_seconds_total{client="attic",project="n",project_url="u"} 1000001100..1009999900 80"#,
            ]
        );
        assert_eq!(
            [spans("boinc_up"), spans("boinc_suspended")].concat(),
            [
                r#"boinc_up{client="attic"} 1000000200..1000000501 1"#,
                r#"boinc_up{client="attic"} 1000000800..1000001000 1"#,
                r#"boinc_up{client="attic"} 1000001100..1000002000 1"#,
                r#"boinc_up{client="attic"} 1000002000..1010000000 0"#,
                r#"boinc_suspended{client="attic",activity="cpu"} 1000000200..1000000501 0"#,
                r#"boinc_suspended{client="attic",activity="cpu"} 1000000800..1000001000 1"#,
                r#"boinc_suspended{client="attic",activity="cpu"} 1000001100..1000002000 1"#,
                r#"boinc_suspended{client="attic",activity="network"} 1000000800..1000001000 0"#,
                r#"boinc_suspended{client="attic",activity="network"} 1000001100..1000002000 1"#,
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Whatever a client sends and its file holds: at most one value at any time, and none outside the period.
        #[test]
        fn no_time_has_two_values(
            mut credit in prop::collection::vec(times(), 0..40),
            filed in prop::collection::vec(times(), 0..40),
            traffic in prop::collection::vec(prop_oneof![any::<i64>(), 11_000..12_000_i64].prop_map(Some), 0..40),
            sorted in any::<bool>(),
            timezone in prop_oneof![Just(3600.0), prop::num::f64::NORMAL],
            clock in prop_oneof![Just(1_005_000_000.0), prop::num::f64::NORMAL],
            step in 1..100_000_u64,
        ) {
            if sorted {
                credit.sort_by(|a, b| a.partial_cmp(b).expect("none is NaN"));
            }
            let filed = filed.into_iter().map(|day| DailyStatistics { day, ..DailyStatistics::default() }).collect();
            let filed = OfFiles { url: "u".to_owned(), name: String::new(), item: filed };
            let past = Past { credit: vec![filed], ..Past::default() };
            let history = History::of(&snapshot_with(credit, traffic, timezone, clock), &past, &PERIOD, step);
            for series in history.families.iter().flat_map(|family| &family.series) {
                for (span, _) in &series.spans {
                    prop_assert!(span.start >= PERIOD.start && span.start < span.end && span.end <= PERIOD.end);
                    prop_assert_eq!(span.start % step, 0);
                }
                prop_assert!(series.spans.is_sorted_by(|(a, _), (b, _)| a.end <= b.start), "{:?}", series);
            }
        }
    }
}
