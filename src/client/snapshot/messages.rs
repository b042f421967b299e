//! The event log as counts: plain data. Messages are counted in `poll_state` and exported by the metric tables; this
//! module knows neither.

use std::collections::BTreeMap;

/// The number of messages of one project and priority.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageCount {
    /// Project name or master URL as in the message; empty for the client's own messages.
    pub project: String,
    /// Priority code.
    pub priority: i64,
    /// Number of messages.
    pub count: u64,
}

/// The event log, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageCounts {
    /// Number of the newest message.
    pub sequence: Option<i64>,
    /// Messages by project and priority.
    pub counts: Vec<MessageCount>,
    /// Replies to work requests, by project and reason.
    pub work_fetch: Vec<(String, &'static str, u64)>,
    /// Messages that the client discarded before they could be read.
    pub lost: u64,
    /// When the newest message of each priority was written.
    pub newest: BTreeMap<i64, f64>,
}
