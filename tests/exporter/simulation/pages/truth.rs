//! What a server says is true of its world: credit is there before clients tell it, and every task that was reported is validated.

use std::collections::BTreeMap;
use std::time::Duration;

use boinc_exporter::project::pages::results::Validation;
use boinc_exporter::project::pages::user::Names;
use boinc_exporter::project::pages::{Answer, batches, results, user};

use super::{Request, ask, requests, world};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn credit_is_there_before_clients_tell_it() {
    let (world, clock) = world("home", 0);
    let mut later = 0;
    for _ in 0..12 {
        clock.step(HOUR);
        world.advance();
        for (project, server) in world.project_servers().iter().enumerate() {
            let request = &requests(&world, project, "user")[1];
            let response = ask(&world, project, request);
            let answer = Answer { status: response.status, location: "", body: &response.body };
            let account = user::read(&answer, Names::Keep).expect("it is a page").content;
            let total = account.total_credit.expect("it is always there");
            for member in world.members() {
                member.look(|client, _| {
                    let Some(mine) = client.projects.iter().find(|project| project.server.url == server.url) else {
                        return;
                    };
                    assert!(mine.user.total <= total, "{} knows more than {}", member.name, server.name);
                    later += usize::from(mine.user.total < total);
                    let host = account.hosts.iter().find(|host| host.id == Some(i64::from(mine.hostid)));
                    let host = host.unwrap_or_else(|| panic!("{} does not know {}", server.name, member.name));
                    assert_eq!(&*host.domain_name, member.name);
                    assert!(host.total_credit >= Some(mine.host.total), "{} at {}", member.name, server.name);
                });
            }
            let sum: f64 = account.hosts.iter().filter_map(|host| host.total_credit).sum();
            assert!(sum <= total + 1e-6, "the computers of {} have more than the account", server.name);
        }
    }
    assert!(later > 20, "clients know as much as their projects: {later}");
}

#[test]
fn reported_tasks_are_validated() {
    let (world, clock) = world("home", 1);
    let reported: Vec<(String, String)> = world
        .members()
        .iter()
        .flat_map(|member| member.look(|client, _| client.old_results.clone()))
        .map(|old| (old.project_url, old.name))
        .collect();
    assert!(reported.len() > 10, "only {} tasks were reported", reported.len());
    let states = || {
        let mut states = BTreeMap::<&'static str, usize>::new();
        for (project, server) in world.project_servers().iter().enumerate() {
            for (_, name) in reported.iter().filter(|(url, _)| *url == server.url) {
                let response = ask(&world, project, &Request::get(&format!("/result_status.php?names={name}")));
                let answer = Answer { status: response.status, location: "", body: &response.body };
                let Ok(page) = results::read(&answer) else { continue };
                let result = &page.content.results[0];
                let validation = result.validation();
                assert_eq!(validation == Validation::Valid, result.granted_credit > Some(0.0), "{name}: {result:?}");
                *states.entry(validation.name()).or_default() += 1;
            }
        }
        states
    };
    let before = states();
    assert!(before.get("pending").is_some_and(|pending| *pending > 2), "{before:?}");
    clock.step(HOUR * 72);
    world.advance();
    let after = states();
    let failed = after.get("failed").copied().unwrap_or_default();
    let answered: usize = after.values().sum();
    assert!(after["valid"] * 10 > (answered - failed) * 8, "{after:?}");
    assert!(!after.contains_key("unknown") && !after.contains_key("unfinished"), "{after:?}");
}

#[test]
fn batches_get_on_and_end() {
    let (world, clock) = world("servers", 0);
    let project = 0;
    let mut seen = BTreeMap::<i64, Vec<(i64, f64)>>::new();
    for _ in 0..60 {
        let response = ask(&world, project, &requests(&world, project, "batches")[0]);
        let answer = Answer { status: response.status, location: "", body: &response.body };
        for batch in batches::read(&answer, Names::Drop).expect("it is a page").content.batches {
            let step = (batch.state.expect("it has one"), batch.fraction_done.expect("it has one"));
            seen.entry(batch.id.expect("it has one")).or_default().push(step);
        }
        clock.step(HOUR);
        world.advance();
    }
    let states: std::collections::BTreeSet<i64> = seen.values().flatten().map(|(state, _)| *state).collect();
    assert_eq!(states, [0, 1, 2, 3].into());
    for (id, steps) in &seen {
        assert!(steps.is_sorted_by(|(_, one), (_, other)| one <= other), "batch {id} goes back: {steps:?}");
    }
    let whole = |steps: &&Vec<(i64, f64)>| {
        steps[0].0 < 2 && steps.last().is_some_and(|(state, done)| *state == 2 && *done == 1.0)
    };
    assert!(seen.values().filter(whole).count() > 2, "{seen:?}");
}
