//! `boinc_exporter demo --history`: what the exporter would have exposed about simulated clients in the past. Their clock is
//! advanced step by step; at each step they are polled over their sockets, and the exposition is written with that timestamp. The
//! result is a file for `promtool tsdb create-blocks-from openmetrics`.
//!
//! The file is written in time order, so its families are interrupted. The standard forbids this, but `promtool` accepts it,
//! because it reads the file line by line.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::beside::Directories;
use super::projects::Projects;
use crate::cli::{Cli, Demo};
use crate::client::collectors::Collectors;
use crate::client::data_directory::Place;
use crate::client::gui_rpc::address::Address;
use crate::client::snapshot::Snapshot;
use crate::client::target::Target;
use crate::client::{Client, Fleet, Limits};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::exposition::{Format, render};
use crate::jobs::backfill::{Writer, advise};
use crate::metric::Scrape;
use crate::project::{self, Project, Watch};
use crate::reload::told;
use crate::simulation::behaviour::Reachability;
use crate::simulation::password::PasswordFile;
use crate::simulation::scenario::Scenario;
use crate::simulation::server::Servers;
use crate::simulation::world::World;

/// Longer than any client on this computer needs, however busy the computer is. A timeout would leave a gap in the history.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// A client that hangs gets less time, because it does so at each of hundreds of steps.
const HANGING_CLIENT_TIMEOUT: Duration = Duration::from_secs(2);

const WRITING: &str = "cannot write the samples";

/// Timestamps of the samples.
#[derive(Debug, Clone, Copy)]
struct Period {
    /// Unix seconds.
    start: u64,
    step: Duration,
    steps: u32,
}

/// Writes a history of this length for a scenario.
///
/// # Errors
/// A sentence about the length, the file, or a simulated client that did not answer.
pub async fn history(
    cli: &Cli,
    scenario: Scenario,
    config: &config::Scrape,
    options: &Demo,
    past: Duration,
) -> anyhow::Result<()> {
    let period = Period::before(options.until, past, options.step)?;
    let writer = Writer::create(options.output.as_deref(), &options.labels)?;
    let began = Instant::now();
    // Writing takes about as long as simulating, so they run in parallel.
    let (sender, receiver) = mpsc::channel(1);
    let writing = tokio::task::spawn_blocking(move || write(writer, receiver));
    let simulated = tokio::select! {
        simulated = simulate(cli, scenario, config, (period, options.data_directory.as_deref()), sender) => simulated,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; the partial output was deleted")),
    };
    let writer = writing.await?.context(WRITING)?;
    simulated?;
    let samples = writer.finish().context(WRITING)?;
    let (steps, seconds) = (period.steps + 1, began.elapsed().as_secs());
    eprintln!("{samples} samples, at {steps} times, in {seconds} s");
    advise(options.output.as_deref());
    Ok(())
}

/// The timestamp, and the exporter's snapshots of clients and projects.
type Step = (u64, Vec<Arc<Snapshot>>, Vec<Arc<project::snapshot::Snapshot>>);

/// Writes what it receives. Returns the writer when the sender is dropped.
fn write(mut writer: Writer, mut receiver: mpsc::Receiver<Step>) -> io::Result<Writer> {
    let up = writer.labelled("up");
    while let Some((time, clients, projects)) = receiver.blocking_recv() {
        writer.sample(&up, "1", time)?;
        let scrape = Scrape::of::<Client>(clients).and::<Project>(projects);
        writer.exposition(&render(None, scrape, Format::OpenMetrics), time)?;
    }
    Ok(writer)
}

/// Advances time for the clients, and sends the snapshots of each step.
async fn simulate(
    cli: &Cli,
    mut scenario: Scenario,
    config: &config::Scrape,
    (period, folder): (Period, Option<&Path>),
    sender: mpsc::Sender<Step>,
) -> anyhow::Result<()> {
    scenario.present = Some(period.time(period.steps) as f64);
    let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(period.start));
    let world = Arc::new(World::new(&scenario, clock.clone()));
    let servers = Servers::start(&world, None).await?;
    let password = PasswordFile::of(&world)?;
    let limits = Limits { tells_reported: true, ..config.limits() };
    let mut directories = folder.map(|folder| Directories::create(&world, folder)).transpose()?;
    let mut targets = targets(&servers, &password, config)?;
    for (target, member) in targets.iter_mut().zip(world.members()) {
        target.labels = member.group.iter().map(|group| ("group".to_owned(), group.clone())).collect();
    }
    for (target, path) in targets.iter_mut().zip(directories.iter().flat_map(Directories::paths)) {
        target.data_directory = Place::Named(path.to_owned());
    }
    let fleet = Arc::new(Fleet::with_clock(targets, limits, clock.clone()));
    let projects = Projects::start(&world).await?;
    let watch = Arc::new(watch(cli, &projects, &clock)?);
    let progress = Progress::new(period);
    for step in 0..=period.steps {
        if step > 0 {
            clock.step(period.step);
            world.advance();
            servers.follow().await;
        }
        if let Some(directories) = &mut directories {
            directories.write(&world)?;
        }
        let snapshots = poll(&fleet, &world).await;
        check(&world, &snapshots)?;
        let servers = ask(&watch, &fleet).await;
        if sender.send((period.time(step), snapshots, servers)).await.is_err() {
            // Writing failed, and the writing task returns the error.
            break;
        }
        progress.show(step);
    }
    Ok(())
}

/// The simulated projects, as the exporter of a live demo watches them.
fn watch(cli: &Cli, projects: &Projects, clock: &Clock) -> anyhow::Result<Watch> {
    let mut cli = cli.clone();
    cli.projects = projects.settings();
    Ok(Watch::new(Config::load(&cli)?.projects.settings()?, clock.clone()))
}

/// Asks projects for the pages that are due, and waits until they have answered.
async fn ask(watch: &Arc<Watch>, fleet: &Fleet) -> Vec<Arc<project::snapshot::Snapshot>> {
    watch.hear(told(fleet));
    // Projects are asked only if somebody reads what they say.
    drop(watch.scrape());
    let mut tasks = JoinSet::new();
    watch.ask(&mut tasks);
    while tasks.join_next().await.is_some() {}
    watch.scrape()
}

/// Polls all clients, each with its own timeout.
async fn poll(fleet: &Arc<Fleet>, world: &World) -> Vec<Arc<Snapshot>> {
    let polls = world.members().iter().map(|member| {
        let (fleet, name) = (Arc::clone(fleet), member.name.clone());
        let timeout =
            if member.reachability() == Reachability::Hangs { HANGING_CLIENT_TIMEOUT } else { CLIENT_TIMEOUT };
        tokio::spawn(async move { fleet.scrape_one(&name, Instant::now() + timeout).await })
    });
    let polls: Vec<_> = polls.collect();
    let mut snapshots = Vec::with_capacity(polls.len());
    for poll in polls {
        snapshots.extend(poll.await.ok().flatten());
    }
    snapshots
}

/// The simulated clients as targets with default settings.
fn targets(servers: &Servers, password: &PasswordFile, config: &config::Scrape) -> anyhow::Result<Vec<Target>> {
    let collectors = Collectors::parse(&config.collectors).map_err(anyhow::Error::msg)?;
    let target = |(name, address): (&str, std::net::SocketAddr)| Target {
        name: name.to_owned(),
        address: Address::Tcp { host: address.ip().to_string(), port: address.port() },
        password: password.password(),
        data_directory: Place::None,
        labels: BTreeMap::new(),
        collectors,
        timeout: CLIENT_TIMEOUT,
    };
    Ok(servers.addresses().map(target).collect())
}

/// Fails if a client did not answer that should have.
fn check(world: &World, snapshots: &[Arc<Snapshot>]) -> anyhow::Result<()> {
    for (member, snapshot) in world.members().iter().zip(snapshots) {
        let lets_in = member.password().unwrap_or_default() == world.password();
        if let (Reachability::Answers, true, Some(error), false) =
            (member.reachability(), lets_in, &snapshot.error, snapshot.up)
        {
            anyhow::bail!("simulated client `{}` did not answer: {}", member.name, error.message);
        }
    }
    Ok(())
}

impl Period {
    /// The period that ends at the last full step before `until`, or before now.
    fn before(until: Option<u64>, past: Duration, step: Duration) -> anyhow::Result<Self> {
        let (past, seconds) = (past.as_secs(), step.as_secs());
        anyhow::ensure!(past >= seconds, "--history is shorter than --step, so there is nothing to write");
        let steps = u32::try_from(past / seconds).context("--step is too short for this --history")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let end = until.unwrap_or(now) / seconds * seconds;
        let start = end.checked_sub(u64::from(steps) * seconds).context("--history begins before 1970")?;
        Ok(Self { start, step, steps })
    }

    const fn time(self, step: u32) -> u64 {
        self.start + step as u64 * self.step.as_secs()
    }
}

/// Progress, shown if stderr is a terminal.
struct Progress {
    steps: u32,
    began: Instant,
    watched: bool,
}

impl Progress {
    fn new(period: Period) -> Self {
        Self { steps: period.steps, began: Instant::now(), watched: io::stderr().is_terminal() }
    }

    fn show(&self, step: u32) {
        let percent = |step: u32| u64::from(step) * 100 / u64::from(self.steps);
        if !self.watched || step == 0 || percent(step) == percent(step - 1) {
            return;
        }
        let left = self.began.elapsed().mul_f64(f64::from(self.steps - step) / f64::from(step));
        let end = if step == self.steps { '\n' } else { '\r' };
        eprint!("{:3} %, {:4} s to go {end}", percent(step), left.as_secs());
    }
}
