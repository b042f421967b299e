//! Tasks that the client reported, counted.

use std::collections::BTreeMap;

use crate::client::gui_rpc::codes::OUTCOMES;
use crate::metric::Histogram;

/// A task that was reported with success.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportedTask {
    /// Master URL of the project.
    pub project_url: String,
    /// Name.
    pub name: String,
    /// Application.
    pub app: String,
    /// What ran it; empty if that is not known.
    pub resource: String,
}

/// Reported tasks of an application, since the exporter first asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportedApp {
    /// Short name of the application.
    pub app: String,
    /// By outcome, in the order of [`OUTCOMES`].
    pub outcomes: [u64; OUTCOMES.len()],
    /// Elapsed seconds of all.
    pub elapsed: f64,
    /// CPU seconds of all.
    pub cpu: f64,
    /// Elapsed times of those that succeeded.
    pub elapsed_times: Histogram,
    /// CPU times of those that succeeded.
    pub cpu_times: Histogram,
    /// By exit status.
    pub exit_statuses: BTreeMap<i64, u64>,
}
