//! `boinc_exporter check`: tests each client and each project step by step and explains how to fix failures. It sends every
//! read-only request, including those that a scrape does not need. Then it tells what is wrong with the client, as the overview does.

mod projects;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use super::print;
use crate::client::access::{Access, Lookups};
use crate::client::collectors::Collector;
use crate::client::data_directory::place::Problem;
use crate::client::data_directory::reading::Memory;
use crate::client::data_directory::{Moment, Place, Wanted};
use crate::client::gui_rpc::connection::Connection;
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use crate::client::gui_rpc::reply::Content;
use crate::client::gui_rpc::request::Request;
use crate::client::poll_state::PollState;
use crate::client::target::{Password, Target};
use crate::client::trouble::{Trouble, troubles};
use crate::client::{Capacity, Limits, Session, poll};
use crate::clock::Clock;
use crate::config::Config;
use crate::platform::remedy;
use crate::project::fetch::Web;
use crate::project::target::Target as ProjectTarget;

/// How long BOINC's own tools wait for a reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long connecting may take. If it takes longer, packets are being dropped.
const CONNECT: Duration = Duration::from_secs(5);

/// Tests the clients and projects with these names, or all.
///
/// # Errors
/// A name is not configured, or writing to stdout failed.
pub async fn check(config: &Config, names: &[String], verbose: bool) -> anyhow::Result<ExitCode> {
    let targets = config.targets()?;
    let projects = projects::targets(config).await?;
    let is_called = |project: &ProjectTarget, name: &str| {
        project.name.as_deref() == Some(name) || project.url.as_str() == name || project.url.key() == name
    };
    let is_known = |name: &String| {
        targets.iter().any(|target| target.name == *name) || projects.iter().any(|project| is_called(project, name))
    };
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        let of_projects = projects.iter().map(|project| project.name.as_deref().unwrap_or(project.url.as_str()));
        let known: Vec<_> = targets.iter().map(|target| target.name.as_str()).chain(of_projects).collect();
        let noun = if projects.is_empty() { "client" } else { "client or project" };
        anyhow::bail!("no {noun} is called `{unknown}`; configured {noun}s: {}", known.join(", "));
    }
    let clients = check_clients(config, &targets, names, verbose).await?;
    let chosen: Vec<_> = projects
        .iter()
        .filter(|project| names.is_empty() || names.iter().any(|name| is_called(project, name)))
        .collect();
    let projects = check_projects(config, &chosen, verbose).await?;
    Ok(if clients + projects == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tests these projects. Returns how many failed.
async fn check_projects(config: &Config, chosen: &[&ProjectTarget], verbose: bool) -> anyhow::Result<usize> {
    if chosen.is_empty() {
        return Ok(0);
    }
    let web = Web::new(config.projects.timeout, config.projects.contact.as_deref());
    let mut failed = 0;
    for target in chosen {
        let (started, mut report) = (Instant::now(), projects::Report::new(target, config));
        report.run(&web).await;
        failed += usize::from(report.failures > 0);
        let healthy = report.failures + report.absent == 0 && !verbose;
        print(&if healthy { report.summary(started.elapsed()) } else { report.text })?;
    }
    if config.projects.contact.is_none() {
        print(
            "Set `contact` in [projects]: it tells the operators of projects whom to write to about your requests.\n",
        )?;
    }
    print(&match (chosen.len(), failed) {
        (1, 0) => "The project can be watched.\n".to_owned(),
        (all, 0) => format!("All {all} projects can be watched.\n"),
        (all, failed) => format!("{failed} of {all} projects failed; see FAILED above.\n"),
    })?;
    Ok(failed)
}

/// Tests the clients with these names, or all. Returns how many failed.
async fn check_clients(config: &Config, targets: &[Target], names: &[String], verbose: bool) -> anyhow::Result<usize> {
    let limit = usize::try_from(config.scrape.max_reply_bytes).unwrap_or(usize::MAX);
    let mut failed = 0;
    let chosen: Vec<_> = targets.iter().filter(|target| names.is_empty() || names.contains(&target.name)).collect();
    for target in &chosen {
        let (started, mut report) = (Instant::now(), Report::new(target, limit));
        report.run().await;
        failed += usize::from(report.failures > 0);
        let healthy = report.failures + report.remarks == 0 && !verbose;
        print(&if healthy { report.summary(started.elapsed()) + &report.troubles } else { report.text })?;
    }
    if chosen.is_empty() {
        return Ok(0);
    }
    let verdict = match (chosen.len(), failed) {
        (1, 0) => "The client can be scraped.\n".to_owned(),
        (all, 0) => format!("All {all} clients can be scraped.\n"),
        (all, failed) => format!("{failed} of {all} clients failed; see FAILED above.\n"),
    };
    print(&verdict)?;
    Ok(failed)
}

struct Report<'a> {
    target: &'a Target,
    limit: usize,
    text: String,
    version: String,
    requests: usize,
    failures: usize,
    /// What is to be told although nothing failed.
    remarks: usize,
    last_failure: Option<String>,
    /// What is wrong with the client, though it answers.
    troubles: String,
}

impl<'a> Report<'a> {
    fn new(target: &'a Target, limit: usize) -> Self {
        let text = format!("{} ({})\n", target.name, target.address);
        let (version, troubles) = (String::new(), String::new());
        Self { target, limit, text, version, requests: 0, failures: 0, remarks: 0, last_failure: None, troubles }
    }

    /// The line about a client without failures.
    fn summary(&self, took: Duration) -> String {
        let Self { target, version, requests, .. } = self;
        format!("{} ({}): ok, {version}, {requests} requests in {}\n", target.name, target.address, milliseconds(took))
    }

    async fn run(&mut self) {
        self.data_directory().await;
        match self.connect().await {
            Ok(access) => {
                self.requests(access.clone()).await;
                self.troubles(access).await;
            }
            Err((step, error)) => {
                self.line(step, "FAILED", &error.to_string());
                self.failures += 1;
            }
        }
        self.text += &self.troubles;
        self.text.push('\n');
    }

    /// What lies beside a client on this computer. One that was only looked for is no failure, but to be permitted.
    async fn data_directory(&mut self) {
        let place = self.target.data_directory.clone();
        if place == Place::None {
            return;
        }
        let moment = Moment { instant: Instant::now(), time: SystemTime::now() };
        let look = tokio::task::spawn_blocking({
            let place = place.clone();
            move || {
                let Some(opened) = place.open()? else { return Ok(None) };
                let reading = Memory::default().read(&opened, Wanted { slots: true, files: true }, moment)?;
                Ok(Some((opened.path, reading)))
            }
        });
        let step = "data directory";
        let outcome: Result<_, Problem> = match tokio::time::timeout(PATIENCE, look).await {
            Ok(Ok(outcome)) => outcome,
            _ => Err(Problem(format!("{place} could not be read in time: check the disk or network mount it is on"))),
        };
        match outcome {
            Ok(Some((path, reading))) => {
                let (tasks, unreadable) = (reading.slots.tasks.len(), reading.slots.unreadable);
                let mut note = format!("{}: {tasks} tasks in slots", path.display());
                if unreadable > 0 {
                    let _ = write!(note, "; {unreadable} slots cannot be read: {}", remedy(&path.join("slots")));
                    self.remarks += 1;
                }
                self.line(step, "ok", &note);
            }
            Ok(None) => {
                self.line(step, "none", &format!("not found at {place}; set `data_directory` if it is elsewhere"));
            }
            Err(problem) if place.is_named() => {
                self.line(step, "FAILED", &problem.to_string());
                self.failures += 1;
            }
            Err(problem) => {
                self.line(step, "none", &format!("{problem}; without it there is nothing about slots"));
                self.remarks += 1;
            }
        }
    }

    /// The steps before the first request. The error names the step that failed.
    async fn connect(&mut self) -> Result<Access, (&'static str, Error)> {
        let (file, connect, log_in) = ("password file", "connect", "log in");
        let entrance = Lookups::default().entrance(self.target);
        let password = entrance.password(Instant::now() + PATIENCE).await.map_err(|error| (file, error))?;
        let place = match (&self.target.password, &password) {
            (_, None) => "none; not required by a client on this computer".to_owned(),
            (file @ (Password::File(_) | Password::InFolder { .. }), Some(_)) => format!("read from {}", file.path()),
            (_, Some(_)) => "found in this computer's BOINC data directory".to_owned(),
        };
        self.line(file, "ok", &place);
        let started = Instant::now();
        let endpoint = entrance.endpoint(started + PATIENCE).await.map_err(|error| (connect, error))?;
        let open = Connection::open(&endpoint, self.limit);
        let mut connection = in_time(CONNECT, "the connection", open).await.map_err(|error| (connect, error))?;
        self.line(connect, "ok", &milliseconds(started.elapsed()));
        if let Some(password) = &password {
            let outcome = in_time(PATIENCE, "the password", connection.authorize(password)).await;
            let found = matches!(self.target.password, Password::FirstOf(_));
            match outcome {
                Err(Error::WrongPassword) if found => {
                    let note = "without a password, which is not required on this computer; the password file has changed since the client started";
                    self.line(log_in, "ok", note);
                }
                outcome => {
                    outcome.map_err(|error| (log_in, error))?;
                    self.line(log_in, "ok", "the client accepts the password");
                }
            }
        }
        Ok(Access { endpoint, password })
    }

    async fn requests(&mut self, access: Access) {
        let capacity = Capacity::new(&Limits { max_reply_bytes: self.limit, ..Limits::default() });
        let mut session = Session::new(self.target, Ok(access), &capacity, self.limit, Instant::now() + 2 * PATIENCE);
        let s = &mut session;
        self.request::<ServerVersion>(s, Request::ExchangeVersions, |v| format!("BOINC {v}")).await;
        self.request::<CcStatus>(s, Request::GetCcStatus, |_| String::new()).await;
        self.request::<ClientState>(s, Request::GetState, |state| {
            let tasks: usize = state.projects.iter().map(|group| group.tasks.len()).sum();
            format!("{} projects, {tasks} tasks", state.projects.len())
        })
        .await;
        self.request::<HostInfo>(s, Request::GetHostInfo, |host| host.domain_name.to_string()).await;
        self.request::<Projects>(s, Request::GetProjectStatus, |p| format!("{} projects", p.projects.len())).await;
        self.request::<Tasks>(s, Request::GetResults { active_only: true }, |t| {
            format!("{} with a slot", t.tasks.rows().len())
        })
        .await;
        self.request::<SimpleGuiInfo>(s, Request::GetSimpleGuiInfo, |_| String::new()).await;
        self.request::<ScreensaverTasks>(s, Request::GetScreensaverTasks, |_| String::new()).await;
        self.request::<FileTransfers>(s, Request::GetFileTransfers, |t| format!("{} files", t.transfers.len())).await;
        self.request::<MessageCount>(s, Request::GetMessageCount, |_| String::new()).await;
        self.request::<Messages>(s, Request::GetMessages { after: 0 }, |m| format!("{} messages", m.messages.len()))
            .await;
        self.request::<Notices>(s, Request::GetNoticesPublic, |n| format!("{} notices", n.notices.len())).await;
        self.request::<OldResults>(s, Request::GetOldResults, |r| format!("{} reported tasks", r.results.len())).await;
        self.request::<DailyTransfers>(s, Request::GetDailyXferHistory, |d| format!("{} days", d.days.len())).await;
        self.request::<Statistics>(s, Request::GetStatistics, |d| format!("{} projects", d.projects.len())).await;
        self.request::<KnownProjects>(s, Request::GetAllProjectsList, |p| format!("{} projects", p.projects.len()))
            .await;
        self.request::<DiskUsage>(s, Request::GetDiskUsage, |d| format!("{} projects", d.projects.len())).await;
    }

    /// Polls it as a scrape does. What only time tells, as that a task stands still, the running exporter knows.
    async fn troubles(&mut self, access: Access) {
        let limits = Limits { max_reply_bytes: self.limit, ..Limits::default() };
        let capacity = Capacity::new(&limits);
        let session = Session::new(self.target, Ok(access), &capacity, self.limit, Instant::now() + PATIENCE);
        let snapshot = poll(session, &mut PollState::default(), &limits, &Clock::default()).await;
        // Why it is down, and which requests fail, stands above.
        let stands_above = |trouble| matches!(trouble, Trouble::Request | Trouble::Down(_));
        for finding in troubles(&snapshot).into_iter().filter(|finding| !stands_above(finding.trouble)) {
            let _ = writeln!(self.troubles, "  {:<29} {}: {}", "trouble", finding.trouble.shown().0, finding.detail);
        }
    }

    async fn request<T: Content>(&mut self, session: &mut Session<'_>, request: Request, content: fn(&T) -> String) {
        // The report names the request; the collector does not matter.
        let (result, part) = session.ask::<T>(Collector::State, request).await;
        self.requests += 1;
        match result {
            Ok(reply) => {
                let mut note = format!("{} in {}", bytes(part.bytes), milliseconds(part.duration));
                let content = content(&reply);
                if matches!(request, Request::ExchangeVersions) {
                    self.version.clone_from(&content);
                }
                if !content.is_empty() {
                    let _ = write!(note, ": {content}");
                }
                if part.unknown > 0 {
                    let _ = write!(note, "; {} unknown elements (a different version of BOINC?)", part.unknown);
                }
                self.line(request.name(), "ok", &note);
            }
            // Nobody can do anything about it.
            Err(error @ Error::Unsupported(_)) => self.line(request.name(), "absent", &error.to_string()),
            Err(error) => {
                let sentence = error.to_string();
                // If the client hangs, all requests fail for the same reason.
                let again = self.last_failure.as_ref() == Some(&sentence);
                self.line(request.name(), "FAILED", if again { "as above" } else { &sentence });
                self.last_failure = Some(sentence);
                self.failures += 1;
            }
        }
    }

    fn line(&mut self, step: &str, outcome: &str, note: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "  {step:<22} {outcome:<6} {note}");
    }
}

async fn in_time<T>(
    limit: Duration,
    what: &'static str,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(limit, step).await.unwrap_or(Err(Error::Timeout { what, waited: limit }))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

fn bytes(count: usize) -> String {
    if count < 10_000 { format!("{count} bytes") } else { format!("{} kB", count / 1000) }
}
