//! Flags and commands: what was typed, not yet what it means. A flag that has a key in the configuration file is
//! handed on as text under that key, so that files, environment and flags are judged by one reader.

#![expect(clippy::doc_markdown, reason = "the comments on flags are the text of --help")]

mod label;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use figment::value::Value;

pub use self::label::Label;
use self::label::parse_label;
use crate::duration::{parse as parse_duration, parse_time};

/// The configuration file that is read when none is named.
pub const DEFAULT_FILE: &str = "/etc/boinc_exporter/config.toml";

const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\n  revision: ",
    env!("BOINC_EXPORTER_REVISION"),
    "\n  compiler: ",
    env!("BOINC_EXPORTER_RUSTC"),
    "\n  target:   ",
    env!("BOINC_EXPORTER_TARGET"),
);

const EXAMPLES: &str = "\
Examples:
  boinc_exporter
          Watch the BOINC client on this computer, at http://localhost:31415/metrics
  boinc_exporter --config.file attic.toml --config.check
          See whether a file is right, and which clients it would watch
  boinc_exporter check attic
          Find out why client `attic` is not seen
  boinc_exporter scrape --output /var/lib/node_exporter/boinc.prom
          Serve node_exporter's textfile collector, from cron
  boinc_exporter demo
          See what there is to see, of a dozen simulated clients

What is set in several places is taken from the flag, else from the environment, else from
the file. Every key of the file has an environment variable: BOINC_EXPORTER_, the section,
two underscores, the key, as in BOINC_EXPORTER_SCRAPE__TIMEOUT=8s. Passwords are read from
files alone.";

/// Shows BOINC clients to Prometheus.
///
/// Without a command it serves metrics over HTTP. Without a configuration it watches the client on this computer.
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "boinc_exporter", version, long_version = LONG_VERSION, after_long_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Configuration file, in TOML. Without it, /etc/boinc_exporter/config.toml is read if it exists, and no other
    /// place is searched.
    ///
    /// [env: BOINC_EXPORTER_CONFIG__FILE]
    #[arg(long = "config.file", value_name = "FILE", global = true, help_heading = "Configuration")]
    #[arg(env = "BOINC_EXPORTER_CONFIG__FILE", hide_env = true)]
    pub config_file: Option<PathBuf>,

    /// Check the configuration, say what would be watched, and exit with 0 if it is right, else with 1.
    #[arg(long = "config.check", global = true, help_heading = "Configuration")]
    pub config_check: bool,

    /// Read the configuration again when it has changed. It is read again on SIGHUP and on a POST to /-/reload in any case.
    ///
    /// [env: BOINC_EXPORTER_CONFIG__ENABLE_AUTO_RELOAD]
    #[arg(long = "config.enable-auto-reload", global = true, help_heading = "Configuration")]
    #[arg(env = "BOINC_EXPORTER_CONFIG__ENABLE_AUTO_RELOAD", hide_env = true)]
    pub enable_auto_reload: bool,

    /// How often to look whether the configuration has changed.
    ///
    /// [default: 30s] [env: BOINC_EXPORTER_CONFIG__AUTO_RELOAD_INTERVAL]
    #[arg(long = "config.auto-reload-interval", value_name = "DURATION", global = true)]
    #[arg(help_heading = "Configuration", value_parser = parse_duration)]
    #[arg(env = "BOINC_EXPORTER_CONFIG__AUTO_RELOAD_INTERVAL", hide_env = true)]
    pub auto_reload_interval: Option<Duration>,

    /// Where to listen: IP:PORT, or :PORT for all addresses. May be given more than once.
    ///
    /// [default: :31415] [env: BOINC_EXPORTER_WEB__LISTEN_ADDRESS]
    #[arg(long = "web.listen-address", value_name = "ADDRESS", global = true, help_heading = "Web")]
    pub listen_address: Vec<String>,

    /// Path of the metrics.
    ///
    /// [default: /metrics] [env: BOINC_EXPORTER_WEB__TELEMETRY_PATH]
    #[arg(long = "web.telemetry-path", value_name = "PATH", global = true, help_heading = "Web")]
    pub telemetry_path: Option<String>,

    /// The most scrapes that are served at the same time; further ones are answered with 503.
    ///
    /// [default: 40] [env: BOINC_EXPORTER_WEB__MAX_REQUESTS]
    #[arg(long = "web.max-requests", value_name = "N", global = true, help_heading = "Web")]
    pub max_requests: Option<usize>,

    /// Leave out the metrics of the exporter itself (`boinc_exporter_*`, `process_*`).
    ///
    /// [env: BOINC_EXPORTER_WEB__DISABLE_EXPORTER_METRICS]
    #[arg(long = "web.disable-exporter-metrics", value_name = "BOOL", global = true, help_heading = "Web")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub disable_exporter_metrics: Option<bool>,

    /// File with TLS, users and headers for the exporter's own pages, in the format that Prometheus's exporters share. It
    /// is read again when it changes.
    ///
    /// [env: BOINC_EXPORTER_WEB__CONFIG_FILE]
    #[arg(long = "web.config.file", value_name = "FILE", global = true, help_heading = "Web")]
    pub web_config_file: Option<String>,

    /// Listen on the sockets that systemd opened (LISTEN_FDS) in place of --web.listen-address.
    ///
    /// [env: BOINC_EXPORTER_WEB__SYSTEMD_SOCKET]
    #[arg(long = "web.systemd-socket", value_name = "BOOL", global = true, help_heading = "Web")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub systemd_socket: Option<bool>,

    /// How long before the scrape timeout that Prometheus announces the answer is sent, with what is there by then.
    ///
    /// [default: 500ms] [env: BOINC_EXPORTER_SCRAPE__TIMEOUT_OFFSET]
    #[arg(long = "timeout-offset", value_name = "DURATION", global = true, help_heading = "Scrape")]
    pub timeout_offset: Option<String>,

    /// The least important lines that are logged: error, warn, info or debug.
    ///
    /// [default: info] [env: BOINC_EXPORTER_LOG__LEVEL]
    #[arg(long = "log.level", value_name = "LEVEL", global = true, help_heading = "Log")]
    pub log_level: Option<String>,

    /// Form of the log lines: logfmt or json. They go to stderr.
    ///
    /// [default: logfmt] [env: BOINC_EXPORTER_LOG__FORMAT]
    #[arg(long = "log.format", value_name = "FORMAT", global = true, help_heading = "Log")]
    pub log_format: Option<String>,

    /// Not typed: keys of `[[clients]]`, for clients to watch in place of those in the file.
    #[arg(skip)]
    pub clients: Vec<BTreeMap<&'static str, String>>,
}

/// What to do instead of serving.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Serve metrics over HTTP; so it does without a command, too.
    Serve,
    /// Ask each client once, step by step, and say what to mend.
    Check {
        /// Names of clients, as configured; all of them unless given.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Ask all clients once, print their metrics, and exit.
    Scrape {
        /// Write to this file instead of stdout. It is replaced as a whole, so that no reader sees half of it.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the reference of all metrics.
    Metrics,
    /// Read a password and print its bcrypt hash, for `basic_auth_users` of --web.config.file.
    ///
    /// At a terminal it asks for the password and does not show it; else it takes the first line of stdin.
    HashPassword {
        /// How much work it is to check the password, from 4 to 18. Each step doubles it.
        #[arg(long, value_name = "N", default_value_t = 10)]
        #[arg(value_parser = clap::value_parser!(u32).range(4..=18))]
        cost: u32,
    },
    /// Turn BoincTasks' list of computers into the clients of a configuration, and print them.
    ImportComputers {
        /// The `computers.xml` of BoincTasks.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write each password into a file in this folder, for you alone to read. Without it no password is written.
        #[arg(long, value_name = "DIR")]
        passwords_dir: Option<PathBuf>,
    },
    /// Write what a client remembers of the days before it was watched: credit and network traffic.
    ///
    /// It is written in the format OpenMetrics with the time of each sample, under the names and labels that the metrics
    /// have when they are scraped. `promtool tsdb create-blocks-from openmetrics` takes it into Prometheus; see
    /// docs/backfill.md.
    Backfill(Backfill),
    /// Ask the exporter that runs with this configuration whether it is healthy, and exit with 0 if so, else with 1.
    Healthcheck,
    /// Serve the metrics of simulated clients, to see what there is to see.
    ///
    /// Needs no BOINC and no configuration, and reads none but what --config.file names. The simulated clients listen on
    /// ports of 127.0.0.1 and answer BOINC's own tools as well.
    #[cfg(feature = "demo")]
    Demo(Demo),
}

/// What to tell of the past.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Backfill {
    /// Name of the client, as configured. Not needed if there is only one.
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Write to this file instead of stdout. It must not exist.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave out what was before: a date, a time such as 2026-11-20T08:00:00Z, or seconds since 1970.
    ///
    /// [default: 366 days before --until]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub since: Option<u64>,
    /// Leave out what was from then on: the time of the oldest sample of the client that Prometheus has. What is younger
    /// than three hours stands in Prometheus's way, see docs/backfill.md.
    ///
    /// [default: three hours ago]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<u64>,
    /// Time from sample to sample. Prometheus shows a sample for five minutes.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_step)]
    pub step: Duration,
    /// Label that Prometheus adds to what it scrapes. May be given more than once; one without a value is left out.
    ///
    /// [default: job=boinc instance=localhost:31415]
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = parse_label)]
    pub labels: Vec<Label>,
}

/// Times are written in whole seconds.
fn parse_step(text: &str) -> Result<Duration, String> {
    let step = parse_duration(text)?;
    if step.as_secs() == 0 || step.subsec_nanos() > 0 {
        return Err(format!("is \"{text}\", but must be one or more whole seconds"));
    }
    Ok(step)
}

/// What is to be simulated.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Demo {
    /// The fleet: one that comes with the exporter (home, faults, lab, crowd), or a file that describes one.
    #[arg(long, value_name = "NAME|FILE", default_value = "home")]
    pub scenario: String,
    /// Where all chance comes from, in place of the scenario's own number. The same number makes the same fleet.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Simulated seconds that pass in a second.
    #[arg(long, value_name = "X", default_value = "1", value_parser = parse_speed)]
    pub speed: f64,
    /// Port of the first simulated client; the others have the ports after it. Without it they have any that are free.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub clients_port: Option<u16>,
    /// Instead of serving, write the metrics of so much of the past, up to now, to --output: in the format OpenMetrics, with
    /// the time of each sample.
    ///
    /// `promtool tsdb create-blocks-from openmetrics` takes it into an empty Prometheus. A day of the fleet `home` is 450 MB
    /// of text; it takes some seconds to write, and twice as many to load. See docs/demo.md.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "output", help_heading = "Past")]
    #[arg(conflicts_with_all = ["speed", "clients_port"])]
    pub history: Option<Duration>,
    /// The file of --history. It must not exist.
    #[arg(long, value_name = "FILE", requires = "history", help_heading = "Past")]
    pub output: Option<PathBuf>,
    /// End of --history in place of now: a date, a time such as 2026-11-20T08:00:00Z, or seconds since 1970. The same
    /// scenario up to the same time is the same past again.
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "history", help_heading = "Past")]
    pub until: Option<u64>,
    /// Time from sample to sample of --history. Prometheus shows a sample for five minutes.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_step, help_heading = "Past")]
    pub step: Duration,
    /// Label that Prometheus adds to what it scrapes, for --history. May be given more than once; one without a value is
    /// left out.
    ///
    /// [default: job=boinc instance=localhost:31415]
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = parse_label, help_heading = "Past")]
    pub labels: Vec<Label>,
}

/// Up to a day in a second. Much faster, and the simulation cannot follow.
#[cfg(feature = "demo")]
const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=86_400.0;

#[cfg(feature = "demo")]
fn parse_speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| SPEEDS.contains(speed));
    speed.ok_or_else(|| format!("must be a number from {} to {}", SPEEDS.start(), SPEEDS.end()))
}

impl Cli {
    /// What the flags set, by the key of the configuration that each stands for.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, Value)> {
        let listen_address = Some(&self.listen_address).filter(|list| !list.is_empty());
        let clients = Some(&self.clients).filter(|list| !list.is_empty());
        let settings = [
            ("clients", clients.map(|list| Value::from(list.clone()))),
            ("web.listen_address", listen_address.map(|list| Value::from(list.clone()))),
            ("web.telemetry_path", self.telemetry_path.clone().map(Value::from)),
            ("web.max_requests", self.max_requests.map(Value::from)),
            ("web.disable_exporter_metrics", self.disable_exporter_metrics.map(Value::from)),
            ("web.config_file", self.web_config_file.clone().map(Value::from)),
            ("web.systemd_socket", self.systemd_socket.map(Value::from)),
            ("scrape.timeout_offset", self.timeout_offset.clone().map(Value::from)),
            ("log.level", self.log_level.clone().map(Value::from)),
            ("log.format", self.log_format.clone().map(Value::from)),
        ];
        settings.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The flag that stands for a key of the configuration.
    #[must_use]
    pub fn flag(key: &str) -> String {
        match key {
            // Known by this name from the other exporters that watch many targets.
            "scrape.timeout_offset" => "--timeout-offset".to_owned(),
            "web.config_file" => "--web.config.file".to_owned(),
            _ => format!("--{}", key.replace('_', "-")),
        }
    }
}
