//! Settings: defaults, overridden by a TOML file, then by the environment, then by flags. The result is checked values and
//! [`Target`]s, or a sentence that says what is wrong and where. Knows nothing of the protocol.
//!
//! | module | what it knows |
//! |---|---|
//! | `client` | from one `[[clients]]` to one [`Target`] |
//! | `depth` | how deep settings are nested |
//! | `environment` | which environment variables are settings |
//! | `error` | sentences about what is wrong |
//! | `faults` | all faults at once |
//! | `lines` | in which line of the file a key is |
//! | `list` | the lists of tables: clients and projects |
//! | `merge` | clients and projects from several sources |
//! | `probe` | which other addresses may be probed |
//! | `project` | from `[projects]` and `[[projects]]` to what is watched |
//! | `source` | files, environment, flags |
//! | `summary` | the text of `--config.check` |
//! | `value` | lists, listen addresses, paths |

mod client;
mod depth;
mod environment;
mod error;
mod faults;
mod lines;
mod list;
mod merge;
mod probe;
mod project;
mod source;
mod summary;
mod value;

use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::error::ConfigError;
use self::error::Fault;
use self::list::{CLIENTS, PROJECTS};
pub use self::probe::{Module, Network, Probe};
pub use self::project::{Project, Projects, Watched};
use crate::cli::Cli;
use crate::client::collectors::Collectors;
use crate::client::target::Target;
use crate::client::{Intervals, Limits};
use crate::duration;
use crate::log::{LogFormat, LogLevel};
use crate::project::target::shown_key_file;
use crate::secret_file::shown_name;

/// The port on which the exporter listens by default.
pub const LISTEN_PORT: u16 = 31415;

/// Far more than a machine can serve. Semaphores panic beyond some 10^18.
const MAX_CONCURRENCY: usize = 100_000;

/// Below this, what every client has would not fit: whether it is up, and why not.
const MIN_SERIES: usize = 1000;

/// All settings. Contains no secrets: passwords stay in their files until they are used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The exporter's web pages.
    pub web: Web,
    /// How clients are scraped.
    pub scrape: Scrape,
    /// Which other clients may be probed.
    pub probe: Probe,
    /// Logging.
    pub log: Log,
    /// The clients to monitor. Empty means: the one on this computer, unless projects are.
    pub clients: Vec<Client>,
    /// Projects whose servers are asked.
    pub projects: Projects,
    /// The file that was read, if any.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// `[web]`: the exporter's web pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Addresses to listen on. `[::]` means all addresses, IPv4 and IPv6.
    #[serde(deserialize_with = "value::listen_addresses")]
    pub listen_address: Vec<SocketAddr>,
    /// Path under which metrics are exposed.
    pub telemetry_path: String,
    /// Maximum number of concurrent scrapes.
    pub max_requests: usize,
    /// Whether metrics about the exporter itself are excluded.
    pub disable_exporter_metrics: bool,
    /// The file that configures TLS, users and headers of the pages.
    pub config_file: Option<PathBuf>,
    /// The URL of the pages behind a reverse proxy.
    pub external_url: Option<String>,
    /// Prefix of the paths of all pages. Defaults to the path of `external_url`.
    pub route_prefix: Option<String>,
    /// Whether to use systemd socket activation instead of `listen_address`.
    pub systemd_socket: bool,
    /// Whether a POST to `/-/reload` reloads the configuration.
    pub enable_lifecycle: bool,
}

/// `[scrape]`: how clients are scraped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scrape {
    /// Timeout of a scrape whose request does not announce one.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// Time to reserve before the end of that timeout, for the response.
    #[serde(with = "duration")]
    pub timeout_offset: Duration,
    /// Maximum time spent on one client.
    #[serde(with = "duration")]
    pub client_timeout: Duration,
    /// Maximum number of clients that are polled concurrently.
    pub concurrency: usize,
    /// Collectors of every client, see [`Collectors::parse`].
    #[serde(deserialize_with = "value::list")]
    pub collectors: Vec<String>,
    /// Maximum size of a reply.
    pub max_reply_bytes: u64,
    /// Maximum number of tasks per client with their own series.
    pub max_tasks: usize,
    /// Maximum number of file transfers per client with their own series.
    pub max_transfers: usize,
    /// Maximum number of application versions per client with their own series.
    pub max_app_versions: usize,
    /// Maximum number of series per client, whatever they are about.
    pub max_series: usize,
    /// How often expensive requests are repeated.
    pub intervals: Intervals,
}

/// `[log]`: logging.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Minimum level.
    pub level: LogLevel,
    /// Format.
    pub format: LogFormat,
}

/// `[[clients]]`: one client to monitor, as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The label `client`. Defaults to the address as written.
    pub name: Option<String>,
    /// `host`, `host:port` or `unix:PATH`.
    pub address: String,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// The name of a systemd credential whose first line is the password.
    pub password_credential: Option<String>,
    /// The directory in which the client runs, on this computer.
    pub data_directory: Option<PathBuf>,
    /// Labels for `boinc_client_info`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Collectors of this client, instead of [`Scrape::collectors`].
    #[serde(default, deserialize_with = "value::optional_list")]
    pub collectors: Option<Vec<String>>,
    /// Maximum time spent on this client, instead of [`Scrape::client_timeout`].
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
            external_url: None,
            route_prefix: None,
            systemd_socket: false,
            enable_lifecycle: false,
        }
    }
}

impl Default for Scrape {
    fn default() -> Self {
        let Limits {
            concurrency,
            max_reply_bytes,
            max_tasks,
            max_transfers,
            max_app_versions,
            max_series,
            intervals,
            ..
        } = Limits::default();
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
            max_series,
            intervals,
        }
    }
}

impl Web {
    /// What the paths of all pages start with: empty, or a path without a slash at its end.
    #[must_use]
    pub fn prefix(&self) -> String {
        let of_url = || self.external_url.as_deref().and_then(value::path_of_url);
        match self.route_prefix.as_deref().or_else(of_url).unwrap_or_default().trim_matches('/') {
            "" => String::new(),
            prefix => format!("/{prefix}"),
        }
    }
}

impl Scrape {
    /// The limits of polls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            concurrency: self.concurrency,
            max_reply_bytes: usize::try_from(self.max_reply_bytes).unwrap_or(usize::MAX),
            max_tasks: self.max_tasks,
            max_transfers: self.max_transfers,
            max_app_versions: self.max_app_versions,
            max_series: self.max_series,
            intervals: self.intervals.clone(),
            ..Limits::default()
        }
    }
}

impl Config {
    /// Reads the settings from the file, the environment and the flags, and validates them.
    ///
    /// # Errors
    /// A sentence that names the source, the key and what is allowed. Never a secret.
    pub fn load(cli: &Cli) -> Result<Self, ConfigError> {
        let sources = source::Sources::read(cli)?;
        let mut config = sources.config()?;
        config.file = sources.file().map(PathBuf::from);
        let folder = sources.file().and_then(|file| file.parent());
        let of_directories = config.clients.iter_mut().enumerate().filter_map(|(index, client)| {
            let directory = client.data_directory.as_mut()?;
            sources.of_entry_in_file(&CLIENTS, index, "data_directory").then_some(directory)
        });
        if let Some(folder) = folder {
            of_directories.for_each(|directory| *directory = folder.join(&*directory));
        }
        let of_clients = config.clients.iter_mut().enumerate().filter_map(|(index, client)| {
            let file = client.password_file.as_mut()?;
            sources.of_entry_in_file(&CLIENTS, index, "password_file").then_some(file)
        });
        let of_projects = config.projects.list.iter_mut().enumerate().flat_map(|(index, project)| {
            let files = [("account_key_file", &mut project.account_key_file), ("submitter", &mut project.submitter)];
            files.into_iter().filter_map(move |(key, file)| Some((index, key, file.as_mut()?)))
        });
        let of_projects = of_projects
            .filter_map(|(index, key, file)| sources.of_entry_in_file(&PROJECTS, index, key).then_some(file));
        let state_file = config.projects.state_file.as_mut().filter(|_| sources.in_file("projects.state_file"));
        let of_modules = config.probe.modules.values_mut().filter_map(|module| module.password_file.as_mut());
        // On the command line and in the environment, a relative path starts at the working directory.
        let of_pages = config.web.config_file.as_mut().filter(|_| sources.in_file("web.config_file"));
        for file in of_clients.chain(of_projects).chain(state_file).chain(of_modules).chain(of_pages) {
            if let Some(folder) = folder {
                *file = folder.join(&file);
            }
        }
        Ok(config)
    }

    /// The clients, in the configured order.
    ///
    /// # Errors
    /// As [`load`](Self::load), which has made the same checks: a loaded configuration only fails here if the environment
    /// has changed since.
    pub fn targets(&self) -> Result<Vec<Target>, ConfigError> {
        client::targets(self).map_err(|fault| ConfigError::without_source(&fault))
    }

    /// Whether the client on this computer is monitored although it is not configured: if nothing else is, or if projects are
    /// watched because a client is attached to them.
    #[must_use]
    pub fn means_local_client(&self) -> bool {
        self.clients.is_empty() && (self.projects.list.is_empty() || self.projects.watch == Watched::Attached)
    }

    /// The folder of the file, at which relative paths in it start.
    fn folder(&self) -> Option<&Path> {
        self.file.as_deref().and_then(Path::parent)
    }

    /// The settings for people to see: without names of password files that could be passwords, written in the wrong place. Those
    /// that exist are none.
    #[must_use]
    pub fn shown(&self, exists: impl Fn(&Path) -> bool) -> Self {
        let mut shown = self.clone();
        let of_clients = shown.clients.iter_mut().filter_map(|client| client.password_file.as_mut());
        let of_modules = shown.probe.modules.values_mut().filter_map(|module| module.password_file.as_mut());
        for file in of_clients.chain(of_modules).filter(|file| !exists(file.as_path())) {
            *file = client::password_file(self.folder(), file).to_string().into();
        }
        let key_files = |project: &'_ mut Project| [project.account_key_file.take(), project.submitter.take()];
        for project in &mut shown.projects.list {
            let [account, submitter] = key_files(project).map(|file| {
                let name = |file: PathBuf| if exists(&file) { file } else { shown_key_file(&file).into() };
                file.map(name)
            });
            (project.account_key_file, project.submitter) = (account, submitter);
        }
        for credential in shown.clients.iter_mut().filter_map(|client| client.password_credential.as_mut()) {
            *credential = shown_name(Path::new(credential));
        }
        shown
    }

    /// Checks what the deserialization of single values cannot: ranges, and values that depend on each other.
    fn check(&self) -> Result<(), Fault> {
        let Self { web, scrape, .. } = self;
        if web.listen_address.is_empty() {
            return Err(Fault::new(
                "web.listen_address",
                "is empty, but must contain at least one address, such as \":31415\"",
            ));
        }
        value::check_path(&web.telemetry_path).map_err(|problem| Fault::new("web.telemetry_path", problem))?;
        if let Some(url) = &web.external_url {
            value::check_url(url).map_err(|problem| Fault::new("web.external_url", problem))?;
        }
        if let Some(prefix) = &web.route_prefix {
            value::check_prefix(prefix).map_err(|problem| Fault::new("web.route_prefix", problem))?;
        }
        for (key, number) in [("web.max_requests", web.max_requests), ("scrape.concurrency", scrape.concurrency)] {
            if !(1..=MAX_CONCURRENCY).contains(&number) {
                return Err(Fault::new(key, format!("is {number}, but must be between 1 and {MAX_CONCURRENCY}")));
            }
        }
        if scrape.max_series < MIN_SERIES {
            let problem = format!("is {}, but must be {MIN_SERIES} or more", scrape.max_series);
            return Err(Fault::new("scrape.max_series", problem));
        }
        if scrape.max_reply_bytes == 0 {
            return Err(Fault::new("scrape.max_reply_bytes", "must be greater than zero"));
        }
        for (key, time) in [("scrape.timeout", scrape.timeout), ("scrape.client_timeout", scrape.client_timeout)] {
            if time.is_zero() {
                return Err(Fault::new(key, "must be greater than zero"));
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
        client::targets(self)?;
        self.projects.check()
    }
}
