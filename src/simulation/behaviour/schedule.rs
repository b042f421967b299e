//! Which tasks run: those with a GPU first, then those whose deadline is near, then by project and age, as many as there are
//! CPUs, GPUs and memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Life, log};
use crate::simulation::state::{Active, App, Client, Site, Task};

/// The client looks anew so often at least, and switches between projects as often.
const PERIOD: f64 = 3600.0;
/// A deadline is near when so many times the remaining run time is left.
const NEAR: f64 = 1.5;

/// Decides, if something changed.
pub fn tick(client: &mut Client, life: &mut Life) {
    let due = client.clock - life.scheduled >= PERIOD;
    if !(life.reschedule || due) {
        return;
    }
    (life.reschedule, life.scheduled) = (false, client.clock);
    priorities(client);
    let chosen = choose(client, due);
    apply(client, life, &chosen);
}

/// The less a project got of its share, the sooner it runs.
fn priorities(client: &mut Client) {
    let total: f64 = client.projects.iter().map(|project| project.rec).sum::<f64>().max(1e-9);
    let shares: f64 = client.projects.iter().map(|project| project.resource_share).sum::<f64>().max(1e-9);
    for project in &mut client.projects {
        let share = project.resource_share / shares;
        project.sched_priority = if share > 0.0 { -(project.rec / total / share) } else { -1000.0 };
    }
}

/// A task in line.
struct Waiting {
    key: (usize, usize),
    order: (u8, bool, f64, f64),
    edf: bool,
}

/// Projects and tasks by position, and whether they run for their deadline.
fn choose(client: &Client, switch: bool) -> BTreeMap<(usize, usize), (bool, bool)> {
    let mut line: Vec<Waiting> = Vec::new();
    for (at, project) in client.projects.iter().enumerate().filter(|(_, project)| !project.suspended_via_gui) {
        let tasks = project.tasks.iter().enumerate();
        line.extend(tasks.filter(|(_, task)| is_ready(task)).map(|(number, task)| {
            let app = &project.site.apps[task.app];
            let left = task.whole * (1.0 - task.active.as_ref().map_or(0.0, |active| active.fraction_done));
            let edf = task.deadline - client.clock < NEAR * left;
            let kind = if app.non_cpu_intensive { 0 } else { u8::from(app.coproc.is_none()) + 1 };
            let running = task.is_running() && !switch;
            let order = if edf { task.deadline } else { 1e12 - project.sched_priority };
            Waiting { key: (at, number), order: (kind, !running, order, task.received), edf }
        }));
    }
    line.sort_by(|a, b| a.order.partial_cmp(&b.order).unwrap_or(std::cmp::Ordering::Equal));
    let mut room = Room::of(client);
    let mut chosen = BTreeMap::new();
    for waiting in line {
        let (at, number) = waiting.key;
        let project = &client.projects[at];
        match room.take(&project.site.apps[project.tasks[number].app]) {
            Fits::Yes => drop(chosen.insert(waiting.key, (waiting.edf, false))),
            Fits::NotInMemory => drop(chosen.insert(waiting.key, (waiting.edf, true))),
            Fits::No => {}
        }
    }
    chosen
}

fn is_ready(task: &Task) -> bool {
    task.state == 2 && !task.suspended_via_gui && !task.coproc_missing && task.postponed.is_none()
}

/// What is free.
struct Room {
    cpus: f64,
    gpus: BTreeMap<&'static str, f64>,
    memory: f64,
}

enum Fits {
    Yes,
    NotInMemory,
    No,
}

impl Room {
    fn of(client: &Client) -> Self {
        let cpus = (f64::from(client.host.ncpus) * client.preferences.max_ncpus_pct / 100.0).floor().max(1.0);
        let allowed = client.gpu.suspend_reason == 0;
        let gpus = client.host.gpus.iter().filter(|_| allowed);
        let gpus = gpus.map(|gpu| (gpu.vendor.resource(), f64::from(gpu.count))).collect();
        Self { cpus, gpus, memory: client.host.memory * 0.9 }
    }

    fn take(&mut self, app: &App) -> Fits {
        if app.non_cpu_intensive {
            return Fits::Yes;
        }
        let gpu = app.coproc.map(|(vendor, count)| (vendor.resource(), count));
        let enough =
            gpu.is_none_or(|(resource, count)| self.gpus.get(resource).is_some_and(|free| *free + 1e-6 >= count));
        // A task with a GPU may overcommit the CPUs a little, as with the real client.
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

fn apply(client: &mut Client, life: &mut Life, chosen: &BTreeMap<(usize, usize), (bool, bool)>) {
    let suspended = client.run.suspend_reason != 0;
    let mut started = Vec::new();
    let active = client.projects.iter().flat_map(|project| &project.tasks).filter_map(|task| task.active.as_ref());
    let mut slots: std::collections::BTreeSet<u32> = active.map(|active| active.slot).collect();
    for (at, project) in client.projects.iter_mut().enumerate() {
        let site = Arc::clone(&project.site);
        for (number, task) in project.tasks.iter_mut().enumerate() {
            let choice = chosen.get(&(at, number)).copied();
            task.edf_scheduled = choice.is_some_and(|(edf, too_large)| edf && !too_large);
            if choice == Some((task.edf_scheduled, false)) && task.active.is_none() && !suspended {
                let slot = (0..=u32::MAX).find(|slot| !slots.contains(slot)).unwrap_or_default();
                slots.insert(slot);
                task.active = Some(slot_of(life, slot, &site, task));
                started.push((at, task.name()));
            }
            let Some(active) = &mut task.active else { continue };
            let scheduled = choice.is_some_and(|(_, too_large)| !too_large);
            active.too_large = choice.is_some_and(|(_, too_large)| too_large);
            let gpu_stands = site.apps[task.app].coproc.is_some() && client.gpu.suspend_reason != 0;
            (active.scheduler_state, active.process_state) = match () {
                () if scheduled && (suspended || gpu_stands) => (2, 9),
                () if scheduled => (2, 1),
                () => (1, 9),
            };
        }
    }
    for (at, name) in started {
        let project = client.projects[at].site.name.clone();
        log::info(client, &project, format!("Starting task {name}"));
    }
}

fn slot_of(life: &mut Life, slot: u32, site: &Site, task: &Task) -> Active {
    life.next += 1;
    Active {
        process_state: 1,
        scheduler_state: 2,
        slot,
        pid: 2000 + life.next % 30_000,
        elapsed: 0.0,
        cpu: 0.0,
        checkpoint_cpu: 0.0,
        fraction_done: 0.0,
        progress_rate: 0.0,
        working_set: site.apps[task.app].memory * 0.8,
        too_large: false,
    }
}
