//! Modes and suspensions: somebody uses the computer, the time of day is outside the preferences, or the disk is full.

use super::power::is_between;
use super::{HiddenState, log};
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::{Activity, Client};

const USER_ACTIVE: i32 = 2;
const USER_REQ: i32 = 4;
const TIME_OF_DAY: i32 = 8;
const DISK_SIZE: i32 = 32;

/// Updates what is allowed now.
pub fn tick(client: &mut Client, hidden: &mut HiddenState) {
    let local = client.clock + f64::from(client.host.timezone);
    set_mode(&mut client.run, hidden.has_fault(FaultKind::Suspended, None), client.clock);
    set_mode(&mut client.network, hidden.has_fault(FaultKind::Offline, None), client.clock);
    let in_use = hidden.host.in_use.is_some_and(|hours| is_between(local, hours) && is_there(hidden, local));
    let hours = client.preferences.hours;
    #[expect(clippy::float_cmp, reason = "equal hours, as set, mean always")]
    let closed = hours[0] != hours[1] && !is_between(local, hours);
    let run = match () {
        () if client.run.mode == 3 => USER_REQ,
        () if in_use && !client.preferences.run_if_user_active => USER_ACTIVE,
        () if closed => TIME_OF_DAY,
        () if hidden.has_fault(FaultKind::DiskFull, None) => DISK_SIZE,
        () => 0,
    };
    let gpu = match () {
        () if run != 0 => client.gpu.suspend_reason,
        () if in_use => USER_ACTIVE,
        () => 0,
    };
    if run != client.run.suspend_reason {
        let text =
            if run == 0 { "Resuming computation".to_owned() } else { format!("Suspending computation - {}", why(run)) };
        log::info(client, "", text);
        hidden.reschedule = true;
    }
    if gpu != client.gpu.suspend_reason && run == 0 && !client.host.gpus.is_empty() {
        let text = if gpu == 0 {
            "Resuming GPU computation".to_owned()
        } else {
            format!("Suspending GPU computation - {}", why(gpu))
        };
        log::info(client, "", text);
        hidden.reschedule = true;
    }
    let network = if client.network.mode == 3 { USER_REQ } else { 0 };
    if network != client.network.suspend_reason {
        let text =
            if network == 0 { "Resuming network activity" } else { "Suspending network activity - user request" };
        log::info(client, "", text.to_owned());
    }
    client.run.suspend_reason = run;
    client.gpu.suspend_reason = if client.host.gpus.is_empty() { 0 } else { gpu };
    client.network.suspend_reason = network;
    client.network_status = if client.transfers.iter().any(|transfer| transfer.active) { 0 } else { 2 };
    gpus(client, hidden);
}

/// Whether somebody is at the computer: people come and go every quarter of an hour, and are usually there.
fn is_there(hidden: &HiddenState, local: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "quarters of hours since 1970")]
    let quarter = (local / 900.0) as u64;
    let mut random = fastrand::Rng::with_seed(quarter ^ hidden.name.len() as u64 ^ 0x5eed);
    random.f64() < 0.7
}

fn set_mode(activity: &mut Activity, never: bool, now: f64) {
    activity.mode = if never { 3 } else { activity.permanent };
    // For an hour at a time, like the manager's "snooze".
    activity.until = if never { (now / 3600.0).floor().mul_add(3600.0, 3600.0) } else { 0.0 };
}

const fn why(reason: i32) -> &'static str {
    match reason {
        USER_ACTIVE => "computer is in use",
        USER_REQ => "user request",
        TIME_OF_DAY => "time of day",
        _ => "not enough disk space",
    }
}

/// A GPU disappears, as after a driver update: a real client notices only when it restarts.
fn gpus(client: &mut Client, hidden: &mut HiddenState) {
    let lost = hidden.has_fault(FaultKind::GpuLost, None);
    let gpus = if lost { Vec::new() } else { hidden.gpus.clone() };
    if gpus == client.host.gpus {
        return;
    }
    client.host.gpus = gpus;
    let text = if lost { "No usable GPUs found" } else { "GPU is there again" };
    log::info(client, "", text.to_owned());
    for project in &mut client.projects {
        let server = std::sync::Arc::clone(&project.server);
        for task in &mut project.tasks {
            task.coproc_missing = lost && server.apps[task.app].coproc.is_some();
        }
    }
    hidden.reschedule = true;
}
