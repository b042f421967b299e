//! The event log, counted.

use std::collections::BTreeMap;

/// Messages of a project and priority.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageCount {
    /// Project name or master URL as the message has it, empty for the client's own.
    pub project: String,
    /// Code of the priority.
    pub priority: i64,
    /// How many.
    pub count: u64,
}

/// The event log, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageCounts {
    /// Number of the newest message.
    pub sequence: Option<i64>,
    /// By project and priority.
    pub counts: Vec<MessageCount>,
    /// Answers to requests for work, by project and reason.
    pub work_fetch: Vec<(String, &'static str, u64)>,
    /// Messages that were gone before they could be read.
    pub lost: u64,
    /// When the newest of each priority was written.
    pub newest: BTreeMap<i64, f64>,
}
