//! The event log as counts: plain data. Messages are counted in `poll_state` and exported by the metric tables; this
//! module knows neither.

use std::collections::BTreeMap;

use super::OfProject;

/// The event log, counted.
#[derive(Debug, Clone, Default)]
pub struct MessageCounts {
    /// Number of the newest message.
    pub sequence: Option<i64>,
    /// Messages by priority; the known ones are there even if there were none.
    pub priorities: BTreeMap<i64, u64>,
    /// Messages by project; the client's own have none.
    pub projects: Vec<OfProject<ProjectMessages>>,
    /// Messages that the client discarded before they could be read.
    pub lost: u64,
    /// When the newest message of each priority was written.
    pub newest: BTreeMap<i64, f64>,
}

/// The messages about a project, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProjectMessages {
    /// By priority.
    pub priorities: BTreeMap<i64, u64>,
    /// Replies to work requests, by reason.
    pub work_fetch: BTreeMap<&'static str, u64>,
    /// Exits of applications that had not finished; `None` if there were none.
    pub premature_exits: Option<u64>,
    /// When the last contact failed, if one did since the log began or the exporter did.
    pub last_failure: Option<f64>,
}
