//! The result of one poll of one client: plain data, ready for the tables in [`crate::client::metrics`]. Replies come
//! in; what they say directly stays as received ([`crate::client::gui_rpc::model`]), and what has to be counted or
//! joined is computed here. It does not know requests or metrics.

mod days;
mod deadlines;
pub mod gpus;
mod jobs;
mod lifetime;
mod messages;
mod notices;
mod reported;
mod resources;
mod slots;
mod standstill;
mod tasks;
mod transfers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use days::{CreditDays, TransferDays};
pub use deadlines::{Forecast, WITHIN, due, forecast};
pub use gpus::gpus;
pub use jobs::{CPU, Job, jobs, suspension};
pub use lifetime::Lifetime;
pub use messages::{MessageCounts, ProjectMessages};
pub use notices::{NewerVersion, NoticeGroup, newer_version, notice_groups};
pub use reported::{ReportedApp, ReportedTask};
pub use resources::{IdleReason, Resource, Surroundings, memory_limit, resources};
pub use slots::{SlotSums, SlotsOfHost, sums};
pub use standstill::Standstill;
pub use tasks::{AppVersionRow, FLAGS, TaskFlag, TaskRow, TaskSums, by_urgency};
pub use transfers::{Direction, TransferSums, transfer_sums, transferred};

use crate::client::collectors::{Collector, Collectors};
use crate::client::data_directory::{Completed, Contact, Task as SlotTask};
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::model::{
    App, CcStatus, Coproc, DiskUsage, FileTransfer, GlobalPreferences, HostInfo, KnownProjects, NetStats, Project,
    ServerVersion, TimeStats,
};
use crate::client::reason::Reason;
use crate::metric::Fit;

/// The result of one poll of one client.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The configured name: the label `client`.
    pub client: String,
    /// User-defined labels.
    pub labels: BTreeMap<String, String>,
    /// The enabled collectors.
    pub collectors: Collectors,
    /// Whether the client is up: it could be connected to, accepted the login, and sent its state.
    pub up: bool,
    /// Whether the client accepted the password; `None` if none was sent.
    pub authorized: Option<bool>,
    /// Why the client is not up, or the first part that failed.
    pub error: Option<Failure>,
    /// When the poll finished; `None` if the client was not polled.
    pub finished: Option<SystemTime>,
    /// How long it took.
    pub duration: Duration,
    /// The outcome of each request.
    pub parts: Vec<Part>,
    /// Whether the client answered anything.
    pub answered: bool,

    /// Version of the client.
    pub version: Option<ServerVersion>,
    /// Platform of the client.
    pub platform: String,
    /// Whether the client runs as a service.
    pub daemon: Option<bool>,
    /// Modes and suspension.
    pub status: Option<CcStatus>,
    /// Suspend reason, including CPU throttling.
    pub screensaver_suspend_reason: Option<i64>,
    /// The host.
    pub host: Option<HostInfo>,
    /// When the slowly changing part of the state was fetched.
    pub state_time: Option<SystemTime>,
    /// CPUs and GPUs: usable, idle, and how long the work will last.
    pub resources: Vec<Resource>,
    /// GPU models, each with BOINC's name for the resource.
    pub gpus: Vec<(String, Coproc)>,
    /// How many GPUs fewer than there were within two days.
    pub gpus_gone: f64,
    /// Network averages.
    pub net: Option<NetStats>,
    /// Time averages.
    pub time: Option<TimeStats>,
    /// Preferences.
    pub preferences: Option<GlobalPreferences>,
    /// Disk usage.
    pub disk: Option<DiskUsage>,
    /// Daily network traffic.
    pub daily_transfers: Option<TransferDays>,
    /// The projects in BOINC's list.
    pub known_projects: Option<KnownProjects>,
    /// The event log, counted.
    pub messages: Option<MessageCounts>,
    /// Highest notice number; 0 if there are no notices.
    pub notice_sequence: Option<i64>,
    /// Notices, counted.
    pub notices: Vec<OfProject<NoticeGroup>>,
    /// A newer version announced in a notice.
    pub newer_version: Option<NewerVersion>,
    /// Attached projects.
    pub projects: Vec<OfProject<ProjectView>>,
    /// Unfinished tasks by how soon they are due, in the order of [`WITHIN`]; unknown without the client's clock.
    pub due: Option<[u32; WITHIN.len()]>,
    /// Tasks, counted.
    pub tasks: Vec<OfProject<TaskSums>>,
    /// File transfers, counted.
    pub transfers: Vec<OfProject<TransferSums>>,
    /// Bytes on disk, by project.
    pub project_disk: Vec<OfProject<f64>>,
    /// Daily credit, by project.
    pub credit_days: Vec<OfProject<CreditDays>>,
    /// Reported tasks, counted.
    pub reported: Vec<OfProject<ReportedApp>>,
    /// Tasks reported within a day, as far as the exporter was there: those that failed, and all.
    pub reported_within_day: [u32; 2],
    /// Tasks reported with success since the exporter first asked, as long as the client lists them; empty unless wanted.
    pub reported_tasks: Vec<ReportedTask>,
    /// Tasks reported within the last hour, by outcome, in the order of [`crate::client::gui_rpc::codes::OUTCOMES`].
    pub recently_reported: Vec<OfProject<[u32; 3]>>,

    /// Applications; empty unless collected.
    pub apps: Vec<OfProject<App>>,
    /// Versions of applications; empty unless collected.
    pub app_versions: Vec<OfProject<AppVersionRow>>,
    /// Individual tasks, the most urgent first; empty unless collected.
    pub task_rows: Vec<OfProject<TaskRow>>,
    /// Individual file transfers; empty unless collected.
    pub transfer_rows: Vec<OfProject<FileTransfer>>,
    /// Whether its data directory may be read.
    pub has_directory: bool,
    /// The slots of the data directory; `None` if they were not read.
    pub slots_of_host: Option<SlotsOfHost>,
    /// Tasks in slots, by project and application.
    pub slots: Vec<OfProject<SlotSums>>,
    /// Individual tasks in slots; empty unless collected.
    pub slot_rows: Vec<OfProject<SlotTask>>,
    /// Tasks that were ever computed without error.
    pub completed: Vec<OfProject<Completed>>,
    /// The last talk with each project's scheduler.
    pub contacts: Vec<OfProject<Contact>>,
    /// How many rows were dropped because of a limit, by collector.
    pub dropped: Vec<(Collector, usize)>,
    /// Which rows fit into the budget of series.
    pub fit: Fit,
}

impl Snapshot {
    /// An empty snapshot, of a client that has not answered yet.
    #[must_use]
    pub fn new(client: &str, labels: &BTreeMap<String, String>, collectors: Collectors) -> Self {
        Self { client: client.to_owned(), labels: labels.clone(), collectors, ..Self::default() }
    }

    /// Whether the poll failed for this reason.
    #[must_use]
    pub fn failed_with(&self, reason: Reason) -> bool {
        self.error.as_ref().is_some_and(|error| error.reason == reason)
    }

    /// Whether the poll, or a part of it, might have succeeded with more time.
    #[must_use]
    pub fn ran_out_of_time(&self) -> bool {
        let mut reasons = self.error.iter().chain(self.parts.iter().filter_map(|part| part.error.as_ref()));
        reasons.any(|error| error.reason == Reason::Timeout)
    }

    /// Counts rows of a collector that were dropped because of a limit.
    pub fn count_dropped(&mut self, collector: Collector, rows: usize) {
        match self.dropped.iter_mut().find(|(of, _)| *of == collector) {
            Some((_, dropped)) => *dropped += rows,
            None => self.dropped.push((collector, rows)),
        }
    }

    /// The client's clock.
    #[must_use]
    pub fn clock(&self) -> Option<f64> {
        self.time.as_ref()?.now
    }
}

/// An item of a project.
#[derive(Debug, Clone)]
pub struct OfProject<T> {
    /// Master URL: the label `project_url`. Shared, because a project can have many items.
    pub url: Arc<str>,
    /// Name: the label `project`.
    pub name: Arc<str>,
    /// The thing.
    pub item: T,
}

/// A project, with counts.
#[derive(Debug, Clone)]
pub struct ProjectView {
    /// The project as the client reports it.
    pub project: Project,
    /// Lifetime totals, without small steps back.
    pub lifetime: Lifetime,
    /// Applications.
    pub apps: usize,
    /// Their versions.
    pub app_versions: usize,
    /// Workunits.
    pub workunits: usize,
}

/// A failure of a request or poll.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The label `reason`.
    pub reason: Reason,
    /// The message for the operator.
    pub message: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { reason: error.reason(), message: error.to_string() }
    }
}

/// The outcome of one request.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which.
    pub collector: Collector,
    /// Why it failed; `None` for a success.
    pub error: Option<Failure>,
    /// How long it took.
    pub duration: Duration,
    /// Size of the reply in bytes.
    pub bytes: usize,
    /// Number of unknown elements.
    pub unknown: u32,
    /// Number of values that could not be read.
    pub unreadable: u32,
    /// Number of rows that were not read, because there were too many.
    pub dropped: usize,
    /// When it last succeeded.
    pub succeeded: Option<SystemTime>,
    /// Its values are kept for longer than a scrape.
    pub kept: bool,
}

impl Part {
    /// The outcome of a request that was not sent.
    #[must_use]
    pub const fn of(collector: Collector) -> Self {
        let duration = Duration::ZERO;
        let (unknown, unreadable) = (0, 0);
        Self {
            collector,
            error: None,
            duration,
            bytes: 0,
            unknown,
            unreadable,
            dropped: 0,
            succeeded: None,
            kept: false,
        }
    }

    /// Whether it failed. What the client's version does not know is missing, but nobody can do anything about it.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.reason != Reason::Unsupported)
    }
}
