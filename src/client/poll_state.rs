//! What is remembered of a client between two polls: how far its event log was read, which reported tasks were counted,
//! how high its lifetime totals stood, and the slowly changing answers. Lost when the exporter restarts; each piece says
//! how it stays bounded.

mod cached;
mod counters;
mod lifetime;
mod messages;
mod progress;
mod reported;
mod state_cache;
mod work_fetch;

use std::collections::HashMap;

pub use cached::Cached;
pub use lifetime::LifetimeTotals;
pub use messages::MessageLog;
pub use progress::Progress;
pub use reported::{Reported, is_dropped};
pub use state_cache::{FetchedAt, MANY_TASKS, StateCache};

use crate::client::gui_rpc::model::{DiskUsage, ProjectGroup};
use crate::client::gui_rpc::model::{KnownProjects, OldResult, ServerVersion};
use crate::client::snapshot::{CreditDays, OfProject, TransferDays};

/// Projects that a client ever had since the exporter started; a person attaches dozens.
const MAX_NAMES: usize = 1000;

/// What is kept of one client.
#[derive(Debug, Default)]
pub struct PollState {
    /// The event log.
    pub messages: MessageLog,
    /// Reported tasks.
    pub reported: Reported,
    /// Lifetime totals.
    pub lifetime: LifetimeTotals,
    /// Progress of tasks.
    pub progress: Progress,
    /// The slowly changing part of the state of a client with very many tasks.
    pub state_cache: Option<StateCache>,
    /// Names of projects by master URL, for replies that tell only the URL. At most 1000.
    pub names: HashMap<String, String>,
    /// When the client's process started, on its clock.
    pub client_start: Option<f64>,
    /// Its platform.
    pub platform: String,
    /// Its version.
    pub version: Cached<ServerVersion>,
    /// Tasks it reported.
    pub old_results: Cached<Vec<OldResult>>,
    /// Its disk usage.
    pub disk_usage: Cached<DiskUsage>,
    /// Its network traffic by day.
    pub daily_transfers: Cached<TransferDays>,
    /// Its credit by day.
    pub statistics: Cached<Vec<(String, CreditDays)>>,
    /// Projects it knows.
    pub known_projects: Cached<KnownProjects>,
}

impl PollState {
    /// Takes note of the client's state: the names of its projects, and whether it is another process than before.
    pub fn note_state(&mut self, projects: &[ProjectGroup], client_start: Option<f64>) {
        if self.names.len() > MAX_NAMES {
            self.names.clear();
        }
        // Those of projects that are gone are kept: what was reported for them is still shown, under the same name.
        let names = projects.iter().map(|g| (g.project.master_url.to_string(), g.project.display_name().to_owned()));
        self.names.extend(names);
        if client_start.is_some() && client_start != self.client_start {
            if self.client_start.is_some() {
                // Another process: it may be another version, and it numbers its messages anew.
                self.version.forget();
                self.messages.restart();
            }
            self.client_start = client_start;
        }
    }

    /// Gives `item` the labels of the project at `url`.
    #[must_use]
    pub fn of_project<T>(&self, url: &str, item: T) -> OfProject<T> {
        let name = self.names.get(url).map_or(url, String::as_str);
        OfProject { url: url.to_owned(), name: name.to_owned(), item }
    }
}
