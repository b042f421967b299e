//! One round of requests for one page of a project. A target and what is known from earlier rounds come in; what was read, or why
//! not, goes out. It sends nothing that could change anything on the server. It does not know when a page is due.

mod scheduler;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::collectors::Collector;
use super::fetch::{Body, FetchError, Reply, Request, Validators, Web};
use super::limits::Limits;
use super::pages::user::{self, Names};
use super::pages::{Answer, Fault, Page, batches, config, members, ping, results, statistics, status, team};
use super::plan::{PagePlan, What};
use super::poll_state::Round;
use super::reason::Reason;
use super::snapshot::{AccountReading, BatchesReading, Failure, Reading, StatusReading};
use super::target::{Target, read_key};

/// A project that does not answer what became of tasks is asked for it again after a day.
const SWITCHED_OFF: Duration = Duration::from_secs(86_400);

/// What earlier rounds know.
#[derive(Debug, Default)]
pub struct Known {
    /// What makes the answer short.
    pub validators: Option<Validators>,
    /// The addresses of schedulers, from the project's first page.
    pub schedulers: Vec<String>,
    /// Names of tasks to ask for.
    pub names: Vec<String>,
}

/// What a round found out beside what is shown.
#[derive(Debug, Default)]
pub struct Found {
    /// The addresses of schedulers.
    pub schedulers: Vec<String>,
    /// What became of the tasks that were asked for.
    pub results: Option<results::Results>,
}

/// Asks for one page. `now` is the time of day, Unix seconds.
pub async fn poll(
    web: &Web,
    target: &Target,
    limits: &Limits,
    plan: &PagePlan,
    known: &Known,
    now: f64,
) -> (Round, Found) {
    let mut poller = Poller { web, target, limits, known, now, round: Round::default(), found: Found::default() };
    let outcome = poller.page(plan).await;
    let Poller { mut round, found, .. } = poller;
    match outcome {
        Ok(reading) => round.reading = reading,
        Err(failure) => round.error = Some(failure),
    }
    (round, found)
}

struct Poller<'a> {
    web: &'a Web,
    target: &'a Target,
    limits: &'a Limits,
    known: &'a Known,
    now: f64,
    round: Round,
    found: Found,
}

/// A reader of answers.
type Read<T> = fn(&Answer<'_>) -> Result<Page<T>, Fault>;

impl Poller<'_> {
    async fn page(&mut self, plan: &PagePlan) -> Result<Option<Reading>, Failure> {
        match &plan.what {
            What::Config => self.config().await,
            What::Status => {
                let url = self.target.status_page();
                let read = self.get(Request::get(url, status::MAX_BODY), status::read).await?;
                Ok(read.map(|status| Reading::Status(Arc::new(StatusReading::new(status)))))
            }
            What::Scheduler => self.scheduler().await.map(Some),
            What::Account(id) => self.account(*id).await,
            What::Key(file) => self.account_by_key(file).await,
            What::Team(id) => self.team(*id).await,
            What::Members(id) => {
                let url = self.target.page(&format!("team_email_list.php?teamid={id}&xml=1"));
                Ok(self.get(Request::get(url, members::MAX_BODY), members::read).await?.map(Reading::Members))
            }
            What::Statistics => {
                let url = self.target.statistics_page();
                let read = self.get(Request::get(url, statistics::MAX_BODY), statistics::read).await?;
                Ok(read.map(|tables| Reading::Statistics(Arc::new(tables))))
            }
            What::Batches(file) => self.batches(file).await.map(Some),
            What::Validation => self.validation().await,
        }
    }

    async fn config(&mut self) -> Result<Option<Reading>, Failure> {
        let url = self.target.page("get_project_config.php");
        let read = self.get(Request::get(url, config::MAX_BODY), config::read).await?;
        let Some(config) = read else { return Ok(None) };
        if config.account_manager {
            return Err(self.failure(Reason::AccountManager));
        }
        Ok(Some(Reading::Config(Arc::new(config))))
    }

    async fn account(&mut self, id: u64) -> Result<Option<Reading>, Failure> {
        let url = self.target.page(&format!("show_user.php?userid={id}&format=xml"));
        self.user(Request::get(url, user::MAX_BODY), false).await
    }

    async fn account_by_key(&mut self, file: &Path) -> Result<Option<Reading>, Failure> {
        let key = key(file)?;
        let mut url = self.target.page("show_user.php");
        url.query_pairs_mut().append_pair("auth", key.expose_secret()).append_pair("format", "xml");
        self.user(Request::get(url, user::MAX_BODY), true).await
    }

    async fn user(&mut self, request: Request<'_>, by_key: bool) -> Result<Option<Reading>, Failure> {
        let names = self.names();
        let read = match names {
            Names::Keep => self.get(request, |answer| user::read(answer, Names::Keep)).await?,
            Names::Drop => self.get(request, |answer| user::read(answer, Names::Drop)).await?,
        };
        if !by_key {
            // Computers are shown by the key only.
            self.round.left_out = 0;
        }
        let reading = |user| AccountReading::new(user, by_key, self.limits.max_hosts, self.now);
        Ok(read.map(|user| Reading::Account(Arc::new(reading(user)))))
    }

    async fn team(&mut self, id: u64) -> Result<Option<Reading>, Failure> {
        let url = self.target.page(&format!("team_lookup.php?team_id={id}&format=xml"));
        let Some(teams) = self.get(Request::get(url, team::MAX_BODY), team::read).await? else { return Ok(None) };
        let team = i64::try_from(id).ok().and_then(|id| teams.with_id(id)).cloned();
        team.map(|team| Some(Reading::Team(Arc::new(team)))).ok_or_else(|| self.failure(Reason::UnknownId))
    }

    /// `query_batches` works out the state of unfinished batches and writes it down, as the project's own pages do; the server is
    /// asked nothing else that writes. The ping before it, without a key, tells whether it makes sense.
    async fn batches(&mut self, file: &Path) -> Result<Reading, Failure> {
        let key = key(file)?;
        let url = self.target.page("submit_rpc_handler.php");
        // PHP takes an empty element for no request at all.
        let ping = Body::Form(SecretString::from("<ping> </ping>"));
        self.get(Request::post(url.clone(), ping, ping::MAX_BODY), ping::read).await?;
        let key = key.expose_secret().replace('&', "&amp;").replace('<', "&lt;");
        let query = format!("<query_batches><authenticator>{key}</authenticator></query_batches>");
        let request = Request::post(url, Body::Form(SecretString::from(query)), batches::MAX_BODY);
        let read = match self.names() {
            Names::Keep => self.get(request, |answer| batches::read(answer, Names::Keep)).await?,
            Names::Drop => self.get(request, |answer| batches::read(answer, Names::Drop)).await?,
        };
        let batches = read.unwrap_or_default().batches;
        Ok(Reading::Batches(Arc::new(BatchesReading::new(batches, self.limits.max_batches, self.now))))
    }

    async fn validation(&mut self) -> Result<Option<Reading>, Failure> {
        let mut url = self.target.page("result_status.php");
        url.query_pairs_mut().append_pair("names", &self.known.names.join(","));
        let read = self.get(Request::get(url, results::MAX_BODY), results::read).await;
        if read
            .as_ref()
            .is_err_and(|failure| super::schedule::Retry::after(failure.reason) == super::schedule::Retry::Slowly)
        {
            self.round.page_wait = Some(SWITCHED_OFF);
        }
        self.found.results = read?;
        Ok(Some(Reading::Nothing))
    }

    fn names(&self) -> Names {
        if self.target.collectors.contains(Collector::Names) { Names::Keep } else { Names::Drop }
    }

    /// Sends a request and reads the answer; `None` if nothing has changed since the last one.
    async fn get<T>(&mut self, request: Request<'_>, read: Read<T>) -> Result<Option<T>, Failure> {
        let request =
            Request { validators: self.known.validators.as_ref().filter(|_| request.body.is_none()), ..request };
        let reply = self.send(request).await?;
        if reply.is_unchanged() && self.known.validators.is_some() {
            self.count(true);
            self.round.validators = self.known.validators.clone().unwrap_or_default();
            return Ok(None);
        }
        let page = read(&reply.answer());
        self.count(page.is_ok());
        self.round.left_out += page.as_ref().map_or(0, |page| u64::from(page.oddities.left_out));
        self.round.validators = reply.validators;
        page.map(|page| Some(page.content)).map_err(|fault| self.fault(fault))
    }

    async fn send(&mut self, request: Request<'_>) -> Result<Reply, Failure> {
        let place = super::fetch::place(&request.url);
        match self.web.send(request).await {
            Ok(reply) => {
                let wait = self.round.answered.entry(place).or_default();
                *wait = reply.retry_after.max(*wait);
                Ok(reply)
            }
            Err(error) => {
                self.count(false);
                if error.is_unseen() {
                    // Failures of the host add up, whatever it answered in this round.
                    self.round.answered.remove(error.place());
                    self.round.unseen = Some(error.place().to_owned());
                } else {
                    self.round.answered.entry(place).or_default();
                }
                Err(Failure::from(&error))
            }
        }
    }

    fn count(&mut self, is_page: bool) {
        self.round.requests[usize::from(!is_page)] += 1;
    }

    fn failure(&self, reason: Reason) -> Failure {
        Failure { reason, message: format!("{}: {}", self.target.url.key(), reason.sentence()) }
    }

    fn fault(&self, fault: Fault) -> Failure {
        Failure { reason: fault.reason, message: format!("{}: {fault}", self.target.url.key()) }
    }
}

impl From<&FetchError> for Failure {
    fn from(error: &FetchError) -> Self {
        Self { reason: error.reason, message: error.to_string() }
    }
}

fn key(file: &Path) -> Result<SecretString, Failure> {
    read_key(file).map_err(|error| Failure { reason: Reason::KeyFile, message: error.to_string() })
}
