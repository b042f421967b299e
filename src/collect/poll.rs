//! One poll of one client: the smallest set of requests that covers everything, in the order in which they matter least to
//! most to the client's time, and what they brought put together.
//!
//! `get_state` holds all of `get_host_info`, `get_project_status`, `get_results` and `get_simple_gui_info`, so these are not
//! sent. What changes slowly or costs the client much has its own pace ([`crate::config::Intervals`]).

use std::time::{Duration, Instant, SystemTime};

use super::Options;
use super::session::Session;
use crate::collectors::Collector;
use crate::gui_rpc::codes::{OUTCOMES, outcome};
use crate::gui_rpc::error::Error;
use crate::gui_rpc::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, KnownProjects, MessageCount, Messages, Notices,
    OldResult, OldResults, ScreensaverTasks, ServerVersion, Statistics,
};
use crate::gui_rpc::reply::Content;
use crate::gui_rpc::request::Request;
use crate::memory::{Memory, Slow};
use crate::snapshot::{
    self, AppVersionRow, CreditDays, OfProject, Part, ProjectView, Snapshot, TaskSums, TransferDays, newer_version,
    notice_groups, transfer_sums,
};
use crate::target::Target;

/// Asks a client everything that is due, until `deadline`.
pub async fn poll(target: &Target, memory: &mut Memory, options: &Options, deadline: Instant) -> Snapshot {
    let started = Instant::now();
    let mut poll = Poll {
        session: Session::new(target, options.max_reply_bytes, deadline),
        snapshot: Snapshot::new(&target.name, &target.labels, target.collectors),
        memory,
        options,
        started,
    };
    poll.everything().await;
    let Poll { session, mut snapshot, .. } = poll;
    snapshot.authorized = session.authorized;
    snapshot.up = snapshot.parts.iter().any(|part| part.collector == Collector::State && part.error.is_none());
    let of_state = snapshot.parts.iter().find(|part| part.collector == Collector::State && part.error.is_some());
    snapshot.error =
        of_state.or(snapshot.parts.iter().find(|part| part.error.is_some())).and_then(|part| part.error.clone());
    snapshot.duration = started.elapsed();
    snapshot.finished = SystemTime::now();
    snapshot
}

struct Poll<'a> {
    session: Session<'a>,
    snapshot: Snapshot,
    memory: &'a mut Memory,
    options: &'a Options,
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
        let (result, part) = self.session.ask(collector, request).await;
        self.snapshot.parts.push(part);
        result.ok()
    }

    /// Sends a request, if it is due; else repeats when it last succeeded.
    async fn ask_slowly<T: Content, V>(
        &mut self,
        collector: Collector,
        request: Request,
        interval: Duration,
        slow: fn(&mut Memory) -> &mut Slow<V>,
        keep: impl FnOnce(T) -> V,
    ) {
        if !self.snapshot.collectors.contains(collector) {
            return;
        }
        let now = self.started;
        if !slow(self.memory).is_due(now) {
            let part = Part {
                collector,
                error: None,
                duration: Duration::ZERO,
                bytes: 0,
                unknown: 0,
                unreadable: 0,
                succeeded: slow(self.memory).succeeded(),
            };
            self.snapshot.parts.push(part);
            return;
        }
        let (result, mut part) = self.session.ask(collector, request).await;
        let slow = slow(self.memory);
        match result {
            Ok(content) => slow.succeed(keep(content), now, interval),
            Err(Error::Timeout { .. }) => slow.postpone(now, interval),
            Err(_) => {}
        }
        part.succeeded = slow.succeeded();
        self.snapshot.parts.push(part);
    }

    async fn version(&mut self) {
        let every = self.options.intervals.version;
        let keep = |version: ServerVersion| version;
        self.ask_slowly(Collector::Version, Request::ExchangeVersions, every, |m| &mut m.version, keep).await;
        self.snapshot.version = self.memory.version.value().cloned();
        self.snapshot.platform.clone_from(&self.memory.platform);
    }

    async fn state(&mut self) {
        let Some(state) = self.ask::<ClientState>(Collector::State, Request::GetState).await else { return };
        fill_state(&mut self.snapshot, self.memory, self.options, state);
    }

    async fn file_transfers(&mut self) {
        let Some(mut reply) = self.ask::<FileTransfers>(Collector::FileTransfers, Request::GetFileTransfers).await
        else {
            return;
        };
        let projects = self.snapshot.projects.iter().map(|p| (p.url.clone(), p.name.clone()));
        self.snapshot.transfers = transfer_sums(&reply.transfers, projects, self.snapshot.clock());
        if self.snapshot.collectors.contains(Collector::Transfers) {
            self.cap(Collector::Transfers, &mut reply.transfers, self.options.max_transfers);
            let rows = reply.transfers.into_iter().map(|t| (t.project_url.to_string(), t)).map(|(url, t)| self.memory.of_project(&url, t));
            self.snapshot.transfer_rows = rows.collect();
        }
    }

    async fn messages(&mut self) {
        if !self.snapshot.collectors.contains(Collector::Messages) {
            return;
        }
        let (count, mut part) = self.session.ask::<MessageCount>(Collector::Messages, Request::GetMessageCount).await;
        if let Ok(MessageCount(Some(newest))) = count
            && let Some(after) = self.memory.messages.next(newest)
        {
            let (messages, second) =
                self.session.ask::<Messages>(Collector::Messages, Request::GetMessages { after }).await;
            part = Part { duration: part.duration + second.duration, bytes: part.bytes + second.bytes, ..second };
            if let Ok(messages) = messages {
                self.memory.messages.add(&messages.messages);
            }
        }
        if part.error.is_none() {
            self.snapshot.messages = Some(self.memory.messages.counts());
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
        let every = self.options.intervals.old_results;
        let asked = self.memory.old_results.is_due(self.started);
        let keep = |reply: OldResults| reply.results;
        self.ask_slowly(Collector::OldResults, Request::GetOldResults, every, |m| &mut m.old_results, keep).await;
        let Memory { old_results, reported, .. } = &mut *self.memory;
        let Some(results) = old_results.value() else { return };
        if asked {
            reported.add(results);
        }
        let memory = &*self.memory;
        self.snapshot.recently_reported =
            recently_reported(results_of(memory), self.snapshot.clock(), memory, &self.snapshot.projects);
        self.snapshot.reported = memory.reported.apps().map(|(url, app)| memory.of_project(url, app.clone())).collect();
    }

    async fn daily_transfers(&mut self) {
        let every = self.options.intervals.daily_transfers;
        let history = self.snapshot.collectors.contains(Collector::History);
        let keep = |reply: DailyTransfers| TransferDays::new(&reply, history);
        self.ask_slowly(
            Collector::DailyTransfers,
            Request::GetDailyXferHistory,
            every,
            |m| &mut m.daily_transfers,
            keep,
        )
        .await;
        self.snapshot.daily_transfers = self.memory.daily_transfers.value().cloned();
    }

    async fn statistics(&mut self) {
        let every = self.options.intervals.statistics;
        let history = self.snapshot.collectors.contains(Collector::History);
        let keep = |reply: Statistics| {
            reply.projects.iter().map(|p| (p.master_url.to_string(), CreditDays::new(p, history))).collect::<Vec<_>>()
        };
        self.ask_slowly(Collector::Statistics, Request::GetStatistics, every, |m| &mut m.statistics, keep).await;
        let days = self.memory.statistics.value().into_iter().flatten();
        self.snapshot.credit_days = days.map(|(url, days)| self.memory.of_project(url, days.clone())).collect();
    }

    async fn known_projects(&mut self) {
        let every = self.options.intervals.known_projects;
        let keep = |reply: KnownProjects| reply;
        self.ask_slowly(Collector::KnownProjects, Request::GetAllProjectsList, every, |m| &mut m.known_projects, keep)
            .await;
        self.snapshot.known_projects = self.memory.known_projects.value().cloned();
    }

    async fn disk_usage(&mut self) {
        let every = self.options.intervals.disk_usage;
        let keep = |reply: DiskUsage| reply;
        self.ask_slowly(Collector::DiskUsage, Request::GetDiskUsage, every, |m| &mut m.disk_usage, keep).await;
        self.snapshot.disk = self.memory.disk_usage.value().cloned();
        fill_project_disk(&mut self.snapshot, self.memory);
    }

    /// Cuts rows that do not fit, and says how many.
    fn cap<T>(&mut self, collector: Collector, rows: &mut Vec<T>, max: usize) {
        cap(&mut self.snapshot, collector, rows, max);
    }
}

fn cap<T>(snapshot: &mut Snapshot, collector: Collector, rows: &mut Vec<T>, max: usize) {
    snapshot.dropped.push((collector, rows.len().saturating_sub(max)));
    rows.truncate(max);
}

fn results_of(memory: &Memory) -> &[OldResult] {
    memory.old_results.value().map_or(&[], Vec::as_slice)
}

/// Takes over what `get_state` told.
fn fill_state(snapshot: &mut Snapshot, memory: &mut Memory, options: &Options, mut state: ClientState) {
    // A master URL is the key of a project; a client that has two of the same is not BOINC's.
    let mut seen = std::collections::HashSet::new();
    state.projects.retain(|group| seen.insert(group.project.master_url.to_string()));
    snapshot.time = state.time_stats;
    memory.note_state(&state.projects, snapshot.time.as_ref().and_then(|time| time.client_start_time));
    memory.lifetime.keep(state.projects.iter().map(|group| &*group.project.master_url));
    let now = snapshot.clock();
    let collectors = snapshot.collectors;
    let mut tasks = Vec::new();
    for group in state.projects {
        let url = group.project.master_url.to_string();
        snapshot.tasks.push(memory.of_project(&url, TaskSums::count(&group, now)));
        if collectors.contains(Collector::Tasks) {
            tasks.extend(snapshot::task_rows(&group).into_iter().map(|row| memory.of_project(&url, row)));
        }
        let (apps, app_versions) = (group.apps.len(), group.app_versions.len());
        if collectors.contains(Collector::AppVersions) {
            snapshot.apps.extend(group.apps.into_iter().map(|app| memory.of_project(&url, app)));
            let rows = group.app_versions.into_iter().map(|version| AppVersionRow {
                number: version.version_num.map(|n| n.to_string()).unwrap_or_default(),
                version,
            });
            snapshot.app_versions.extend(rows.map(|row| memory.of_project(&url, row)));
        }
        let lifetime = memory.lifetime.update(&group.project);
        let view =
            ProjectView { project: group.project, lifetime, apps, app_versions, workunits: group.workunits.len() };
        snapshot.projects.push(memory.of_project(&url, view));
    }
    if collectors.contains(Collector::Tasks) {
        tasks.sort_by(|a, b| snapshot::by_urgency(&a.item, &b.item));
        cap(snapshot, Collector::Tasks, &mut tasks, options.max_tasks);
        snapshot.task_rows = tasks;
    }
    if collectors.contains(Collector::AppVersions) {
        let mut versions = std::mem::take(&mut snapshot.app_versions);
        cap(snapshot, Collector::AppVersions, &mut versions, options.max_app_versions);
        snapshot.app_versions = versions;
        snapshot.apps.truncate(options.max_app_versions);
    }
    snapshot.net = state.net_stats;
    snapshot.preferences = state.global_preferences;
    memory.platform = state.platform_name.to_string();
    snapshot.platform.clone_from(&memory.platform);
    // The same as exchange_versions says, for whoever does not collect that.
    let [major, minor, release] =
        [state.core_client_major_version, state.core_client_minor_version, state.core_client_release];
    if snapshot.version.is_none() && major.is_some() {
        snapshot.version = Some(ServerVersion { major, minor, release });
    }
    snapshot.daemon = state.executing_as_daemon;
    snapshot.host = state.host_info;
    snapshot.gpus = snapshot.host.as_ref().map(snapshot::gpus).unwrap_or_default();
}

/// Bytes on disk by project. Who does not want the client to walk over its disk gets what it remembers of the last walk.
fn fill_project_disk(snapshot: &mut Snapshot, memory: &Memory) {
    snapshot.project_disk = if snapshot.collectors.contains(Collector::DiskUsage) {
        let walked = snapshot.disk.iter().flat_map(|disk| &disk.projects);
        walked.filter_map(|p| Some(memory.of_project(&p.master_url, p.disk_usage?))).collect()
    } else {
        let projects = snapshot.projects.iter();
        projects.filter_map(|p| Some(memory.of_project(&p.url, p.item.project.disk_usage?))).collect()
    };
}

/// Tasks reported within the last hour, for each project. The client prunes its list only when it adds to it.
fn recently_reported(
    results: &[OldResult],
    clock: Option<f64>,
    memory: &Memory,
    projects: &[OfProject<ProjectView>],
) -> Vec<OfProject<[u32; 3]>> {
    const HOUR: f64 = 3600.0;
    let Some(now) = clock else { return Vec::new() };
    let mut counts: std::collections::BTreeMap<&str, [u32; 3]> =
        projects.iter().map(|p| (p.url.as_str(), [0; 3])).collect();
    for result in results.iter().filter(|r| r.create_time.is_some_and(|time| now - time <= HOUR)) {
        let outcome = outcome(result.exit_status.unwrap_or_default());
        let entry = counts.entry(&result.project_url).or_default();
        for (count, name) in entry.iter_mut().zip(OUTCOMES) {
            *count += u32::from(name == outcome);
        }
    }
    counts.into_iter().map(|(url, counts)| memory.of_project(url, counts)).collect()
}
