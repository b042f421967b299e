//! `boinc_exporter scrape`: scrapes all clients once, and prints the metrics or writes them to a file.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;

use super::print;
use crate::client::{Client, Fleet};
use crate::config::Config;
use crate::exposition::{Format, render};
use crate::metric::Scrape;

/// Scrapes all clients once, and writes text 0.0.4. Metrics about this process are excluded: it has ended by the time they
/// are read, and `node_exporter`, whose textfile collector may read them, has the same metrics about itself.
///
/// # Errors
/// Writing the output failed.
pub async fn scrape(config: &Config, output: Option<&Path>) -> anyhow::Result<()> {
    let fleet = Fleet::new(config.targets()?, config.scrape.limits());
    let snapshots = fleet.scrape(Instant::now() + config.scrape.timeout).await;
    let text = render(None, Scrape::of::<Client>(snapshots), Format::Text);
    match output {
        None => print(&text),
        Some(file) => replace(file, &text).with_context(|| {
            format!("cannot write {}; check that its directory exists and is writable", file.display())
        }),
    }
}

/// Replaces a file atomically.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let name = file.file_name().ok_or(ErrorKind::IsADirectory)?.to_string_lossy();
    // node_exporter reads `*.prom`, so it ignores this file.
    let temporary = file.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = std::fs::write(&temporary, text).and_then(|()| std::fs::rename(&temporary, file));
    if written.is_err() {
        // Best effort; the first error is the one to report.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
