//! Requesting and receiving work.

use std::sync::Arc;

use super::running::{POSTPONED, file};
use super::{HiddenState, log};
use crate::simulation::scenario::{self, FaultKind, Scenario};
use crate::simulation::state::{App, Client, Project, ProjectServer, Task};

const DAY: f64 = 86_400.0;
/// Shortest and longest back-off of work requests for a resource. It doubles each time that the project has no work.
const BACKOFF: (f64, f64) = (600.0, DAY);

/// A request for work: seconds for a resource, over all its CPUs or GPUs.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkRequest {
    resource: &'static str,
    seconds: f64,
}

/// Whether to request work from the project now.
#[must_use]
pub fn should_request(client: &Client, at: usize) -> bool {
    // The client checks once a minute.
    client.clock.rem_euclid(60.0) < 10.0
        && requests_for(client, at, client.preferences.work_buf_min_days).next().is_some()
}

/// The requests to send with a contact: up to the full buffer.
#[must_use]
pub fn work_requests(client: &Client, at: usize) -> Vec<WorkRequest> {
    let days = client.preferences.work_buf_min_days + client.preferences.work_buf_additional_days;
    requests_for(client, at, days).collect()
}

fn requests_for(client: &Client, at: usize, days: f64) -> impl Iterator<Item = WorkRequest> {
    let project = &client.projects[at];
    let willing = client.run.mode != 3 && may_request(client, project);
    let resources = project.backoffs.iter().filter(move |_| willing);
    resources.filter_map(move |backoff| {
        if backoff.resource == "CPU" && lacks_sensor(project) {
            return Some(WorkRequest { resource: "CPU", seconds: 1.0 });
        }
        let may = backoff.until <= client.clock && project.server.serves(backoff.resource);
        if !may || has_better_project(client, at, backoff.resource) {
            return None;
        }
        let instances = instances(client, backoff.resource);
        let seconds = days * DAY * instances - queue(client, backoff.resource, days * DAY);
        (instances > 0.0 && seconds > 0.0).then_some(WorkRequest { resource: backoff.resource, seconds })
    })
}

fn may_request(client: &Client, project: &Project) -> bool {
    let uploads = client.transfers.iter().filter(|t| t.is_upload && t.project_url == project.server.url).count();
    let limit = 2 * client.host.ncpus as usize + 4;
    let free = !(project.suspended_via_gui || project.dont_request_more_work || project.ended);
    free && uploads < limit && project.download_backoff_until <= client.clock
}

/// Whether another project has priority for this resource.
fn has_better_project(client: &Client, at: usize, resource: &'static str) -> bool {
    let mine = client.projects[at].sched_priority;
    client.projects.iter().enumerate().any(|(other, project)| {
        let may = project.backoffs.iter().any(|b| b.resource == resource && b.until <= client.clock);
        let free = project.min_rpc_time <= client.clock && project.known;
        other != at
            && may
            && free
            && project.server.serves(resource)
            && may_request(client, project)
            && project.sched_priority > mine
    })
}

fn instances(client: &Client, resource: &str) -> f64 {
    if resource == "CPU" {
        return (f64::from(client.host.ncpus) * client.preferences.max_ncpus_pct / 100.0).floor().max(1.0);
    }
    client.host.gpus.iter().filter(|gpu| gpu.vendor.resource() == resource).map(|gpu| f64::from(gpu.count)).sum()
}

/// Seconds of queued work, over all CPUs or GPUs. A long task keeps one of them busy but leaves the others idle, so at most
/// the length of the buffer counts per task.
fn queue(client: &Client, resource: &str, buffer: f64) -> f64 {
    let of_project = |project: &Project| -> f64 {
        let tasks = project.tasks.iter().filter(|task| task.state < 3);
        let left = tasks.map(|task| {
            let app = &project.server.apps[task.app];
            if app.resource() != resource || app.non_cpu_intensive {
                return 0.0;
            }
            let done = task.active.as_ref().map_or(0.0, |active| active.fraction_done);
            let share = app.coproc.map_or(app.avg_ncpus, |(_, count)| count);
            (task.estimate(app) * (1.0 - done)).min(buffer) * share
        });
        left.sum()
    };
    client.projects.iter().map(of_project).sum()
}

/// Whether a task is missing for an application that runs in addition to everything else; these have one task at a time.
fn lacks_sensor(project: &Project) -> bool {
    let missing = |number| !project.tasks.iter().any(|task| task.app == number && task.state < 3);
    let mut sensors = project.server.apps.iter().enumerate().filter(|(_, app)| app.non_cpu_intensive);
    sensors.any(|(number, _)| missing(number))
}

/// The log message about requesting work or not.
#[must_use]
pub fn request_message(client: &Client, at: usize) -> String {
    let project = &client.projects[at];
    let requests = work_requests(client, at);
    let names: Vec<_> = requests
        .iter()
        .map(|request| if request.resource == "CPU" { "CPU".to_owned() } else { format!("{} GPU", request.resource) })
        .collect();
    match () {
        () if !requests.is_empty() => format!("Requesting new tasks for {}", names.join(" and ")),
        () if project.suspended_via_gui => "Not requesting tasks: project suspended via Manager".to_owned(),
        () if project.dont_request_more_work => {
            "Not requesting tasks: \"no new tasks\" requested via Manager".to_owned()
        }
        () if !may_request(client, project) => "Not requesting tasks: too many uploads in progress".to_owned(),
        () => "Not requesting tasks: don't need (job cache full)".to_owned(),
    }
}

/// Handles the project's reply to the requests.
pub fn receive(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    at: usize,
    requests: &[WorkRequest],
) {
    let name = client.projects[at].server.name.clone();
    client.projects[at].said.clear();
    if requests.is_empty() {
        log::info(client, &name, "Scheduler request completed".to_owned());
        return;
    }
    let over_quota = hidden.has_fault(FaultKind::Failing, Some(at)) && hidden.random.f64() < 0.6;
    let none = over_quota || hidden.has_fault(FaultKind::NoWork, Some(at));
    let mut got = 0;
    let mut limited = false;
    for request in requests {
        let (tasks, reached) = if none { (0, false) } else { send(client, hidden, scenario, at, request) };
        got += tasks;
        limited |= reached;
        let now = client.clock;
        let wait = hidden.random.f64();
        let backoff = client.projects[at].backoffs.iter_mut().find(|backoff| backoff.resource == request.resource);
        let Some(backoff) = backoff else { continue };
        if tasks > 0 {
            (backoff.interval, backoff.until) = (0.0, 0.0);
        } else {
            backoff.interval = (backoff.interval * 2.0).clamp(BACKOFF.0, BACKOFF.1);
            backoff.until = now + backoff.interval * (0.5 + wait);
        }
    }
    log::info(client, &name, format!("Scheduler request completed: got {got} new tasks"));
    let reason = if over_quota {
        ("This computer has finished a daily quota of 4 tasks".to_owned(), true)
    } else if got > 0 {
        hidden.reschedule = true;
        return;
    } else if limited {
        ("This computer has reached a limit on tasks in progress".to_owned(), false)
    } else {
        let app = client.projects[at].server.apps.first();
        let title = app.map(|app| app.user_friendly_name.as_str()).unwrap_or_default();
        (format!("No tasks are available for {title}"), false)
    };
    client.projects[at].said = vec![("No tasks sent".to_owned(), false), reason];
    for (text, is_alert) in client.projects[at].said.clone() {
        let log = if is_alert { log::alert } else { log::info };
        log(client, &name, text);
    }
}

/// Sends tasks. Returns how many, and whether the project's limit was reached.
fn send(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    at: usize,
    request: &WorkRequest,
) -> (u32, bool) {
    let server = Arc::clone(&client.projects[at].server);
    let settings = &scenario.projects[hidden.memberships[at].project];
    let apps = server.apps.iter().enumerate().filter(|(_, app)| app.resource() == request.resource);
    let apps: Vec<usize> = apps.map(|(number, _)| number).collect();
    let mut seconds = request.seconds;
    let instances = instances(client, request.resource);
    let mut sent = 0;
    while seconds > 0.0 && sent < 200 {
        let number = apps[hidden.random.usize(0..apps.len())];
        let app = &server.apps[number];
        let tasks = &client.projects[at].tasks;
        let there = tasks.iter().filter(|task| server.apps[task.app].resource() == request.resource).count();
        if app.non_cpu_intensive && sent > 0 {
            return (sent, false);
        }
        if there as f64 >= f64::from(settings.limit) * instances {
            return (sent, true);
        }
        let task = new_task(client, hidden, &settings.apps[number], &server, number, at);
        seconds -= task.estimate(app) * app.coproc.map_or(app.avg_ncpus, |(_, count)| count);
        let project = &mut client.projects[at];
        project.tasks.push(task);
        let download = file(project, project.tasks.len() - 1, app.input, false, client.clock);
        client.transfers.push(download);
        sent += 1;
    }
    (sent, false)
}

/// Gives the client its initial tasks, from its projects in turn.
pub fn add_initial_tasks(client: &mut Client, hidden: &mut HiddenState, scenario: &Scenario) {
    let sources: Vec<(usize, usize)> = (client.projects.iter().enumerate())
        .flat_map(|(at, project)| (0..project.server.apps.len()).map(move |number| (at, number)))
        .filter(|(at, number)| client.projects[*at].server.apps[*number].resource() == "CPU")
        .collect();
    for (at, number) in sources.into_iter().cycle().take(hidden.host.tasks as usize) {
        let server = Arc::clone(&client.projects[at].server);
        let settings = &scenario.projects[hidden.memberships[at].project].apps[number];
        let task = new_task(client, hidden, settings, &server, number, at);
        client.projects[at].tasks.push(Task { state: 2, ..task });
    }
}

fn new_task(
    client: &Client,
    hidden: &mut HiddenState,
    settings: &scenario::App,
    server: &ProjectServer,
    number: usize,
    at: usize,
) -> Task {
    let app = &server.apps[number];
    let random = &mut hidden.random;
    let flops = match app.coproc {
        None => client.host.fpops * app.avg_ncpus,
        Some((vendor, count)) => {
            let gpu = client.host.gpus.iter().find(|gpu| gpu.vendor == vendor);
            gpu.map_or(1e12, |gpu| gpu.peak_flops) * count
        }
    };
    let estimate = app.fpops_est / flops;
    let jitter = 0.88 + 0.24 * random.f64();
    let fails = random.f64() < settings.errors;
    let fails_at = 0.02 + 0.9 * random.f64();
    hidden.next += 1;
    let workunit = format!("{}_{:05}_{:04}", app.name, hidden.random.u32(10_000..99_999), hidden.next);
    let slow = if hidden.has_fault(FaultKind::Slow, Some(at)) { hidden.slower } else { 1.0 };
    let whole = estimate * jitter * settings.underestimated * slow / (client.preferences.cpu_usage_limit / 100.0);
    let failing = hidden.has_fault(FaultKind::Failing, Some(at));
    let fate = match () {
        () if failing => hidden.failing_with,
        () if fails => settings.exit_status,
        () => 0,
    };
    let postponed = hidden.has_fault(FaultKind::Postponed, Some(at));
    Task {
        workunit,
        app: number,
        received: client.clock,
        deadline: (client.clock + settings.deadline.as_secs_f64()).floor(),
        flops,
        whole,
        takes: if fate == 0 { whole } else { whole * fails_at.min(if failing { 0.05 } else { 1.0 }) },
        state: 1,
        exit_status: 0,
        fate,
        stalls_at: if hidden.has_fault(FaultKind::Stall, Some(at)) { 0.3 } else { 2.0 },
        final_elapsed: 0.0,
        final_cpu: 0.0,
        completed: 0.0,
        ready_to_report: false,
        suspended_via_gui: false,
        edf_scheduled: false,
        coproc_missing: false,
        postponed: postponed.then(|| (client.clock + POSTPONED, "waiting for <GPU> memory".to_owned())),
        active: None,
    }
}

impl ProjectServer {
    /// Whether the project has an application for this resource.
    #[must_use]
    pub fn serves(&self, resource: &str) -> bool {
        self.apps.iter().any(|app| app.resource() == resource)
    }
}

impl App {
    /// BOINC's name of the resource that the application uses.
    #[must_use]
    pub fn resource(&self) -> &'static str {
        self.coproc.map_or("CPU", |(vendor, _)| vendor.resource())
    }
}
