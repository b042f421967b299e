//! `boinc_exporter demo`: simulated clients, and an exporter that watches them, in one process. The exporter polls them over
//! sockets, like real clients.

mod beside;
mod history;
mod projects;
mod welcome;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use figment::value::Value;

use self::beside::Directories;
use self::projects::Projects;
use self::welcome::welcome;
use super::print;
use super::serve::serve_and_tell;
use crate::cli::{Cli, Demo};
use crate::client::Fleet;
use crate::client::collectors::Collector;
use crate::clock::Clock;
use crate::config::Config;
use crate::log;
use crate::platform;
use crate::simulation::password::PasswordFile;
use crate::simulation::scenario::Scenario;
use crate::simulation::server::Servers;
use crate::simulation::world::World;

/// Simulates clients and serves their metrics until SIGTERM or Ctrl-C.
///
/// # Errors
/// A sentence about the scenario, the configuration, or an address that cannot be listened on.
pub async fn demo(cli: &Cli, options: &Demo) -> anyhow::Result<()> {
    anyhow::ensure!(
        !cli.config_check,
        "--config.check cannot be used with `demo`, which generates its own configuration"
    );
    let mut cli = cli.clone();
    // The one installed on this computer is for its real clients.
    cli.config_file.get_or_insert_with(|| PathBuf::from(platform::NOTHING));
    let config = Config::load(&cli)?;
    anyhow::ensure!(
        config.clients.is_empty(),
        "the configuration has [[clients]], but `demo` shows only simulated clients; remove them"
    );
    anyhow::ensure!(
        config.projects.list.is_empty(),
        "the configuration has [[projects]], but `demo` shows only simulated ones; remove them"
    );
    if let Some(past) = options.history {
        return history::history(&cli, scenario(options)?, &config.scrape, options, past).await;
    }
    log::init(config.log.level, config.log.format);
    let scenario = scenario(options)?;
    let world = Arc::new(World::new(&scenario, clock(options.speed)));
    let servers = Servers::start(&world, options.clients_port).await?;
    // Passed like flags, so that a reload finds the same clients.
    let password = PasswordFile::of(&world)?;
    cli.clients = clients(&servers, &password);
    for (client, member) in cli.clients.iter_mut().zip(world.members()) {
        client.extend(member.group.clone().map(|group| ("labels", Value::from(BTreeMap::from([("group", group)])))));
    }
    let _beside = match &options.data_directory {
        Some(folder) => {
            let directories = Directories::create(&world, folder)?;
            for (client, path) in cli.clients.iter_mut().zip(directories.paths()) {
                client.insert("data_directory", path.display().to_string().into());
            }
            Some(directories.keep_writing(&world).await?)
        }
        None => None,
    };
    let projects = Projects::start(&world).await?;
    cli.projects = projects.settings();
    let config = Config::load(&cli)?;
    let path = config.web.telemetry_path.clone();
    let timeout = config.scrape.timeout;
    let print_welcome = async |fleet: &Fleet, pages: &[String]| {
        // As the first scrape would. It also fills the overview.
        let snapshots = fleet.scrape(Instant::now() + timeout).await;
        let series = snapshots.iter().map(|client| client.fit.series()).sum();
        let about = welcome::faults(&scenario, options.speed) + &welcome::series(series);
        print(&welcome(&options.scenario, (&servers, &projects), &about, pages, &path))
    };
    serve_and_tell(&cli, config, world.clock().clone(), print_welcome).await
}

fn scenario(options: &Demo) -> anyhow::Result<Scenario> {
    let name = options.scenario.as_str();
    let mut scenario = match Scenario::named(name) {
        Some(scenario) => scenario,
        None if Path::new(name).exists() => Scenario::read(Path::new(name)).map_err(anyhow::Error::msg)?,
        None => {
            let known: Vec<_> = Scenario::names().collect();
            anyhow::bail!("`{name}` is neither a built-in scenario ({}) nor a file", known.join(", "))
        }
    };
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    Ok(scenario)
}

fn clock(speed: f64) -> Clock {
    // A copy of the computer's clock would deviate from it when the clock is set.
    #[expect(clippy::float_cmp, reason = "1 is the default, or exactly what was typed")]
    if speed == 1.0 { Clock::default() } else { Clock::fast(SystemTime::now(), speed) }
}

/// The names of the collectors that are off by default.
fn optional_collectors() -> impl Iterator<Item = &'static str> {
    Collector::ALL.iter().filter(|collector| !collector.is_request()).map(|collector| collector.name())
}

/// The configuration of the simulated clients, with all collectors.
fn clients(servers: &Servers, password: &PasswordFile) -> Vec<BTreeMap<&'static str, Value>> {
    let collectors = ["default"].into_iter().chain(optional_collectors()).collect::<Vec<_>>().join(",");
    let client = |(name, address): (&str, SocketAddr)| {
        let mut client = BTreeMap::from([
            ("name", Value::from(name)),
            ("address", address.to_string().into()),
            ("collectors", collectors.clone().into()),
        ]);
        client.extend(password.path().map(|path| ("password_file", path.display().to_string().into())));
        client
    };
    servers.addresses().map(client).collect()
}
