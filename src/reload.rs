//! The configuration in force and its clients, and how they are replaced while the exporter runs: by SIGHUP, by a POST, or
//! because the configuration was seen to differ. All at once or not at all: what is wrong is refused with a sentence, and
//! what was in force stays.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use crate::cli::Cli;
use crate::client::Fleet;
use crate::client::target::Target;
use crate::config::{Config, Web};
use crate::self_metrics::Reloads;

/// However often it is to be looked: reading the configuration costs something, and an interval of 0 would cost all.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

/// What a request works with. Requests that are under way keep theirs.
#[derive(Debug)]
pub struct ActiveConfig {
    /// The settings in force.
    pub config: Config,
    /// The clients.
    pub fleet: Fleet,
}

/// The one handle on what is in force.
#[derive(Debug)]
pub struct ConfigHandle {
    cli: Cli,
    active: watch::Sender<Arc<ActiveConfig>>,
    reloads: Arc<Reloads>,
    /// Held while the configuration is read and replaced: one at a time.
    last: Mutex<LastLoad>,
}

/// What was read last.
#[derive(Debug)]
struct LastLoad {
    config: Config,
    failure: Option<String>,
}

impl ConfigHandle {
    /// Starts with what was read from the files, the environment and these flags.
    #[must_use]
    pub fn new(cli: Cli, config: Config, fleet: Fleet) -> Self {
        let last = Mutex::new(LastLoad { config: config.clone(), failure: None });
        Self {
            cli,
            active: watch::Sender::new(Arc::new(ActiveConfig { config, fleet })),
            reloads: Arc::default(),
            last,
        }
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

    /// Reads the configuration and puts it in force; says how many clients there are then.
    ///
    /// # Errors
    /// A sentence that says what is wrong. What was in force stays.
    pub async fn reload(&self) -> Result<usize, String> {
        let mut last = self.last.lock().await;
        let read = self.read().await;
        self.replace(&mut last, read)
    }

    /// Whether the configuration, as it is written now, could be put in force.
    pub async fn is_readable(&self) -> bool {
        self.read().await.is_ok()
    }

    /// Notes that a reload was refused for something beside the configuration, and gives back the sentence.
    pub async fn refuse(&self, failure: &str) -> String {
        let mut last = self.last.lock().await;
        // The outcome is the sentence itself.
        self.replace(&mut last, Err(failure.to_owned())).err().unwrap_or_default()
    }

    /// Reloads whenever the configuration reads differently. Never ends.
    ///
    /// Settings are compared, and not files: a new comment is no reason, and a file that is seen half-written is read once
    /// more the next time.
    pub async fn follow(&self, interval: Duration) {
        let mut clock = tokio::time::interval(interval.max(LEAST_INTERVAL));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            let mut last = self.last.lock().await;
            let read = self.read().await;
            let news = match &read {
                Ok((config, _)) => last.failure.is_some() || *config != last.config,
                Err(failure) => last.failure.as_ref() != Some(failure),
            };
            if news {
                // It is logged, and there is nobody else to tell.
                let _ = self.replace(&mut last, read);
            }
        }
    }

    async fn read(&self) -> Result<(Config, Vec<Target>), String> {
        let cli = self.cli.clone();
        let read = move || {
            let config = Config::load(&cli)?;
            let targets = config.targets()?;
            Ok((config, targets))
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(read) => read.map_err(|error: crate::config::ConfigError| error.to_string()),
            Err(_) => Err("reading the configuration ended in a defect of the exporter; see its log".to_owned()),
        }
    }

    fn replace(&self, last: &mut LastLoad, read: Result<(Config, Vec<Target>), String>) -> Result<usize, String> {
        let (config, targets) = match read {
            Ok(read) => read,
            Err(failure) => {
                self.reloads.failed();
                tracing::error!("the configuration cannot be reloaded, the old one stays in force: {failure}");
                last.failure = Some(failure.clone());
                return Err(failure);
            }
        };
        let before = self.active();
        let clients = targets.len();
        let fleet = before.fleet.after(targets, config.scrape.limits());
        *last = LastLoad { config: config.clone(), failure: None };
        let config = with_fixed(config, &before.config);
        self.active.send_replace(Arc::new(ActiveConfig { config, fleet }));
        self.reloads.succeeded();
        tracing::info!(clients, "the configuration was reloaded");
        Ok(clients)
    }
}

/// Keeps what is decided when the exporter starts.
fn with_fixed(mut new: Config, old: &Config) -> Config {
    let web = Web { disable_exporter_metrics: new.web.disable_exporter_metrics, ..old.web.clone() };
    if new.web != web {
        tracing::warn!(
            "[web] has changed, but where the exporter listens, its paths and its limits stay as they are until it is restarted"
        );
        new.web = web;
    }
    if new.log != old.log {
        tracing::warn!("[log] has changed, but the log stays as it is until the exporter is restarted");
        new.log = old.log.clone();
    }
    new
}
