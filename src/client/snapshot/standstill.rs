//! How tasks get on.

/// How long a task has run without getting on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Standstill {
    /// Run time since its progress last changed, as far as the exporter saw.
    pub without_progress: f64,
    /// Run time since its checkpoint last changed, as far as the exporter saw.
    pub without_checkpoint: f64,
    /// It is stalled.
    pub stalled: bool,
}
