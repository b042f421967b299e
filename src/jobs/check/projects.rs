//! The part of `check` about projects' servers: name, connection, then each page, once. It asks whatever is configured, without
//! regard to when it was last asked: a person waits for the answer.

use std::env;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::Url;
use tokio::net::TcpStream;

use super::{CONNECT, milliseconds};
use crate::client::Fleet;
use crate::client::collectors::Collectors;
use crate::config::Config;
use crate::project::fetch::Web;
use crate::project::plan::{PagePlan, What, pages};
use crate::project::poll::{Known, poll};
use crate::project::poll_state::Round;
use crate::project::schedule::Retry;
use crate::project::snapshot::{Failure, Reading};
use crate::project::target::Target;
use crate::project::watch::{Settings, Watch};
use crate::reload::told;

/// The projects to test: those that are configured, and with `watch = "attached"` those that the clients tell.
pub async fn targets(config: &Config) -> anyhow::Result<Vec<Target>> {
    let settings = config.projects.settings()?;
    if settings.attached.is_none() {
        return Ok(settings.targets);
    }
    let fleet = Fleet::new(config.targets()?, config.scrape.limits());
    fleet.scrape_only(Collectors::of([]), Instant::now() + config.scrape.timeout).await;
    let watch = Watch::new(Settings { state_file: None, ..settings }, crate::clock::Clock::default());
    watch.hear(told(&fleet));
    Ok(watch.targets())
}

/// One project, step by step.
pub struct Report<'a> {
    target: &'a Target,
    config: &'a Config,
    name: String,
    pub text: String,
    pub failures: usize,
    /// Pages that the project does not offer.
    pub absent: usize,
    requests: u64,
}

impl<'a> Report<'a> {
    pub fn new(target: &'a Target, config: &'a Config) -> Self {
        let name = target.name.clone().unwrap_or_else(|| target.url.to_string());
        let text = format!("{name} ({})\n", target.url);
        Self { target, config, name, text, failures: 0, absent: 0, requests: 0 }
    }

    /// The line about a project without failures.
    pub fn summary(&self, took: Duration) -> String {
        format!("{} ({}): ok, {} requests in {}\n", self.name, self.target.url, self.requests, milliseconds(took))
    }

    pub async fn run(&mut self, web: &Web) {
        if self.is_reached().await {
            for plan in pages(self.target) {
                self.page(web, &plan).await;
            }
        }
        self.text.push('\n');
    }

    /// The steps before the first request. Behind a proxy, this computer need not know the project's name, nor reach it.
    async fn is_reached(&mut self) -> bool {
        let url = self.target.page("");
        if let Some(variable) = proxy(url.scheme()) {
            self.line("proxy", "used", &format!("the one that {variable} names"));
            return true;
        }
        self.connect(&url).await
    }

    async fn connect(&mut self, url: &Url) -> bool {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let host = host.trim_matches(['[', ']']);
        let found = tokio::time::timeout(CONNECT, tokio::net::lookup_host((host, port))).await;
        let addresses: Vec<SocketAddr> = match found {
            Ok(Ok(addresses)) => addresses.collect(),
            Ok(Err(error)) => {
                return self.failed("name", &format!("{host} has no address: {error}; check the URL and the DNS"));
            }
            Err(_) => return self.failed("name", &format!("no answer about {host} from the DNS; check the network")),
        };
        let shown: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
        self.line("name", "ok", &shown.join(", "));
        let started = Instant::now();
        match tokio::time::timeout(CONNECT, TcpStream::connect(&*addresses)).await {
            Ok(Ok(_)) => self.line("connect", "ok", &milliseconds(started.elapsed())),
            Ok(Err(error)) => return self.failed("connect", &format!("port {port}: {error}; check the URL, or wait")),
            Err(_) => {
                return self.failed("connect", &format!("port {port} does not answer; a firewall may drop packets"));
            }
        }
        true
    }

    async fn page(&mut self, web: &Web, plan: &PagePlan) {
        let step = plan.collector.name();
        if plan.what == What::Validation {
            let note = "asked while the exporter runs, once the clients have reported tasks";
            return self.line(step, "later", note);
        }
        let started = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let limits = self.config.projects.limits();
        let (round, _) = poll(web, self.target, &limits, plan, &Known::default(), now).await;
        self.requests += round.requests.iter().sum::<u64>();
        match &round.error {
            None => {
                let note = format!("{}{}", milliseconds(started.elapsed()), self.content(&round));
                self.line(step, "ok", &note);
            }
            // The project may have its reasons, and the rest can be watched without.
            Some(failure) if Retry::after(failure.reason) == Retry::Slowly && !is_ours(failure) => {
                let advice = format!("{}; to leave it out: collectors = [\"default\", \"-{step}\"]", failure.message);
                self.absent += 1;
                self.line(step, "absent", &advice);
            }
            Some(failure) => {
                self.failed(step, &failure.message);
            }
        }
    }

    /// What is worth saying about a page.
    fn content(&self, round: &Round) -> String {
        let mut text = String::new();
        match &round.reading {
            Some(Reading::Config(config)) => {
                let _ =
                    write!(text, ": {}, server {}", &*config.name, or(&config.server_version, "of unknown version"));
                let base = &config.web_rpc_url_base;
                let other = Url::parse(base).ok().filter(|base| base.host_str() != self.target.page("").host_str());
                if let Some(other) = other {
                    let _ = write!(text, "; it says that its pages are at {other}: if others fail, set web_rpc_url");
                }
            }
            Some(Reading::Status(status)) => {
                let apps = status.status.apps.len();
                let _ = write!(text, ": {} daemons, {apps} applications", status.status.daemons.len());
            }
            Some(Reading::Scheduler(scheduler)) => {
                let _ = write!(text, ": {}", scheduler.reply.state().name());
            }
            Some(Reading::Account(account)) => {
                let _ = write!(text, ": account {}, {} computers", account.id, account.all_hosts);
            }
            Some(Reading::Batches(batches)) => {
                let _ = write!(text, ": {} batches", batches.rows.len());
            }
            _ => {}
        }
        text
    }

    fn failed(&mut self, step: &str, note: &str) -> bool {
        self.failures += 1;
        self.line(step, "FAILED", note);
        false
    }

    fn line(&mut self, step: &str, outcome: &str, note: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "  {step:<22} {outcome:<6} {note}");
    }
}

/// The environment variable that names a proxy for addresses of this scheme. The HTTP library follows it.
fn proxy(scheme: &str) -> Option<&'static str> {
    const OF_ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
    let own = if scheme == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    own.into_iter().chain(OF_ALL).find(|name| env::var_os(name).is_some_and(|proxy| !proxy.is_empty()))
}

/// What the configuration gets wrong, as distinct from what a project does not offer.
fn is_ours(failure: &Failure) -> bool {
    use crate::project::reason::Reason;
    matches!(
        failure.reason,
        Reason::UnknownId
            | Reason::BadKey
            | Reason::AccessDenied
            | Reason::AccountManager
            | Reason::NoScheduler
            | Reason::Redirect
    )
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}
