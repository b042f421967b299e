//! The scheduler, asked as if by a client that was never attached. First the project's page for people, which names it; then a
//! GET, for which the scheduler needs its program, its shared memory and its configuration; then, if that went well, the part of
//! the protocol that never changes, for which it looks for an account in the database and finds none. Neither makes a record of
//! a computer: that needs the key of an account, which is never sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;

use super::{Failure, Poller, Reading};
use crate::project::fetch::{Body, Redirects, Request};
use crate::project::pages::master;
use crate::project::pages::scheduler::{self, SchedulerReply, SchedulerState};
use crate::project::reason::Reason;
use crate::project::snapshot::SchedulerReading;
use crate::project::target::is_loopback;

/// The request of a client that has no account. An old version would be told to upgrade before the database is asked.
const NUCLEUS: &str = "\
<scheduler_request>
<platform_name>x86_64-pc-linux-gnu</platform_name>
<core_client_major_version>8</core_client_major_version>
<core_client_minor_version>2</core_client_minor_version>
<core_client_release>0</core_client_release>
<host_info>
<p_vendor>boinc_exporter</p_vendor>
<os_name>boinc_exporter</os_name>
</host_info>
</scheduler_request>
";

/// What a healthy scheduler answers to a request without an account: it means a client, which should not come again soon.
const USUAL_DELAY: f64 = 3600.0;

impl Poller<'_> {
    pub(super) async fn scheduler(&mut self) -> Result<Reading, Failure> {
        let url = match &self.target.scheduler_url {
            Some(url) => url.clone(),
            None => self.find_scheduler().await?,
        };
        let started = Instant::now();
        let first = self.get(Request::get(url.clone(), scheduler::MAX_BODY), scheduler::read).await;
        let took = started.elapsed();
        let reply = match first {
            // Something on the way may keep browsers out, for which it takes a GET.
            Err(failure) if is_wall(failure.reason) => None,
            Err(failure) => return Err(failure),
            Ok(reply) => reply,
        };
        let reply = match reply {
            Some(down) if down.state() != SchedulerState::Up && down.state() != SchedulerState::Unknown => (down, took),
            _ => {
                let started = Instant::now();
                let request = Request::post(url, Body::Xml(NUCLEUS), scheduler::MAX_BODY);
                let reply = self.get(request, scheduler::read).await?;
                (reply.unwrap_or_default(), started.elapsed())
            }
        };
        let (reply, took) = reply;
        self.obey(&reply);
        if reply.has_account() {
            return Err(self.failure(Reason::Internal));
        }
        Ok(Reading::Scheduler(Arc::new(SchedulerReading { reply, took })))
    }

    async fn find_scheduler(&mut self) -> Result<Url, Failure> {
        let schedulers =
            if self.known.schedulers.is_empty() { self.master_page().await? } else { self.known.schedulers.clone() };
        let url =
            schedulers.iter().find_map(|url| self.acceptable(url)).ok_or_else(|| self.failure(Reason::Redirect))?;
        self.found.schedulers = schedulers;
        Ok(url)
    }

    /// The addresses of the schedulers, from the page for people. It may lie on another host, in some language.
    async fn master_page(&mut self) -> Result<Vec<String>, Failure> {
        let url = self.target.url.url().clone();
        let request = Request { redirects: Redirects::Follow, ..Request::get(url, master::MAX_BODY) };
        let named = self.get(request, master::read).await?.unwrap_or_default();
        Ok(named.iter().map(|url| url.to_string()).collect())
    }

    /// A page must not lead the exporter to its own computer.
    fn acceptable(&self, written: &str) -> Option<Url> {
        let url = self.target.url.url().join(written).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https");
        let leads_inside = is_loopback(&url) && !is_loopback(self.target.url.url());
        (is_web && !leads_inside).then_some(url)
    }

    fn obey(&mut self, reply: &SchedulerReply) {
        let delay = reply.request_delay.filter(|delay| delay.is_finite() && *delay > USUAL_DELAY);
        let delay = delay.and_then(|delay| Duration::try_from_secs_f64(delay).ok());
        self.round.page_wait = self.round.page_wait.max(delay);
    }
}

const fn is_wall(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Login
            | Reason::Blocked
            | Reason::MissingPage
            | Reason::Html
            | Reason::Portal
            | Reason::HttpError
            | Reason::Redirect
    )
}
