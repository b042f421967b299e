//! Contact with projects' schedulers: reporting results, updating credit, requesting work. A contact takes one tick.

use super::transfers::length;
use super::{HiddenState, PendingTask, ProjectSide, fetch, log};
use crate::simulation::scenario::{FaultKind, Scenario};
use crate::simulation::state::{Client, Credit, CreditDay, OldResult, Task};

const DAY: f64 = 86_400.0;
/// Seconds for which a project defers contact after each contact.
const MIN_INTERVAL: f64 = 61.0;
/// Shortest and longest wait after a failure: `SCHED_RETRY_DELAY_MIN` and `SCHED_RETRY_DELAY_MAX` in the client.
const RETRY_DELAY: (f64, f64) = (60.0, 4.0 * 3600.0);
/// Consecutive failures after which it fetches the project's master page again: the scheduler may have moved.
const MAX_FAILURES: u32 = 10;
/// Failures to fetch the master page after which it tries once a day.
const MAX_MASTER_FAILURES: u32 = 3;
/// Seconds that finished tasks wait for others, so that they are reported together.
const REPORT_DELAY: f64 = 3600.0;
/// Projects ask hosts to contact them once a day.
const MAX_INTERVAL: f64 = DAY;

const RESULTS_DUE: i32 = 2;
const NEED_WORK: i32 = 3;
const INIT: i32 = 6;
const PROJECT_REQ: i32 = 7;

/// Starts and completes contacts.
pub fn tick(client: &mut Client, hidden: &mut HiddenState, scenario: &Scenario, sides: &mut [ProjectSide], time: f64) {
    for at in 0..client.projects.len() {
        let ended = hidden.has_fault(FaultKind::Ended, Some(at));
        client.projects[at].ended = ended;
        if client.projects[at].scheduler_rpc_in_progress {
            client.projects[at].scheduler_rpc_in_progress = false;
            contact(client, hidden, scenario, sides, at, time);
        } else if client.network.suspend_reason == 0
            && client.projects[at].min_rpc_time <= client.clock
            && let Some(reason) = reason(client, hidden, at)
        {
            begin(client, hidden, at, reason);
        }
    }
    write_notices(client, hidden);
}

/// The reason for a contact, if there is one.
fn reason(client: &Client, hidden: &HiddenState, at: usize) -> Option<i32> {
    let project = &client.projects[at];
    if hidden.memberships[at].never_reached {
        return Some(INIT);
    }
    let overdue = |task: &&Task| {
        task.ready_to_report && (client.clock - task.completed > REPORT_DELAY || task.deadline - client.clock < DAY)
    };
    match () {
        () if project.next_rpc_time > 0.0 && project.next_rpc_time <= client.clock => Some(PROJECT_REQ),
        () if project.tasks.iter().any(|task| overdue(&task)) => Some(RESULTS_DUE),
        () if fetch::should_request(client, at) => Some(NEED_WORK),
        () => None,
    }
}

fn begin(client: &mut Client, hidden: &mut HiddenState, at: usize, reason: i32) {
    let project = &mut client.projects[at];
    project.sched_rpc_pending = reason;
    if reason == INIT || project.master_fetch_pending {
        return fetch_master(client, hidden, at);
    }
    project.scheduler_rpc_in_progress = true;
    let name = project.server.name.clone();
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
    log::info(client, &name, fetch::request_message(client, at));
}

/// Fetches the project's page that has the scheduler's URL.
fn fetch_master(client: &mut Client, hidden: &mut HiddenState, at: usize) {
    let project = &mut client.projects[at];
    let name = if project.known { project.server.name.clone() } else { project.server.url.clone() };
    project.master_fetch_pending = false;
    if !(hidden.memberships[at].never_reached || hidden.has_fault(FaultKind::ProjectDown, Some(at))) {
        project.master_fetch_failures = 0;
        log::info(client, &name, "Master file download succeeded".to_owned());
        return;
    }
    project.master_fetch_failures += 1;
    back_off(client, hidden, at);
    let wait = length(client.projects[at].min_rpc_time - client.clock);
    log::info(client, &name, "Master file download failed".to_owned());
    log::info(client, &name, format!("Project communication failed: deferring {wait}"));
}

/// Delays the next attempt after a failure, exponentially, as `SCHEDULER_OP::backoff` in the client does.
fn back_off(client: &mut Client, hidden: &mut HiddenState, at: usize) {
    let project = &mut client.projects[at];
    let wait = if project.master_fetch_failures >= MAX_MASTER_FAILURES {
        project.master_fetch_pending = true;
        DAY
    } else {
        if project.nrpc_failures == MAX_FAILURES {
            (project.nrpc_failures, project.master_fetch_pending) = (0, true);
            project.master_fetch_failures += 1;
        }
        project.nrpc_failures += 1;
        let doubled = RETRY_DELAY.0 * 2_f64.powi(project.nrpc_failures.cast_signed());
        doubled.min(RETRY_DELAY.1) * (0.5 + 0.5 * hidden.random.f64())
    };
    project.min_rpc_time = client.clock + wait;
}

fn contact(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    sides: &mut [ProjectSide],
    at: usize,
    time: f64,
) {
    client.host.disk_free_seen = client.host.disk_free;
    let name = client.projects[at].server.name.clone();
    if hidden.has_fault(FaultKind::ProjectDown, Some(at)) {
        back_off(client, hidden, at);
        log::info(client, &name, "Scheduler request failed: Couldn't connect to server".to_owned());
        return;
    }
    let side = &mut sides[hidden.memberships[at].project];
    if let Some(problem) = refusal(side) {
        back_off(client, hidden, at);
        log::info(client, &name, problem.to_owned());
        log::info(client, &name, "Project is temporarily down".to_owned());
        return;
    }
    let requests = fetch::work_requests(client, at);
    let delay = if hidden.has_fault(FaultKind::Delayed, Some(at)) { hidden.delay } else { MIN_INTERVAL };
    let project = &mut client.projects[at];
    project.rpc_seqno += 1;
    (project.nrpc_failures, project.sched_rpc_pending) = (0, 0);
    project.last_rpc_time = client.clock;
    project.min_rpc_time = client.clock + delay;
    project.next_rpc_time = client.clock + MAX_INTERVAL;
    report(client, hidden, scenario, side, at, time);
    update_credit(client, at, side.account.credit(), hidden.memberships[at].credit.credit());
    let before = client.projects[at].tasks.len();
    fetch::receive(client, hidden, scenario, at, &requests);
    let project = &client.projects[at];
    side.contact(client, project, hidden.memberships[at].credit);
    project.tasks[before..].iter().for_each(|task| side.send(project.hostid, task));
    if hidden.has_fault(FaultKind::Moved, Some(at)) {
        let url = client.projects[at].server.url.replacen("://", "://www.", 1);
        let text = "This project seems to have changed its URL.  When convenient, remove the project, then add";
        log::alert(client, &name, format!("{text} {url}"));
    }
    log::info(client, &name, format!("Project requested delay of {delay} seconds"));
    super::transfers::count(client, true, 9000.0);
    super::transfers::count(client, false, 6000.0);
}

/// Why a scheduler refuses everybody.
fn refusal(side: &ProjectSide) -> Option<&'static str> {
    match () {
        () if side.has(FaultKind::Maintenance) || side.has(FaultKind::SchedulerDown) => {
            Some("Project is temporarily shut down for maintenance")
        }
        () if side.has(FaultKind::DatabaseDown) => Some("Server can't open database"),
        () if !side.runs("feeder") => Some("Server error: feeder not running"),
        () => None,
    }
}

/// Reports finished tasks to the project.
fn report(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    side: &mut ProjectSide,
    at: usize,
    time: f64,
) {
    let now = client.clock;
    let project = &mut client.projects[at];
    let server = project.server.clone();
    let member = &mut hidden.memberships[at];
    let of_scenario = &scenario.projects[member.project];
    let (done, left) =
        std::mem::take(&mut project.tasks).into_iter().partition::<Vec<_>, _>(|task| task.ready_to_report);
    project.tasks = left;
    for task in done {
        let app = &server.apps[task.app];
        side.report(&task);
        if task.fate == 0 {
            project.njobs_success += 1;
            let settings = &of_scenario.apps[task.app];
            let hours = settings.takes.as_secs_f64() / 3600.0;
            let amount = settings.credit * hours * (0.9 + 0.2 * hidden.random.f64());
            // Most wingmen are fast, some are slow.
            let wait = -hidden.random.f64().max(1e-9).ln() * of_scenario.validation.as_secs_f64();
            member.pending.push(PendingTask { name: task.name(), due: time + wait, amount });
        } else {
            project.njobs_error += 1;
        }
        client.old_results.push_back(OldResult {
            project_url: server.url.clone(),
            name: task.name(),
            app: app.name.clone(),
            exit_status: task.exit_status,
            elapsed: task.final_elapsed,
            cpu: task.final_cpu,
            completed: task.completed,
            create_time: now,
        });
        // Older ones are dropped only at this point.
        while client.old_results.front().is_some_and(|old| old.create_time < now - 3600.0) {
            client.old_results.pop_front();
        }
    }
}

/// Stores the credit from the scheduler's reply, by day.
fn update_credit(client: &mut Client, at: usize, user: Credit, host: Credit) {
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

/// Occasional notices for the user.
fn write_notices(client: &mut Client, hidden: &mut HiddenState) {
    if hidden.has_fault(FaultKind::NewVersion, None) {
        let [major, minor, release] = client.version;
        let newer = format!("{major}.{minor}.{}", release + 1);
        let text = format!(
            "_(\"A new version of BOINC is available\")  ({newer}). <a href=https://boinc.berkeley.edu/download.php>_(\"Download\")</a>"
        );
        log::notice(client, "", "client", "", text);
    }
    // A few per week and project.
    if client.projects.is_empty() || hidden.random.f64() > 1.0 / 60_000.0 * client.projects.len() as f64 {
        return;
    }
    let project = &client.projects[hidden.random.usize(0..client.projects.len())];
    let (name, url) = (project.server.name.clone(), project.server.url.clone());
    if !project.known {
        return;
    }
    let number = hidden.random.u32(1000..9999);
    let text = format!("The batch of this month is through. <a href={url}forum_thread.php?id={number}>more...</a>");
    log::notice(client, &name, "", "News of the month", text);
}
