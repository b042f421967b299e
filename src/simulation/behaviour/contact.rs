//! Talks with projects' schedulers: results are reported, credit is told, work is asked for. A talk takes one tick.

use super::transfers::length;
use super::{Account, Life, fetch, log};
use crate::simulation::scenario::{Scenario, Trouble};
use crate::simulation::state::{Client, Credit, CreditDay, OldResult, Task};

const DAY: f64 = 86_400.0;
/// A project wants no contact for so long after each.
const DELAY: f64 = 61.0;
/// The client waits so long after a failure, and at most: `SCHED_RETRY_DELAY_MIN` and `SCHED_RETRY_DELAY_MAX` of the client.
const RETRY: (f64, f64) = (60.0, 4.0 * 3600.0);
/// After so many failures in a row it gets the project's master page anew: the scheduler may have moved.
const FAILURES: u32 = 10;
/// After so many failures of that it tries once a day.
const MASTER_FAILURES: u32 = 3;
/// Finished tasks wait so long for others, so that they are reported together.
const REPORT: f64 = 3600.0;
/// A project wants to hear from its hosts once a day.
const DAILY: f64 = DAY;

const RESULTS_DUE: i32 = 2;
const NEED_WORK: i32 = 3;
const INIT: i32 = 6;
const PROJECT_REQ: i32 = 7;

/// Lets talks begin and end.
pub fn tick(client: &mut Client, life: &mut Life, scenario: &Scenario, accounts: &mut [Account], time: f64) {
    for at in 0..client.projects.len() {
        let ended = life.suffers(Trouble::Ended, Some(at));
        client.projects[at].ended = ended;
        if client.projects[at].scheduler_rpc_in_progress {
            client.projects[at].scheduler_rpc_in_progress = false;
            talk(client, life, scenario, accounts, at, time);
        } else if client.network.suspend_reason == 0
            && client.projects[at].min_rpc_time <= client.clock
            && let Some(reason) = reason(client, life, at)
        {
            begin(client, life, at, reason);
        }
    }
    news(client, life);
}

/// Why to talk, if there is a reason.
fn reason(client: &Client, life: &Life, at: usize) -> Option<i32> {
    let project = &client.projects[at];
    if life.members[at].never_reached {
        return Some(INIT);
    }
    let overdue = |task: &&Task| {
        task.ready_to_report && (client.clock - task.completed > REPORT || task.deadline - client.clock < DAY)
    };
    match () {
        () if project.next_rpc_time > 0.0 && project.next_rpc_time <= client.clock => Some(PROJECT_REQ),
        () if project.tasks.iter().any(|task| overdue(&task)) => Some(RESULTS_DUE),
        () if fetch::wants(client, at) => Some(NEED_WORK),
        () => None,
    }
}

fn begin(client: &mut Client, life: &mut Life, at: usize, reason: i32) {
    let project = &mut client.projects[at];
    project.sched_rpc_pending = reason;
    if reason == INIT || project.master_fetch_pending {
        return fetch_master(client, life, at);
    }
    project.scheduler_rpc_in_progress = true;
    let name = project.site.name.clone();
    let why = match reason {
        RESULTS_DUE => "To report completed tasks.",
        NEED_WORK => "To fetch work.",
        _ => "Requested by project.",
    };
    let done = project.tasks.iter().filter(|task| task.ready_to_report).count();
    log::info(client, &name, format!("Sending scheduler request: {why}"));
    if done > 0 {
        log::info(client, &name, format!("Reporting {done} completed tasks"));
    }
    log::info(client, &name, fetch::announcement(client, at));
}

/// Gets the project's page that says where its scheduler is.
fn fetch_master(client: &mut Client, life: &mut Life, at: usize) {
    let project = &mut client.projects[at];
    let name = if project.known { project.site.name.clone() } else { project.site.url.clone() };
    project.master_fetch_pending = false;
    if !(life.members[at].never_reached || life.suffers(Trouble::ProjectDown, Some(at))) {
        project.master_fetch_failures = 0;
        log::info(client, &name, "Master file download succeeded".to_owned());
        return;
    }
    project.master_fetch_failures += 1;
    back_off(client, life, at);
    let wait = length(client.projects[at].min_rpc_time - client.clock);
    log::info(client, &name, "Master file download failed".to_owned());
    log::info(client, &name, format!("Project communication failed: deferring {wait}"));
}

/// Contact failed: the next try is later and later, as `SCHEDULER_OP::backoff` of the client has it.
fn back_off(client: &mut Client, life: &mut Life, at: usize) {
    let project = &mut client.projects[at];
    let wait = if project.master_fetch_failures >= MASTER_FAILURES {
        project.master_fetch_pending = true;
        DAY
    } else {
        if project.nrpc_failures == FAILURES {
            (project.nrpc_failures, project.master_fetch_pending) = (0, true);
            project.master_fetch_failures += 1;
        }
        project.nrpc_failures += 1;
        let doubled = RETRY.0 * 2_f64.powi(project.nrpc_failures.cast_signed());
        doubled.min(RETRY.1) * (0.5 + 0.5 * life.random.f64())
    };
    project.min_rpc_time = client.clock + wait;
}

fn talk(client: &mut Client, life: &mut Life, scenario: &Scenario, accounts: &mut [Account], at: usize, time: f64) {
    client.host.disk_free_seen = client.host.disk_free;
    let name = client.projects[at].site.name.clone();
    if life.suffers(Trouble::ProjectDown, Some(at)) {
        back_off(client, life, at);
        log::info(client, &name, "Scheduler request failed: Couldn't connect to server".to_owned());
        return;
    }
    let asks = fetch::asks(client, at);
    let delay = if life.suffers(Trouble::Delayed, Some(at)) { life.delay } else { DELAY };
    let project = &mut client.projects[at];
    project.rpc_seqno += 1;
    (project.nrpc_failures, project.sched_rpc_pending) = (0, 0);
    project.last_rpc_time = client.clock;
    project.min_rpc_time = client.clock + delay;
    project.next_rpc_time = client.clock + DAILY;
    report(client, life, scenario, at, time);
    let account = accounts[life.members[at].project].credit();
    told(client, at, account, life.members[at].credit.credit());
    fetch::receive(client, life, scenario, at, &asks);
    if life.suffers(Trouble::Moved, Some(at)) {
        let url = client.projects[at].site.url.replacen("://", "://www.", 1);
        let text = "This project seems to have changed its URL.  When convenient, remove the project, then add";
        log::alert(client, &name, format!("{text} {url}"));
    }
    log::info(client, &name, format!("Project requested delay of {delay} seconds"));
    super::transfers::count(client, true, 9000.0);
    super::transfers::count(client, false, 6000.0);
}

/// The project takes what is done.
fn report(client: &mut Client, life: &mut Life, scenario: &Scenario, at: usize, time: f64) {
    let now = client.clock;
    let project = &mut client.projects[at];
    let site = project.site.clone();
    let member = &mut life.members[at];
    let of_scenario = &scenario.projects[member.project];
    let (done, left) =
        std::mem::take(&mut project.tasks).into_iter().partition::<Vec<_>, _>(|task| task.ready_to_report);
    project.tasks = left;
    for task in done {
        let app = &site.apps[task.app];
        if task.fate == 0 {
            project.njobs_success += 1;
            let settings = &of_scenario.apps[task.app];
            let hours = settings.takes.as_secs_f64() / 3600.0;
            let amount = settings.credit * hours * (0.9 + 0.2 * life.random.f64());
            // Most partners are quick, some are slow.
            let wait = -life.random.f64().max(1e-9).ln() * of_scenario.validation.as_secs_f64();
            member.pending.push((time + wait, amount));
        } else {
            project.njobs_error += 1;
        }
        client.old_results.push_back(OldResult {
            project_url: site.url.clone(),
            name: task.name(),
            app: app.name.clone(),
            exit_status: task.exit_status,
            elapsed: task.final_elapsed,
            cpu: task.final_cpu,
            completed: task.completed,
            create_time: now,
        });
        // Older ones are dropped only now.
        while client.old_results.front().is_some_and(|old| old.create_time < now - 3600.0) {
            client.old_results.pop_front();
        }
    }
}

/// The project tells credit, and the client keeps it by day.
fn told(client: &mut Client, at: usize, user: Credit, host: Credit) {
    let day = (client.clock / DAY).floor() * DAY;
    let project = &mut client.projects[at];
    (project.user, project.host) = (user, host);
    let row = CreditDay { day, user, host };
    match project.days.back_mut() {
        Some(last) if last.day >= day => *last = row,
        _ => project.days.push_back(row),
    }
    if project.days.len() > 31 {
        project.days.pop_front();
    }
}

/// What a client tells its user now and then.
fn news(client: &mut Client, life: &mut Life) {
    if life.suffers(Trouble::NewVersion, None) {
        let [major, minor, release] = client.version;
        let newer = format!("{major}.{minor}.{}", release + 1);
        let text = format!(
            "_(\"A new version of BOINC is available\")  ({newer}). <a href=https://boinc.berkeley.edu/download.php>_(\"Download\")</a>"
        );
        log::notice(client, "", "client", "", text);
    }
    // A few a week and project.
    if client.projects.is_empty() || life.random.f64() > 1.0 / 60_000.0 * client.projects.len() as f64 {
        return;
    }
    let project = &client.projects[life.random.usize(0..client.projects.len())];
    let (name, url) = (project.site.name.clone(), project.site.url.clone());
    if !project.known {
        return;
    }
    let number = life.random.u32(1000..9999);
    let text = format!("The batch of this month is through. <a href={url}forum_thread.php?id={number}>more...</a>");
    log::notice(client, &name, "", "News of the month", text);
}
