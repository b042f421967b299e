//! How long a task has stood still: plain data. It is computed in `poll_state` and exported by the metric tables; this
//! module knows neither.

/// How long a task has run without progress.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Standstill {
    /// Run time since its progress last changed, as far as the exporter observed, in seconds.
    pub without_progress: f64,
    /// Run time since its checkpoint last changed, as far as the exporter observed, in seconds.
    pub without_checkpoint: f64,
    /// Whether the task is stalled.
    pub stalled: bool,
}
