//! Switching computers off and on, and restarting clients.

use super::{HiddenState, log};
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::{Client, TICK};

/// Seconds over which the client averages its uptime.
const AVERAGING_TIME: f64 = 10.0 * 86_400.0;

/// Whether the client runs in this tick.
pub fn tick(client: &mut Client, hidden: &mut HiddenState, time: f64) -> bool {
    let scheduled = hidden.host.on.is_none_or(|hours| is_between(time + f64::from(client.host.timezone), hours));
    let on = scheduled && !hidden.has_fault(FaultKind::Off, None);
    if !on {
        let weight = (-TICK / AVERAGING_TIME).exp();
        client.time.on_frac *= weight;
    }
    let crashed = hidden.has_fault(FaultKind::Crashes, None)
        && time - client.time.client_start_time >= hidden.crashes_after.max(TICK);
    if on && (crashed || !hidden.on) {
        start(client, hidden, time);
    }
    hidden.on = on;
    on
}

/// Whether the hour of a local time is in this range.
pub fn is_between(local: f64, [from, to]: [f64; 2]) -> bool {
    let hour = (local / 3600.0).rem_euclid(24.0);
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// Starts a client from its state on disk: tasks resume from their checkpoints, and message numbers start at 1.
fn start(client: &mut Client, hidden: &mut HiddenState, time: f64) {
    let stopped = client.clock;
    client.clock = time + hidden.skew;
    client.time.previous_uptime = stopped - client.time.client_start_time;
    client.time.client_start_time = client.clock;
    client.time.session_active_duration = 0.0;
    client.time.session_gpu_active_duration = 0.0;
    client.messages.clear();
    client.last_message = 0;
    client.old_results.clear();
    for (number, notice) in (1..).zip(&mut client.notices) {
        notice.seqno = number;
    }
    client.last_notice = client.notices.len() as u64;
    for task in client.projects.iter_mut().flat_map(|project| &mut project.tasks) {
        let Some(active) = &mut task.active else { continue };
        let kept = if active.cpu > 0.0 { active.checkpoint_cpu / active.cpu } else { 0.0 };
        active.fraction_done *= kept;
        active.elapsed *= kept;
        active.cpu = active.checkpoint_cpu;
        (active.process_state, active.scheduler_state) = (0, 1);
    }
    for transfer in &mut client.transfers {
        transfer.active = false;
        transfer.next_request_time = client.clock;
    }
    client.host.disk_free_seen = client.host.disk_free;
    log::start(client);
    hidden.reschedule = true;
}

/// Updates the client's long-term averages.
pub fn averages(client: &mut Client) {
    let weight = (-TICK / AVERAGING_TIME).exp();
    let average = |before: f64, now: bool| before * weight + f64::from(now) * (1.0 - weight);
    let (computes, gpu, network) =
        (client.run.suspend_reason == 0, client.gpu.suspend_reason == 0, client.network.suspend_reason == 0);
    let time = &mut client.time;
    time.on_frac = average(time.on_frac, true);
    time.active_frac = average(time.active_frac, computes);
    time.gpu_active_frac = average(time.gpu_active_frac, computes && gpu);
    time.cpu_and_network_available_frac = average(time.cpu_and_network_available_frac, computes && network);
    time.total_duration += TICK;
    if computes {
        time.session_active_duration += TICK;
        time.total_active_duration += TICK;
        if gpu {
            time.session_gpu_active_duration += TICK;
            time.total_gpu_active_duration += TICK;
        }
    }
}
