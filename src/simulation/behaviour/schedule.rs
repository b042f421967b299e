//! Chooses which tasks run: GPU tasks first, then tasks with a near deadline, then by project and age, as far as CPUs, GPUs and
//! memory allow.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{HiddenState, log};
use crate::simulation::state::{Active, App, Client, ProjectServer, Task};

/// Longest time between two decisions, and the time after which the client switches between projects.
const PERIOD: f64 = 3600.0;
/// A deadline is near if the time left is less than this many times the remaining run time.
const NEAR: f64 = 1.5;

/// Chooses again if something has changed.
pub fn tick(client: &mut Client, hidden: &mut HiddenState) {
    let due = client.clock - hidden.scheduled >= PERIOD;
    if !(hidden.reschedule || due) {
        return;
    }
    (hidden.reschedule, hidden.scheduled) = (false, client.clock);
    priorities(client);
    let chosen = choose(client, due);
    apply(client, hidden, &chosen);
}

/// Sets priorities: the less a project got of its share, the sooner it runs.
fn priorities(client: &mut Client) {
    let total: f64 = client.projects.iter().map(|project| project.rec).sum::<f64>().max(1e-9);
    let shares: f64 = client.projects.iter().map(|project| project.resource_share).sum::<f64>().max(1e-9);
    for project in &mut client.projects {
        let share = project.resource_share / shares;
        project.sched_priority = if share > 0.0 { -(project.rec / total / share) } else { -1000.0 };
    }
}

/// A task that could run.
struct Candidate {
    key: (usize, usize),
    order: (u8, bool, f64, f64),
    edf: bool,
}

/// The chosen tasks by positions of project and task, with whether the deadline is the reason, and whether memory is lacking.
fn choose(client: &Client, switch: bool) -> BTreeMap<(usize, usize), (bool, bool)> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (at, project) in client.projects.iter().enumerate().filter(|(_, project)| !project.suspended_via_gui) {
        let tasks = project.tasks.iter().enumerate();
        candidates.extend(tasks.filter(|(_, task)| is_ready(task)).map(|(number, task)| {
            let app = &project.server.apps[task.app];
            let left = task.whole * (1.0 - task.active.as_ref().map_or(0.0, |active| active.fraction_done));
            let edf = task.deadline - client.clock < NEAR * left;
            let kind = if app.non_cpu_intensive { 0 } else { u8::from(app.coproc.is_none()) + 1 };
            let running = task.is_running() && !switch;
            let order = if edf { task.deadline } else { 1e12 - project.sched_priority };
            Candidate { key: (at, number), order: (kind, !running, order, task.received), edf }
        }));
    }
    candidates.sort_by(|a, b| a.order.partial_cmp(&b.order).unwrap_or(std::cmp::Ordering::Equal));
    let mut resources = FreeResources::of(client);
    let mut chosen = BTreeMap::new();
    for candidate in candidates {
        let (at, number) = candidate.key;
        let project = &client.projects[at];
        match resources.take(&project.server.apps[project.tasks[number].app]) {
            Fits::Yes => drop(chosen.insert(candidate.key, (candidate.edf, false))),
            Fits::NotInMemory => drop(chosen.insert(candidate.key, (candidate.edf, true))),
            Fits::No => {}
        }
    }
    chosen
}

fn is_ready(task: &Task) -> bool {
    task.state == 2 && !task.suspended_via_gui && !task.coproc_missing && task.postponed.is_none()
}

/// Resources that are still free.
struct FreeResources {
    cpus: f64,
    gpus: BTreeMap<&'static str, f64>,
    memory: f64,
}

enum Fits {
    Yes,
    NotInMemory,
    No,
}

impl FreeResources {
    fn of(client: &Client) -> Self {
        let cpus = (f64::from(client.host.ncpus) * client.preferences.max_ncpus_pct / 100.0).floor().max(1.0);
        let allowed = client.gpu.suspend_reason == 0;
        let gpus = client.host.gpus.iter().filter(|_| allowed);
        let gpus = gpus.map(|gpu| (gpu.vendor.resource(), f64::from(gpu.count))).collect();
        Self { cpus, gpus, memory: client.memory_allowed() }
    }

    fn take(&mut self, app: &App) -> Fits {
        if app.non_cpu_intensive {
            return Fits::Yes;
        }
        let gpu = app.coproc.map(|(vendor, count)| (vendor.resource(), count));
        let enough =
            gpu.is_none_or(|(resource, count)| self.gpus.get(resource).is_some_and(|free| *free + 1e-6 >= count));
        // A GPU task may overcommit the CPUs a little, as with the real client.
        let cpus = if gpu.is_some() { self.cpus > -1.0 } else { self.cpus >= app.avg_ncpus.min(1.0) };
        if !(enough && cpus) {
            return Fits::No;
        }
        if self.memory < app.memory {
            return Fits::NotInMemory;
        }
        self.memory -= app.memory;
        self.cpus -= app.avg_ncpus;
        if let Some((resource, count)) = gpu {
            self.gpus.entry(resource).and_modify(|free| *free -= count);
        }
        Fits::Yes
    }
}

fn apply(client: &mut Client, hidden: &mut HiddenState, chosen: &BTreeMap<(usize, usize), (bool, bool)>) {
    let suspended = client.run.suspend_reason != 0;
    let mut started = Vec::new();
    let active = client.projects.iter().flat_map(|project| &project.tasks).filter_map(|task| task.active.as_ref());
    let mut slots: std::collections::BTreeSet<u32> = active.map(|active| active.slot).collect();
    for (at, project) in client.projects.iter_mut().enumerate() {
        let server = Arc::clone(&project.server);
        for (number, task) in project.tasks.iter_mut().enumerate() {
            let choice = chosen.get(&(at, number)).copied();
            task.edf_scheduled = choice.is_some_and(|(edf, too_large)| edf && !too_large);
            if choice == Some((task.edf_scheduled, false)) && task.active.is_none() && !suspended {
                let slot = (0..=u32::MAX).find(|slot| !slots.contains(slot)).unwrap_or_default();
                slots.insert(slot);
                task.active = Some(slot_of(hidden, slot, &server, task));
                started.push((at, task.name()));
            }
            let Some(active) = &mut task.active else { continue };
            let scheduled = choice.is_some_and(|(_, too_large)| !too_large);
            active.too_large = choice.is_some_and(|(_, too_large)| too_large);
            let gpu_suspended = server.apps[task.app].coproc.is_some() && client.gpu.suspend_reason != 0;
            (active.scheduler_state, active.process_state) = match () {
                () if scheduled && (suspended || gpu_suspended) => (2, 9),
                () if scheduled => (2, 1),
                () => (1, 9),
            };
        }
    }
    for (at, name) in started {
        let project = client.projects[at].server.name.clone();
        log::info(client, &project, format!("Starting task {name}"));
    }
}

/// The number of a new process.
pub fn process(hidden: &mut HiddenState) -> u32 {
    hidden.next += 1;
    2000 + hidden.next % 30_000
}

fn slot_of(hidden: &mut HiddenState, slot: u32, server: &ProjectServer, task: &Task) -> Active {
    Active {
        process_state: 1,
        scheduler_state: 2,
        slot,
        pid: process(hidden),
        elapsed: 0.0,
        cpu: 0.0,
        checkpoint_cpu: 0.0,
        fraction_done: 0.0,
        progress_rate: 0.0,
        working_set: server.apps[task.app].memory * 0.75,
        too_large: false,
    }
}
