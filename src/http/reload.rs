//! Reloading, by SIGHUP, by a POST to `/-/reload` if that is enabled, or because the configuration was seen to have changed.
//! The configuration and the web configuration are read once, then both are put in force, or neither.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};
use tower_http::csrf::ProtectionError;

use super::App;
use super::web_access::{PreparedAccess, WebAccess};
use super::web_config::WebConfigError;
use crate::config::{Config, ConfigError};
use crate::platform;
use crate::reload::{ConfigHandle, PreparedConfig};
use crate::words::chain;

/// Reading the configuration takes time; an interval of 0 would take all of it.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Why a reload was refused. What was in force stays in force.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The web configuration is invalid.
    #[error("the web configuration is invalid")]
    WebConfig(#[from] WebConfigError),
    /// A bug in the exporter.
    #[error("the exporter panicked while it read the configuration; see its log")]
    Panicked(#[from] JoinError),
}

/// Reads the configuration again and puts it in force.
#[derive(Debug)]
pub struct Reloader {
    config: Arc<ConfigHandle>,
    web_access: Option<Arc<WebAccess>>,
    /// Locked from reading to putting in force: one reload at a time.
    last: Mutex<LastLoad>,
}

/// The outcome of the last attempt to read the configuration.
#[derive(Debug)]
struct LastLoad {
    /// The last valid one, as it was read.
    config: Config,
    error: Option<String>,
}

/// Everything that a reload reads. Valid, and not in force yet.
struct Prepared {
    config: PreparedConfig,
    web_access: Option<PreparedAccess>,
}

#[derive(Clone, Copy, PartialEq)]
enum Trigger {
    /// SIGHUP or a POST.
    Operator,
    /// Nobody: a file has changed, and may be half written.
    Change,
}

impl Reloader {
    /// For what was loaded at startup.
    #[must_use]
    pub fn new(config: Arc<ConfigHandle>, web_access: Option<Arc<WebAccess>>) -> Self {
        let last = Mutex::new(LastLoad { config: config.active().config.clone(), error: None });
        Self { config, web_access, last }
    }

    /// Reloads, tells the service manager, and returns the number of clients.
    ///
    /// # Errors
    /// The configuration or the web configuration is invalid.
    pub async fn reload(&self) -> Result<usize, ReloadError> {
        platform::reloading();
        let mut last = self.last.lock().await;
        let prepared = self.prepare(Trigger::Operator).await;
        let outcome = self.finish(&mut last, prepared);
        drop(last);
        platform::ready();
        outcome
    }

    /// Reloads whenever the configuration reads differently. Never returns.
    ///
    /// Settings are compared, not files: a new comment is no reason to reload, and a file that was seen half written is
    /// read once more the next time.
    pub async fn follow(&self, interval: Duration) {
        let mut clock = tokio::time::interval(interval.max(MIN_INTERVAL));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            let mut last = self.last.lock().await;
            let prepared = self.prepare(Trigger::Change).await;
            let has_news = match &prepared {
                Ok(prepared) => last.error.is_some() || prepared.config.config != last.config,
                Err(error) => last.error.as_deref() != Some(&chain(error)),
            };
            if has_news {
                // Logged, and there is nobody to return it to.
                let _ = self.finish(&mut last, prepared);
            }
        }
    }

    /// Reads everything, once, on a thread that may block.
    async fn prepare(&self, trigger: Trigger) -> Result<Prepared, ReloadError> {
        let (config, web_access) = (Arc::clone(&self.config), self.web_access.clone());
        spawn_blocking(move || -> Result<_, ReloadError> {
            let config = config.prepare()?;
            let web_access = web_access.map(|access| match trigger {
                Trigger::Operator => access.prepare(),
                Trigger::Change => access.prepare_unattended(),
            });
            Ok(Prepared { config, web_access: web_access.transpose()? })
        })
        .await?
    }

    /// Commits what was prepared, or records why there is nothing to commit.
    fn finish(&self, last: &mut LastLoad, prepared: Result<Prepared, ReloadError>) -> Result<usize, ReloadError> {
        let metrics = self.config.reloads();
        match prepared {
            Ok(prepared) => {
                *last = LastLoad { config: prepared.config.config.clone(), error: None };
                let clients = prepared.config.targets.len();
                self.commit(prepared);
                metrics.succeeded();
                tracing::info!(clients, "reloaded the configuration");
                Ok(clients)
            }
            Err(error) => {
                let sentence = chain(&error);
                metrics.failed(sentence.clone());
                tracing::error!(error = sentence, "cannot reload the configuration; keeping the previous one");
                last.error = Some(sentence);
                Err(error)
            }
        }
    }

    /// Puts everything in force. Cannot fail.
    fn commit(&self, prepared: Prepared) {
        if let (Some(access), Some(prepared)) = (&self.web_access, prepared.web_access) {
            access.commit(prepared);
        }
        self.config.commit(prepared.config);
    }
}

/// As in Prometheus, nobody can reload over HTTP unless the operator wants that.
pub async fn post(State(app): State<Arc<App>>) -> Response {
    if !app.state.config.active().config.web.enable_lifecycle {
        let sentence =
            "Reloading by POST is not enabled; start the exporter with --web.enable-lifecycle, or send it SIGHUP.\n";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    match app.state.reloader.reload().await {
        Ok(clients) => {
            let plural = if clients == 1 { "" } else { "s" };
            format!("The configuration was reloaded: {clients} client{plural}.\n").into_response()
        }
        Err(error) => {
            let sentence = format!(
                "The configuration could not be reloaded; the previous one stays in force: {}\n",
                chain(&error)
            );
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}

/// The response to a request that a page of another site made a browser send.
pub fn foreign(_: ProtectionError) -> Response {
    let sentence = "Another site's page asked for this, so it is refused; reload with curl -X POST, or send SIGHUP.\n";
    (StatusCode::FORBIDDEN, sentence).into_response()
}
