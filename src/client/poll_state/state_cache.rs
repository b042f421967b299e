//! The slowly changing part of a large client's state. `get_state` repeats, with every poll, the workunit of each task and
//! much else that does not change; on a client with thousands of tasks that is most of the reply. As BOINC's own manager
//! does, the tasks alone are asked for, as long as each belongs to a workunit that is known.

use std::time::{Duration, Instant, SystemTime};

use crate::client::gui_rpc::model::{ClientState, ProjectGroup, Projects, Task, Tasks, Workunits};

/// From so many tasks on it pays: below, a whole reply is smaller than 700 kB and takes the client a few milliseconds.
pub const MANY_TASKS: usize = 1000;

/// All of a state but its projects' own figures and its tasks, and when it was got.
#[derive(Debug)]
pub struct StateCache {
    state: ClientState,
    got: FetchedAt,
}

/// When a state was got.
#[derive(Debug, Clone, Copy)]
pub struct FetchedAt {
    /// On a clock that is never set.
    pub instant: Instant,
    /// For people.
    pub time: SystemTime,
    /// On the client's clock.
    pub clock: Option<f64>,
}

impl StateCache {
    /// Keeps a state of which everything else was made, if it is large.
    #[must_use]
    pub fn of(mut state: ClientState, got: FetchedAt) -> Option<Self> {
        let tasks: usize = state.projects.iter().map(|group| group.tasks.len()).sum();
        state.projects.iter_mut().for_each(|group| group.tasks = Vec::new());
        (tasks >= MANY_TASKS).then_some(Self { state, got })
    }

    /// Whether it is younger than `interval`.
    #[must_use]
    pub fn is_fresh(&self, now: Instant, interval: Duration) -> bool {
        now.saturating_duration_since(self.got.instant) < interval
    }

    /// The state as it is now, given the present projects and tasks; `None` if there is one that it does not know.
    #[must_use]
    pub fn with(self, projects: Projects, tasks: Tasks, now: Instant) -> Option<(ClientState, FetchedAt)> {
        let Self { mut state, got } = self;
        let mut groups = std::mem::take(&mut state.projects);
        for project in projects.projects {
            let at = groups.iter().position(|group| group.project.master_url == project.master_url)?;
            state.projects.push(ProjectGroup { project, ..groups.swap_remove(at) });
        }
        let of = projects_of(&state.projects, &tasks)?;
        for (task, at) in tasks.tasks.into_iter().zip(of) {
            state.projects[at].tasks.push(task);
        }
        // The client's clock went on; what it is ahead or behind did not change.
        if let Some(time) = &mut state.time_stats {
            time.now = got.clock.map(|clock| clock + now.saturating_duration_since(got.instant).as_secs_f64());
        }
        Some((state, got))
    }
}

/// Which project each task belongs to; `None` if there is a task whose project or workunit is not known.
fn projects_of(projects: &[ProjectGroup], tasks: &Tasks) -> Option<Vec<usize>> {
    let mut workunits: Vec<_> = projects.iter().map(Workunits::of).collect();
    let mut last = 0;
    let mut project_of = |task: &Task| {
        let is_of = |at: usize| projects.get(at).is_some_and(|group| group.project.master_url == task.project_url);
        // Tasks come project by project.
        if !is_of(last) {
            last = (0..projects.len()).find(|at| is_of(*at))?;
        }
        workunits[last].find(&task.wu_name)?;
        Some(last)
    };
    tasks.tasks.iter().map(&mut project_of).collect()
}
