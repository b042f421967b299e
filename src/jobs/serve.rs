//! `boinc_exporter serve`: answers Prometheus until it is told to stop.

use std::net::SocketAddr;
#[cfg(feature = "demo")]
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
#[cfg(feature = "demo")]
use tokio::net::TcpStream;

use crate::cli::Cli;
use crate::client::Fleet;
#[cfg(feature = "demo")]
use crate::client::gui_rpc::address::Address;
#[cfg(feature = "demo")]
use crate::client::target::{Password, Target};
use crate::clock::Clock;
use crate::config::Config;
use crate::http::{self, AppState, Reloader, WebAccess, systemd};
use crate::platform::{self, ReloadRequests};
use crate::project::Watch;
use crate::reload::{ConfigHandle, limits};
use crate::self_metrics;

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// The exporter cannot listen, or the configuration is invalid.
pub async fn serve(cli: &Cli, config: Config) -> anyhow::Result<()> {
    #[cfg(feature = "demo")]
    tokio::spawn(mention_demo(config.clone()));
    serve_and_tell(cli, config, Clock::default(), async |_, _| Ok(())).await
}

/// The same, with clients that go by this clock. `tell` gets the clients, and the URLs of the pages once they can
/// be opened.
///
/// # Errors
/// As [`serve`], and those of `tell`.
pub async fn serve_and_tell(
    cli: &Cli,
    config: Config,
    clock: Clock,
    tell: impl AsyncFnOnce(&Fleet, &[String]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let targets = config.targets()?;
    let limits = limits(&config, targets.len());
    let projects = Watch::new(config.projects.settings()?, clock.clone());
    let fleet = Fleet::with_clock(targets, limits, clock);
    let web_access = WebAccess::from_config(&config.web)?.map(Arc::new);
    let listeners = listeners(&config)?;
    let (version, clients) = (self_metrics::VERSION, fleet.last().len());
    let handle = ConfigHandle::new(cli.clone(), config.clone(), fleet, projects);
    let state = AppState::new(handle, web_access.clone());
    ask_projects(&state);
    // Before anything says that the exporter runs: SIGHUP or SIGTERM may follow at once.
    follow_changes(cli, state.reloader());
    let shutdown = platform::stop();
    let file = config.file.as_ref().map_or_else(|| "none".to_owned(), |file| file.display().to_string());
    tracing::info!(version, clients, config_file = file, "starting boinc_exporter");
    let tls = web_access.as_ref().is_some_and(|web_access| web_access.has_tls());
    let prefix = config.web.prefix();
    let mut pages = Vec::with_capacity(listeners.len());
    for listener in &listeners {
        let address = listener.local_addr()?;
        tracing::info!(%address, path = format!("{prefix}{}", config.web.telemetry_path), tls, "listening");
        pages.push(url(tls, address) + &prefix);
    }
    tell(&state.config().active().fleet, &pages).await?;
    platform::ready();
    let stop = async {
        shutdown.await;
        platform::stopping();
    };
    http::serve_with_web_access(listeners, http::app(state), web_access, stop).await?;
    tracing::info!("stopped boinc_exporter");
    Ok(())
}

/// Asks projects in the background. Ends with the process.
fn ask_projects(state: &AppState) {
    let config = state.config();
    tokio::spawn(Watch::run(move || {
        let active = config.active();
        let told = if active.projects.is_off() { Vec::new() } else { active.told() };
        (Arc::clone(&active.projects), told)
    }));
}

/// The URL for a browser on this computer. "All addresses" cannot be opened.
fn url(tls: bool, address: SocketAddr) -> String {
    let scheme = if tls { "https" } else { "http" };
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

/// Without BOINC on this computer, there are hardly any metrics to see.
#[cfg(feature = "demo")]
async fn mention_demo(config: Config) {
    let targets = config.targets().ok().filter(|_| config.means_local_client());
    let Some([local]) = targets.as_deref() else { return };
    if has_no_boinc(local).await {
        tracing::info!(
            "there seems to be no BOINC client on this computer; to see what the exporter shows, run `boinc_exporter demo`"
        );
    }
}

/// Whether nothing listens on the usual port of this computer and there is no data directory in the usual places.
#[cfg(feature = "demo")]
async fn has_no_boinc(local: &Target) -> bool {
    let (Address::Tcp { host, port }, Password::FirstOf(files)) = (&local.address, &local.password) else {
        return false;
    };
    let is_there = |file: &PathBuf| file.parent().is_some_and(Path::exists);
    !files.iter().any(is_there) && TcpStream::connect((host.as_str(), *port)).await.is_err()
}

fn listeners(config: &Config) -> anyhow::Result<Vec<TcpListener>> {
    if config.web.systemd_socket {
        return Ok(systemd::listeners()?);
    }
    Ok(config.web.listen_address.iter().map(|address| http::bind(*address)).collect::<Result<_, _>>()?)
}

/// Reloads when told to. Ends with the process.
fn follow_changes(cli: &Cli, reloader: &Arc<Reloader>) {
    match ReloadRequests::listen() {
        Ok(mut requests) => {
            let reloader = Arc::clone(reloader);
            tokio::spawn(async move {
                while requests.next().await.is_some() {
                    // Logged, and there is nobody to return it to.
                    let _ = reloader.reload().await;
                }
            });
        }
        Err(error) => {
            tracing::warn!(%error, "cannot listen for SIGHUP; use --web.enable-lifecycle and POST /-/reload instead");
        }
    }
    if cli.enable_auto_reload {
        let (reloader, interval) = (Arc::clone(reloader), cli.auto_reload_interval);
        tokio::spawn(async move { reloader.follow(interval).await });
    }
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::client::collectors::Collectors;
    use crate::client::data_directory::Place;

    /// The client of this computer, with its password in this file.
    fn local(port: u16, file: PathBuf) -> Target {
        Target {
            name: "localhost".to_owned(),
            address: Address::Tcp { host: "127.0.0.1".to_owned(), port },
            password: Password::FirstOf(vec![file]),
            data_directory: Place::None,
            labels: BTreeMap::new(),
            collectors: Collectors::default(),
            timeout: Duration::from_secs(1),
        }
    }

    #[tokio::test]
    async fn boinc_is_there_if_it_listens_or_has_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        let (there, gone) = (folder.path().join("gui_rpc_auth.cfg"), folder.path().join("gone/gui_rpc_auth.cfg"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!has_no_boinc(&local(port, gone.clone())).await);
        drop(listener);
        assert!(!has_no_boinc(&local(port, there)).await);
        assert!(has_no_boinc(&local(port, gone)).await);
    }
}
