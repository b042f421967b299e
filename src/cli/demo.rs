//! Flags of `demo`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::label::parse_label;
use super::{Label, parse_step};
use crate::duration::{parse as parse_duration, parse_time};

/// Arguments of `demo`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct Demo {
    /// Scenario to simulate: a built-in one (home, faults, servers, lab, crowd) or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "home")]
    pub scenario: String,
    /// Seed of the random numbers. The same seed gives the same fleet. [default: the seed of the scenario]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Simulated seconds per second.
    #[arg(long, value_name = "X", default_value = "1", value_parser = parse_speed)]
    pub speed: f64,
    /// Port of the first simulated client; the others use the ports after it. [default: any free ports]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub clients_port: Option<u16>,
    /// Write what simulated clients would have in their data directories to this folder, which must be empty, one folder for
    /// each, and let the exporter read them.
    #[arg(long, value_name = "FOLDER")]
    pub data_directory: Option<PathBuf>,
    /// Instead of serving, write this much history, up to now, to --output: OpenMetrics text with a timestamp on each
    /// sample.
    ///
    /// Load it into an empty Prometheus with `promtool tsdb create-blocks-from openmetrics`. One day of the scenario `home`
    /// is 226 MB of text, which takes some seconds to write and twice as long to load. See docs/demo.md.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "output", help_heading = "History")]
    #[arg(conflicts_with_all = ["speed", "clients_port"])]
    pub history: Option<Duration>,
    /// Output file of --history. It must not exist.
    #[arg(long, value_name = "FILE", requires = "history", help_heading = "History")]
    pub output: Option<PathBuf>,
    /// End of --history instead of now: a date, a time such as 2026-11-20T08:00:00Z, or a Unix timestamp. The same scenario
    /// and the same end give the same history.
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "history", help_heading = "History")]
    pub until: Option<u64>,
    /// Interval between samples of --history. Prometheus looks back five minutes for a sample.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_step, help_heading = "History")]
    pub step: Duration,
    /// Label that Prometheus adds when it scrapes, for --history. Repeatable; an empty value removes the label.
    ///
    /// [default: job=boinc instance=localhost:31415]
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = parse_label, help_heading = "History")]
    pub labels: Vec<Label>,
}

/// At most a day per second: the simulation cannot run much faster.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=86_400.0;

fn parse_speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| SPEEDS.contains(speed));
    speed.ok_or_else(|| format!("must be a number from {} to {}", SPEEDS.start(), SPEEDS.end()))
}
