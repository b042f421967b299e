//! Lifetime totals of a project: plain data. They are computed in `poll_state` and exported by the metric tables; this
//! module knows neither.

/// Lifetime totals of a project, without small steps back.
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
