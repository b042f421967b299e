//! Running tasks: they make progress, write checkpoints, finish or fail. Their output is uploaded.

use std::sync::Arc;

use super::schedule::process;
use super::{HiddenState, log};
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::{App, Client, Project, TICK, Task, Transfer};

/// Half-life of recent estimated credit, in seconds.
const REC_HALF_LIFE: f64 = 10.0 * 86_400.0;
/// Cobblestones per day for one floating-point operation per second: 200 for 10⁹.
const COBBLESTONES: f64 = 200.0 / 1e9;

/// Seconds for which a task asks to be postponed.
pub const POSTPONED: f64 = 3600.0;

/// Advances running tasks by a tick.
pub fn tick(client: &mut Client, hidden: &mut HiddenState) {
    let mut finished = Vec::new();
    let (now, speed, share) = (client.clock, client.host.fpops, client.preferences.cpu_usage_limit / 100.0);
    for (at, project) in client.projects.iter_mut().enumerate() {
        let server = Arc::clone(&project.server);
        let stays = hidden.has_fault(FaultKind::Postponed, Some(at));
        let restarts = hidden.has_fault(FaultKind::Restarts, Some(at));
        let mut flops = 0.0;
        for (number, task) in project.tasks.iter_mut().enumerate() {
            if let Some((until, _)) = task.postponed.as_mut().filter(|(until, _)| *until <= now) {
                // It starts, finds that nothing has changed, and asks again.
                *until += POSTPONED;
                if !stays {
                    task.postponed = None;
                    hidden.reschedule = true;
                }
            }
            let app = &server.apps[task.app];
            if task.is_running() {
                flops += speed * app.avg_ncpus + app.coproc.map_or(0.0, |(_, count)| count * 20.0 * speed);
                if advance(task, app, share) {
                    finished.push((at, number));
                } else if restarts && let Some(active) = task.active.as_mut().filter(|active| active.has_just_saved()) {
                    active.pid = process(hidden);
                }
            }
        }
        recent_credit(project, flops, now);
    }
    for (at, number) in finished {
        end(client, at, number);
        hidden.reschedule = true;
    }
}

/// Advances a task by a tick. Returns whether it ended.
fn advance(task: &mut Task, app: &App, share: f64) -> bool {
    let (whole, takes, stalls_at) = (task.whole, task.takes, task.stalls_at);
    let Some(active) = &mut task.active else { return false };
    let stalls = active.fraction_done >= stalls_at;
    active.elapsed += TICK;
    active.progress_rate = if stalls { 0.0 } else { 1.0 / whole };
    if stalls {
        return false;
    }
    active.cpu += TICK * share * app.avg_ncpus * if app.coproc.is_some() { 1.0 } else { 0.985 };
    active.fraction_done = (active.fraction_done + TICK / whole).min(0.9999);
    // Less than what it was started for, so that together they stay below what they may have.
    active.working_set = app.memory * (0.75 + 0.15 * (active.fraction_done * 40.0).sin().abs());
    if app.checkpoint > 0.0 && active.cpu - active.checkpoint_cpu >= app.checkpoint * app.avg_ncpus {
        active.checkpoint_cpu = active.cpu;
    }
    active.fraction_done * whole >= takes.min(whole * 0.9998)
}

/// Updates recent estimated credit, as the client's scheduler does.
fn recent_credit(project: &mut Project, flops: f64, now: f64) {
    let passed = (now - project.rec_time).max(0.0);
    let weight = (-passed * std::f64::consts::LN_2 / REC_HALF_LIFE).exp();
    project.rec = project.rec * weight + flops * COBBLESTONES * (1.0 - weight);
    project.rec_time = now;
}

/// Ends the computing of a task.
fn end(client: &mut Client, at: usize, number: usize) {
    let now = client.clock;
    let project = &mut client.projects[at];
    let server = Arc::clone(&project.server);
    let task = &mut project.tasks[number];
    let app = &server.apps[task.app];
    if let Some(active) = task.active.take() {
        (task.final_elapsed, task.final_cpu) = (active.elapsed, active.cpu);
    }
    (task.completed, task.exit_status, task.edf_scheduled) = (now, task.fate, false);
    project.elapsed_time += task.final_elapsed;
    // The client corrects its estimate after each run.
    let ratio = task.final_elapsed / task.estimate(app);
    if task.fate == 0 {
        project.duration_correction_factor = project.duration_correction_factor * 0.9 + ratio * 0.1;
        task.state = 4;
        let upload = file(project, number, app.output, true, now);
        client.transfers.push(upload);
    } else {
        (task.state, task.ready_to_report) = (3, true);
    }
    let name = client.projects[at].tasks[number].name();
    log::info(client, &server.name, format!("Computation for task {name} finished"));
}

/// The transfer of a task's file.
pub fn file(project: &Project, number: usize, bytes: f64, is_upload: bool, now: f64) -> Transfer {
    let task = &project.tasks[number];
    let name = if is_upload { format!("{}_r1_0", task.name()) } else { format!("{}.dat", task.workunit) };
    Transfer {
        project_url: project.server.url.clone(),
        project_name: project.server.name.clone(),
        name,
        workunit: task.workunit.clone(),
        is_upload,
        nbytes: bytes.round().max(1.0),
        done: 0.0,
        speed: 0.0,
        active: false,
        offset: 0.0,
        num_retries: 0,
        first_request_time: now,
        next_request_time: now,
        time_so_far: 0.0,
    }
}
