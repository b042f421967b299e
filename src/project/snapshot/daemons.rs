//! The server status, with its daemons counted: the same program can run several times.

use std::collections::BTreeMap;

use crate::project::pages::status::{Daemon, DaemonState, ServerStatus};

/// What the status page said.
#[derive(Debug, Clone, Default)]
pub struct StatusReading {
    /// The page.
    pub status: ServerStatus,
    /// Its daemons, counted.
    pub daemons: Vec<DaemonRow>,
}

/// Daemons that run the same program for the same application.
#[derive(Debug, Clone, PartialEq)]
pub struct DaemonRow {
    /// The program.
    pub program: String,
    /// The application; empty if it works for all.
    pub app: String,
    /// By state, in the order of [`DaemonState::ALL`].
    pub states: [u32; DaemonState::ALL.len()],
}

impl StatusReading {
    /// Counts the daemons of a page.
    #[must_use]
    pub fn new(status: ServerStatus) -> Self {
        Self { daemons: count(&status.daemons), status }
    }
}

fn count(daemons: &[Daemon]) -> Vec<DaemonRow> {
    let mut rows: BTreeMap<(&str, &str), [u32; DaemonState::ALL.len()]> = BTreeMap::new();
    for daemon in daemons {
        let states = rows.entry((daemon.program(), daemon.app())).or_default();
        for (count, state) in states.iter_mut().zip(DaemonState::ALL) {
            *count += u32::from(state == daemon.state());
        }
    }
    let row = |((program, app), states): ((&str, &str), _)| DaemonRow {
        program: program.to_owned(),
        app: app.to_owned(),
        states,
    };
    rows.into_iter().map(row).collect()
}
