//! Computers are switched off and on, and clients start anew.

use super::{Life, log};
use crate::simulation::scenario::Trouble;
use crate::simulation::state::{Client, TICK};

/// Seconds over which the client averages its uptime.
const MEMORY: f64 = 10.0 * 86_400.0;

/// Whether the client runs in this tick.
pub fn tick(client: &mut Client, life: &mut Life, time: f64) -> bool {
    let scheduled = life.host.on.is_none_or(|hours| is_between(time + f64::from(client.host.timezone), hours));
    let on = scheduled && !life.suffers(Trouble::Off, None);
    if !on {
        let weight = (-TICK / MEMORY).exp();
        client.time.on_frac *= weight;
    }
    let crashed =
        life.suffers(Trouble::Crashes, None) && time - client.time.client_start_time >= life.crashes_after.max(TICK);
    if on && (crashed || !life.on) {
        start(client, life, time);
    }
    life.on = on;
    on
}

/// Whether the hour of a local time is between these.
pub fn is_between(local: f64, [from, to]: [f64; 2]) -> bool {
    let hour = (local / 3600.0).rem_euclid(24.0);
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// A client that starts goes on from what it wrote to disk: tasks from their checkpoints; numbers of messages from 1.
fn start(client: &mut Client, life: &mut Life, time: f64) {
    let stopped = client.clock;
    client.clock = time + life.skew;
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
    life.reschedule = true;
}

/// What the client averages over its life.
pub fn averages(client: &mut Client) {
    let weight = (-TICK / MEMORY).exp();
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
