//! How often a page is asked for, and how much is taken of it: plain numbers with defaults. It does not know who enforces
//! them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::collectors::Collector;
use crate::duration;

/// Maximum number of series of a project: what one has that reaches all other limits, with every collector, so that it
/// counts only where `max_hosts` or `max_batches` is raised. That is 10 000 of batches by application, 9 000 of applications,
/// 3 000 of daemons, 1 500 of batches, 1 200 of computers, 1 000 of validation, and 500 of all else.
pub const MAX_SERIES: usize = 27_000;

/// Maximum number of accounts of a project. Each is a page to ask for, and of more than a hundred pages the times would not be
/// kept.
pub const MAX_ACCOUNTS: usize = 50;

/// Limits on requests and on series.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How long one request may take. BOINC's servers delay some failures by 5 s, and readers of many projects wait 10 to 60 s.
    pub timeout: Duration,
    /// How many projects are asked at the same time. Of each one, one page at a time.
    pub concurrency: usize,
    /// Maximum number of computers of an account with their own series.
    pub max_hosts: usize,
    /// Maximum number of batches with their own series.
    pub max_batches: usize,
    /// How often each page is asked for.
    pub intervals: Intervals,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            concurrency: 8,
            max_hosts: 100,
            max_batches: 100,
            intervals: Intervals::default(),
        }
    }
}

/// The time between two requests of the same kind to one project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intervals {
    /// The project's configuration, of which the server caches a part for an hour.
    #[serde(with = "duration")]
    pub config: Duration,
    /// The server status, which the server caches for an hour by default.
    #[serde(with = "duration")]
    pub status: Duration,
    /// The scheduler.
    #[serde(with = "duration")]
    pub scheduler: Duration,
    /// The credit of an account.
    #[serde(with = "duration")]
    pub account: Duration,
    /// The credit of a team.
    #[serde(with = "duration")]
    pub team: Duration,
    /// The totals of the statistics export, which is written once a day.
    #[serde(with = "duration")]
    pub statistics: Duration,
    /// Batches of jobs. The server counts all jobs of unfinished batches to answer.
    #[serde(with = "duration")]
    pub batches: Duration,
    /// What became of reported tasks. The server looks up each of them.
    #[serde(with = "duration")]
    pub validation: Duration,
    /// The members of a team, all in one page.
    #[serde(with = "duration")]
    pub members: Duration,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

impl Default for Intervals {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            config: seconds(HOUR),
            status: seconds(HOUR),
            scheduler: seconds(HOUR),
            account: seconds(HOUR),
            team: seconds(6 * HOUR),
            statistics: seconds(DAY),
            batches: seconds(15 * MINUTE),
            validation: seconds(HOUR),
            members: seconds(DAY),
        }
    }
}

impl Intervals {
    /// The interval of a collector; zero if it asks for nothing.
    #[must_use]
    pub const fn of(&self, collector: Collector) -> Duration {
        match collector {
            Collector::Config => self.config,
            Collector::Status => self.status,
            Collector::Scheduler => self.scheduler,
            Collector::Account => self.account,
            Collector::Team => self.team,
            Collector::Statistics => self.statistics,
            Collector::Batches => self.batches,
            Collector::Validation => self.validation,
            Collector::Members => self.members,
            Collector::Names | Collector::Details => Duration::ZERO,
        }
    }

    /// The shortest interval that is fit to be asked of a stranger's server. BOINC's own documents allow the server status at
    /// most every 10 minutes, the credit of a participant at most once an hour, and files of statistics once a day. Batches cost
    /// the server much, and belong to the one who asks.
    #[must_use]
    pub const fn floor(collector: Collector) -> Duration {
        Duration::from_secs(match collector {
            Collector::Config | Collector::Status | Collector::Scheduler => 10 * MINUTE,
            Collector::Account | Collector::Team | Collector::Validation => HOUR,
            Collector::Statistics | Collector::Members => DAY,
            Collector::Batches => 5 * MINUTE,
            Collector::Names | Collector::Details => 0,
        })
    }
}
