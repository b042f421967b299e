//! Flags and commands, as typed. A flag that has a key in the configuration file is passed on as text under that key, so
//! that one reader checks the file, the environment and the flags.

#![expect(clippy::doc_markdown, reason = "doc comments of flags are the text of --help")]

mod dashboards;
#[cfg(feature = "demo")]
mod demo;
mod label;
#[cfg(windows)]
mod service;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use figment::value::Value;

pub use self::dashboards::Dashboards;
#[cfg(feature = "demo")]
pub use self::demo::Demo;
pub use self::label::Label;
use self::label::parse_label;
#[cfg(windows)]
pub use self::service::Service;
use crate::duration::{parse as parse_duration, parse_time};
use crate::platform::DEFAULT_CONFIG_FILE;

const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\n  revision: ",
    env!("BOINC_EXPORTER_REVISION"),
    "\n  compiler: ",
    env!("BOINC_EXPORTER_RUSTC"),
    "\n  target:   ",
    env!("BOINC_EXPORTER_TARGET"),
);

/// What stands below the flags in the long help.
pub const EXAMPLES: &str = "\
Examples:
  boinc_exporter
          Monitor the BOINC client on this computer; metrics are at http://localhost:31415/metrics
  boinc_exporter --config.file attic.toml --config.check
          Check a configuration file and list the clients in it
  boinc_exporter check attic
          Find out why client `attic` is down
  boinc_exporter scrape --output /var/lib/node_exporter/boinc.prom
          Write metrics for node_exporter's textfile collector, from cron
  boinc_exporter demo
          Try the exporter with a dozen simulated clients

Flags take precedence over environment variables, and those over the file. Every key of the
file has an environment variable: BOINC_EXPORTER_, the section, two underscores, the key; for
example BOINC_EXPORTER_SCRAPE__TIMEOUT=8s. Clients are numbered or named, for example
BOINC_EXPORTER_CLIENTS__0__ADDRESS=attic. Passwords are only read from files.";

/// Prometheus exporter for BOINC clients.
///
/// Without a command, it serves metrics over HTTP. Without a configuration, it monitors the client on this computer.
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "boinc_exporter", version, long_version = LONG_VERSION, after_long_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// The command; without one, serve.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Path of the configuration file, in TOML. Unlike the default, a file that is named must exist.
    #[arg(long_help = format!(
        "Path of the configuration file, in TOML. Unlike the default, a file that is named must exist.\n\n\
         [default: {DEFAULT_CONFIG_FILE}, if it exists]"
    ))]
    #[arg(long = "config.file", value_name = "FILE", global = true, help_heading = "Configuration")]
    #[arg(env = "BOINC_EXPORTER_CONFIG__FILE", hide_env_values = true)]
    pub config_file: Option<PathBuf>,

    /// Check the configuration, list what would be monitored, and exit: with 0 if it is valid, otherwise with 1.
    #[arg(long = "config.check", global = true, help_heading = "Configuration")]
    pub config_check: bool,

    /// Reload the configuration when it changes. SIGHUP always reloads it; on Windows `service reload` does.
    #[arg(long = "config.enable-auto-reload", global = true, help_heading = "Configuration")]
    #[arg(env = "BOINC_EXPORTER_CONFIG__ENABLE_AUTO_RELOAD", hide_env_values = true)]
    pub enable_auto_reload: bool,

    /// How often to check whether the configuration has changed.
    #[arg(long = "config.auto-reload-interval", value_name = "DURATION", global = true)]
    #[arg(help_heading = "Configuration", value_parser = parse_duration, default_value = "30s")]
    #[arg(env = "BOINC_EXPORTER_CONFIG__AUTO_RELOAD_INTERVAL", hide_env_values = true)]
    pub auto_reload_interval: Duration,

    /// Client to monitor, before the command: HOST, HOST:PORT or unix:/PATH, or the name of a configured client. Repeatable. No
    /// others are monitored. The settings of a configured client with the same address or name apply.
    ///
    /// [env: BOINC_EXPORTER_CLIENTS__0__ADDRESS, BOINC_EXPORTER_CLIENTS__0__PASSWORD_FILE, …]
    // Not global: `backfill` has a flag of this name.
    #[arg(id = "clients", long = "client", value_name = "HOST[:PORT]", help_heading = "Clients")]
    pub client: Vec<String>,

    /// Address to listen on: IP:PORT, or :PORT for all addresses. Repeatable.
    ///
    /// [default: :31415] [env: BOINC_EXPORTER_WEB__LISTEN_ADDRESS]
    #[arg(long = "web.listen-address", value_name = "ADDRESS", global = true, help_heading = "Web")]
    pub listen_address: Vec<String>,

    /// Path under which to expose metrics.
    ///
    /// [default: /metrics] [env: BOINC_EXPORTER_WEB__TELEMETRY_PATH]
    #[arg(long = "web.telemetry-path", value_name = "PATH", global = true, help_heading = "Web")]
    pub telemetry_path: Option<String>,

    /// Maximum number of concurrent scrapes; further ones are refused with status 503.
    ///
    /// [default: 40] [env: BOINC_EXPORTER_WEB__MAX_REQUESTS]
    #[arg(long = "web.max-requests", value_name = "N", global = true, help_heading = "Web")]
    pub max_requests: Option<usize>,

    /// Exclude metrics about the exporter itself (`boinc_exporter_*`, `process_*`).
    ///
    /// [default: false] [env: BOINC_EXPORTER_WEB__DISABLE_EXPORTER_METRICS]
    #[arg(long = "web.disable-exporter-metrics", value_name = "BOOL", global = true, help_heading = "Web")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub disable_exporter_metrics: Option<bool>,

    /// Path of the file that configures TLS, users and headers of the web pages, in the format that all Prometheus
    /// exporters share. Changes take effect without a restart.
    ///
    /// [env: BOINC_EXPORTER_WEB__CONFIG_FILE]
    #[arg(long = "web.config.file", value_name = "FILE", global = true, help_heading = "Web")]
    pub web_config_file: Option<String>,

    /// URL under which the pages are reachable, for example through a reverse proxy. If it has a path, all pages are served
    /// below that path.
    ///
    /// [env: BOINC_EXPORTER_WEB__EXTERNAL_URL]
    #[arg(long = "web.external-url", value_name = "URL", global = true, help_heading = "Web")]
    pub external_url: Option<String>,

    /// Prefix of the paths of all pages, instead of the path of --web.external-url: / if the reverse proxy removes that
    /// path.
    ///
    /// [env: BOINC_EXPORTER_WEB__ROUTE_PREFIX]
    #[arg(long = "web.route-prefix", value_name = "PATH", global = true, help_heading = "Web")]
    pub route_prefix: Option<String>,

    /// Use systemd socket activation instead of --web.listen-address.
    ///
    /// [default: false] [env: BOINC_EXPORTER_WEB__SYSTEMD_SOCKET]
    #[arg(long = "web.systemd-socket", value_name = "BOOL", global = true, help_heading = "Web")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub systemd_socket: Option<bool>,

    /// Let a POST to /-/reload reload the configuration.
    ///
    /// [default: false] [env: BOINC_EXPORTER_WEB__ENABLE_LIFECYCLE]
    #[arg(long = "web.enable-lifecycle", value_name = "BOOL", global = true, help_heading = "Web")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub enable_lifecycle: Option<bool>,

    /// Time to reserve before the scrape timeout that Prometheus announces. The exporter then returns whatever it has
    /// collected.
    ///
    /// [default: 500ms] [env: BOINC_EXPORTER_SCRAPE__TIMEOUT_OFFSET]
    #[arg(long = "timeout-offset", value_name = "DURATION", global = true, help_heading = "Scrape")]
    pub timeout_offset: Option<String>,

    /// Minimum log level: error, warn, info or debug.
    ///
    /// [default: info] [env: BOINC_EXPORTER_LOG__LEVEL]
    #[arg(long = "log.level", value_name = "LEVEL", global = true, help_heading = "Log")]
    pub log_level: Option<String>,

    /// Format of the log, which goes to stderr: logfmt or json.
    ///
    /// [default: logfmt] [env: BOINC_EXPORTER_LOG__FORMAT]
    #[arg(long = "log.format", value_name = "FORMAT", global = true, help_heading = "Log")]
    pub log_format: Option<String>,

    /// Set by the program, not typed: clients that replace the `[[clients]]` of the file, key by key.
    #[arg(skip)]
    pub clients: Vec<BTreeMap<&'static str, Value>>,

    /// Set by the program, not typed: settings of `[projects]`, by their keys.
    #[arg(skip)]
    pub projects: Vec<(&'static str, Value)>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Serve metrics over HTTP (default command).
    Serve,
    /// Test each client and each project's server step by step and explain how to fix failures. One without failures is one
    /// line.
    Check {
        /// Show every step of those without failures too.
        #[arg(long, short)]
        verbose: bool,
        /// Names of clients and projects, as configured [default: all].
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Scrape all clients once, print their metrics, and exit.
    Scrape {
        /// Write to this file instead of stdout. A regular file is replaced atomically.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the reference documentation of all metrics.
    Metrics,
    /// Write Grafana dashboards, recording rules and alerts, with your own addresses in them.
    Dashboards(Dashboards),
    /// Hash a password with bcrypt, for `basic_auth_users` in the file of --web.config.file.
    ///
    /// On a terminal, it prompts for the password without echoing it. Otherwise, it reads the first line of stdin.
    HashPassword {
        /// Cost of checking the password, from 4 to 18. Each step doubles the work.
        #[arg(long, value_name = "N", default_value_t = 10)]
        #[arg(value_parser = clap::value_parser!(u32).range(4..=18))]
        cost: u32,
    },
    /// Look up an account at a project and print the configuration that watches it.
    ///
    /// It prompts for the e-mail address and the password of the account, without echoing the password; if stdin is no
    /// terminal, they are its first two lines. The password itself is not sent, only a hash of it, and only over https.
    Login {
        /// URL of the project, to which clients attach.
        #[arg(value_name = "URL")]
        url: String,
        /// Write the account key to this file, which only you can read and which must not exist. With the key, the
        /// computers of the account can be watched too.
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
        /// URL of the project's web RPCs, if it differs from the project's own.
        #[arg(long, value_name = "URL")]
        web_rpc_url: Option<String>,
    },
    /// Convert BoincTasks' list of computers to `[[clients]]` of a configuration file and print them.
    ImportComputers {
        /// Path of BoincTasks' `computers.xml`, or of `boinctasks-pp.conf` of BoincTasks++.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write each password to a file in this directory that only you can read. Without it, no passwords are written.
        #[arg(long, value_name = "DIR")]
        passwords_dir: Option<PathBuf>,
    },
    /// Export the history that a client keeps from before it was monitored: credit and network traffic.
    ///
    /// The output is OpenMetrics text with a timestamp on each sample, with the same metric names and labels as a scrape.
    /// Load it into Prometheus with `promtool tsdb create-blocks-from openmetrics`; see docs/backfill.md.
    Backfill(Backfill),
    /// Check whether the exporter that runs with this configuration is healthy; exit with 0 if so, otherwise with 1.
    Healthcheck,
    /// Write the manual pages of the program and of each command.
    Man {
        /// Directory to write to; it is created if it does not exist.
        #[arg(long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Print completions of commands and flags for a shell, for example into the folder that `pkg-config
    /// --variable=completionsdir bash-completion` names.
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Try the exporter: simulate BOINC clients and projects' servers, and serve their metrics.
    ///
    /// This needs neither BOINC nor a configuration; a configuration file is read only if --config.file names one. The
    /// simulated clients listen on ports of 127.0.0.1 and also answer BOINC's own tools.
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Install the exporter as a Windows service, or remove it. This needs a terminal that was opened as administrator.
    ///
    /// The service runs as LocalService, with the flags that this command is given, and logs to the folder log beside the
    /// configuration.
    #[cfg(windows)]
    #[command(subcommand)]
    Service(Service),
}

/// Arguments of `backfill`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Backfill {
    /// Name of the client, as configured. Optional if there is only one.
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Write to this file instead of stdout. The file must not exist.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Start of the export: a date, a time such as 2026-11-20T08:00:00Z, or a Unix timestamp.
    ///
    /// [default: 366 days before --until]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub since: Option<u64>,
    /// End of the export: the time of the oldest sample of this client in Prometheus, and at least three hours ago; see
    /// docs/backfill.md.
    ///
    /// [default: three hours ago]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<u64>,
    /// Interval between samples. Prometheus looks back five minutes for a sample.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_step)]
    pub step: Duration,
    /// Label that Prometheus adds when it scrapes. Repeatable; an empty value removes the label.
    ///
    /// [default: job=boinc instance=localhost:31415]
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = parse_label)]
    pub labels: Vec<Label>,
}

/// Timestamps are written in whole seconds.
fn parse_step(text: &str) -> Result<Duration, String> {
    let step = parse_duration(text)?;
    if step.as_secs() == 0 || step.subsec_nanos() > 0 {
        return Err(format!("is \"{text}\", but must be a whole number of seconds, at least 1s"));
    }
    Ok(step)
}

impl Cli {
    /// The settings that were typed as flags, each with its key in the configuration.
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
            ("web.external_url", self.external_url.clone().map(Value::from)),
            ("web.route_prefix", self.route_prefix.clone().map(Value::from)),
            ("web.systemd_socket", self.systemd_socket.map(Value::from)),
            ("web.enable_lifecycle", self.enable_lifecycle.map(Value::from)),
            ("scrape.timeout_offset", self.timeout_offset.clone().map(Value::from)),
            ("log.level", self.log_level.clone().map(Value::from)),
            ("log.format", self.log_format.clone().map(Value::from)),
        ];
        let settings = settings.into_iter().filter_map(|(key, value)| Some((key, value?)));
        settings.chain(self.projects.iter().cloned()).collect()
    }

    /// The flag that sets a key of the configuration.
    #[must_use]
    pub fn flag(key: &str) -> String {
        match key {
            // blackbox_exporter and snmp_exporter call it so.
            "scrape.timeout_offset" => "--timeout-offset".to_owned(),
            "web.config_file" => "--web.config.file".to_owned(),
            _ => format!("--{}", key.replace('_', "-")),
        }
    }
}
