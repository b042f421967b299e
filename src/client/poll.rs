//! One poll of one client: the smallest set of requests that covers everything, those that take the client long last, and
//! what they brought put together.
//!
//! `get_state` holds all of `get_host_info`, `get_project_status`, `get_results` and `get_simple_gui_info`, so these are not
//! sent. What changes slowly or costs the client much has its own pace ([`Intervals`](super::Intervals)).

mod assemble;
mod paced;
mod session;

use std::time::Instant;

use self::paced::Paced;
pub use self::session::Session;
use super::limits::Limits;
use crate::client::collectors::Collector;
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::model::{
    CcStatus, ClientState, FileTransfers, MessageCount, Messages, Notices, Projects, ScreensaverTasks, Tasks,
};
use crate::client::gui_rpc::reply::Content;
use crate::client::gui_rpc::request::Request;
use crate::client::poll_state::{FetchedAt, PollState, StateCache};
use crate::client::snapshot::{Part, Snapshot, newer_version, notice_groups, transfer_sums};
use crate::client::target::Target;
use crate::clock::Clock;

/// Asks a client everything that is due, until `deadline`. `clock` paces what is asked now and then, and tells when something
/// was fetched; the deadline and durations are the computer's, for they are waited for.
pub async fn poll(
    target: &Target,
    kept: &mut PollState,
    limits: &Limits,
    clock: &Clock,
    deadline: Instant,
) -> Snapshot {
    let waiting = Instant::now();
    let mut poll = Poll {
        session: Session::new(target, limits.max_reply_bytes, deadline),
        snapshot: Snapshot::new(&target.name, &target.labels, target.collectors),
        kept,
        limits,
        clock,
        started: clock.instant(),
    };
    poll.everything().await;
    let Poll { session, mut snapshot, .. } = poll;
    snapshot.authorized = session.authorized;
    snapshot.up = snapshot.parts.iter().any(|part| part.collector == Collector::State && part.error.is_none());
    let of_state = snapshot.parts.iter().find(|part| part.collector == Collector::State && part.error.is_some());
    snapshot.error =
        of_state.or(snapshot.parts.iter().find(|part| part.error.is_some())).and_then(|part| part.error.clone());
    // A client that answers nothing has no disk usage and no credit by day either: sums over clients would count a dead one.
    if !snapshot.parts.iter().any(|part| part.error.is_none() && part.bytes > 0) {
        assemble::forget_earlier(&mut snapshot);
    }
    snapshot.duration = waiting.elapsed();
    snapshot.finished = Some(clock.time());
    snapshot
}

/// What came of asking a client with very many tasks for these alone.
enum Large {
    Told(Box<ClientState>, FetchedAt),
    Failed(Part),
    /// It has something that is not known, or is not such a client.
    Unknown,
}

struct Poll<'a> {
    session: Session<'a>,
    snapshot: Snapshot,
    kept: &'a mut PollState,
    limits: &'a Limits,
    clock: &'a Clock,
    /// On that clock.
    started: Instant,
}

impl Poll<'_> {
    async fn everything(&mut self) {
        self.version().await;
        self.snapshot.status = self.ask::<CcStatus>(Collector::CcStatus, Request::GetCcStatus).await;
        self.state().await;
        self.file_transfers().await;
        self.messages().await;
        self.notices().await;
        let screensaver = self.ask::<ScreensaverTasks>(Collector::ScreensaverTasks, Request::GetScreensaverTasks).await;
        self.snapshot.screensaver_suspend_reason = screensaver.and_then(|tasks| tasks.suspend_reason);
        self.old_results().await;
        self.daily_transfers().await;
        self.statistics().await;
        self.known_projects().await;
        // Last: on a spinning disk with many files it takes the client seconds.
        self.disk_usage().await;
    }

    /// Sends a request, if it is to be collected.
    async fn ask<T: Content>(&mut self, collector: Collector, request: Request) -> Option<T> {
        if !self.snapshot.collectors.contains(collector) {
            return None;
        }
        let (result, part) = self.send(collector, request).await;
        self.snapshot.parts.push(part);
        result.ok()
    }

    /// Sends a request, and takes note of the time of the reply.
    async fn send<T: Content>(&mut self, collector: Collector, request: Request) -> (Result<T, Error>, Part) {
        let (result, part) = self.session.ask(collector, request).await;
        let succeeded = result.is_ok().then(|| self.clock.time());
        (result, Part { succeeded, ..part })
    }

    /// Sends a request, if it is due; else repeats when it last succeeded.
    async fn ask_paced<T: Content, V>(&mut self, paced: &Paced<T, V>) {
        let collectors = self.snapshot.collectors;
        if !collectors.contains(paced.collector) {
            return;
        }
        let now = self.started;
        if !self.is_due(paced) {
            let cached = (paced.cache)(self.kept);
            let (error, succeeded) = (cached.failure().cloned(), cached.succeeded());
            self.snapshot.parts.push(Part { error, succeeded, ..Part::of(paced.collector) });
            return;
        }
        if paced.costly {
            // Before it is sent: it must not be begun at every scrape, not even if Prometheus hangs up meanwhile.
            (paced.cache)(self.kept).postpone(now, None);
        }
        let (result, mut part) = self.send(paced.collector, paced.request).await;
        let time = self.clock.time();
        let cached = (paced.cache)(self.kept);
        match result {
            Ok(content) => cached.succeed((paced.keep)(content, collectors), now, time),
            Err(Error::Timeout { what, .. }) if paced.costly && what == paced.request.name() => {
                cached.postpone(now, part.error.clone());
            }
            Err(_) => cached.forget(),
        }
        part.succeeded = cached.succeeded();
        self.snapshot.parts.push(part);
    }

    fn is_due<T, V>(&mut self, paced: &Paced<T, V>) -> bool {
        let interval = (paced.interval)(&self.limits.intervals);
        (paced.cache)(self.kept).is_due(self.started, interval)
    }

    async fn version(&mut self) {
        self.ask_paced(&paced::VERSION).await;
        self.snapshot.version = self.kept.version.value().cloned();
        self.snapshot.platform.clone_from(&self.kept.platform);
    }

    async fn state(&mut self) {
        let (mut state, got) = match self.large_state().await {
            Large::Told(state, got) => (state, got),
            Large::Failed(part) => return self.snapshot.parts.push(part),
            Large::Unknown => {
                let Some(state) = self.ask::<ClientState>(Collector::State, Request::GetState).await else { return };
                let clock = state.time_stats.as_ref().and_then(|time| time.now);
                (Box::new(state), FetchedAt { instant: self.started, time: self.clock.time(), clock })
            }
        };
        self.snapshot.state_time = Some(got.time);
        assemble::state(&mut self.snapshot, self.kept, self.limits, &mut state);
        self.kept.state_cache = StateCache::of(*state, got);
    }

    /// The state of a client with very many tasks, of which only projects and tasks are asked for.
    async fn large_state(&mut self) -> Large {
        let interval = self.limits.intervals.state;
        if !self.kept.state_cache.as_ref().is_some_and(|large| large.is_fresh(self.started, interval)) {
            return Large::Unknown;
        }
        let all = Request::GetResults { active_only: false };
        let (tasks, part) = self.send::<Tasks>(Collector::State, all).await;
        let Ok(tasks) = tasks else { return Large::Failed(part) };
        let (projects, second) = self.send::<Projects>(Collector::State, Request::GetProjectStatus).await;
        let (duration, bytes) = (part.duration + second.duration, part.bytes + second.bytes);
        let (unknown, unreadable) = (part.unknown + second.unknown, part.unreadable + second.unreadable);
        let part = Part { duration, bytes, unknown, unreadable, ..second };
        let Ok(projects) = projects else { return Large::Failed(part) };
        let Some(large) = self.kept.state_cache.take() else { return Large::Unknown };
        let Some((state, got)) = large.with(projects, tasks, self.started) else { return Large::Unknown };
        self.snapshot.parts.push(part);
        Large::Told(Box::new(state), got)
    }

    async fn file_transfers(&mut self) {
        let Some(mut reply) = self.ask::<FileTransfers>(Collector::FileTransfers, Request::GetFileTransfers).await
        else {
            return;
        };
        let projects = self.snapshot.projects.iter().map(|p| (p.url.clone(), p.name.clone()));
        self.snapshot.transfers = transfer_sums(&reply.transfers, projects, self.snapshot.clock());
        if self.snapshot.collectors.contains(Collector::Transfers) {
            let max = self.limits.max_transfers;
            assemble::cap(&mut self.snapshot, Collector::Transfers, &mut reply.transfers, max);
            let rows = reply
                .transfers
                .into_iter()
                .map(|t| (t.project_url.to_string(), t))
                .map(|(url, t)| self.kept.of_project(&url, t));
            self.snapshot.transfer_rows = rows.collect();
        }
    }

    async fn messages(&mut self) {
        if !self.snapshot.collectors.contains(Collector::Messages) {
            return;
        }
        let (count, mut part) = self.send::<MessageCount>(Collector::Messages, Request::GetMessageCount).await;
        // Without the state it is not known whether the client is the same process as before, and thus what was counted.
        if let Ok(MessageCount(Some(newest))) = count
            && let Some(after) = self.kept.messages.next(newest)
            && self.snapshot.time.is_some()
        {
            let (messages, second) = self.send::<Messages>(Collector::Messages, Request::GetMessages { after }).await;
            part = Part { duration: part.duration + second.duration, bytes: part.bytes + second.bytes, ..second };
            if let Ok(messages) = messages {
                self.kept.messages.add(&messages.messages);
            }
        }
        if part.error.is_none() {
            self.snapshot.messages = Some(self.kept.messages.counts());
        }
        self.snapshot.parts.push(part);
    }

    async fn notices(&mut self) {
        let Some(reply) = self.ask::<Notices>(Collector::Notices, Request::GetNoticesPublic).await else { return };
        self.snapshot.notice_sequence = Some(reply.notices.iter().filter_map(|n| n.seqno).max().unwrap_or(0).max(0));
        self.snapshot.newer_version = newer_version(&reply.notices);
        self.snapshot.notices = notice_groups(&reply.notices);
    }

    async fn old_results(&mut self) {
        let asked = self.is_due(&paced::OLD_RESULTS);
        self.ask_paced(&paced::OLD_RESULTS).await;
        let PollState { old_results, reported, .. } = &mut *self.kept;
        let Some(results) = old_results.value() else { return };
        if asked {
            reported.add(results);
        }
        let shown: Vec<_> = reported.show().map(|(url, app)| (url.to_owned(), app)).collect();
        let kept = &*self.kept;
        assemble::recently_reported(&mut self.snapshot, kept, kept.old_results.value().map_or(&[], Vec::as_slice));
        self.snapshot.reported = shown.into_iter().map(|(url, app)| kept.of_project(&url, app)).collect();
    }

    async fn daily_transfers(&mut self) {
        self.ask_paced(&paced::DAILY_TRANSFERS).await;
        self.snapshot.daily_transfers = self.kept.daily_transfers.value().cloned();
    }

    async fn statistics(&mut self) {
        self.ask_paced(&paced::STATISTICS).await;
        let days = self.kept.statistics.value().into_iter().flatten();
        self.snapshot.credit_days = days.map(|(url, days)| self.kept.of_project(url, days.clone())).collect();
    }

    async fn known_projects(&mut self) {
        self.ask_paced(&paced::KNOWN_PROJECTS).await;
        self.snapshot.known_projects = self.kept.known_projects.value().cloned();
    }

    async fn disk_usage(&mut self) {
        self.session.prepare_last();
        self.ask_paced(&paced::DISK_USAGE).await;
        self.snapshot.disk = self.kept.disk_usage.value().cloned();
        assemble::project_disk(&mut self.snapshot, self.kept);
    }
}
