//! What is known about one project at the moment of a scrape: plain data, ready for the tables in
//! [`crate::project::metrics`]. What pages say directly stays as it was read; what has to be counted or worked out is computed
//! here, once a page was read. It does not know requests or metrics.

mod accounts;
mod batches;
mod daemons;
mod health;
mod validation;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use accounts::{Account, AccountReading, Host, HostView, TeamView};
pub use batches::{BatchRow, BatchesOfApp, BatchesReading};
pub use daemons::{DaemonRow, StatusReading};
pub use health::{Verdict, health};
pub use validation::ValidationRow;

use super::collectors::{Collector, Collectors};
use super::pages::config::ProjectConfig;
use super::pages::members::Members;
use super::pages::scheduler::SchedulerReply;
use super::pages::statistics::Tables;
use super::pages::team::Team;
use super::reason::Reason;
use crate::metric::Fit;

/// What is known about one project.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The label `project`.
    pub project: String,
    /// The label `project_url`.
    pub url: String,
    /// The enabled collectors.
    pub collectors: Collectors,
    /// Whether the project's server answers; `None` if that is not known.
    pub up: Option<bool>,
    /// Why it does not, or the first part that failed.
    pub error: Option<Failure>,
    /// The outcome of each collector.
    pub parts: Vec<Part>,

    /// The configuration.
    pub config: Option<Arc<ProjectConfig>>,
    /// The server status.
    pub status: Option<Arc<StatusReading>>,
    /// The scheduler.
    pub scheduler: Option<SchedulerView>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Their computers.
    pub hosts: Vec<HostView>,
    /// Teams.
    pub teams: Vec<TeamView>,
    /// Totals of the statistics export.
    pub statistics: Option<Arc<Tables>>,
    /// Batches of jobs.
    pub batches: Option<Arc<BatchesReading>>,
    /// What became of reported tasks.
    pub validation: Vec<ValidationRow>,
    /// How many rows were left out because of a limit, by collector.
    pub dropped: Vec<(Collector, u64)>,
    /// Which rows are exported.
    pub fit: Fit,
}

impl Snapshot {
    /// The outcome of a collector.
    #[must_use]
    pub fn part(&self, collector: Collector) -> Option<&Part> {
        self.parts.iter().find(|part| part.collector == collector)
    }

    /// Adds to how many rows of a collector were left out.
    pub fn count_dropped(&mut self, collector: Collector, rows: u64) {
        match self.dropped.iter_mut().find(|(of, _)| *of == collector) {
            Some((_, dropped)) => *dropped += rows,
            None => self.dropped.push((collector, rows)),
        }
    }
}

/// What a page said, as it is kept until the next time.
#[derive(Debug, Clone)]
pub enum Reading {
    /// The configuration.
    Config(Arc<ProjectConfig>),
    /// The server status.
    Status(Arc<StatusReading>),
    /// The scheduler.
    Scheduler(Arc<SchedulerReading>),
    /// An account.
    Account(Arc<AccountReading>),
    /// A team.
    Team(Arc<Team>),
    /// The members of a team.
    Members(Members),
    /// Totals of the statistics export.
    Statistics(Arc<Tables>),
    /// Batches.
    Batches(Arc<BatchesReading>),
    /// Nothing to keep here.
    Nothing,
}

/// What the scheduler said.
#[derive(Debug, Clone)]
pub struct SchedulerReading {
    /// The reply.
    pub reply: SchedulerReply,
    /// How long it took.
    pub took: Duration,
}

/// Whether the scheduler works.
#[derive(Debug, Clone)]
pub struct SchedulerView {
    /// Whether it does; `None` if that is not known.
    pub up: Option<bool>,
    /// What it last said, unless it says nothing now.
    pub reading: Option<Arc<SchedulerReading>>,
}

/// Why a page could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The label `reason`.
    pub reason: Reason,
    /// The message for the operator.
    pub message: String,
}

/// The outcome of the last round of a collector.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which.
    pub collector: Collector,
    /// Whether it succeeded; `None` if it has not been asked since the exporter started.
    pub success: Option<bool>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// When it was last asked for.
    pub asked: Option<SystemTime>,
    /// When its values were last read: of several, the oldest.
    pub succeeded: Option<SystemTime>,
    /// Requests since the exporter started: those whose answer was the page, and the others.
    pub requests: [u64; 2],
}

impl Part {
    /// A collector that was not asked yet.
    #[must_use]
    pub const fn of(collector: Collector) -> Self {
        Self { collector, success: None, error: None, asked: None, succeeded: None, requests: [0; 2] }
    }
}
