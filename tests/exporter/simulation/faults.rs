//! Each trouble of a scenario is seen in the metrics of the client that has it, and in no other's.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use boinc_exporter::client::Client;
use boinc_exporter::client::Fleet;
use boinc_exporter::client::Limits;
use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::{Format, render};
use boinc_exporter::metric::Scrape;
use boinc_exporter::simulation::data_directory::DataDirectory;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::{Member, World};

use crate::support::process::PATIENCE;
use crate::support::{Sample, Samples};

/// 2026-11-23 12:00 UTC.
const NOON: Duration = Duration::from_secs(1_795_435_200);

/// Whether a series of a client says that something is wrong.
type Sign = fn(&Samples, &str) -> bool;

fn any(samples: &Samples, client: &str, name: &str, labels: &[(&str, &str)], is: impl Fn(f64) -> bool) -> bool {
    let labels: Vec<_> = labels.iter().copied().chain([("client", client)]).collect();
    samples.series(name, &labels).any(|(_, value): (&Sample, f64)| is(value))
}

/// Whether the project has known the host only since the simulation began.
fn is_new_host(samples: &Samples, client: &str, project: &str) -> bool {
    let created = "boinc_project_host_created_timestamp_seconds";
    any(samples, client, created, &[("project", project)], |v| v >= NOON.as_secs_f64())
}

/// A trouble by the name of the client that has it, and its sign.
const SIGNS: [(&str, Sign); 27] = [
    ("off", |s, c| any(s, c, "boinc_scrape_error", &[("reason", "refused")], |v| v == 1.0)),
    ("hangs", |s, c| any(s, c, "boinc_scrape_error", &[("reason", "timeout")], |v| v == 1.0)),
    ("password", |s, c| any(s, c, "boinc_scrape_error", &[("reason", "wrong_password")], |v| v == 1.0)),
    ("crashes", |s, c| any(s, c, "boinc_client_previous_uptime_seconds", &[], |v| v < 3600.0)),
    ("old-client", |s, c| {
        any(s, c, "boinc_up", &[], |v| v == 1.0)
            && any(s, c, "boinc_scrape_collector_success", &[("collector", "daily_transfers")], |v| v == 0.0)
    }),
    ("clock", |s, c| {
        let now = s.value("boinc_client_clock_timestamp_seconds", &[("client", "well")]);
        any(s, c, "boinc_client_clock_timestamp_seconds", &[], |v| v > now.unwrap_or(f64::MAX) + 300.0)
    }),
    ("suspended", |s, c| {
        any(s, c, "boinc_suspend_reason", &[("activity", "cpu"), ("reason", "user_request")], |v| v == 1.0)
    }),
    ("offline", |s, c| any(s, c, "boinc_suspended", &[("activity", "network")], |v| v == 1.0)),
    ("gpu-lost", |s, c| any(s, c, "boinc_tasks_waiting", &[("reason", "gpu_missing")], |v| v > 0.0)),
    ("disk-full", |s, c| {
        any(s, c, "boinc_suspend_reason", &[("activity", "cpu"), ("reason", "disk_size")], |v| v == 1.0)
    }),
    ("stall", |s, c| any(s, c, "boinc_tasks_stalled", &[], |v| v > 0.0)),
    ("slow", |s, c| any(s, c, "boinc_tasks_deadline_at_risk", &[], |v| v > 0.0)),
    ("failing", |s, c| any(s, c, "boinc_tasks_reported_exit_status_total", &[("exit_status", "195")], |v| v > 0.0)),
    ("project-down", |s, c| any(s, c, "boinc_project_scheduler_rpc_failures", &[], |v| v >= 3.0)),
    ("delayed", |s, c| {
        let now = s.value("boinc_client_clock_timestamp_seconds", &[("client", c)]).unwrap_or(f64::MAX);
        any(s, c, "boinc_project_min_rpc_timestamp_seconds", &[], |v| v > now + 10.0 * 3600.0)
    }),
    ("moved", |s, c| any(s, c, "boinc_messages_total", &[("priority", "user_alert")], |v| v > 0.0)),
    ("detached", |s, c| {
        any(s, c, "boinc_up", &[], |v| v == 1.0) && !any(s, c, "boinc_project_info", &[("project", "Shaky")], |_| true)
    }),
    ("away", |s, c| is_new_host(s, c, "Shaky") && !is_new_host(s, c, "Steady")),
    ("reinstalled", |s, c| is_new_host(s, c, "Shaky") && is_new_host(s, c, "Steady")),
    ("no-work", |s, c| {
        any(s, c, "boinc_resource_idle_reason", &[("resource", "CPU")], |v| v == 1.0)
            && any(s, c, "boinc_work_fetch_replies_total", &[("reason", "no_work")], |v| v > 0.0)
    }),
    ("uploads", |s, c| any(s, c, "boinc_transfers", &[("direction", "upload"), ("state", "backoff")], |v| v > 2.0)),
    ("downloads", |s, c| any(s, c, "boinc_transfers", &[("direction", "download"), ("state", "backoff")], |v| v > 0.0)),
    ("ended", |s, c| any(s, c, "boinc_project_ended", &[("project", "Shaky")], |v| v == 1.0)),
    ("new-version", |s, c| any(s, c, "boinc_client_update_info", &[], |v| v == 1.0)),
    ("postponed", |s, c| any(s, c, "boinc_tasks_waiting", &[("reason", "postponed")], |v| v > 0.0)),
    ("restarts", |s, c| any(s, c, "boinc_slots_restarts_total", &[], |v| v > 0.0)),
    ("leftovers", |s, c| any(s, c, "boinc_slot_directories", &[("state", "leftovers")], |v| v > 0.0)),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_is_seen_where_it_is() {
    let scenario = Scenario::named("faults").expect("it comes with the exporter");
    let clock = Clock::stepped(UNIX_EPOCH + NOON);
    let world = Arc::new(World::new(&scenario, clock.clone()));
    let servers = Servers::start(&world, None).await.expect("free ports");
    let mut password = tempfile::NamedTempFile::new().expect("a temporary file");
    writeln!(password, "{}", world.password()).expect("it can be written");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let create =
        |member: &Arc<Member>| DataDirectory::create(&folder.path().join(&member.name)).expect("it can be made");
    let mut directories: Vec<_> = world.members().iter().map(create).collect();
    let mut write = || {
        for (directory, member) in directories.iter_mut().zip(world.members()) {
            directory.write(member).expect("it can be written");
        }
    };
    write();
    let target = |(name, address): (&str, std::net::SocketAddr)| Target {
        data_directory: Place::Named(folder.path().join(name)),
        name: name.to_owned(),
        address: Address::Tcp { host: address.ip().to_string(), port: address.port() },
        password: Password::File(password.path().to_owned()),
        labels: BTreeMap::new(),
        collectors: Collectors::parse(&["default", "details"]).expect("both exist"),
        timeout: PATIENCE,
    };
    let (hangs, others): (Vec<_>, Vec<_>) = servers.addresses().map(target).partition(|target| target.name == "hangs");
    let [hangs, others] = [hangs, others].map(|targets| Fleet::with_clock(targets, Limits::default(), clock.clone()));
    let mut before = scrape(&others, PATIENCE).await;
    before.0.extend(scrape(&hangs, PATIENCE).await.0);
    let mut seen: BTreeSet<(String, String)> = signs(&before);
    assert_eq!(seen, BTreeSet::new(), "signs of trouble before it begins");
    // Twenty hours: queues drain, deadlines come near, a stalled task has run for an hour.
    let mut credit = Vec::new();
    for _ in 0..10 {
        clock.step(Duration::from_secs(2 * 3600));
        // The overview asks by real time: it comes to rest however fast this clock runs.
        assert_eq!(others.behind(Duration::from_secs(3600)), 0);
        world.advance();
        write();
        servers.follow().await;
        let samples = scrape(&others, PATIENCE).await;
        seen.extend(signs(&samples));
        credit.push(["well", "no-credit"].map(|client| credit_of(&samples, client)));
    }
    // It costs the whole time that it is given.
    seen.extend(signs(&scrape(&hangs, Duration::from_secs(1)).await));
    // What was granted before is told within four hours.
    let earned = [0, 1].map(|client| credit[9][client] > credit[1][client]);
    assert_eq!(earned, [true, false], "credit of `well` and `no-credit`: {credit:?}");
    let own = SIGNS.map(|(name, _)| (name, name));
    // Who is not allowed to compute, or does it again and again, will be late; of a used up quota the user is told; a client that
    // was installed anew has run for no time before.
    let consequences = [
        ("crashes", "slow"),
        ("disk-full", "slow"),
        ("suspended", "slow"),
        ("failing", "moved"),
        ("reinstalled", "crashes"),
    ];
    let expected: BTreeSet<_> =
        own.into_iter().chain(consequences).map(|(client, sign)| (client.to_owned(), sign.to_owned())).collect();
    assert_eq!(seen, expected);
}

async fn scrape(fleet: &Fleet, time: Duration) -> Samples {
    let snapshots = fleet.scrape(Instant::now() + time).await;
    Samples::parse(&render(None, Scrape::of::<Client>(snapshots), Format::OpenMetrics))
}

fn credit_of(samples: &Samples, client: &str) -> f64 {
    samples.series("boinc_project_host_credit", &[("client", client)]).map(|(_, credit)| credit).sum()
}

/// Which client has the sign of which trouble.
fn signs(samples: &Samples) -> BTreeSet<(String, String)> {
    let clients: BTreeSet<&str> =
        samples.0.keys().filter_map(|sample| sample.labels.get("client")).map(String::as_str).collect();
    let of = |client: &str| -> Vec<(String, String)> {
        let shown = SIGNS.iter().filter(|(_, sign)| sign(samples, client));
        shown.map(|(trouble, _)| (client.to_owned(), (*trouble).to_owned())).collect()
    };
    clients.into_iter().flat_map(of).collect()
}
