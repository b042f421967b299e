//! The slowly changing part of a large client's state. `get_state` repeats, with every poll, the workunit of each task and
//! much else that does not change; on a client with thousands of tasks that is most of the reply. As BOINC's own manager
//! does, the tasks alone are asked for, as long as each belongs to a workunit that is known.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant, SystemTime};

use crate::gui_rpc::model::{ClientState, ProjectGroup, Projects, Tasks};

/// From so many tasks on it pays: below, a whole reply is smaller than 700 kB and takes the client a few milliseconds.
pub const MANY_TASKS: usize = 1000;

/// All of a state but its tasks, and when it was got.
#[derive(Debug)]
pub struct LargeState {
    state: ClientState,
    got: Instant,
    time: SystemTime,
}

impl LargeState {
    /// Keeps a state, if it is large.
    #[must_use]
    pub fn of(state: &ClientState, now: Instant, time: SystemTime) -> Option<Self> {
        let tasks: usize = state.projects.iter().map(|group| group.tasks.len()).sum();
        (tasks >= MANY_TASKS).then(|| {
            let mut state = state.clone();
            state.projects.iter_mut().for_each(|group| group.tasks = Vec::new());
            Self { state, got: now, time }
        })
    }

    /// Whether it is younger than `interval`.
    #[must_use]
    pub fn is_fresh(&self, now: Instant, interval: Duration) -> bool {
        now.saturating_duration_since(self.got) < interval
    }

    /// When it was got.
    #[must_use]
    pub const fn time(&self) -> SystemTime {
        self.time
    }

    /// The state as it is now, given the present projects and tasks; `None` if there is one that it does not know.
    #[must_use]
    pub fn with(&self, projects: Projects, tasks: Tasks, now: Instant) -> Option<ClientState> {
        let known = &self.state.projects;
        let workunits: HashSet<(&str, &str)> = known
            .iter()
            .flat_map(|group| group.workunits.iter().map(|wu| (&*group.project.master_url, &*wu.name)))
            .collect();
        if !tasks.tasks.iter().all(|task| workunits.contains(&(&*task.project_url, &*task.wu_name))) {
            return None;
        }
        let mut state = self.state.clone();
        let mut groups = std::mem::take(&mut state.projects);
        for project in projects.projects {
            let at = groups.iter().position(|group| group.project.master_url == project.master_url)?;
            state.projects.push(ProjectGroup { project, ..groups.swap_remove(at) });
        }
        let projects = state.projects.iter().enumerate();
        let places: HashMap<String, usize> = projects.map(|(at, g)| (g.project.master_url.to_string(), at)).collect();
        for task in tasks.tasks {
            state.projects[*places.get(&*task.project_url)?].tasks.push(task);
        }
        // The client's clock went on; what it is ahead or behind did not change.
        if let Some(clock) = state.time_stats.as_mut().and_then(|time| time.now.as_mut()) {
            *clock += now.saturating_duration_since(self.got).as_secs_f64();
        }
        Some(state)
    }
}
