//! What became of the tasks that the watched clients reported, counted by application and by what ran them.

use crate::project::pages::results::Validation;

/// The tasks of an application on a kind of device.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValidationRow {
    /// The application.
    pub app: String,
    /// What ran them; empty if no client told.
    pub resource: String,
    /// Tasks whose outcome does not change any more, by outcome, in the order of [`Validation::ALL`].
    pub decided: [u64; Validation::ALL.len()],
    /// Tasks that wait, in the same order.
    pub waiting: [u64; Validation::ALL.len()],
    /// Tasks that the project had forgotten before their outcome was seen.
    pub gone: u64,
    /// Credit that was granted for decided tasks, in cobblestones.
    pub credit: f64,
}
