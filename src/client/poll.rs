//! One poll of one client. A session with it and its state from earlier polls come in; a snapshot goes out. It sends
//! the smallest set of requests that covers everything, and the ones that take the client longest last. It does not
//! know metrics or other clients.
//!
//! `get_state` contains everything in `get_host_info`, `get_project_status`, `get_results` and `get_simple_gui_info`,
//! so these are not sent. What changes slowly, or is expensive for the client, is requested at its own interval
//! ([`Intervals`](super::Intervals)).

mod assemble;
mod directory;
mod paced;
mod session;

use std::time::Instant;

use self::paced::Paced;
pub use self::session::Session;
use super::capacity::Capacity;
use super::limits::Limits;
use crate::client::collectors::Collector;
use crate::client::data_directory::Place;
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::model::{
    CcStatus, ClientState, FileTransfers, MessageCount, Messages, Notices, Projects, ScreensaverTasks, Tasks,
};
use crate::client::gui_rpc::reply::Content;
use crate::client::gui_rpc::request::Request;
use crate::client::poll_state::{FetchedAt, MANY_TASKS, PollState, StateCache, Updated};
use crate::client::snapshot::{Failure, Part, Snapshot, newer_version, notice_groups, transfer_sums};
use crate::clock::Clock;

/// Sends a client all requests that are due, until the deadline of the session. `clock` decides which paced requests are due
/// and timestamps results; the deadline and the measured durations are real time, because the caller really waits for them.
pub async fn poll(session: Session<'_>, poll_state: &mut PollState, limits: &Limits, clock: &Clock) -> Snapshot {
    let (real_start, target, capacity) = (Instant::now(), session.target, session.capacity);
    poll_state.in_slots = None;
    let reading = directory::read(poll_state.directory.clone(), target, capacity, clock, session.deadline());
    let has_directory = target.data_directory != Place::None;
    let mut poller = Poller {
        session,
        snapshot: Snapshot { has_directory, ..Snapshot::new(&target.name, &target.labels, target.collectors) },
        poll_state,
        limits,
        capacity,
        clock,
        started: clock.instant(),
    };
    let ((), reading) = tokio::join!(poller.run(), reading);
    let Poller { session, mut snapshot, poll_state, .. } = poller;
    snapshot.authorized = session.authorized;
    snapshot.up = snapshot.parts.iter().any(|part| part.collector == Collector::State && part.error.is_none());
    let of_state = snapshot.parts.iter().find(|part| part.collector == Collector::State && part.error.is_some());
    snapshot.error = of_state.or(snapshot.parts.iter().find(|part| part.fails())).and_then(|part| part.error.clone());
    // If the client answered nothing, cached values such as disk usage and daily credit are dropped as well: sums over
    // clients must not include one that is down.
    snapshot.answered = snapshot.parts.iter().any(|part| part.error.is_none() && part.bytes > 0);
    if !snapshot.answered {
        assemble::clear_cached(&mut snapshot);
    }
    // What lies in the data directory is there whether or not the client answers.
    if let Some(reading) = reading {
        directory::assemble(&mut snapshot, poll_state, reading, limits, clock);
    }
    for (collector, dropped) in snapshot.parts.iter().map(|part| (part.collector, part.dropped)).collect::<Vec<_>>() {
        if dropped > 0 {
            snapshot.count_dropped(collector, dropped);
        }
    }
    snapshot.duration = real_start.elapsed();
    snapshot.finished = Some(clock.time());
    snapshot
}

/// The result of updating a cached state from the client's projects and tasks alone.
enum Refresh {
    Done(Updated),
    Failed(Part),
    /// There is no fresh cached state, or the reply refers to something the cache does not contain.
    NeedsFullState,
}

struct Poller<'a> {
    session: Session<'a>,
    snapshot: Snapshot,
    poll_state: &'a mut PollState,
    limits: &'a Limits,
    capacity: &'a Capacity,
    clock: &'a Clock,
    /// When the poll started, on `clock`.
    started: Instant,
}

impl Poller<'_> {
    async fn run(&mut self) {
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
        // Last: on a hard disk with many files it takes the client seconds.
        self.disk_usage().await;
    }

    /// Whether this poll collects it. Another poll of the same client may collect more, so the state may contain its values.
    fn collects(&self, collector: Collector) -> bool {
        self.snapshot.collectors.contains(collector)
    }

    /// Sends a request, if its collector is enabled.
    async fn ask<T: Content>(&mut self, collector: Collector, request: Request) -> Option<T> {
        if !self.snapshot.collectors.contains(collector) {
            return None;
        }
        let (result, part) = self.send(collector, request).await;
        self.snapshot.parts.push(part);
        result.ok()
    }

    /// Sends a request and records the time of a successful reply.
    async fn send<T: Content>(&mut self, collector: Collector, request: Request) -> (Result<T, Error>, Part) {
        self.send_after(collector, request, None).await
    }

    /// The same with the content of an earlier reply, which helps to read this one.
    async fn send_after<T: Content>(
        &mut self,
        collector: Collector,
        request: Request,
        earlier: Option<Box<T>>,
    ) -> (Result<T, Error>, Part) {
        let (result, part) = self.session.ask_after(collector, request, earlier).await;
        let succeeded = result.is_ok().then(|| self.clock.time());
        (result, Part { succeeded, ..part })
    }

    /// Sends a request if it is due; otherwise reports the outcome and time of the cached one. Returns whether a reply came.
    async fn ask_paced<T: Content, V>(&mut self, paced: &Paced<T, V>) -> bool {
        if !self.snapshot.collectors.contains(paced.collector) {
            return false;
        }
        let now = self.started;
        if !self.is_due(paced) {
            let cached = (paced.cache)(self.poll_state);
            let (error, succeeded, dropped) = (cached.failure().cloned(), cached.succeeded(), cached.dropped());
            self.snapshot.parts.push(Part { error, dropped, succeeded, kept: true, ..Part::of(paced.collector) });
            return false;
        }
        if paced.costly {
            // Postponed before it is sent: it must not start again at every scrape, even if Prometheus disconnects
            // before the reply.
            (paced.cache)(self.poll_state).postpone(now, None);
        }
        let (result, mut part) = self.send(paced.collector, paced.request).await;
        let time = self.clock.time();
        let cached = (paced.cache)(self.poll_state);
        let replied = result.is_ok();
        match result {
            Ok(content) => {
                cached.succeed((paced.convert)(content, &self.snapshot, &mut part), now, time);
                cached.count_dropped(part.dropped);
            }
            Err(Error::Timeout { what, .. }) if paced.costly && what == paced.request.name() => {
                cached.postpone(now, part.error.clone());
            }
            Err(_) => cached.forget(),
        }
        (part.succeeded, part.kept) = (cached.succeeded(), true);
        self.snapshot.parts.push(part);
        replied
    }

    fn is_due<T, V>(&mut self, paced: &Paced<T, V>) -> bool {
        let interval = (paced.interval)(&self.limits.intervals);
        (paced.cache)(self.poll_state).is_due(self.started, interval)
    }

    async fn version(&mut self) {
        self.ask_paced(&paced::VERSION).await;
        self.snapshot.version = self.poll_state.version.value().cloned();
        self.snapshot.platform.clone_from(&self.poll_state.platform);
    }

    async fn state(&mut self) {
        let (mut state, fetched_at, held, listed) = match self.refresh_state().await {
            Refresh::Done(Updated { state, fetched_at, held, listed }) => (state, fetched_at, Some(held), Some(listed)),
            Refresh::Failed(part) => return self.snapshot.parts.push(part),
            Refresh::NeedsFullState => {
                let Some(state) = self.ask::<ClientState>(Collector::State, Request::GetState).await else { return };
                let clock = state.time_stats.as_ref().and_then(|time| time.now);
                let bytes = self.snapshot.parts.last().map_or(0, |part| part.bytes);
                let fetched_at = FetchedAt { instant: self.started, time: self.clock.time(), clock };
                (Box::new(state), fetched_at, self.capacity.keep(bytes), None)
            }
        };
        // Counting many tasks takes long.
        let tasks: usize = state.projects.iter().map(|group| group.tasks.len()).sum();
        let turn = if tasks < MANY_TASKS { Ok(None) } else { self.session.turn().await };
        let turn = match turn {
            Ok(turn) => turn,
            Err(error) => return self.give_up(Collector::State, &error),
        };
        self.snapshot.state_time = Some(fetched_at.time);
        assemble::state(&mut self.snapshot, self.poll_state, self.limits, &mut state);
        drop(turn);
        // Without memory for it, all of it is asked for again at the next poll.
        self.poll_state.state_cache = held.and_then(|held| StateCache::of(*state, fetched_at, held, listed));
    }

    /// Makes a failure of a request that succeeded, because nothing can be made of its reply in time.
    fn give_up(&mut self, collector: Collector, error: &Error) {
        for part in self.snapshot.parts.iter_mut().filter(|part| part.collector == collector) {
            (part.error, part.succeeded) = (Some(Failure::from(error)), None);
        }
    }

    /// Updates the cached state of a client with many tasks, requesting only its projects and tasks.
    async fn refresh_state(&mut self) -> Refresh {
        let interval = self.limits.intervals.state;
        let (cache, time) = (self.poll_state.state_cache.as_ref(), self.clock.time());
        if !cache.is_some_and(|cache| cache.is_fresh(self.started, time, interval)) {
            return Refresh::NeedsFullState;
        }
        let all = Request::GetResults { active_only: false };
        let earlier = self.poll_state.state_cache.as_mut().and_then(StateCache::take_tasks);
        let (tasks, part) = self.send_after::<Tasks>(Collector::State, all, earlier).await;
        let Ok(tasks) = tasks else { return Refresh::Failed(part) };
        let (projects, second) = self.send::<Projects>(Collector::State, Request::GetProjectStatus).await;
        let (duration, bytes) = (part.duration + second.duration, part.bytes + second.bytes);
        let (unknown, unreadable) = (part.unknown + second.unknown, part.unreadable + second.unreadable);
        let dropped = part.dropped + second.dropped;
        let part = Part { duration, bytes, unknown, unreadable, dropped, ..second };
        let Ok(projects) = projects else { return Refresh::Failed(part) };
        let Some(cache) = self.poll_state.state_cache.take() else { return Refresh::NeedsFullState };
        let Some(updated) = cache.updated_with(projects, tasks, self.started) else {
            return Refresh::NeedsFullState;
        };
        self.snapshot.parts.push(part);
        Refresh::Done(updated)
    }

    async fn file_transfers(&mut self) {
        let Some(mut reply) = self.ask::<FileTransfers>(Collector::FileTransfers, Request::GetFileTransfers).await
        else {
            return;
        };
        let projects = self.snapshot.projects.iter().map(|p| (p.url.clone(), p.name.clone()));
        let (sums, left_out) = transfer_sums(&reply.transfers, projects, self.snapshot.clock());
        self.snapshot.transfers = sums;
        if left_out > 0 {
            self.snapshot.count_dropped(Collector::FileTransfers, left_out);
        }
        if self.snapshot.collectors.contains(Collector::Transfers) {
            let max = self.limits.max_transfers;
            assemble::cap(&mut self.snapshot, Collector::Transfers, &mut reply.transfers, max);
            let rows = reply
                .transfers
                .into_iter()
                .map(|t| (t.project_url.to_string(), t))
                .map(|(url, t)| self.poll_state.of_project(&url, t));
            self.snapshot.transfer_rows = rows.collect();
        }
    }

    async fn messages(&mut self) {
        if !self.snapshot.collectors.contains(Collector::Messages) {
            return;
        }
        let (count, mut part) = self.send::<MessageCount>(Collector::Messages, Request::GetMessageCount).await;
        let mut passed_over = false;
        // Without the state it is unknown whether this is still the same client process, and so which messages have
        // been counted.
        if let Ok(MessageCount(Some(newest))) = count
            && self.snapshot.time.is_some()
            && let Some(after) = self.poll_state.messages.next(newest)
        {
            let (messages, second) = self.send::<Messages>(Collector::Messages, Request::GetMessages { after }).await;
            part = Part { duration: part.duration + second.duration, bytes: part.bytes + second.bytes, ..second };
            passed_over = matches!(messages, Err(Error::StrayTerminator { .. }));
            match messages {
                Ok(messages) => self.poll_state.messages.add(&messages.messages),
                // They can never be read: go on after them.
                Err(Error::StrayTerminator { .. }) => self.poll_state.messages.pass_over(newest),
                Err(_) => {}
            }
        }
        if part.error.is_none() || passed_over {
            self.snapshot.messages = Some(self.poll_state.messages.counts(&self.poll_state.names, self.started));
        }
        self.snapshot.parts.push(part);
    }

    async fn notices(&mut self) {
        let Some(reply) = self.ask::<Notices>(Collector::Notices, Request::GetNoticesPublic).await else { return };
        self.snapshot.notice_sequence = Some(reply.notices.iter().filter_map(|n| n.seqno).max().unwrap_or(0).max(0));
        self.snapshot.newer_version = newer_version(&reply.notices);
        // Until the client told its projects, none has a URL.
        if !self.poll_state.names.are_told() {
            return;
        }
        self.snapshot.notices = notice_groups(&reply.notices, |name| self.poll_state.names.of_text(name, ()));
    }

    async fn old_results(&mut self) {
        if !self.collects(Collector::OldResults) {
            return;
        }
        let replied = self.ask_paced(&paced::OLD_RESULTS).await;
        let PollState { old_results, reported, .. } = &mut *self.poll_state;
        let Some(results) = old_results.value_mut() else { return };
        if replied {
            reported.add(results);
            // What else is counted of them asks for no names.
            results.iter_mut().for_each(|result| (result.result_name, result.app_name) = Default::default());
        }
        if let Some(now) = self.snapshot.clock() {
            self.snapshot.reported_within_day = reported.within_day(now);
        }
        if self.limits.tells_reported {
            self.snapshot.reported_tasks = reported.successes().cloned().collect();
        }
        let exported: Vec<_> = reported.show(self.started).map(|(url, app)| (url.to_owned(), app)).collect();
        let poll_state = &*self.poll_state;
        let results: &[_] = poll_state.old_results.value().map_or(&[], Vec::as_slice);
        assemble::recently_reported(&mut self.snapshot, poll_state, results);
        self.snapshot.reported = exported.into_iter().map(|(url, app)| poll_state.of_project(&url, app)).collect();
    }

    async fn daily_transfers(&mut self) {
        self.ask_paced(&paced::DAILY_TRANSFERS).await;
        if self.collects(Collector::DailyTransfers) {
            self.snapshot.daily_transfers = self.poll_state.daily_transfers.value().cloned();
        }
    }

    async fn statistics(&mut self) {
        self.ask_paced(&paced::STATISTICS).await;
        if !self.collects(Collector::Statistics) {
            return;
        }
        let days = self.poll_state.statistics.value().into_iter().flatten();
        self.snapshot.credit_days = days.map(|(url, days)| self.poll_state.of_project(url, days.clone())).collect();
    }

    async fn known_projects(&mut self) {
        self.ask_paced(&paced::KNOWN_PROJECTS).await;
        if self.collects(Collector::KnownProjects) {
            self.snapshot.known_projects = self.poll_state.known_projects.value().cloned();
        }
    }

    async fn disk_usage(&mut self) {
        self.session.mark_last();
        self.ask_paced(&paced::DISK_USAGE).await;
        if self.collects(Collector::DiskUsage) {
            self.snapshot.disk = self.poll_state.disk_usage.value().cloned();
        }
        assemble::project_disk(&mut self.snapshot, self.poll_state);
    }
}
