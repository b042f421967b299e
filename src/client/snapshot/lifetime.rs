//! Lifetime totals of a project, as they are shown.

/// Lifetime totals of a project, none lower than before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Lifetime {
    /// `njobs_success`.
    pub jobs_success: Option<f64>,
    /// `njobs_error`.
    pub jobs_error: Option<f64>,
    /// `elapsed_time`.
    pub elapsed: Option<f64>,
    /// `rpc_seqno`.
    pub scheduler_rpcs: Option<f64>,
}
