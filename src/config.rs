//! Settings: defaults, then a TOML file, then the environment, then flags. In comes what was typed and written, out go
//! checked values and the [`Target`]s, or a sentence that says what is wrong and where. Knows nothing of the protocol.
//!
//! | module | what it knows |
//! |---|---|
//! | `client` | from one `[[clients]]` to one [`Target`] |
//! | `error` | sentences about what is wrong |
//! | `probe` | which addresses may be probed that are not configured |
//! | `source` | files, environment, flags |
//! | `summary` | the configuration in words |
//! | `value` | lists, listen addresses, paths |

mod client;
mod error;
mod probe;
mod source;
mod summary;
mod value;

use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::error::ConfigError;
use self::error::Fault;
pub use self::probe::{Module, Network, Probe};
use crate::cli::Cli;
use crate::client::collectors::Collectors;
use crate::client::target::Target;
use crate::client::{Intervals, Limits};
use crate::duration;
use crate::log::{LogFormat, LogLevel};

/// The port on which the exporter listens unless told otherwise.
pub const LISTEN_PORT: u16 = 31415;

/// Far more than a machine can serve; beyond some 10^18 the semaphores that hold these numbers would panic.
const MOST_AT_ONCE: usize = 100_000;

/// All settings. Holds no secret: passwords stay in their files until they are used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The exporter's own pages.
    pub web: Web,
    /// Asking clients.
    pub scrape: Scrape,
    /// Asking clients that are not configured.
    pub probe: Probe,
    /// Log lines.
    pub log: Log,
    /// The clients to watch. None means: the one on this computer.
    pub clients: Vec<Client>,
    /// The file that was read.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// `[web]`: the exporter's own pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Where to listen. `[::]` is all addresses, IPv4 and IPv6.
    #[serde(deserialize_with = "value::listen_addresses")]
    pub listen_address: Vec<SocketAddr>,
    /// Path of the metrics.
    pub telemetry_path: String,
    /// The most scrapes that are served at the same time.
    pub max_requests: usize,
    /// Whether the exporter's own metrics are left out.
    pub disable_exporter_metrics: bool,
    /// The file that says what stands before the pages: TLS, users, headers.
    pub config_file: Option<PathBuf>,
    /// Whether systemd has opened the sockets to listen on, in place of `listen_address`.
    pub systemd_socket: bool,
}

/// `[scrape]`: asking clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scrape {
    /// The time for a scrape whose request announces none.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// How long before the end of that time the answer is sent.
    #[serde(with = "duration")]
    pub timeout_offset: Duration,
    /// The most time that is spent on one client.
    #[serde(with = "duration")]
    pub client_timeout: Duration,
    /// The most clients that are asked at the same time.
    pub concurrency: usize,
    /// What every client is asked, see [`Collectors::parse`].
    #[serde(deserialize_with = "value::list")]
    pub collectors: Vec<String>,
    /// The longest reply that is read.
    pub max_reply_bytes: u64,
    /// The most tasks of one client with series of their own.
    pub max_tasks: usize,
    /// The most file transfers of one client with series of their own.
    pub max_transfers: usize,
    /// The most application versions of one client with series of their own.
    pub max_app_versions: usize,
    /// How rarely the slowly changing things are asked.
    pub intervals: Intervals,
}

/// `[log]`: log lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The least important lines that are written.
    pub level: LogLevel,
    /// Their form.
    pub format: LogFormat,
}

/// `[[clients]]`: one client to watch, as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The label `client`; the address as written unless given.
    pub name: Option<String>,
    /// `host`, `host:port` or `unix:PATH`.
    pub address: String,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// The name of a systemd credential whose first line is the password.
    pub password_credential: Option<String>,
    /// Labels for `boinc_client_info`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What this client is asked, in place of [`Scrape::collectors`].
    #[serde(default, deserialize_with = "value::optional_list")]
    pub collectors: Option<Vec<String>>,
    /// The most time that is spent on this client, in place of [`Scrape::client_timeout`].
    #[serde(default, deserialize_with = "value::optional_duration", serialize_with = "value::show_optional_duration")]
    pub timeout: Option<Duration>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen_address: vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, LISTEN_PORT))],
            telemetry_path: "/metrics".to_owned(),
            max_requests: 40,
            disable_exporter_metrics: false,
            config_file: None,
            systemd_socket: false,
        }
    }
}

impl Default for Scrape {
    fn default() -> Self {
        let Limits { concurrency, max_reply_bytes, max_tasks, max_transfers, max_app_versions, intervals } =
            Limits::default();
        Self {
            timeout: Duration::from_secs(10),
            timeout_offset: Duration::from_millis(500),
            client_timeout: Duration::from_secs(10),
            concurrency,
            collectors: vec!["default".to_owned()],
            max_reply_bytes: max_reply_bytes as u64,
            max_tasks,
            max_transfers,
            max_app_versions,
            intervals,
        }
    }
}

impl Scrape {
    /// What polls have to keep to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            concurrency: self.concurrency,
            max_reply_bytes: usize::try_from(self.max_reply_bytes).unwrap_or(usize::MAX),
            max_tasks: self.max_tasks,
            max_transfers: self.max_transfers,
            max_app_versions: self.max_app_versions,
            intervals: self.intervals.clone(),
        }
    }
}

impl Config {
    /// Reads the settings from the file, the environment and the flags, and checks them.
    ///
    /// # Errors
    /// A sentence that names the source, the key and what is allowed. Never a secret.
    pub fn load(cli: &Cli) -> Result<Self, ConfigError> {
        let sources = source::Sources::read(cli)?;
        let mut config: Self = sources.extract()?;
        config.file = sources.file().map(PathBuf::from);
        let folder = sources.file().and_then(|file| file.parent());
        let of_clients = config.clients.iter_mut().filter_map(|client| client.password_file.as_mut());
        let of_modules = config.probe.modules.values_mut().filter_map(|module| module.password_file.as_mut());
        // A shell completes a path from where one is.
        let of_pages = config.web.config_file.as_mut().filter(|_| sources.in_file("web.config_file"));
        for file in of_clients.chain(of_modules).chain(of_pages) {
            if let Some(folder) = folder {
                *file = folder.join(&file);
            }
        }
        config.check().map_err(|fault| sources.error(&fault))?;
        Ok(config)
    }

    /// The clients to ask, in the configured order.
    ///
    /// # Errors
    /// As [`load`](Self::load), which has checked the same: what was loaded fails here only if the environment
    /// has changed since.
    pub fn targets(&self) -> Result<Vec<Target>, ConfigError> {
        client::targets(self).map_err(|fault| ConfigError::without_source(&fault))
    }

    /// What a reader of single values cannot see: ranges, and what must go together.
    fn check(&self) -> Result<(), Fault> {
        let Self { web, scrape, .. } = self;
        if web.listen_address.is_empty() {
            return Err(Fault::new(
                "web.listen_address",
                "is empty, but must hold at least one address such as \":31415\"",
            ));
        }
        value::check_path(&web.telemetry_path).map_err(|problem| Fault::new("web.telemetry_path", problem))?;
        for (key, number) in [("web.max_requests", web.max_requests), ("scrape.concurrency", scrape.concurrency)] {
            if !(1..=MOST_AT_ONCE).contains(&number) {
                return Err(Fault::new(key, format!("is {number}, but must be from 1 to {MOST_AT_ONCE}")));
            }
        }
        if scrape.max_reply_bytes == 0 {
            return Err(Fault::new("scrape.max_reply_bytes", "is 0, but must be at least 1"));
        }
        for (key, time) in [("scrape.timeout", scrape.timeout), ("scrape.client_timeout", scrape.client_timeout)] {
            if time.is_zero() {
                return Err(Fault::new(key, "is 0, but must be longer than that"));
            }
        }
        if scrape.timeout_offset >= scrape.timeout {
            let (offset, timeout) = (scrape.timeout_offset, scrape.timeout);
            let problem = format!("is {offset:?}, but must be shorter than `scrape.timeout`, which is {timeout:?}");
            return Err(Fault::new("scrape.timeout_offset", problem));
        }
        Collectors::parse(&scrape.collectors)
            .map_err(|problem| Fault::new("scrape.collectors", client::unknown(&problem)))?;
        self.probe.check()?;
        client::targets(self).map(drop)
    }
}
