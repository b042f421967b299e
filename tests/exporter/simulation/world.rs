//! The model: the same seed makes the same world, and nothing in it is ever impossible.

use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::state::Client;
use boinc_exporter::simulation::world::World;

/// 2026-11-23 12:00 UTC, a Monday.
const NOON: Duration = Duration::from_secs(1_795_435_200);

fn world(scenario: &Scenario) -> (World, Clock) {
    let clock = Clock::stepped(UNIX_EPOCH + NOON);
    (World::new(scenario, clock.clone()), clock)
}

fn all(world: &World) -> String {
    let client = |client: &Client, now: f64| format!("{now} {client:?}\n");
    world.members().iter().map(|member| member.look(client)).collect()
}

#[test]
fn the_same_seed_makes_the_same_world_however_often_it_is_looked_at() {
    let mut home = Scenario::named("home").expect("it comes with the exporter");
    home.warm_up = Duration::from_secs(3600);
    let (often, clock_of_often) = world(&home);
    let (seldom, clock_of_seldom) = world(&home);
    for _ in 0..120 {
        clock_of_often.step(Duration::from_secs(30));
        often.advance();
    }
    clock_of_seldom.step(Duration::from_secs(3600));
    seldom.advance();
    assert!(all(&often) == all(&seldom), "two worlds of one seed differ");
    let before = all(&world(&home).0);
    home.seed += 1;
    assert!(before != all(&world(&home).0), "two seeds make the same world");
}

#[test]
fn nothing_impossible_happens_in_two_days() {
    let mut home = Scenario::named("home").expect("it comes with the exporter");
    home.warm_up = Duration::from_secs(86_400);
    let (world, clock) = world(&home);
    for _ in 0..2 * 24 {
        clock.step(Duration::from_secs(3600));
        world.advance();
        for member in world.members() {
            member.look(|client, now| possible(&member.name, client, now));
        }
    }
    let sum =
        |of: fn(&Client) -> usize| -> usize { world.members().iter().map(|m| m.look(|client, _| of(client))).sum() };
    let done = sum(|client| client.projects.iter().map(|project| project.njobs_success as usize).sum());
    let first = home_jobs_at_birth(&home);
    assert!(done > first + 1000, "{} tasks succeeded in two days", done - first);
}

/// Jobs of all clients when their time began.
fn home_jobs_at_birth(home: &Scenario) -> usize {
    let mut new_client = home.clone();
    new_client.warm_up = Duration::ZERO;
    let (world, _) = world(&new_client);
    let of = |client: &Client| client.projects.iter().map(|project| project.njobs_success as usize).sum::<usize>();
    world.members().iter().map(|member| member.look(|client, _| of(client))).sum()
}

/// What holds of every client at every moment.
fn possible(name: &str, client: &Client, now: f64) {
    let text = format!("{client:?}");
    assert!(!text.contains("NaN") && !text.contains(": inf"), "{name}: no number: {text}");
    let tasks = || client.projects.iter().flat_map(|project| project.tasks.iter().map(move |task| (project, task)));
    let running = tasks().filter(|(_, task)| task.is_running());
    let cpus: f64 = running.map(|(project, task)| project.server.apps[task.app].avg_ncpus).sum();
    // A task with a GPU may overcommit the CPUs a little, one of several CPUs by all but one of them.
    assert!(cpus <= f64::from(client.host.ncpus) + 4.0, "{name}: {cpus} CPUs in use");
    for (project, task) in tasks() {
        let named = format!("{name}: {task:?}");
        assert!([1, 2, 3, 4, 5].contains(&task.state), "{named}");
        assert!(task.received <= now && task.deadline > task.received, "{named}");
        assert_eq!(task.ready_to_report, [3, 5].contains(&task.state), "{named}");
        assert!(task.active.is_none() || task.state == 2, "{named}");
        assert_eq!(task.exit_status != 0, task.state == 3, "{named}");
        assert!(task.app < project.server.apps.len(), "{named}");
        let active = task.active.as_ref();
        assert!(active.is_none_or(|a| (0.0..=1.0).contains(&a.fraction_done) && a.checkpoint_cpu <= a.cpu), "{named}");
    }
    for transfer in &client.transfers {
        assert!(transfer.done < transfer.nbytes && transfer.first_request_time <= now, "{name}: {transfer:?}");
    }
    for project in &client.projects {
        let days: Vec<_> = project.days.iter().map(|day| day.day).collect();
        assert!(days.is_sorted() && days.len() <= 31, "{name}: {days:?}");
        assert!(project.host.total <= project.user.total, "{name}: {} has more than its account", project.server.name);
    }
    assert!(client.messages.iter().map(|message| message.seqno).is_sorted(), "{name}: messages out of order");
    assert!(client.messages.len() <= 2000, "{name}: {} messages", client.messages.len());
}

#[test]
fn scenarios_say_what_is_wrong_with_them() {
    let wrong = |text: &str| Scenario::from_text(text).expect_err("it is wrong");
    let project = r#"projects = [{ name = "P", url = "https://p.example/", user = "u", apps = [] }]"#;
    let said = [
        wrong("projects = []"),
        wrong(&format!("{project}\nhosts = [{{ name = \"a\", cpus = 2, projects = [{{ project = \"Q\" }}] }}]")),
        wrong(&format!("{project}\nhosts = []\nfaults = [{{ trouble = \"off\", client = \"b\" }}]")),
        wrong(&format!("{project}\nhosts = []\nfaults = [{{ trouble = \"of\" }}]")),
        wrong(&format!("{project}\nhosts = [{{ name = \"a\", cpus = 2, projcts = [] }}]")),
        Scenario::read("nowhere.toml".as_ref()).expect_err("there is none"),
    ];
    insta::assert_snapshot!("scenarios", said.join("\n"));
}
