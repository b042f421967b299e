//! What is wrong with a client. The snapshot of a poll goes in; its troubles come out, worst first, in the words and the order of the
//! column *Trouble* of the dashboard *Fleet* (`dashboards/mixin/lib/states.libsonnet`). The overview and `check` show them. A test holds
//! this and the dashboard's query to the same simulated fleet. It does not know who is told.
//!
//! Most is told by the present. The rest is remembered since the exporter began, less than the days that a database remembers:
//! tasks that stand still ([`super::poll_state::Progress`]), tasks reported within a day, and the most GPUs within two.

mod words;

use std::cmp::Reverse;
use std::time::UNIX_EPOCH;

pub use words::{Colour, Idle, gpus, idle, of_idle, of_suspension, sentence};

use super::collectors::Collector;
use super::gui_rpc::model::Project;
use super::reason::Reason;
use super::snapshot::{Direction, IdleReason, OfProject, Snapshot};

/// How far a client's clock may deviate from the exporter's, in seconds.
const CLOCK_SKEW: f64 = 120.0;

/// Part of the allowed disk space that is used when the disk counts as full.
const DISK_USED: f64 = 0.95;

/// Part of the reported tasks that may fail.
const FAILED: f64 = 0.1;

/// So many must fail before their part says anything: `errorsAtLeast` in `dashboards/mixin/config.libsonnet`.
const FAILED_AT_LEAST: u32 = 5;

/// A project counts as unreachable if no contact succeeded for so many seconds, although one was attempted meanwhile: a client waits
/// for up to four hours after failures, and a day once it could not fetch the master page three times.
const WITHOUT_CONTACT: [f64; 2] = [6.0 * 3600.0, 26.0 * 3600.0];

/// Something that is wrong with a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No contact with a project succeeds.
    Contact,
    /// Its clock deviates.
    Clock,
    /// File transfers wait to be tried again.
    Transfers,
    /// It is up, but a request failed.
    Request,
    /// CPUs or GPUs are idle, and the user did not choose that.
    Idle,
    /// No task is past its deadline, but some will be.
    AtRisk,
    /// Tasks are past their deadline.
    Late,
    /// It uses nearly all the disk space that it may use.
    Disk,
    /// Many of its tasks fail.
    Failing,
    /// There were more GPUs.
    Gpu,
    /// Tasks run and get nowhere.
    Stuck,
    /// It is down.
    Down(Reason),
}

impl Trouble {
    /// Those of a client that is up, from least to most serious.
    pub const OF_RUNNING: [Self; 11] = [
        Self::Contact,
        Self::Clock,
        Self::Transfers,
        Self::Request,
        Self::Idle,
        Self::AtRisk,
        Self::Late,
        Self::Disk,
        Self::Failing,
        Self::Gpu,
        Self::Stuck,
    ];

    /// How serious it is: the number that the dashboard sorts by, starting at 1. Reasons to be down are in the order of their names.
    #[must_use]
    pub fn rank(self) -> usize {
        let of_running = Self::OF_RUNNING.iter().take_while(|trouble| **trouble != self).count() + 1;
        match self {
            Self::Down(reason) => of_running + Reason::ALL.iter().filter(|other| other.name() < reason.name()).count(),
            _ => of_running,
        }
    }
}

/// A trouble, and what of: numbers and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The trouble.
    pub trouble: Trouble,
    /// A part of a sentence; for a client that is down, the whole message.
    pub detail: String,
}

/// Looks for one trouble, and says what of.
type Finder = fn(&Snapshot) -> Option<String>;

/// The troubles of a client, worst first. Of one that is down nothing else is known.
#[must_use]
pub fn troubles(snapshot: &Snapshot) -> Vec<Finding> {
    if !snapshot.up {
        return down(snapshot).into_iter().collect();
    }
    let finders: [(Trouble, Finder); 11] = [
        (Trouble::Contact, unreachable),
        (Trouble::Clock, clock),
        (Trouble::Transfers, transfers),
        (Trouble::Request, requests),
        (Trouble::Idle, unexpectedly_idle),
        (Trouble::AtRisk, at_risk),
        (Trouble::Late, late),
        (Trouble::Disk, disk),
        (Trouble::Failing, failing),
        (Trouble::Gpu, gpus_gone),
        (Trouble::Stuck, stuck),
    ];
    let found = finders.into_iter().filter_map(|(trouble, find)| Some(Finding { trouble, detail: find(snapshot)? }));
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|finding| Reverse(finding.trouble.rank()));
    found
}

/// Why it is down: of several reasons, that of the message. `None` before the first poll.
fn down(snapshot: &Snapshot) -> Option<Finding> {
    let failure = snapshot.error.as_ref()?;
    Some(Finding { trouble: Trouble::Down(failure.reason), detail: failure.message.clone() })
}

fn unreachable(snapshot: &Snapshot) -> Option<String> {
    let now = snapshot.clock()?;
    // The user does not want any project contacted.
    if snapshot.status.as_ref().and_then(|status| status.network_suspend_reason).is_some_and(|reason| reason != 0) {
        return None;
    }
    let failures = &snapshot.messages.as_ref()?.projects;
    let (mut lost, mut never) = (Vec::new(), Vec::new());
    let is_wanted = |project: &Project| !project.suspended_via_gui && !project.ended;
    for of in snapshot.projects.iter().filter(|of| is_wanted(&of.item.project)) {
        let failed = failures.iter().filter(|other| other.url == of.url).filter_map(|other| other.item.last_failure);
        let Some(failed) = failed.reduce(f64::max) else { continue };
        let contact = of.item.project.last_rpc_time.filter(|time| *time > 0.0);
        let without =
            |limit: &f64| now - failed < *limit && !contact.is_some_and(|time| (0.0..*limit).contains(&(now - time)));
        if WITHOUT_CONTACT.iter().any(without) {
            let names = if contact.is_some() { &mut lost } else { &mut never };
            names.push(&*of.name);
        }
    }
    let said = [(lost, "for hours"), (never, "yet")].into_iter().filter(|(names, _)| !names.is_empty());
    let said: Vec<_> = said.map(|(names, since)| format!("no contact with {} {since}", list(&names))).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn clock(snapshot: &Snapshot) -> Option<String> {
    let of_state = snapshot.parts.iter().find(|part| part.collector == Collector::State)?;
    let ours = of_state.succeeded?.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    let off = snapshot.clock()? - ours;
    (off.abs() > CLOCK_SKEW).then(|| format!("{} {}", time(off.abs()), if off > 0.0 { "ahead" } else { "behind" }))
}

fn transfers(snapshot: &Snapshot) -> Option<String> {
    let of = |direction, word| {
        let waiting = snapshot.transfers.iter().filter(|of| of.item.direction == direction);
        let waiting: u32 = waiting.map(|of| of.item.backoff).fold(0, u32::saturating_add);
        (waiting > 0).then(|| count(waiting, word))
    };
    let both: Vec<_> =
        [of(Direction::Upload, "upload"), of(Direction::Download, "download")].into_iter().flatten().collect();
    (!both.is_empty()).then(|| format!("{} to be tried again", both.join(" and ")))
}

fn requests(snapshot: &Snapshot) -> Option<String> {
    let failed: Vec<_> = snapshot.parts.iter().filter(|part| part.fails()).map(|part| part.collector.name()).collect();
    let message = &snapshot.error.as_ref()?.message;
    Some(if failed.is_empty() { message.clone() } else { format!("{}: {message}", list(&failed)) })
}

fn unexpectedly_idle(snapshot: &Snapshot) -> Option<String> {
    let unchosen: Vec<_> = idle(snapshot).into_iter().filter(|idle| !is_chosen(idle.reason)).collect();
    (!unchosen.is_empty()).then(|| sentence(&unchosen))
}

/// Whether a reason is nobody's fault: what the user chose, and what the projects do not have.
#[must_use]
pub const fn is_chosen(reason: IdleReason) -> bool {
    use IdleReason::{NoApplication, NoNewTasks, NoProjects, NotWanted, Suspended, TaskSuspended};
    matches!(reason, Suspended | TaskSuspended | NoNewTasks | NoProjects | NotWanted | NoApplication)
}

/// How many tasks are past their deadline, and how many others will be.
fn deadlines(snapshot: &Snapshot) -> [u32; 2] {
    [
        sum(&snapshot.tasks, |tasks| tasks.overdue.unwrap_or_default()),
        sum(&snapshot.tasks, |tasks| tasks.forecast.at_risk),
    ]
}

fn at_risk(snapshot: &Snapshot) -> Option<String> {
    match deadlines(snapshot) {
        [0, at_risk] if at_risk > 0 => Some(format!("{} will miss the deadline", count(at_risk, "task"))),
        _ => None,
    }
}

fn late(snapshot: &Snapshot) -> Option<String> {
    match deadlines(snapshot) {
        [0, _] => None,
        [overdue, 0] => Some(format!("{} past the deadline", count(overdue, "task"))),
        [overdue, more] => Some(format!("{} past the deadline, {more} will miss it", count(overdue, "task"))),
    }
}

fn disk(snapshot: &Snapshot) -> Option<String> {
    let disk = snapshot.disk.as_ref()?;
    let used = disk.d_boinc? + snapshot.project_disk.iter().map(|of| of.item).sum::<f64>();
    let allowed = disk.d_allowed?;
    (used / allowed > DISK_USED).then(|| format!("{} used of {} that BOINC may use", bytes(used), bytes(allowed)))
}

fn failing(snapshot: &Snapshot) -> Option<String> {
    let [failed, all] = snapshot.reported_within_day;
    let ratio = f64::from(failed) / f64::from(all);
    (failed >= FAILED_AT_LEAST && ratio > FAILED)
        .then(|| format!("{failed} of {} reported within a day failed", count(all, "task")))
}

/// Within two days there were more; after a restart of the exporter, the tasks that wait for one still tell.
fn gpus_gone(snapshot: &Snapshot) -> Option<String> {
    let waiting = sum(&snapshot.tasks, |tasks| tasks.waiting.get(&IdleReason::GpuMissing).copied().unwrap_or_default());
    let gone = (snapshot.gpus_gone > 0.0).then(|| {
        format!("{} {} fewer than before", snapshot.gpus_gone, if snapshot.gpus_gone > 1.0 { "GPUs" } else { "GPU" })
    });
    let waiting = (waiting > 0)
        .then(|| if waiting == 1 { "1 task waits for it".to_owned() } else { format!("{waiting} tasks wait for it") });
    let both: Vec<_> = [gone, waiting].into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(", "))
}

fn stuck(snapshot: &Snapshot) -> Option<String> {
    let stalled = sum(&snapshot.tasks, |tasks| tasks.stalled);
    let of: Vec<_> = snapshot.tasks.iter().filter(|of| of.item.stalled > 0).map(|of| &*of.name).collect();
    (stalled > 0).then(|| format!("{} of {} without progress", count(stalled, "task"), list(&of)))
}

fn sum<T>(of_projects: &[OfProject<T>], value: impl Fn(&T) -> u32) -> u32 {
    of_projects.iter().map(|of| value(&of.item)).fold(0, u32::saturating_add)
}

/// The first few names: a client may have hundreds of projects.
#[must_use]
pub fn list(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let (shown, more) = names.split_at(names.len().min(SHOWN));
    if more.is_empty() { shown.join(", ") } else { format!("{} and {} more", shown.join(", "), more.len()) }
}

fn count(number: u32, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn time(seconds: f64) -> String {
    match seconds {
        ..7_200.0 => format!("{:.0} min", seconds / 60.0),
        ..172_800.0 => format!("{:.0} h", seconds / 3600.0),
        _ => format!("{:.0} days", seconds / 86_400.0),
    }
}

fn bytes(count: f64) -> String {
    let (size, unit) = if count < 1e9 { (count / 1e6, "MB") } else { (count / 1e9, "GB") };
    format!("{size:.1} {unit}")
}

#[cfg(test)]
mod tests;
