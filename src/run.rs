//! The jobs of the command line: serve until told to stop, or print one exposition. They put the parts together.

use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal;

use crate::cli::Cli;
use crate::collect::{Fleet, deadline};
use crate::config::Config;
use crate::exposition::{Format, render};
use crate::http::{self, AppState};
use crate::metrics::Scrape;
use crate::own;
use crate::reload::Live;

/// How often it is looked whether the configuration has changed, unless told otherwise.
const RELOAD_INTERVAL: Duration = Duration::from_secs(30);

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// Nothing can be listened on, or the configuration names clients wrongly.
pub async fn serve(cli: &Cli, config: Config) -> anyhow::Result<()> {
    let fleet = Fleet::new(config.targets()?, &config.scrape);
    let listeners =
        config.web.listen_address.iter().map(|address| http::bind(*address)).collect::<Result<Vec<_>, _>>()?;
    let (version, clients) = (own::VERSION, fleet.last().len());
    let live = Arc::new(Live::new(cli.clone(), config.clone(), fleet));
    // Before it is said that the exporter runs: whoever waits for that may send SIGHUP next.
    follow_changes(cli, &live);
    let file = config.file.as_ref().map_or_else(|| "none".to_owned(), |file| file.display().to_string());
    tracing::info!(version, clients, config_file = file, "boinc_exporter starts");
    for listener in &listeners {
        let address = listener.local_addr()?;
        tracing::info!(%address, path = config.web.telemetry_path, "listening");
    }
    let own = Arc::new(own::registry(live.reloads()));
    http::serve(listeners, http::app(AppState { live, own }), shutdown()).await?;
    tracing::info!("boinc_exporter stops");
    Ok(())
}

/// Reloads when told to. Ends with the process.
fn follow_changes(cli: &Cli, live: &Arc<Live>) {
    #[cfg(unix)]
    match signal::unix::signal(signal::unix::SignalKind::hangup()) {
        Ok(mut hangup) => {
            let live = Arc::clone(live);
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    // It is logged, and there is nobody else to tell.
                    let _ = live.reload().await;
                }
            });
        }
        Err(error) => tracing::warn!(%error, "SIGHUP cannot be waited for; POST to /-/reload instead"),
    }
    if cli.enable_auto_reload {
        let (live, interval) = (Arc::clone(live), cli.auto_reload_interval.unwrap_or(RELOAD_INTERVAL));
        tokio::spawn(async move { live.follow(interval).await });
    }
}

/// Asks all clients once and prints what they said, as text 0.0.4. The metrics of this process are left out: it is over
/// when they are read, and `node_exporter`'s textfile collector has its own.
///
/// # Errors
/// The output cannot be written.
pub async fn scrape(config: &Config, output: Option<&Path>) -> anyhow::Result<()> {
    let fleet = Fleet::new(config.targets()?, &config.scrape);
    let snapshots = fleet.scrape(deadline(config.scrape.timeout, Duration::ZERO)).await;
    let text = render(None, Scrape(snapshots), Format::Text);
    match output {
        None => print(&text),
        Some(file) => replace(file, &text).with_context(|| {
            format!("cannot write {}: does its folder exist, and may this user write there", file.display())
        }),
    }
}

/// Replaces a file as a whole: a reader sees the old one or the new one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let name = file.file_name().ok_or(ErrorKind::IsADirectory)?.to_string_lossy();
    // node_exporter reads `*.prom`: a name with another ending is not read half-written.
    let part = file.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, file));
    if written.is_err() {
        // Best effort: the error that matters is the first.
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Prints to stdout. A reader that went away (`| head`) is no error.
///
/// # Errors
/// Stdout cannot be written.
pub fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to stdout"),
        _ => Ok(()),
    }
}

async fn shutdown() {
    let interrupt = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
