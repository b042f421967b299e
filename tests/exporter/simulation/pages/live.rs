//! Simulated servers on their ports, asked by the exporter's own poller.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use boinc_exporter::project::collectors::{Collector, Collectors};
use boinc_exporter::project::fetch::Web;
use boinc_exporter::project::limits::Limits;
use boinc_exporter::project::plan::pages;
use boinc_exporter::project::poll::{Known, poll};
use boinc_exporter::project::target::{MasterUrl, Target, parse_url};
use boinc_exporter::simulation::project_server::ProjectServers;

use super::world;
use crate::support::process::PATIENCE;

/// What became of each collector of the projects with these names.
async fn outcomes(names: &[&str], timeout: Duration) -> BTreeMap<String, BTreeMap<&'static str, String>> {
    let (world, _) = world("servers", 20);
    let servers = ProjectServers::start(&world).await.expect("free ports");
    let web = Web::new(timeout, None);
    let mut outcomes = BTreeMap::new();
    for ((at, server), url) in world.project_servers().iter().enumerate().zip(servers.urls()) {
        if !names.contains(&server.name.as_str()) {
            continue;
        }
        let mut key = tempfile::NamedTempFile::new().expect("a temporary file");
        writeln!(key, "{}", server.authenticator()).expect("it can be written");
        let target = Target {
            account_key: Some(key.path().to_owned()),
            team: Some(u64::from(server.teamid)),
            submitter: Some(key.path().to_owned()),
            web_rpc_url: Some(parse_url(&url).expect("it is an address")),
            scheduler_url: Some(parse_url(&servers.scheduler(at)).expect("it is an address")),
            ..Target::new(MasterUrl::parse(&server.url).expect("it is an address"), Collectors::of(Collector::ALL))
        };
        let result = world.look_at_project(at, |side, _| side.results.keys().next().cloned());
        let mut said = BTreeMap::new();
        for plan in pages(&target) {
            let known = Known { names: result.iter().cloned().collect(), ..Known::default() };
            let (round, _) = poll(&web, &target, &Limits::default(), &plan, &known, world.clock().unix()).await;
            said.insert(
                plan.collector.name(),
                round.error.map_or_else(|| "read".to_owned(), |error| error.reason.to_string()),
            );
            if plan.collector == Collector::Statistics && round.reading.is_some() {
                let known = Known { validators: Some(round.validators), ..known };
                let (round, _) = poll(&web, &target, &Limits::default(), &plan, &known, world.clock().unix()).await;
                assert!(round.error.is_none() && round.reading.is_none(), "{}: the same again", server.name);
            }
        }
        outcomes.insert(server.name.clone(), said);
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_answers_the_exporter() {
    let outcomes = outcomes(&["Well", "Project down", "Tls", "Login wall", "Php notices"], PATIENCE).await;
    insta::assert_debug_snapshot!(outcomes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_takes_too_long() {
    let outcomes = outcomes(&["Slow pages"], Duration::from_millis(50)).await;
    assert!(outcomes["Slow pages"].values().all(|outcome| outcome == "timeout"), "{outcomes:?}");
}

/// A project is found by the address of its server alone, as somebody would who runs it.
#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_is_found_from_the_first_page() {
    let (world, _) = world("servers", 0);
    let servers = ProjectServers::start(&world).await.expect("free ports");
    let url = servers.urls().next().expect("there are projects");
    let target = Target::new(MasterUrl::parse(&url).expect("it is an address"), Collectors::of([Collector::Scheduler]));
    let plan = pages(&target).remove(0);
    let web = Web::new(PATIENCE, None);
    let before = world.look_at_project(0, |side, _| format!("{:?}", side.hosts));
    let (round, found) = poll(&web, &target, &Limits::default(), &plan, &Known::default(), 0.0).await;
    assert_eq!(round.error, None);
    assert_eq!(found.schedulers, [servers.scheduler(0)]);
    assert_eq!(world.look_at_project(0, |side, _| format!("{:?}", side.hosts)), before, "asking made a computer");
}
