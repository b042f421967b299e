//! `boinc_exporter serve`: answers Prometheus until told to stop.

use std::net::SocketAddr;
#[cfg(feature = "demo")]
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
#[cfg(feature = "demo")]
use tokio::net::TcpStream;
use tokio::signal;

use crate::cli::Cli;
use crate::client::Fleet;
#[cfg(feature = "demo")]
use crate::client::gui_rpc::address::Address;
#[cfg(feature = "demo")]
use crate::client::target::{Password, Target};
use crate::clock::Clock;
use crate::config::Config;
use crate::http::{self, AppState, Reloader, WebAccess, systemd};
use crate::reload::ConfigHandle;
use crate::self_metrics;

/// How often it is looked whether the configuration has changed, unless told otherwise.
const RELOAD_INTERVAL: Duration = Duration::from_secs(30);

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// Nothing can be listened on, or the configuration names clients wrongly.
pub async fn serve(cli: &Cli, config: Config) -> anyhow::Result<()> {
    #[cfg(feature = "demo")]
    tokio::spawn(mention_demo(config.clone()));
    serve_and_tell(cli, config, Clock::default(), |_| Ok(())).await
}

/// The same with clients that live by this clock. `tell` is given the URLs of the pages once they can be opened.
///
/// # Errors
/// As [`serve`], and what `tell` has to complain of.
pub async fn serve_and_tell(
    cli: &Cli,
    config: Config,
    clock: Clock,
    tell: impl FnOnce(&[String]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let fleet = Fleet::with_clock(config.targets()?, config.scrape.limits(), clock);
    let web_access = WebAccess::from_config(&config.web)?.map(Arc::new);
    let listeners = listeners(&config)?;
    let (version, clients) = (self_metrics::VERSION, fleet.last().len());
    let state = AppState::new(ConfigHandle::new(cli.clone(), config.clone(), fleet), web_access.clone());
    // Before anything says that the exporter runs: SIGHUP may follow at once.
    follow_changes(cli, state.reloader());
    let file = config.file.as_ref().map_or_else(|| "none".to_owned(), |file| file.display().to_string());
    tracing::info!(version, clients, config_file = file, "boinc_exporter starts");
    let tls = web_access.as_ref().is_some_and(|web_access| web_access.has_tls());
    let mut pages = Vec::with_capacity(listeners.len());
    for listener in &listeners {
        let address = listener.local_addr()?;
        tracing::info!(%address, path = config.web.telemetry_path, tls, "listening");
        pages.push(url(tls, address));
    }
    let told = shutdown();
    tell(&pages)?;
    systemd::ready();
    let stop = async {
        told.await;
        systemd::stopping();
    };
    http::serve_with_web_access(listeners, http::app(state), web_access, stop).await?;
    tracing::info!("boinc_exporter stops");
    Ok(())
}

/// How a browser on this computer gets there. "All addresses" cannot be visited.
fn url(tls: bool, address: SocketAddr) -> String {
    let scheme = if tls { "https" } else { "http" };
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

/// To whoever tries the exporter where there is no BOINC, its metrics say next to nothing.
#[cfg(feature = "demo")]
async fn mention_demo(config: Config) {
    let targets = config.targets().ok().filter(|_| config.clients.is_empty());
    let Some([local]) = targets.as_deref() else { return };
    if is_nobody_there(local).await {
        tracing::info!(
            "there seems to be no BOINC on this computer; `boinc_exporter demo` shows what there would be to see"
        );
    }
}

/// Whether nothing listens at the usual port of this computer, and no data directory is where there is usually one.
#[cfg(feature = "demo")]
async fn is_nobody_there(local: &Target) -> bool {
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
    #[cfg(unix)]
    match signal::unix::signal(signal::unix::SignalKind::hangup()) {
        Ok(mut hangup) => {
            let reloader = Arc::clone(reloader);
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    // Logged, and there is nobody to return it to.
                    let _ = reloader.reload().await;
                }
            });
        }
        Err(error) => tracing::warn!(%error, "cannot listen for SIGHUP; use POST /-/reload instead"),
    }
    if cli.enable_auto_reload {
        let (reloader, interval) = (Arc::clone(reloader), cli.auto_reload_interval.unwrap_or(RELOAD_INTERVAL));
        tokio::spawn(async move { reloader.follow(interval).await });
    }
}

/// Ends when this process is told to stop. Listens for that from the call on: whoever was told that the exporter is
/// ready may stop it the next moment.
fn shutdown() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = signal::unix::signal(signal::unix::SignalKind::terminate());
    #[cfg(unix)]
    let interrupt = signal::unix::signal(signal::unix::SignalKind::interrupt());
    async move {
        #[cfg(unix)]
        if let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::client::collectors::Collectors;

    /// The client of this computer, if it kept its password in this file.
    fn local(port: u16, file: PathBuf) -> Target {
        Target {
            name: "localhost".to_owned(),
            address: Address::Tcp { host: "127.0.0.1".to_owned(), port },
            password: Password::FirstOf(vec![file]),
            labels: BTreeMap::new(),
            collectors: Collectors::default(),
            timeout: Duration::from_secs(1),
        }
    }

    #[tokio::test]
    async fn boinc_is_there_if_it_listens_or_has_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (there, gone) = (folder.path().join("gui_rpc_auth.cfg"), folder.path().join("gone/gui_rpc_auth.cfg"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_nobody_there(&local(port, gone.clone())).await);
        drop(listener);
        assert!(!is_nobody_there(&local(port, there)).await);
        assert!(is_nobody_there(&local(port, gone)).await);
    }
}
