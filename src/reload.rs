//! The configuration in force, its clients and projects. A new one is first prepared, which may fail, and then committed, which cannot:
//! all of it or nothing. Requests that are being answered keep the one they started with.

mod told;

pub use self::told::told;

use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::Cli;
use crate::client::target::Target;
use crate::client::{Fleet, Limits};
use crate::config::{Config, ConfigError, Web};
use crate::project::Watch;
use crate::project::watch::{Settings, Told};
use crate::self_metrics::{OpenFiles, Reloads};

/// What requests work with.
#[derive(Debug)]
pub struct ActiveConfig {
    /// The settings in force.
    pub config: Config,
    /// The clients.
    pub fleet: Fleet,
    /// The projects' servers.
    pub projects: Arc<Watch>,
}

impl ActiveConfig {
    /// What the clients tell about projects, as of their last polls.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        told(&self.fleet)
    }
}

/// The one handle on what is in force.
#[derive(Debug)]
pub struct ConfigHandle {
    cli: Cli,
    active: watch::Sender<Arc<ActiveConfig>>,
    reloads: Arc<Reloads>,
}

/// A valid configuration that is not in force yet.
#[derive(Debug)]
pub struct PreparedConfig {
    /// The settings.
    pub config: Config,
    /// The clients.
    pub targets: Vec<Target>,
    /// The projects.
    pub projects: Settings,
}

impl ConfigHandle {
    /// Starts with what was read from the file, the environment and these flags.
    #[must_use]
    pub fn new(cli: Cli, config: Config, fleet: Fleet, projects: Watch) -> Self {
        let active = ActiveConfig { config, fleet, projects: Arc::new(projects) };
        Self { cli, active: watch::Sender::new(Arc::new(active)), reloads: Arc::default() }
    }

    /// What is in force.
    #[must_use]
    pub fn active(&self) -> Arc<ActiveConfig> {
        Arc::clone(&self.active.borrow())
    }

    /// How reloads went, as metrics.
    #[must_use]
    pub fn reloads(&self) -> Arc<Reloads> {
        Arc::clone(&self.reloads)
    }

    /// Reads the configuration and puts nothing in force. Blocks.
    ///
    /// # Errors
    /// The configuration is invalid.
    pub fn prepare(&self) -> Result<PreparedConfig, ConfigError> {
        let config = Config::load(&self.cli)?;
        let targets = config.targets()?;
        let projects = config.projects.settings()?;
        Ok(PreparedConfig { config, targets, projects })
    }

    /// Puts a configuration in force.
    pub fn commit(&self, PreparedConfig { config, targets, projects }: PreparedConfig) {
        let before = self.active();
        let limits = limits(&config, targets.len());
        let fleet = before.fleet.after(targets, limits);
        let projects = Arc::new(before.projects.after(projects));
        let config = keep_startup_settings(config, &before.config);
        self.active.send_replace(Arc::new(ActiveConfig { config, fleet, projects }));
    }
}

/// The limits of polls, lowered to what this process can do. Logs it if that makes a difference for so many clients.
#[must_use]
pub fn limits(config: &Config, clients: usize) -> Limits {
    let limits = Limits { tells_reported: config.projects.validates(), ..config.scrape.limits() };
    let Some(allowed) = OpenFiles::of_process() else { return limits };
    let limits = Limits { connections: allowed.clients, lookups: allowed.lookups, ..limits };
    if allowed.clients >= limits.concurrency {
        return limits;
    }
    if clients > allowed.clients {
        tracing::warn!(
            concurrency = allowed.clients,
            configured = limits.concurrency,
            "polling fewer clients at a time than configured, because the limit on open files is low; raise it: ulimit -n, \
             or LimitNOFILE= in the unit"
        );
    }
    Limits { concurrency: allowed.clients, ..limits }
}

/// Keeps the settings that take effect only at startup.
fn keep_startup_settings(mut new: Config, old: &Config) -> Config {
    let web = Web { disable_exporter_metrics: new.web.disable_exporter_metrics, ..old.web.clone() };
    if new.web != web {
        tracing::warn!("[web] has changed; except for disable_exporter_metrics, this takes effect after a restart");
        new.web = web;
    }
    if new.log != old.log {
        tracing::warn!("[log] has changed; this takes effect after a restart");
        new.log = old.log.clone();
    }
    new
}
