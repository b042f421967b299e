//! Caches the slowly changing part of a large client's state. A full state comes in; merged with newer projects and
//! tasks, it goes out again. `get_state` repeats, with every poll, the workunit of each task and much else that does
//! not change; on a client with thousands of tasks that is most of the reply. So, like BOINC's own manager, the
//! exporter requests only the tasks, as long as each belongs to a known workunit. It does not know the requests.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use crate::client::capacity::Held;
use crate::client::gui_rpc::model::{ClientState, ProjectGroup, Projects, Task, Tasks, Workunits};

/// The number of tasks from which caching pays off: below it, a full reply is smaller than 700 kB and takes the client
/// a few milliseconds.
pub const MANY_TASKS: usize = 1000;

/// A state without its tasks and the projects' own values, when it was fetched, and the memory for it. Bounded by the size of
/// one reply, and with those of all other clients by [`Capacity::keep`](crate::client::Capacity::keep).
#[derive(Debug)]
pub struct StateCache {
    state: ClientState,
    fetched_at: FetchedAt,
    held: Held,
}

/// When a state was fetched.
#[derive(Debug, Clone, Copy)]
pub struct FetchedAt {
    /// On a monotonic clock.
    pub instant: Instant,
    /// The time of day.
    pub time: SystemTime,
    /// On the client's clock, in seconds since 1970.
    pub clock: Option<f64>,
}

impl StateCache {
    /// Caches a state whose other contents have been used, if it has at least [`MANY_TASKS`] tasks.
    #[must_use]
    pub fn of(mut state: ClientState, fetched_at: FetchedAt, held: Held) -> Option<Self> {
        let tasks: usize = state.projects.iter().map(|group| group.tasks.len()).sum();
        state.projects.iter_mut().for_each(|group| group.tasks = Vec::new());
        (tasks >= MANY_TASKS).then_some(Self { state, fetched_at, held })
    }

    /// Whether it is younger than `interval`.
    #[must_use]
    pub fn is_fresh(&self, now: Instant, interval: Duration) -> bool {
        now.saturating_duration_since(self.fetched_at.instant) < interval
    }

    /// Merges current projects and tasks into the state; `None` if one of them is not known to it.
    #[must_use]
    pub fn updated_with(
        self,
        projects: Projects,
        tasks: Tasks,
        now: Instant,
    ) -> Option<(ClientState, FetchedAt, Held)> {
        let Self { mut state, fetched_at, held } = self;
        let groups = std::mem::take(&mut state.projects);
        let mut groups: HashMap<_, _> =
            groups.into_iter().map(|group| (group.project.master_url.to_string(), group)).collect();
        for project in projects.projects {
            let group = groups.remove(&*project.master_url)?;
            state.projects.push(ProjectGroup { project, ..group });
        }
        let of = projects_of(&state.projects, &tasks)?;
        for (task, at) in tasks.tasks.into_iter().zip(of) {
            state.projects[at].tasks.push(task);
        }
        // The client's clock kept running; its offset did not change.
        if let Some(time) = &mut state.time_stats {
            time.now =
                fetched_at.clock.map(|clock| clock + now.saturating_duration_since(fetched_at.instant).as_secs_f64());
        }
        Some((state, fetched_at, held))
    }
}

/// The index of each task's project; `None` if the project or workunit of a task is not known.
fn projects_of(projects: &[ProjectGroup], tasks: &Tasks) -> Option<Vec<usize>> {
    let mut workunits: Vec<_> = projects.iter().map(Workunits::of).collect();
    let places: HashMap<&str, usize> =
        projects.iter().enumerate().map(|(at, group)| (&*group.project.master_url, at)).collect();
    let mut last = 0;
    let mut project_of = |task: &Task| {
        // Tasks are grouped by project.
        if projects.get(last).is_none_or(|group| group.project.master_url != task.project_url) {
            last = *places.get(&*task.project_url)?;
        }
        workunits[last].find(&task.wu_name)?;
        Some(last)
    };
    tasks.tasks.iter().map(&mut project_of).collect()
}
