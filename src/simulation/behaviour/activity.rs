//! Modes and suspensions: somebody sits at the computer, the preferences' hours are over, the disk is full.

use super::power::is_between;
use super::{Life, log};
use crate::simulation::scenario::Trouble;
use crate::simulation::state::{Activity, Client};

const USER_ACTIVE: i32 = 2;
const USER_REQ: i32 = 4;
const TIME_OF_DAY: i32 = 8;
const DISK_SIZE: i32 = 32;

/// Looks what is allowed now.
pub fn tick(client: &mut Client, life: &mut Life) {
    let local = client.clock + f64::from(client.host.timezone);
    set_mode(&mut client.run, life.suffers(Trouble::Suspended, None), client.clock);
    set_mode(&mut client.network, life.suffers(Trouble::Offline, None), client.clock);
    let in_use = life.host.in_use.is_some_and(|hours| is_between(local, hours) && is_there(life, local));
    let hours = client.preferences.hours;
    #[expect(clippy::float_cmp, reason = "equal hours, as set, mean always")]
    let closed = hours[0] != hours[1] && !is_between(local, hours);
    let run = match () {
        () if client.run.mode == 3 => USER_REQ,
        () if in_use && !client.preferences.run_if_user_active => USER_ACTIVE,
        () if closed => TIME_OF_DAY,
        () if life.suffers(Trouble::DiskFull, None) => DISK_SIZE,
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
        life.reschedule = true;
    }
    if gpu != client.gpu.suspend_reason && run == 0 && !client.host.gpus.is_empty() {
        let text = if gpu == 0 {
            "Resuming GPU computation".to_owned()
        } else {
            format!("Suspending GPU computation - {}", why(gpu))
        };
        log::info(client, "", text);
        life.reschedule = true;
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
    gpus(client, life);
}

/// People come and go: each quarter of an hour, more often than not they are there.
fn is_there(life: &Life, local: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "quarters of hours since 1970")]
    let quarter = (local / 900.0) as u64;
    let mut random = fastrand::Rng::with_seed(quarter ^ life.name.len() as u64 ^ 0x5eed);
    random.f64() < 0.7
}

fn set_mode(activity: &mut Activity, never: bool, now: f64) {
    activity.mode = if never { 3 } else { activity.permanent };
    // For an hour, and again: the way of the manager's "snooze".
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

/// A GPU vanishes, as after an update of its driver: the client sees so only when it starts anew.
fn gpus(client: &mut Client, life: &mut Life) {
    let lost = life.suffers(Trouble::GpuLost, None);
    let gpus = if lost { Vec::new() } else { life.gpus.clone() };
    if gpus == client.host.gpus {
        return;
    }
    client.host.gpus = gpus;
    let text = if lost { "No usable GPUs found" } else { "GPU is there again" };
    log::info(client, "", text.to_owned());
    for project in &mut client.projects {
        let site = std::sync::Arc::clone(&project.site);
        for task in &mut project.tasks {
            task.coproc_missing = lost && site.apps[task.app].coproc.is_some();
        }
    }
    life.reschedule = true;
}
