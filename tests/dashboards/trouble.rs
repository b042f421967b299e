//! What is wrong with a client: the exporter's own pages say it as the column *Trouble* of the dashboard *Fleet* does. Both look at the
//! same simulated clients, of which each has another trouble; words and colours are compared one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::gui_rpc::codes::SUSPEND_REASON;
use boinc_exporter::client::reason::Reason;
use boinc_exporter::client::snapshot::{IdleReason, Snapshot};
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::client::trouble::{Colour, Trouble, is_chosen, of_idle, of_suspension, troubles};
use boinc_exporter::client::{Client, Fleet, Limits};
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::{Format, render};
use boinc_exporter::jobs::backfill::Writer;
use boinc_exporter::metric::Scrape;
use boinc_exporter::simulation::scenario::{Fault, FaultKind, Scenario};
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::World;
use serde_json::Value;

use super::files::{json, path};
use super::past::END;
use super::support::process::PATIENCE;
use super::support::{Prometheus, make_blocks};

const STEP: u64 = 600;

/// All that is wrong with each client, by number.
type Found = BTreeMap<String, BTreeSet<usize>>;

/// The query of the column, and its properties.
fn column() -> (String, Value) {
    let dashboard = json(&path("dashboards/boinc-fleet.json"));
    let panels = dashboard["panels"].as_array().expect("a dashboard has panels");
    let table = panels.iter().find(|panel| panel["title"] == "Clients" && panel["type"] == "table");
    let table = table.expect("the dashboard has the table").clone();
    let queries = table["targets"].as_array().expect("a table has queries").iter();
    let mut queries = queries.map(|query| query["expr"].as_str().expect("queries are text"));
    let query = queries.find(|query| query.contains("\"trouble\"")).expect("the table has the column").to_owned();
    (query, table)
}

/// Text and colour of each value of a column.
fn mapped(table: &Value, column: &str) -> BTreeMap<String, (String, Colour)> {
    let overrides = table["fieldConfig"]["overrides"].as_array().expect("columns have properties");
    let of = overrides.iter().find(|of| of["matcher"]["options"] == column).expect("the column has properties");
    let properties = of["properties"].as_array().expect("a list");
    let mappings = properties.iter().find(|property| property["id"] == "mappings").expect("the column has texts");
    let texts = mappings["value"][0]["options"].as_object().expect("texts by value");
    let text = |value: &Value| value.as_str().expect("texts and colours are text").to_owned();
    texts.iter().map(|(value, shown)| (value.clone(), (text(&shown["text"]), colour(&text(&shown["color"]))))).collect()
}

/// A colour of Grafana by what it says.
fn colour(name: &str) -> Colour {
    let families = [
        ("red", Colour::Red),
        ("orange", Colour::Orange),
        ("yellow", Colour::Yellow),
        ("purple", Colour::Yellow),
        ("blue", Colour::Blue),
    ];
    families.into_iter().find(|(family, _)| name.ends_with(family)).map_or(Colour::Grey, |(_, colour)| colour)
}

#[test]
fn words_colours_and_thresholds_are_those_of_the_dashboard() {
    let (query, table) = column();
    let down = Reason::ALL.map(Trouble::Down);
    let all: BTreeMap<_, _> = Trouble::OF_RUNNING
        .into_iter()
        .chain(down)
        .map(|trouble| (trouble.rank().to_string(), trouble.shown()))
        .map(|(rank, (words, colour))| (rank, (words.to_owned(), colour)))
        .chain([("0".to_owned(), ("–".to_owned(), Colour::Grey))])
        .collect();
    assert_eq!(all, mapped(&table, "Trouble"));

    let idle = IdleReason::ALL.map(|reason| (reason.name().to_owned(), of_idle(reason)));
    let suspended =
        SUSPEND_REASON.0.iter().filter_map(|(code, name)| Some((format!("suspended: {name}"), of_suspension(*code)?)));
    let mut why = mapped(&table, "Why idle");
    // Nothing is idle because of it.
    why.remove("suspended: cpu_throttle");
    let suspended: BTreeMap<_, _> =
        suspended.map(|(name, (words, colour))| (name, (format!("suspended: {words}"), colour))).collect();
    let idle = idle.into_iter().map(|(name, (words, colour))| (name, (words.to_owned(), colour)));
    assert_eq!(idle.chain(suspended).collect::<BTreeMap<_, _>>(), why);

    let chosen = IdleReason::ALL.into_iter().filter(|reason| is_chosen(*reason)).map(IdleReason::name);
    let in_query =
        query.split("reason!~\"").nth(1).and_then(|rest| rest.split('"').next()).expect("reasons are left out");
    assert_eq!(in_query.split('|').collect::<BTreeSet<_>>(), chosen.collect());
}

/// What the function finds.
fn found(snapshots: &[Arc<Snapshot>]) -> Found {
    let of = |snapshot: &Snapshot| troubles(snapshot).into_iter().map(|finding| finding.trouble.rank()).collect();
    snapshots.iter().map(|snapshot| (snapshot.client.clone(), of(snapshot))).collect()
}

/// What the query finds, with all troubles instead of the worst. Of a client that is down only that counts, since what it was before
/// is in the database alone.
async fn shown(prometheus: &Prometheus, query: &str, time: u64, clients: &Found) -> Found {
    let all = query.replacen("max by (client) (", "max by (client, trouble, reason) (", 1);
    let all = all.replace("$job", ".+").replace("$client", ".+");
    let mut found: Found = clients.keys().map(|client| (client.clone(), BTreeSet::new())).collect();
    for (sample, rank) in prometheus.values(&all, Some(time)).await {
        if rank > 0.0 {
            let client = sample.label("client").expect("it is of a client");
            found
                .get_mut(client)
                .expect("it is one of these")
                .insert(rank.to_string().parse().expect("ranks are whole"));
        }
    }
    for ranks in found.values_mut() {
        if ranks.last().is_some_and(|worst| *worst > Trouble::OF_RUNNING.len()) {
            *ranks = ranks.last().copied().into_iter().collect();
        }
    }
    found
}

/// Scrapes a scenario at each step from the first to the last look, and has both look at these steps. Returns what they agree on.
async fn agreed(scenario: &Scenario, looks: &[u64]) -> Vec<Found> {
    let steps = looks.last().expect("it looks at least once");
    let begin = (END - steps * STEP) / STEP * STEP;
    let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(begin));
    let world = Arc::new(World::new(scenario, clock.clone()));
    let servers = Servers::start(&world, None).await.expect("free ports");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let password = folder.path().join("password");
    writeln!(File::create(&password).expect("it is writable"), "{}", world.password()).expect("it is writable");
    let target = |(name, address): (&str, std::net::SocketAddr)| Target {
        data_directory: Place::None,
        name: name.to_owned(),
        address: Address::Tcp { host: address.ip().to_string(), port: address.port() },
        password: Password::File(password.clone()),
        labels: BTreeMap::new(),
        collectors: Collectors::parse(&["default"]).expect("it exists"),
        timeout: PATIENCE,
    };
    let fleet = Fleet::with_clock(servers.addresses().map(target).collect(), Limits::default(), clock.clone());
    let file = folder.path().join("past.om");
    let mut writer = Writer::create(Some(&file), &[]).expect("a temporary folder is writable");
    let mut by_time = BTreeMap::new();
    for step in 0..=*steps {
        if step > 0 {
            clock.step(Duration::from_secs(STEP));
            world.advance();
            servers.follow().await;
        }
        let (time, snapshots) = (begin + step * STEP, fleet.scrape(Instant::now() + PATIENCE).await);
        if looks.contains(&step) {
            by_time.insert(time, found(&snapshots));
        }
        let text = render(None, Scrape::of::<Client>(snapshots), Format::OpenMetrics);
        writer.exposition(&text, time).expect("a temporary folder is writable");
    }
    writer.finish().expect("a temporary folder is writable");
    make_blocks(&file, folder.path());
    let prometheus = Prometheus::start(folder, "", &[&format!("--query.lookback-delta={}s", STEP - 1)]);
    let (query, _) = column();
    for (time, found) in &by_time {
        let shown = shown(&prometheus, &query, *time, found).await;
        let differs: Vec<_> = found.iter().filter(|(client, ranks)| shown[*client] != **ranks).collect();
        let in_query: Vec<_> = differs.iter().map(|(client, _)| &shown[*client]).collect();
        assert!(
            differs.is_empty(),
            "after {} min the function finds {differs:?}, the query {in_query:?}",
            (time - begin) / 60
        );
    }
    println!("{by_time:#?}");
    by_time.into_values().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_and_the_query_find_the_same() {
    let mut scenario = Scenario::named("faults").expect("it comes with the exporter");
    // It would cost all its time at each step; the exporter sees nothing of it but that.
    scenario.hosts.retain(|host| host.name != "hangs");
    scenario.faults.retain(|fault| fault.client.as_deref() != Some("hangs"));
    // All else that fails is down, or as well as its version can be.
    let refuses = scenario.faults.iter().find(|fault| fault.kind == FaultKind::OldClient).expect("it has one");
    let refuses = Fault { kind: FaultKind::Refuses, client: Some("moved".to_owned()), ..refuses.clone() };
    scenario.faults.push(refuses);
    // Early, in between, and at the end: queues drain, deadlines come near, and a client that cannot contact a project has tried for
    // more than a day.
    let found = agreed(&scenario, &[3, 12, 30, 60, 100, 144, 156, 28 * 6]).await;
    // Each trouble of a client that is up was seen, and some reasons to be down.
    let seen: BTreeSet<_> = found.iter().flat_map(|found| found.values().flatten()).copied().collect();
    let down = [Reason::Refused, Reason::WrongPassword].map(|reason| Trouble::Down(reason).rank());
    assert_eq!(seen, (1..=Trouble::OF_RUNNING.len()).chain(down).collect());
}

/// Neither exporter nor database has seen how it was before.
#[tokio::test(flavor = "multi_thread")]
async fn they_find_what_was_there_before_the_first_scrape() {
    let scenario = Scenario::named("home").expect("it comes with the exporter");
    let found = agreed(&scenario, &[0, 1, 6, 36]).await;
    let gone = found[0].iter().filter(|(_, ranks)| ranks.contains(&Trouble::Gpu.rank()));
    assert_eq!(gone.map(|(client, _)| client.as_str()).collect::<Vec<_>>(), ["cellar"]);
    let unreachable = found[0].iter().filter(|(_, ranks)| ranks.contains(&Trouble::Contact.rank()));
    assert_ne!(unreachable.count(), 0);
}
