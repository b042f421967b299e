//! `boinc_exporter backfill`: the history that a client keeps from before it was monitored, as samples with timestamps. From
//! credit and network traffic by day, and from the logs of a client on this computer, it makes a file for `promtool tsdb
//! create-blocks-from openmetrics`, with the same metric names and labels as a scrape.
//!
//! | module | what it knows |
//! |---|---|
//! | `joined` | one history of what a client tells and of what its files hold |
//! | `days` | which values a metric had at which times |
//! | `writer` | the file: timestamps, and the labels that Prometheus adds |

mod days;
mod joined;
mod writer;

use std::fmt;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use humantime_serde::re::humantime;

use self::days::History;
pub use self::writer::Writer;
use crate::cli;
use crate::client::collectors::Collectors;
use crate::client::data_directory::past::Past;
use crate::client::poll_state::PollState;
use crate::client::snapshot::Snapshot;
use crate::client::target::Target;
use crate::client::{Capacity, Lookups, Session, poll};
use crate::clock::Clock;
use crate::config::Config;

/// Prometheus keeps the newest three hours in its head block. On startup it drops samples of the head that are older than the
/// end of any block on disk, so a block that ended later would cost samples of everything that it scrapes.
const HEAD: u64 = 3 * 3600;

/// A client keeps one year of traffic and, by default, one month of credit. Logs have no end.
const MAX_PERIOD: u64 = 366 * 86_400;

/// Long, because nobody else is waiting and the client may be busy.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Writes the history of a client.
///
/// # Errors
/// There is no such client, it does not answer and left no files here, it has no history, or the file cannot be written.
pub async fn backfill(config: &Config, what: &cli::Backfill) -> anyhow::Result<()> {
    let target = client(config, what.client.as_deref())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let period = period(what, now)?;
    let past = past(&target, what.step.as_secs_f64()).await?;
    let source = ask(&target, config, &past).await?;
    let history = History::of(&source, &past, &period, what.step.as_secs());
    let Some((first, last)) = history.first_and_last() else {
        let (name, Range { start, end }) = (&target.name, period);
        anyhow::bail!("client `{name}` has no history from {} to {}", shown(start), shown(end))
    };
    let mut writer = Writer::create(what.output.as_deref(), &what.labels)?;
    match history.write(&mut writer).and_then(|()| writer.finish()) {
        Ok(samples) => {
            eprintln!("{}: {samples} samples from {} to {}", target.name, shown(first), shown(last));
            advise(what.output.as_deref());
        }
        // Only stdout is a pipe, and its reader has gone (`| head`).
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => return Err(error).context("cannot write the samples"),
    }
    Ok(())
}

/// Tells how to load the file. Without the flag, promtool would make blocks of two hours, and read the file once for each.
pub fn advise(file: Option<&Path>) {
    if let Some(file) = file {
        let shown = file.display();
        eprintln!("To load it: promtool tsdb create-blocks-from openmetrics --max-block-duration=1000h {shown} DATA");
        eprintln!("DATA is the directory of Prometheus's --storage.tsdb.path");
    }
}

/// The client with this name, or the only one.
fn client(config: &Config, name: Option<&str>) -> anyhow::Result<Target> {
    let mut targets = config.targets()?;
    let names = targets.iter().map(|target| target.name.as_str()).collect::<Vec<_>>().join(", ");
    let at = match name {
        Some(name) => targets.iter().position(|target| target.name == name),
        None if targets.len() == 1 => Some(0),
        None => anyhow::bail!("specify a client with --client; configured clients: {names}"),
    };
    let Some(at) = at else {
        anyhow::bail!("no client is called `{}`; configured clients: {names}", name.unwrap_or_default())
    };
    Ok(targets.swap_remove(at))
}

/// The period to export, as Unix timestamps.
fn period(what: &cli::Backfill, now: u64) -> anyhow::Result<Range<u64>> {
    let until = what.until.unwrap_or(now - HEAD);
    let since = what.since.unwrap_or(until.saturating_sub(MAX_PERIOD));
    anyhow::ensure!(until <= now, "--until {} is in the future", shown(until));
    anyhow::ensure!(since < until, "--since {} is not before --until {}", shown(since), shown(until));
    Ok(since..until)
}

fn shown(time: u64) -> impl fmt::Display {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(time))
}

/// Reads the files of a client on this computer. Those that were only looked for may be missing.
async fn past(target: &Target, step: f64) -> anyhow::Result<Past> {
    let place = target.data_directory.clone();
    let is_named = place.is_named();
    match tokio::task::spawn_blocking(move || Past::read(&place, step)).await? {
        Ok(past) => Ok(past),
        Err(problem) if is_named => Err(problem.into()),
        Err(problem) => {
            eprintln!("Without the client's files: {problem}");
            Ok(Past::default())
        }
    }
}

/// Requests the history from the client. One that does not answer has left what it knows in its files.
async fn ask(target: &Target, config: &Config, past: &Past) -> anyhow::Result<Snapshot> {
    // All that a day tells, also what is off by default, but no request that tells nothing of the past.
    let days =
        ["statistics", "daily_transfers", "files", "history", "details", "-screensaver_tasks", "-known_projects"];
    let days = Collectors::parse(&days).map_err(anyhow::Error::msg)?;
    let target = Target { collectors: days, ..target.clone() };
    let deadline = Instant::now() + TIMEOUT;
    let (limits, access) = (config.scrape.limits(), Lookups::default().entrance(&target).find(deadline).await);
    let capacity = Capacity::new(&limits);
    let session = Session::new(&target, access, &capacity, limits.max_reply_bytes, deadline);
    let snapshot = poll(session, &mut PollState::default(), &limits, &Clock::default()).await;
    let Some(error) = &snapshot.error else { return Ok(snapshot) };
    let sentence = format!("client `{}` at {}: {}", target.name, target.address, error.message);
    // An incomplete history would look complete. The command can be run again.
    anyhow::ensure!(!snapshot.up && !past.is_empty(), sentence);
    eprintln!("From the client's files alone: {sentence}");
    Ok(snapshot)
}
