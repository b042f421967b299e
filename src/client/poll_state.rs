//! The state kept about a client between two polls: how far its event log was read, which reported tasks were counted,
//! the highest lifetime totals, and cached replies. Replies come in; counts, totals and cached values go out. It is
//! lost when the exporter restarts. Each module documents how its state stays bounded. It does not know when a poll
//! runs or what is exported.

mod cached;
mod counters;
mod lifetime;
mod messages;
mod names;
mod progress;
mod recent;
mod reported;
mod state_cache;
mod work_fetch;

use std::collections::{HashMap, HashSet};

pub use cached::Cached;
pub use lifetime::LifetimeTotals;
pub use messages::MessageLog;
pub use names::ProjectNames;
pub use progress::Progress;
pub use recent::MostGpus;
pub use reported::{Reported, is_dropped};
pub use state_cache::{FetchedAt, MANY_TASKS, StateCache, Updated};

use crate::client::data_directory::Directory;
use crate::client::gui_rpc::model::{
    DiskUsage, GlobalPreferences, KnownProjects, OldResult, ProjectGroup, ServerVersion,
};
use crate::client::snapshot::{CreditDays, OfProject, TransferDays};

/// The state of one client.
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
    /// Numbers of GPUs.
    pub gpus: MostGpus,
    /// The slowly changing part of the state of a client with many tasks.
    pub state_cache: Option<StateCache>,
    /// The names of projects, for replies that contain only the URL, or a name alone.
    pub names: ProjectNames,
    /// Its data directory.
    pub directory: Directory,
    /// The tasks that the client has in slots, by name, and whether each runs; `None` if this poll has not been told.
    pub in_slots: Option<HashMap<String, bool>>,
    /// Tasks that lie in slots and that the client did not list when they were last read.
    pub not_listed: HashSet<String>,
    /// Start time of the client process, on the client's clock.
    pub client_start: Option<f64>,
    /// The client's platform.
    pub platform: String,
    /// The client's version.
    pub version: Cached<ServerVersion>,
    /// Recently reported tasks.
    pub old_results: Cached<Vec<OldResult>>,
    /// Disk usage.
    pub disk_usage: Cached<DiskUsage>,
    /// The preferences that decide how much disk space BOINC may use.
    disk_preferences: Option<[Option<f64>; 3]>,
    /// Daily network traffic.
    pub daily_transfers: Cached<TransferDays>,
    /// Daily credit.
    pub statistics: Cached<Vec<(String, CreditDays)>>,
    /// The projects in BOINC's list.
    pub known_projects: Cached<KnownProjects>,
}

impl PollState {
    /// Records the names of the client's projects, and whether the client process has restarted.
    pub fn record_state(&mut self, projects: &[ProjectGroup], client_start: Option<f64>) {
        self.names.record(projects.iter().map(|group| (&*group.project.master_url, group.project.display_name())));
        if client_start.is_some() && client_start != self.client_start {
            if self.client_start.is_some() {
                // The client restarted: its version may have changed, it numbers its messages from the start, and what it
                // keeps by day may have moved with its time zone.
                self.version.forget();
                self.messages.restart();
                self.disk_usage.forget();
                self.daily_transfers.forget();
                self.statistics.forget();
            }
            self.client_start = client_start;
        }
    }

    /// Records the preferences. The disk space that they allow is asked for again when they change.
    pub fn record_preferences(&mut self, preferences: &GlobalPreferences) {
        let GlobalPreferences { disk_max_used_gb, disk_max_used_pct, disk_min_free_gb, .. } = preferences;
        let disk = [*disk_max_used_gb, *disk_max_used_pct, *disk_min_free_gb];
        if self.disk_preferences.replace(disk).is_some_and(|before| before != disk) {
            self.disk_usage.forget();
        }
    }

    /// Labels `item` with the URL and name of a project.
    #[must_use]
    pub fn of_project<T>(&self, url: &str, item: T) -> OfProject<T> {
        self.names.of_url(url, item)
    }
}
