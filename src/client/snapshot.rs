//! What one client said in one poll: plain data, made of replies, ready for the tables in [`crate::client::metrics`]. What a reply
//! says directly is kept as it came ([`crate::client::gui_rpc::model`]); what has to be counted or joined is counted here.

mod days;
pub mod gpus;
mod jobs;
mod lifetime;
mod messages;
mod notices;
mod reported;
mod resources;
mod standstill;
mod tasks;
mod transfers;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

pub use days::{CreditDays, TransferDays};
pub use gpus::gpus;
pub use jobs::{Job, jobs};
pub use lifetime::Lifetime;
pub use messages::{MessageCount, MessageCounts};
pub use notices::{NewerVersion, NoticeGroup, newer_version, notice_groups};
pub use reported::ReportedApp;
pub use resources::{Forecast, IdleReason, Resource, Surroundings, forecast, resources};
pub use standstill::Standstill;
pub use tasks::{AppVersionRow, FLAGS, TaskFlag, TaskRow, TaskSums, by_urgency};
pub use transfers::{Direction, TransferSums, transfer_sums, transferred};

use crate::client::collectors::{Collector, Collectors};
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::model::{
    App, CcStatus, Coproc, DiskUsage, FileTransfer, GlobalPreferences, HostInfo, KnownProjects, NetStats, Project,
    ServerVersion, TimeStats,
};
use crate::client::reason::Reason;

/// What one client said.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The configured name: the label `client`.
    pub client: String,
    /// The user's own labels.
    pub labels: BTreeMap<String, String>,
    /// What was to be collected.
    pub collectors: Collectors,
    /// Whether it answered: connected, logged in, told its state.
    pub up: bool,
    /// Whether it took the password; `None` if it was not asked.
    pub authorized: Option<bool>,
    /// Why it is not up, or the first part that failed.
    pub error: Option<Failure>,
    /// When the poll ended; `None` if there was none.
    pub finished: Option<SystemTime>,
    /// How long it took.
    pub duration: Duration,
    /// Each request's outcome.
    pub parts: Vec<Part>,

    /// Version of the client.
    pub version: Option<ServerVersion>,
    /// Its platform.
    pub platform: String,
    /// Whether it runs as a service.
    pub daemon: Option<bool>,
    /// Modes and suspension.
    pub status: Option<CcStatus>,
    /// Suspend reason with the pauses of throttling.
    pub screensaver_suspend_reason: Option<i64>,
    /// The computer.
    pub host: Option<HostInfo>,
    /// When the slowly changing part of the state was got.
    pub state_time: Option<SystemTime>,
    /// CPUs and GPUs: usable, idle, and for how long there is work.
    pub resources: Vec<Resource>,
    /// Kinds of GPU, each with BOINC's name of the resource.
    pub gpus: Vec<(String, Coproc)>,
    /// Network averages.
    pub net: Option<NetStats>,
    /// Time averages.
    pub time: Option<TimeStats>,
    /// Preferences.
    pub preferences: Option<GlobalPreferences>,
    /// Disk.
    pub disk: Option<DiskUsage>,
    /// Network traffic by day.
    pub daily_transfers: Option<TransferDays>,
    /// Projects that BOINC knows.
    pub known_projects: Option<KnownProjects>,
    /// The event log, counted.
    pub messages: Option<MessageCounts>,
    /// Highest number of a notice, 0 if there is none.
    pub notice_sequence: Option<i64>,
    /// Notices, counted.
    pub notices: Vec<NoticeGroup>,
    /// A newer version that a notice tells of.
    pub newer_version: Option<NewerVersion>,
    /// Projects, with what the client itself says of them.
    pub projects: Vec<OfProject<ProjectView>>,
    /// Tasks, counted.
    pub tasks: Vec<OfProject<TaskSums>>,
    /// File transfers, counted.
    pub transfers: Vec<OfProject<TransferSums>>,
    /// Bytes on disk.
    pub project_disk: Vec<OfProject<f64>>,
    /// Credit by day.
    pub credit_days: Vec<OfProject<CreditDays>>,
    /// Tasks that were reported, counted.
    pub reported: Vec<OfProject<ReportedApp>>,
    /// Tasks reported within the last hour, by outcome, in the order of [`crate::client::gui_rpc::codes::OUTCOMES`].
    pub recently_reported: Vec<OfProject<[u32; 3]>>,

    /// Applications; empty unless collected.
    pub apps: Vec<OfProject<App>>,
    /// Versions of applications; empty unless collected.
    pub app_versions: Vec<OfProject<AppVersionRow>>,
    /// Single tasks, the most urgent first; empty unless collected.
    pub task_rows: Vec<OfProject<TaskRow>>,
    /// Single transfers; empty unless collected.
    pub transfer_rows: Vec<OfProject<FileTransfer>>,
    /// How many rows did not fit, by collector.
    pub dropped: Vec<(Collector, usize)>,
}

impl Snapshot {
    /// An empty one: of a client that said nothing yet.
    #[must_use]
    pub fn new(client: &str, labels: &BTreeMap<String, String>, collectors: Collectors) -> Self {
        Self { client: client.to_owned(), labels: labels.clone(), collectors, ..Self::default() }
    }

    /// Whether this is why it is not up.
    #[must_use]
    pub fn failed_with(&self, reason: Reason) -> bool {
        self.error.as_ref().is_some_and(|error| error.reason == reason)
    }

    /// The client's clock.
    #[must_use]
    pub fn clock(&self) -> Option<f64> {
        self.time.as_ref()?.now
    }
}

/// Something that belongs to a project.
#[derive(Debug, Clone)]
pub struct OfProject<T> {
    /// Master URL: the label `project_url`.
    pub url: String,
    /// Name: the label `project`.
    pub name: String,
    /// The thing.
    pub item: T,
}

/// A project, with what had to be counted.
#[derive(Debug, Clone)]
pub struct ProjectView {
    /// What the client says.
    pub project: Project,
    /// Lifetime totals that do not step back.
    pub lifetime: Lifetime,
    /// Applications.
    pub apps: usize,
    /// Their versions.
    pub app_versions: usize,
    /// Workunits.
    pub workunits: usize,
}

/// Why something failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The label `reason`.
    pub reason: Reason,
    /// The sentence for the operator.
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
    /// Why it failed.
    pub error: Option<Failure>,
    /// How long it took.
    pub duration: Duration,
    /// Bytes of the reply.
    pub bytes: usize,
    /// Elements that are not known.
    pub unknown: u32,
    /// Values that could not be read.
    pub unreadable: u32,
    /// When it last succeeded.
    pub succeeded: Option<SystemTime>,
}

impl Part {
    /// The outcome of a request that was not sent.
    #[must_use]
    pub const fn of(collector: Collector) -> Self {
        let duration = Duration::ZERO;
        Self { collector, error: None, duration, bytes: 0, unknown: 0, unreadable: 0, succeeded: None }
    }
}
