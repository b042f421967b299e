//! Limits on polls, and how often the slowly changing things are asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::duration;

/// How much is read of a client, how often, and how many clients are asked at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// The most clients that are asked at the same time.
    pub concurrency: usize,
    /// The longest reply that is read.
    pub max_reply_bytes: usize,
    /// The most tasks of one client with series of their own.
    pub max_tasks: usize,
    /// The most file transfers of one client with series of their own.
    pub max_transfers: usize,
    /// The most application versions of one client with series of their own.
    pub max_app_versions: usize,
    /// The least time between two requests of a kind.
    pub intervals: Intervals,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 100,
            // Ten times the reply of a client that holds 5 000 tasks.
            max_reply_bytes: 64 << 20,
            max_tasks: 1000,
            max_transfers: 200,
            max_app_versions: 500,
            intervals: Intervals::default(),
        }
    }
}

/// The least time between two requests of a kind to one client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intervals {
    /// The slowly changing part of the state of a client with 1 000 tasks or more; of others it comes with every poll.
    #[serde(with = "duration")]
    pub state: Duration,
    /// Disk usage: the client walks all files of all projects for it.
    #[serde(with = "duration")]
    pub disk_usage: Duration,
    /// Tasks that were reported lately. The client forgets them when it restarts, and they cost it next to nothing.
    #[serde(with = "duration")]
    pub old_results: Duration,
    /// Network traffic by day.
    #[serde(with = "duration")]
    pub daily_transfers: Duration,
    /// Credit by day.
    #[serde(with = "duration")]
    pub statistics: Duration,
    /// The projects that BOINC knows.
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
