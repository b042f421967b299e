//! Asking for work and getting it.

use std::sync::Arc;

use super::running::{POSTPONED, file};
use super::{Life, log};
use crate::simulation::scenario::{self, Scenario, Trouble};
use crate::simulation::state::{App, Client, Project, Site, Task};

const DAY: f64 = 86_400.0;
/// A project without work for a resource is asked again after so long, then after twice as long, and so on.
const BACKOFF: (f64, f64) = (600.0, DAY);

/// What is asked for: seconds of work of a resource, over all of its CPUs or GPUs.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    resource: &'static str,
    seconds: f64,
}

/// Whether the project is to be asked for work now.
#[must_use]
pub fn wants(client: &Client, at: usize) -> bool {
    // The client looks each minute.
    client.clock.rem_euclid(60.0) < 10.0 && requests(client, at, client.preferences.work_buf_min_days).next().is_some()
}

/// What it is asked for if there is contact: up to the full buffer.
#[must_use]
pub fn asks(client: &Client, at: usize) -> Vec<Ask> {
    let days = client.preferences.work_buf_min_days + client.preferences.work_buf_additional_days;
    requests(client, at, days).collect()
}

fn requests(client: &Client, at: usize, days: f64) -> impl Iterator<Item = Ask> {
    let project = &client.projects[at];
    let willing = client.run.mode != 3 && asks_at_all(client, project);
    let resources = project.backoffs.iter().filter(move |_| willing);
    resources.filter_map(move |backoff| {
        if backoff.resource == "CPU" && lacks_sensor(project) {
            return Some(Ask { resource: "CPU", seconds: 1.0 });
        }
        let may = backoff.until <= client.clock && project.site.serves(backoff.resource);
        if !may || better(client, at, backoff.resource) {
            return None;
        }
        let instances = instances(client, backoff.resource);
        let seconds = days * DAY * instances - queue(client, backoff.resource, days * DAY);
        (instances > 0.0 && seconds > 0.0).then_some(Ask { resource: backoff.resource, seconds })
    })
}

fn asks_at_all(client: &Client, project: &Project) -> bool {
    let uploads = client.transfers.iter().filter(|t| t.is_upload && t.project_url == project.site.url).count();
    let limit = 2 * client.host.ncpus as usize + 4;
    let free = !(project.suspended_via_gui || project.dont_request_more_work || project.ended);
    free && uploads < limit && project.download_backoff_until <= client.clock
}

/// Whether another project comes first for this resource.
fn better(client: &Client, at: usize, resource: &'static str) -> bool {
    let mine = client.projects[at].sched_priority;
    client.projects.iter().enumerate().any(|(other, project)| {
        let may = project.backoffs.iter().any(|b| b.resource == resource && b.until <= client.clock);
        let free = project.min_rpc_time <= client.clock && project.known;
        other != at
            && may
            && free
            && project.site.serves(resource)
            && asks_at_all(client, project)
            && project.sched_priority > mine
    })
}

fn instances(client: &Client, resource: &str) -> f64 {
    if resource == "CPU" {
        return (f64::from(client.host.ncpus) * client.preferences.max_ncpus_pct / 100.0).floor().max(1.0);
    }
    client.host.gpus.iter().filter(|gpu| gpu.vendor.resource() == resource).map(|gpu| f64::from(gpu.count)).sum()
}

/// Seconds of work that is there, over all CPUs or GPUs. A long task keeps one of them busy and leaves the others idle: what
/// goes beyond the buffer does not count.
fn queue(client: &Client, resource: &str, buffer: f64) -> f64 {
    let of_project = |project: &Project| -> f64 {
        let tasks = project.tasks.iter().filter(|task| task.state < 3);
        let left = tasks.map(|task| {
            let app = &project.site.apps[task.app];
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

/// Applications that run beside everything else have one task at a time.
fn lacks_sensor(project: &Project) -> bool {
    let missing = |number| !project.tasks.iter().any(|task| task.app == number && task.state < 3);
    let mut sensors = project.site.apps.iter().enumerate().filter(|(_, app)| app.non_cpu_intensive);
    sensors.any(|(number, _)| missing(number))
}

/// What the client says when it asks, or does not ask.
#[must_use]
pub fn announcement(client: &Client, at: usize) -> String {
    let project = &client.projects[at];
    let asks = asks(client, at);
    let names: Vec<_> = asks
        .iter()
        .map(|ask| if ask.resource == "CPU" { "CPU".to_owned() } else { format!("{} GPU", ask.resource) })
        .collect();
    match () {
        () if !asks.is_empty() => format!("Requesting new tasks for {}", names.join(" and ")),
        () if project.suspended_via_gui => "Not requesting tasks: project suspended via Manager".to_owned(),
        () if project.dont_request_more_work => {
            "Not requesting tasks: \"no new tasks\" requested via Manager".to_owned()
        }
        () if !asks_at_all(client, project) => "Not requesting tasks: too many uploads in progress".to_owned(),
        () => "Not requesting tasks: don't need (job cache full)".to_owned(),
    }
}

/// The project answers what was asked.
pub fn receive(client: &mut Client, life: &mut Life, scenario: &Scenario, at: usize, asks: &[Ask]) {
    let name = client.projects[at].site.name.clone();
    if asks.is_empty() {
        log::info(client, &name, "Scheduler request completed".to_owned());
        return;
    }
    let over_quota = life.suffers(Trouble::Failing, Some(at)) && life.random.f64() < 0.6;
    let none = over_quota || life.suffers(Trouble::NoWork, Some(at));
    let mut got = 0;
    let mut limited = false;
    for ask in asks {
        let (tasks, reached) = if none { (0, false) } else { send(client, life, scenario, at, ask) };
        got += tasks;
        limited |= reached;
        let now = client.clock;
        let wait = life.random.f64();
        let backoff = client.projects[at].backoffs.iter_mut().find(|backoff| backoff.resource == ask.resource);
        let Some(backoff) = backoff else { continue };
        if tasks > 0 {
            (backoff.interval, backoff.until) = (0.0, 0.0);
        } else {
            backoff.interval = (backoff.interval * 2.0).clamp(BACKOFF.0, BACKOFF.1);
            backoff.until = now + backoff.interval * (0.5 + wait);
        }
    }
    log::info(client, &name, format!("Scheduler request completed: got {got} new tasks"));
    if over_quota {
        log::info(client, &name, "No tasks sent".to_owned());
        log::alert(client, &name, "This computer has finished a daily quota of 4 tasks".to_owned());
    } else if got == 0 && limited {
        log::info(client, &name, "No tasks sent".to_owned());
        log::info(client, &name, "This computer has reached a limit on tasks in progress".to_owned());
    } else if got == 0 {
        let title = client.projects[at].site.apps.first().map(|app| app.user_friendly_name.clone()).unwrap_or_default();
        log::info(client, &name, "No tasks sent".to_owned());
        log::info(client, &name, format!("No tasks are available for {title}"));
    }
    life.reschedule |= got > 0;
}

/// How many tasks came, and whether the project's limit was reached.
fn send(client: &mut Client, life: &mut Life, scenario: &Scenario, at: usize, ask: &Ask) -> (u32, bool) {
    let site = Arc::clone(&client.projects[at].site);
    let settings = &scenario.projects[life.members[at].project];
    let apps = site.apps.iter().enumerate().filter(|(_, app)| app.resource() == ask.resource);
    let apps: Vec<usize> = apps.map(|(number, _)| number).collect();
    let mut seconds = ask.seconds;
    let instances = instances(client, ask.resource);
    let mut sent = 0;
    while seconds > 0.0 && sent < 200 {
        let number = apps[life.random.usize(0..apps.len())];
        let app = &site.apps[number];
        let tasks = &client.projects[at].tasks;
        let there = tasks.iter().filter(|task| site.apps[task.app].resource() == ask.resource).count();
        if app.non_cpu_intensive && sent > 0 {
            return (sent, false);
        }
        if there as f64 >= f64::from(settings.limit) * instances {
            return (sent, true);
        }
        let task = new_task(client, life, &settings.apps[number], &site, number, at);
        seconds -= task.estimate(app) * app.coproc.map_or(app.avg_ncpus, |(_, count)| count);
        let project = &mut client.projects[at];
        project.tasks.push(task);
        let download = file(project, project.tasks.len() - 1, app.input, false, client.clock);
        client.transfers.push(download);
        sent += 1;
    }
    (sent, false)
}

/// Gives the client the tasks that it has to begin with, turn by turn from its projects.
pub fn stock(client: &mut Client, life: &mut Life, scenario: &Scenario) {
    let sources: Vec<(usize, usize)> = (client.projects.iter().enumerate())
        .flat_map(|(at, project)| (0..project.site.apps.len()).map(move |number| (at, number)))
        .filter(|(at, number)| client.projects[*at].site.apps[*number].resource() == "CPU")
        .collect();
    for (at, number) in sources.into_iter().cycle().take(life.host.tasks as usize) {
        let site = Arc::clone(&client.projects[at].site);
        let settings = &scenario.projects[life.members[at].project].apps[number];
        let task = new_task(client, life, settings, &site, number, at);
        client.projects[at].tasks.push(Task { state: 2, ..task });
    }
}

fn new_task(client: &Client, life: &mut Life, settings: &scenario::App, site: &Site, number: usize, at: usize) -> Task {
    let app = &site.apps[number];
    let random = &mut life.random;
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
    life.next += 1;
    let workunit = format!("{}_{:05}_{:04}", app.name, life.random.u32(10_000..99_999), life.next);
    let slow = if life.suffers(Trouble::Slow, Some(at)) { life.slower } else { 1.0 };
    let whole = estimate * jitter * settings.underestimated * slow / (client.preferences.cpu_usage_limit / 100.0);
    let failing = life.suffers(Trouble::Failing, Some(at));
    let fate = match () {
        () if failing => life.failing_with,
        () if fails => settings.exit_status,
        () => 0,
    };
    let postponed = life.suffers(Trouble::Postponed, Some(at));
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
        stalls_at: if life.suffers(Trouble::Stall, Some(at)) { 0.3 } else { 2.0 },
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

impl Site {
    /// Whether it has an application for this resource.
    #[must_use]
    pub fn serves(&self, resource: &str) -> bool {
        self.apps.iter().any(|app| app.resource() == resource)
    }
}

impl App {
    /// BOINC's name of the resource that it is for.
    #[must_use]
    pub fn resource(&self) -> &'static str {
        self.coproc.map_or("CPU", |(vendor, _)| vendor.resource())
    }
}
