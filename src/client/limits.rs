//! Limits on polls and the minimum intervals between paced requests: plain numbers with defaults. It does not know who
//! enforces them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::duration;

/// Limits on reply size, series, concurrency and request rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Maximum number of clients polled at the same time, without those that take longer than their share of a scrape.
    pub concurrency: usize,
    /// Maximum number of connections to clients.
    pub connections: usize,
    /// Maximum number of host names looked up, and of password files read, at the same time.
    pub lookups: usize,
    /// Maximum size of a reply.
    pub max_reply_bytes: usize,
    /// Maximum number of tasks with their own series, per client.
    pub max_tasks: usize,
    /// Maximum number of file transfers with their own series, per client.
    pub max_transfers: usize,
    /// Maximum number of application versions with their own series, per client.
    pub max_app_versions: usize,
    /// Maximum number of series of a client, whatever they are about.
    pub max_series: usize,
    /// The minimum time between two requests of the same kind.
    pub intervals: Intervals,
    /// Whether the names of reported tasks are told, for those who want to know what became of them.
    pub tells_reported: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 100,
            // What a semaphore takes: the process's own limit is known elsewhere.
            connections: Semaphore::MAX_PERMITS,
            // With a silent name server, which is given up after ten seconds, six names are tried each second.
            lookups: 64,
            // Ten times the size of the reply of a client with 5 000 tasks.
            max_reply_bytes: 64 << 20,
            max_tasks: 1000,
            max_transfers: 200,
            max_app_versions: 500,
            // Twice what a client has for which everything is collected and that reaches all limits above: 37 series for each
            // task, ten for each transfer and application version, and some thousands for its projects.
            max_series: 100_000,
            intervals: Intervals::default(),
            tells_reported: false,
        }
    }
}

/// The minimum time between two requests of the same kind to one client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intervals {
    /// The slowly changing part of the state of a client with 1 000 tasks or more. Other clients send it with every
    /// poll.
    #[serde(with = "duration")]
    pub state: Duration,
    /// Disk usage. The client walks over all files of all projects to answer.
    #[serde(with = "duration")]
    pub disk_usage: Duration,
    /// Recently reported tasks. The client forgets them when it restarts, and this request costs it next to nothing.
    #[serde(with = "duration")]
    pub old_results: Duration,
    /// Daily network traffic.
    #[serde(with = "duration")]
    pub daily_transfers: Duration,
    /// Daily credit.
    #[serde(with = "duration")]
    pub statistics: Duration,
    /// The projects in BOINC's list.
    #[serde(with = "duration")]
    pub known_projects: Duration,
    /// The client's version.
    #[serde(with = "duration")]
    pub version: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            state: minutes(5),
            disk_usage: minutes(10),
            old_results: Duration::ZERO,
            daily_transfers: minutes(10),
            statistics: minutes(60),
            known_projects: minutes(24 * 60),
            version: minutes(60),
        }
    }
}
