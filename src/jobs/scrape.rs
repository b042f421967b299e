//! `boinc_exporter scrape`: scrapes all clients once, and prints the metrics or writes them to a file.

mod output;

use std::path::Path;
use std::time::Instant;

use super::print;
use crate::client::{Client, Fleet};
use crate::config::Config;
use crate::exposition::{Format, render};
use crate::metric::Scrape;
use crate::reload::limits;

/// Scrapes all clients once, and writes text 0.0.4. Metrics about this process are excluded: it has ended by the time they
/// are read, and `node_exporter`, whose textfile collector may read them, has the same metrics about itself.
///
/// # Errors
/// Writing the output failed.
pub async fn scrape(config: &Config, output: Option<&Path>) -> anyhow::Result<()> {
    let targets = config.targets()?;
    let limits = limits(config, targets.len());
    let fleet = Fleet::new(targets, limits);
    let snapshots = fleet.scrape(Instant::now() + config.scrape.timeout).await;
    let text = render(None, Scrape::of::<Client>(snapshots), Format::Text);
    match output {
        None => print(&text),
        Some(file) => output::write(file, &text),
    }
}
