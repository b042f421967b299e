//! A fleet whose clients restart, hang, are installed anew and swap projects, while it is scraped: no counter falls but for a
//! reason, and the exporter needs no more in the end than in the beginning. `make soak` runs the long form, by the clock; the
//! short one goes from event to event.

mod counters;
mod needs;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::password::PasswordFile;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::World;

use self::counters::Counters;
use self::needs::{Needs, Rounds};
use crate::support::process::PATIENCE;
use crate::support::{Exporter, Samples};

/// 2026-11-23 12:00 UTC.
const NOON: Duration = Duration::from_secs(1_795_435_200);

/// All that happens to the fleet happens again within this time.
const ROUND: Duration = Duration::from_secs(2 * 3600);

/// Clients that hang for some time. All others have as much time as they need.
const HANGING: [&str; 2] = ["hangs", "everything"];

/// All collectors, and requests that are sent far more often than they should be: there is time for few.
const CONFIG: &str = r#"
[scrape]
collectors = ["default", "details", "tasks", "transfers", "app_versions", "history", "names"]
[scrape.intervals]
state = "5s"
disk_usage = "10s"
daily_transfers = "10s"
statistics = "10s"
known_projects = "10s"
version = "10s"
"#;

/// A fleet, and an exporter that watches it.
struct Soak {
    world: Arc<World>,
    servers: Servers,
    exporter: Exporter,
    counters: Counters,
    _password: PasswordFile,
}

impl Soak {
    /// Starts the fleet. On one that hangs, so much time is spent.
    async fn start(clock: Clock, patience: Duration) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exporter/soak/restless.toml");
        let scenario = Scenario::read(&file).expect("the scenario is right");
        let world = Arc::new(World::new(&scenario, clock));
        let servers = Servers::start(&world, None).await.expect("free ports");
        let password = PasswordFile::of(&world).expect("a temporary file");
        let file = password.path().expect("the clients have a password");
        let mut config = CONFIG.to_owned();
        for (name, address) in servers.addresses() {
            let timeout = if HANGING.contains(&name) { patience } else { PATIENCE };
            let _ = write!(
                config,
                "[[clients]]\nname = \"{name}\"\naddress = \"{address}\"\ntimeout = \"{}\"\npassword_file = \"{}\"\n",
                timeout.as_secs_f64(),
                file.display()
            );
        }
        let exporter = Exporter::start_as_installed(&config);
        Self { world, servers, exporter, counters: Counters::default(), _password: password }
    }

    /// Scrapes once.
    async fn scrape(&mut self) -> Needs {
        let page = self.exporter.get("/metrics", &[]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let samples = Samples::parse(&page.body);
        self.counters.observe(&page.body, &samples);
        Needs::of(&samples)
    }
}

/// Three rounds, in steps. Each event of the scenario lasts longer than a step.
#[tokio::test(flavor = "multi_thread")]
async fn a_restless_fleet_costs_no_more_in_the_end_and_no_counter_falls() {
    const STEP: Duration = Duration::from_secs(300);
    let clock = Clock::stepped(UNIX_EPOCH + NOON);
    let mut soak = Soak::start(clock.clone(), Duration::from_secs(1)).await;
    let mut rounds = Rounds::default();
    for _ in 0..3 {
        let mut most = Needs::default();
        for _ in 0..ROUND.as_secs() / STEP.as_secs() {
            clock.step(STEP);
            soak.world.advance();
            soak.servers.follow().await;
            most = most.max(soak.scrape().await);
        }
        rounds.push(most);
    }
    rounds.assert_flat();
    // Otherwise nothing happened.
    assert!(soak.counters.resets > 100, "{} counters began again", soak.counters.resets);
}

/// How often the long form scrapes: each time, a minute has passed for the clients.
const INTERVAL: Duration = Duration::from_secs(1);

const SPEED: u32 = 60;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as many minutes as SOAK_MINUTES says: `make soak`"]
async fn soak() {
    let minutes = std::env::var("SOAK_MINUTES").map_or(Ok(30), |minutes| minutes.parse::<u32>());
    let time = Duration::from_secs(60) * minutes.expect("SOAK_MINUTES is a number");
    let round_time = ROUND / SPEED;
    let mut soak = Soak::start(Clock::fast(SystemTime::now(), SPEED.into()), Duration::from_secs(1)).await;
    println!("{:>6} {:>9} {:>12} {:>8} {:>7} {:>10}", "hours", "MiB", "descriptors", "threads", "series", "resets");
    let mut done = Rounds::default();
    let (ends, mut hours) = (Instant::now() + time, 0);
    while Instant::now() + round_time <= ends {
        let (round_ends, mut most) = (Instant::now() + round_time, Needs::default());
        let mut ticks = tokio::time::interval(INTERVAL);
        while Instant::now() < round_ends {
            ticks.tick().await;
            most = most.max(soak.scrape().await);
        }
        let Needs { memory, descriptors, threads, series } = most;
        hours += ROUND.as_secs() / 3600;
        let (memory, resets) = (memory / 1_048_576.0, soak.counters.resets);
        println!("{hours:>6} {memory:>9.2} {descriptors:>12} {threads:>8} {series:>7} {resets:>10}");
        done.push(most);
    }
    done.assert_flat();
}
