//! Each fault of a server gives the reason that it should on each page, or shows in what the page says.

use std::fmt::Write as _;

use boinc_exporter::project::pages::scheduler::SchedulerReply;
use boinc_exporter::project::pages::status::{DaemonState, ServerStatus};
use boinc_exporter::project::pages::user::Names;
use boinc_exporter::project::pages::{Answer, batches, config, results, scheduler, statistics, status, user};
use boinc_exporter::simulation::pages::Response;
use boinc_exporter::simulation::world::World;

use super::{PAGES, ask, read, requests, world};

/// What is worth seeing of a status: what does not run, and which queue is too long or empty.
fn of_status(status: &ServerStatus) -> String {
    let down = status.daemons.iter().filter(|daemon| daemon.state() == DaemonState::NotRunning);
    let mut signs: Vec<_> = down.map(|daemon| format!("{} is down", &*daemon.command)).collect();
    let mut add = |is: bool, sign: &str| signs.extend(is.then(|| sign.to_owned()));
    add(status.counts.results_ready_to_send == Some(0.0), "no work");
    add(status.counts.workunits_waiting_for_validation > Some(10_000.0), "much to validate");
    add(status.transitioner_backlog_hours > Some(10.0), "late");
    signs.join(", ")
}

fn of_scheduler(reply: &SchedulerReply) -> String {
    let database = reply.database().map_or("", |works| if works { ", with database" } else { ", without database" });
    format!("{}{database}", reply.state().name())
}

/// What is worth seeing of a page, or the reason why it cannot be read.
fn signs(page: &str, response: &Response, now: f64) -> String {
    let answer = Answer { status: response.status, location: &response.location, body: &response.body };
    let said = match read(page, response) {
        Err(fault) => return fault.reason.to_string(),
        Ok((oddities, _)) if oddities.notices > 0 => return "read, with notices".to_owned(),
        Ok((_, said)) => said,
    };
    let share = |part: usize, of: usize| format!("{} of 10", (10 * part + of / 2) / of.max(1));
    match page {
        "scheduler" => of_scheduler(&scheduler::read(&answer).expect("it was read").content),
        "status" => of_status(&status::read(&answer).expect("it was read").content),
        "config" => format!("stopped {:?}", config::read(&answer).expect("it was read").content.sched_stopped),
        "statistics" => {
            let age = now - statistics::read(&answer).expect("it was read").content.update_time.unwrap_or_default();
            if age > 86_400.0 { "old".to_owned() } else { "new".to_owned() }
        }
        "results" => {
            let results = results::read(&answer).expect("it was read").content.results;
            let over: Vec<_> = results.iter().map(|result| result.validation().name()).collect();
            let part = |name: &str| share(over.iter().filter(|over| **over == name).count(), over.len());
            format!("pending {}, invalid {}", part("pending"), part("invalid"))
        }
        "batches" => {
            let batches = batches::read(&answer, Names::Drop).expect("it was read").content.batches;
            let failed: f64 = batches.iter().filter_map(|batch| batch.nerror_jobs).sum();
            let unfinished = batches.iter().filter(|batch| batch.is_unfinished()).count();
            let much = if failed > 100.0 { "much" } else { "little" };
            format!("{much} failed, {}", if unfinished > 5 { "many unfinished" } else { "few unfinished" })
        }
        "user" => {
            // In Latin-1 a name is another, but not a number.
            let user = user::read(&answer, Names::Keep).expect("it was read").content;
            format!("credit {}", if user.total_credit > Some(1000.0) { "much" } else { "little" })
        }
        "team" if said.contains("Z\u{fc}rich") || said.contains("Zürich") => "Zürich".to_owned(),
        _ => "read".to_owned(),
    }
}

fn outcome(world: &World, project: usize) -> Vec<(&'static str, String)> {
    let of = |page: &'static str| {
        let mut requests = requests(world, project, page);
        // With the key, and posted.
        let request = if matches!(page, "user" | "scheduler") { requests.remove(1) } else { requests.remove(0) };
        (page, signs(page, &ask(world, project, &request), world.clock().unix()))
    };
    PAGES.into_iter().chain(["master"]).map(of).collect()
}

#[test]
fn each_fault_shows_as_it_should() {
    let (world, _) = world("servers", 30);
    let mut text = String::new();
    let well = outcome(&world, 0);
    for (project, server) in world.project_servers().iter().enumerate() {
        let _ = writeln!(text, "{}", server.name);
        let now = outcome(&world, project);
        // Of the healthy one everything, of the others what is different.
        for ((page, now), _) in now.iter().zip(&well).filter(|(now, well)| project == 0 || now != well) {
            let _ = writeln!(text, "  {page}: {now}");
        }
    }
    insta::assert_snapshot!(text);
}
