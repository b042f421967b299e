//! `[projects]` and `[[projects]]`: whose servers are asked, and how. From one entry to one [`Target`].

use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::error::Fault;
use super::list::PROJECTS;
use super::{ConfigError, MAX_CONCURRENCY, value};
use crate::duration;
use crate::platform::state_folder;
use crate::project::collectors::{Collector, Collectors};
use crate::project::limits::MAX_ACCOUNTS;
use crate::project::target::{MasterUrl, Target, is_private, parse_url};
use crate::project::watch::Settings;
use crate::project::{Intervals, Limits};

/// The name of the file in the folder for state.
const STATE_FILE: &str = "projects.json";

/// `[projects]`: projects whose servers are asked. By default none, because they are other people's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Projects {
    /// Which projects are watched.
    pub watch: Watched,
    /// Collectors of every project, see [`Collectors::parse`].
    #[serde(deserialize_with = "value::list")]
    pub collectors: Vec<String>,
    /// Who asks: an e-mail address or a URL, for the operators of projects.
    pub contact: Option<String>,
    /// Where to remember when projects were asked.
    pub state_file: Option<PathBuf>,
    /// Maximum time of one request.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// Maximum number of projects that are asked at the same time.
    pub concurrency: usize,
    /// Maximum number of computers per account with their own series.
    pub max_hosts: usize,
    /// Maximum number of batches per project with their own series.
    pub max_batches: usize,
    /// How often each page is asked for.
    pub intervals: Intervals,
    /// The projects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<Project>,
}

/// Which projects are watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// Those in the list.
    #[default]
    Listed,
    /// Those in the list, and all that a monitored client is attached to.
    Attached,
}

/// `[[projects]]`: one project, as configured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The label `project`. Defaults to the project's own name.
    pub name: Option<String>,
    /// The master URL.
    pub url: String,
    /// Ids of accounts.
    #[serde(default, deserialize_with = "ids", skip_serializing_if = "Vec::is_empty")]
    pub account: Vec<u64>,
    /// The file whose first line is the account key.
    pub account_key_file: Option<PathBuf>,
    /// Id of a team.
    pub team: Option<u64>,
    /// The file whose first line is the key of an account that submits jobs.
    #[serde(alias = "submitter_key_file")]
    pub submitter: Option<PathBuf>,
    /// Collectors of this project, instead of [`Projects::collectors`].
    #[serde(default, deserialize_with = "value::optional_list")]
    pub collectors: Option<Vec<String>>,
    /// Where the server status is, if not below `url`.
    pub status_url: Option<String>,
    /// Where the scheduler is, if the page at `url` does not tell.
    pub scheduler_url: Option<String>,
    /// Where the statistics export is, if not below `url`.
    pub stats_url: Option<String>,
    /// Where the other pages are, if not below `url`.
    pub web_rpc_url: Option<String>,
}

impl Default for Projects {
    fn default() -> Self {
        let Limits { timeout, concurrency, max_hosts, max_batches, intervals } = Limits::default();
        Self {
            watch: Watched::default(),
            collectors: vec!["default".to_owned()],
            contact: None,
            state_file: None,
            timeout,
            concurrency,
            max_hosts,
            max_batches,
            intervals,
            list: Vec::new(),
        }
    }
}

impl Projects {
    /// What is watched, and how.
    ///
    /// # Errors
    /// As [`Config::load`](super::Config::load), which has made the same checks.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let settings = || {
            let collectors = parse(&self.collectors).map_err(|problem| Fault::new("projects.collectors", problem))?;
            Ok(Settings {
                targets: self.targets(collectors)?,
                attached: (self.watch == Watched::Attached).then_some(collectors),
                limits: self.limits(),
                contact: self.contact.clone(),
                state_file: self.state_file.clone().or_else(|| Some(state_folder()?.join(STATE_FILE))),
            })
        };
        settings().map_err(|fault: Fault| ConfigError::without_source(&fault))
    }

    /// Whether any project is asked what became of the tasks that clients reported.
    #[must_use]
    pub fn validates(&self) -> bool {
        let all = self.list.iter().filter_map(|project| project.collectors.as_ref()).chain([&self.collectors]);
        all.filter_map(|names| parse(names).ok()).any(|collectors| collectors.contains(Collector::Validation))
    }

    /// The limits of requests and of series.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            timeout: self.timeout,
            concurrency: self.concurrency,
            max_hosts: self.max_hosts,
            max_batches: self.max_batches,
            intervals: self.intervals.clone(),
        }
    }

    /// Checks what the deserialization of single values cannot.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.timeout.is_zero() {
            return Err(Fault::new("projects.timeout", "must be greater than zero"));
        }
        if !(1..=MAX_CONCURRENCY).contains(&self.concurrency) {
            let problem = format!("is {}, but must be between 1 and {MAX_CONCURRENCY}", self.concurrency);
            return Err(Fault::new("projects.concurrency", problem));
        }
        if self.contact.as_ref().is_some_and(|contact| !is_header_text(contact)) {
            let problem = "must be an e-mail address or a URL, in ASCII: it is sent with each request";
            return Err(Fault::new("projects.contact", problem));
        }
        for collector in Collector::ALL {
            let (interval, floor) = (self.intervals.of(collector), Intervals::floor(collector));
            if interval < floor {
                let floor = humantime_serde::re::humantime::format_duration(floor);
                let problem =
                    format!("is shorter than {floor}, which is as often as a project's server may be asked for this");
                return Err(Fault::new(&format!("projects.intervals.{collector}"), problem));
            }
        }
        let collectors = parse(&self.collectors).map_err(|problem| Fault::new("projects.collectors", problem))?;
        self.targets(collectors).map(drop)
    }

    fn targets(&self, collectors: Collectors) -> Result<Vec<Target>, Fault> {
        let (mut names, mut urls) = (BTreeMap::new(), BTreeMap::new());
        let mut targets = Vec::with_capacity(self.list.len());
        for (index, project) in self.list.iter().enumerate() {
            let fault = |(key, problem)| Fault::entry(&PROJECTS, index, Some(key), problem);
            let target = project.target(collectors).map_err(fault)?;
            if let Some(first) = urls.insert(target.url.key(), index) {
                let problem =
                    format!("is the same project as number {}, at {}; remove one", first + 1, target.url.key());
                return Err(Fault::entry(&PROJECTS, index, None, problem));
            }
            if let Some(name) = &target.name
                && let Some(first) = names.insert(name.clone(), index)
            {
                let problem = format!("has the same name as number {}, `{name}`; give each its own `name`", first + 1);
                return Err(Fault::entry(&PROJECTS, index, None, problem));
            }
            targets.push(target);
        }
        Ok(targets)
    }
}

impl Project {
    /// The error is the key and what is wrong with it.
    fn target(&self, collectors: Collectors) -> Result<Target, (&'static str, String)> {
        let url = MasterUrl::parse(&self.url).map_err(|problem| ("url", problem))?;
        if self.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().any(char::is_control)) {
            return Err(("name", "is empty or contains control characters, but must be readable text".to_owned()));
        }
        let mut accounts = self.account.clone();
        accounts.sort_unstable();
        accounts.dedup();
        if accounts.len() > MAX_ACCOUNTS {
            let problem =
                format!("has {} accounts, but may have {MAX_ACCOUNTS}: each is asked for by itself", accounts.len());
            return Err(("account", problem));
        }
        let address = |key, written: &Option<String>| match written {
            None => Ok(None),
            Some(written) => parse_url(written).map(Some).map_err(|problem| (key, problem)),
        };
        let web_rpc_url: Option<Url> = address("web_rpc_url", &self.web_rpc_url)?;
        let collectors = self.collectors.as_ref().map_or(Ok(collectors), |names| parse(names));
        let target = Target {
            name: self.name.clone(),
            accounts,
            account_key: self.account_key_file.clone(),
            team: self.team,
            submitter: self.submitter.clone(),
            collectors: collectors.map_err(|problem| ("collectors", problem))?,
            status_url: address("status_url", &self.status_url)?,
            scheduler_url: address("scheduler_url", &self.scheduler_url)?,
            stats_url: address("stats_url", &self.stats_url)?,
            web_rpc_url,
            url,
        };
        let keys = [("account_key_file", &self.account_key_file), ("submitter", &self.submitter)];
        if let Some((key, _)) = keys.iter().find(|(_, file)| file.is_some())
            && !is_private(&target.page(""))
        {
            let what = if self.web_rpc_url.is_some() { "web_rpc_url" } else { "url" };
            let problem = format!("would be sent where anybody on the way can read it: write `{what}` with https://");
            return Err((key, problem));
        }
        Ok(target)
    }
}

/// The end of a sentence about a list with an unknown collector.
fn parse(names: &[String]) -> Result<Collectors, String> {
    Collectors::parse(names).map_err(|problem| super::client::unknown(&problem))
}

fn is_header_text(text: &str) -> bool {
    let plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && !b"()\\".contains(&byte);
    !text.trim().is_empty() && text.len() <= 200 && text.bytes().all(plain)
}

/// One id, or a list of ids. In the environment ids are text with commas between them.
fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    deserializer.deserialize_any(IdsVisitor)
}

struct IdsVisitor;

impl<'de> Visitor<'de> for IdsVisitor {
    type Value = Vec<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of an account, or a list of such numbers")
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<Vec<u64>, E> {
        Ok(vec![id])
    }

    fn visit_i64<E: Error>(self, id: i64) -> Result<Vec<u64>, E> {
        u64::try_from(id).map(|id| vec![id]).map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(id), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u64>, E> {
        let ids = text.split(',').map(|id| id.trim().parse::<u64>());
        // The text is not repeated: it may be a key in the wrong place.
        ids.collect::<Result<_, _>>().map_err(|_| {
            E::custom("is no number of an account, which is in the address of its page on the project's web site")
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u64>, A::Error> {
        iter::from_fn(|| items.next_element().transpose()).collect()
    }
}
