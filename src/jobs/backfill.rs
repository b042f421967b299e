//! `boinc_exporter backfill`: what a client remembers of the days before it was watched, as samples with their times. In
//! come its credit and its network traffic by day, out goes a file for `promtool tsdb create-blocks-from openmetrics`,
//! with the names and labels that the metrics have when they are scraped.
//!
//! | module | what it knows |
//! |---|---|
//! | `days` | which value held when |
//! | `writer` | the file: times, and the labels that Prometheus adds |

mod days;
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
use crate::client::poll;
use crate::client::poll_state::PollState;
use crate::client::snapshot::Snapshot;
use crate::client::target::Target;
use crate::clock::Clock;
use crate::config::Config;

/// Prometheus holds the newest three hours of everything in its head. When it starts, it takes no sample into the head that
/// is older than the end of a block: one that ended later would cost it samples of all that it scrapes.
const HEAD: u64 = 3 * 3600;

/// The client keeps a year of traffic and, unless it is told otherwise, a month of credit.
const LONGEST: u64 = 366 * 86_400;

/// Nobody else waits: a client that is busy may take its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes what a client remembers.
///
/// # Errors
/// A sentence: there is no such client, it does not answer, it remembers nothing, the file cannot be written.
pub async fn backfill(config: &Config, what: &cli::Backfill) -> anyhow::Result<()> {
    let target = client(config, what.client.as_deref())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let period = period(what, now)?;
    let history = History::of(&ask(&target, config).await?, &period, what.step.as_secs());
    let Some((first, last)) = history.first_and_last() else {
        let (name, Range { start, end }) = (&target.name, period);
        anyhow::bail!("client `{name}` remembers no day from {} to {}", shown(start), shown(end))
    };
    let mut writer = Writer::create(what.output.as_deref(), &what.labels)?;
    match history.write(&mut writer).and_then(|()| writer.finish()) {
        Ok(samples) => {
            eprintln!("{}: {samples} samples from {} to {}", target.name, shown(first), shown(last));
            advise(what.output.as_deref());
        }
        // Only stdout is a pipe: who reads it has seen enough, as `| head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => return Err(error).context("cannot write the samples"),
    }
    Ok(())
}

/// Says what is to be done with the file. Without the flag Prometheus would be given blocks of two hours, and the file
/// would be read for each of them.
pub fn advise(file: Option<&Path>) {
    if let Some(file) = file {
        let shown = file.display();
        eprintln!("Load it: promtool tsdb create-blocks-from openmetrics --max-block-duration=1000h {shown} DATA");
        eprintln!("DATA is the folder that Prometheus has as --storage.tsdb.path");
    }
}

/// The client of this name, or the only one.
fn client(config: &Config, name: Option<&str>) -> anyhow::Result<Target> {
    let mut targets = config.targets()?;
    let names = targets.iter().map(|target| target.name.as_str()).collect::<Vec<_>>().join(", ");
    let at = match name {
        Some(name) => targets.iter().position(|target| target.name == name),
        None if targets.len() == 1 => Some(0),
        None => anyhow::bail!("say with --client which client is meant; configured are: {names}"),
    };
    let Some(at) = at else {
        anyhow::bail!("no client is called `{}`; configured are: {names}", name.unwrap_or_default())
    };
    Ok(targets.swap_remove(at))
}

/// The time to fill, in seconds since 1970.
fn period(what: &cli::Backfill, now: u64) -> anyhow::Result<Range<u64>> {
    let until = what.until.unwrap_or(now - HEAD);
    let since = what.since.unwrap_or(until.saturating_sub(LONGEST));
    anyhow::ensure!(until <= now, "--until {} has not been yet", shown(until));
    anyhow::ensure!(since < until, "--since {} is not before --until {}", shown(since), shown(until));
    Ok(since..until)
}

fn shown(time: u64) -> impl fmt::Display {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(time))
}

/// Asks the client for its days.
async fn ask(target: &Target, config: &Config) -> anyhow::Result<Snapshot> {
    let days = Collectors::parse(&["state", "statistics", "daily_transfers", "history"]).map_err(anyhow::Error::msg)?;
    let target = Target { collectors: days, ..target.clone() };
    let deadline = Instant::now() + PATIENCE;
    let snapshot = poll(&target, &mut PollState::default(), &config.scrape.limits(), &Clock::default(), deadline).await;
    // Whoever runs this can run it again: half of the days would only look whole.
    match &snapshot.error {
        Some(error) => anyhow::bail!("client `{}` at {}: {}", target.name, target.address, error.message),
        None => Ok(snapshot),
    }
}
