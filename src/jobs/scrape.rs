//! `boinc_exporter scrape`: all clients are asked once, and one exposition is printed or written to a file.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;

use super::print;
use crate::client::{Client, Fleet};
use crate::config::Config;
use crate::exposition::{Format, render};
use crate::metric::Scrape;

/// Asks all clients once and prints what they said, as text 0.0.4. The metrics of this process are left out: it is over
/// when they are read, and `node_exporter`'s textfile collector has its own.
///
/// # Errors
/// The output cannot be written.
pub async fn scrape(config: &Config, output: Option<&Path>) -> anyhow::Result<()> {
    let fleet = Fleet::new(config.targets()?, config.scrape.limits());
    let snapshots = fleet.scrape(Instant::now() + config.scrape.timeout).await;
    let text = render(None, Scrape::of::<Client>(snapshots), Format::Text);
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
