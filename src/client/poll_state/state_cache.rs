//! Caches the slowly changing part of a large client's state. A full state comes in; merged with newer projects and
//! tasks, it goes out again. `get_state` repeats, with every poll, the workunit of each task and much else that does
//! not change; on a client with thousands of tasks that is most of the reply. So, like BOINC's own manager, the
//! exporter requests only the tasks, as long as each belongs to a known workunit. It does not know the requests.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};
use std::vec::IntoIter;

use crate::client::capacity::Held;
use crate::client::gui_rpc::model::{ClientState, ProjectGroup, Projects, Task, Tasks, Workunits};

/// The number of tasks from which caching pays off: below it, a full reply is smaller than 700 kB and takes the client
/// a few milliseconds.
pub const MANY_TASKS: usize = 1000;

/// By this much a clock may differ from a monotonic one, besides the time that the reply took.
const SLEPT: Duration = Duration::from_secs(30);

/// A state without its tasks and the projects' own values, when it was fetched, and the memory for it. Bounded by the size of
/// one reply, and with those of all other clients by [`Capacity::keep`](crate::client::Capacity::keep).
#[derive(Debug)]
pub struct StateCache {
    state: ClientState,
    fetched_at: FetchedAt,
    held: Held,
    /// The tasks as the client last listed them without the rest: most are the same in its next reply.
    tasks: Option<Box<Tasks>>,
}

/// A state made of a cached one and of newer projects and tasks.
#[derive(Debug)]
pub struct Updated {
    /// The state.
    pub state: Box<ClientState>,
    /// When its slowly changing part was fetched.
    pub fetched_at: FetchedAt,
    /// The memory for it.
    pub held: Held,
    /// How the client listed its tasks.
    pub listed: Listed,
}

/// How the client listed its tasks, while they are with their projects.
#[derive(Debug)]
pub struct Listed {
    tasks: Tasks,
    /// The index of each task's project.
    projects: Vec<usize>,
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
    pub fn of(mut state: ClientState, fetched_at: FetchedAt, held: Held, listed: Option<Listed>) -> Option<Self> {
        let tasks: Vec<_> =
            state.projects.iter_mut().map(|group| std::mem::take(&mut group.tasks).into_iter()).collect();
        let is_large = tasks.iter().map(IntoIter::len).sum::<usize>() >= MANY_TASKS;
        is_large.then(|| Self { state, fetched_at, held, tasks: listed.map(|listed| Box::new(listed.with(tasks))) })
    }

    /// The tasks of the last reply, which help to read the next one.
    pub const fn take_tasks(&mut self) -> Option<Box<Tasks>> {
        self.tasks.take()
    }

    /// Whether it is younger than `interval`, and the computer neither slept nor had its clock set since it was fetched: the client's
    /// clock is reckoned from a monotonic one, which stands still during sleep.
    #[must_use]
    pub fn is_fresh(&self, now: Instant, time: SystemTime, interval: Duration) -> bool {
        let passed = now.saturating_duration_since(self.fetched_at.instant);
        let apart = match time.duration_since(self.fetched_at.time) {
            Ok(by_clock) => by_clock.abs_diff(passed),
            Err(set_back) => set_back.duration() + passed,
        };
        passed < interval && apart < SLEPT
    }

    /// Merges current projects and tasks into the state; `None` if one of them is not known to it.
    #[must_use]
    pub fn updated_with(self, projects: Projects, mut tasks: Tasks, now: Instant) -> Option<Updated> {
        let Self { mut state, fetched_at, held, .. } = self;
        let groups = std::mem::take(&mut state.projects);
        let mut groups: HashMap<_, _> =
            groups.into_iter().map(|group| (group.project.master_url.to_string(), group)).collect();
        for project in projects.projects {
            let group = groups.remove(&*project.master_url)?;
            state.projects.push(ProjectGroup { project, ..group });
        }
        let of = projects_of(&state.projects, tasks.tasks.rows())?;
        for (task, at) in tasks.tasks.take().into_iter().zip(&of) {
            state.projects[*at].tasks.push(task);
        }
        // The client's clock kept running; its offset did not change.
        if let Some(time) = &mut state.time_stats {
            time.now =
                fetched_at.clock.map(|clock| clock + now.saturating_duration_since(fetched_at.instant).as_secs_f64());
        }
        Some(Updated { state: Box::new(state), fetched_at, held, listed: Listed { tasks, projects: of } })
    }
}

impl Listed {
    /// The list with the tasks of the projects, each project's in its order.
    fn with(self, mut tasks: Vec<IntoIter<Box<Task>>>) -> Tasks {
        let rows = self.projects.iter().map_while(|at| tasks.get_mut(*at)?.next()).collect();
        Tasks { tasks: self.tasks.tasks.then(rows) }
    }
}

/// The index of each task's project; `None` if the project or workunit of a task is not known.
fn projects_of(projects: &[ProjectGroup], tasks: &[Box<Task>]) -> Option<Vec<usize>> {
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
    tasks.iter().map(|task| project_of(task)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fetched_again_after_sleep() {
        let (instant, time) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        let fetched_at = FetchedAt { instant, time, clock: None };
        let cache = StateCache { state: ClientState::default(), fetched_at, held: Held::default(), tasks: None };
        let seconds = Duration::from_secs;
        let fresh = |passed, time| cache.is_fresh(instant + seconds(passed), time, seconds(300));
        assert!(fresh(60, time + seconds(60)) && fresh(60, time + seconds(55)));
        assert!(!fresh(300, time + seconds(300)));
        // Eight hours of sleep, and a clock that was set back.
        assert!(!fresh(60, time + seconds(8 * 3600 + 60)) && !fresh(60, time - seconds(3600)));
    }
}
