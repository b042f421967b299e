//! Requests that are sent at their own intervals, because their replies change slowly or are expensive for the client.
//! Each constant describes one completely: what is sent, how often, where the result is cached. It does not know when a
//! poll runs.

use std::time::Duration;

use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::{
    DailyTransfers, DiskUsage, KnownProjects, OldResult, OldResults, ProjectStatistics, ServerVersion, Statistics,
};
use crate::client::gui_rpc::request::Request;
use crate::client::limits::Intervals;
use crate::client::poll_state::{Cached, PollState};
use crate::client::snapshot::{CreditDays, Part, Snapshot, TransferDays};

/// A paced request. `T` is the reply, `V` the cached value.
pub struct Paced<T, V> {
    /// The collector it belongs to.
    pub collector: Collector,
    /// The request to send.
    pub request: Request,
    /// The minimum time between two requests.
    pub interval: fn(&Intervals) -> Duration,
    /// Where the last result is cached.
    pub cache: fn(&mut PollState) -> &mut Cached<V>,
    /// Converts the reply into the cached value, given the poll so far, and counts values that make no sense.
    pub convert: fn(T, &Snapshot, &mut Part) -> V,
    /// Whether a request that timed out is repeated only after the interval. Set for requests that are expensive for
    /// the client. Others are cheap, and a client that hung must be seen as soon as it answers again.
    pub costly: bool,
}

pub const VERSION: Paced<ServerVersion, ServerVersion> = Paced {
    collector: Collector::Version,
    request: Request::ExchangeVersions,
    interval: |intervals| intervals.version,
    cache: |poll_state| &mut poll_state.version,
    convert: |version, _, _| version,
    costly: false,
};

pub const OLD_RESULTS: Paced<OldResults, Vec<OldResult>> = Paced {
    collector: Collector::OldResults,
    request: Request::GetOldResults,
    interval: |intervals| intervals.old_results,
    cache: |poll_state| &mut poll_state.old_results,
    convert: |reply, _, _| reply.results,
    costly: false,
};

pub const DAILY_TRANSFERS: Paced<DailyTransfers, TransferDays> = Paced {
    collector: Collector::DailyTransfers,
    request: Request::GetDailyXferHistory,
    interval: |intervals| intervals.daily_transfers,
    cache: |poll_state| &mut poll_state.daily_transfers,
    convert: |reply, poll, _| TransferDays::new(&reply, poll.collectors.contains(Collector::History)),
    costly: false,
};

pub const STATISTICS: Paced<Statistics, Vec<(String, CreditDays)>> = Paced {
    collector: Collector::Statistics,
    request: Request::GetStatistics,
    interval: |intervals| intervals.statistics,
    cache: |poll_state| &mut poll_state.statistics,
    convert: |reply, poll, part| {
        let history = poll.collectors.contains(Collector::History);
        let mut days = |project: &ProjectStatistics| {
            let (days, in_future) = CreditDays::new(project, history, poll.clock());
            part.unreadable += in_future;
            (project.master_url.to_string(), days)
        };
        reply.projects.iter().map(&mut days).collect()
    },
    costly: false,
};

pub const KNOWN_PROJECTS: Paced<KnownProjects, KnownProjects> = Paced {
    collector: Collector::KnownProjects,
    request: Request::GetAllProjectsList,
    interval: |intervals| intervals.known_projects,
    cache: |poll_state| &mut poll_state.known_projects,
    convert: |reply, _, _| reply,
    costly: false,
};

/// The client walks over all its files to answer this.
pub const DISK_USAGE: Paced<DiskUsage, DiskUsage> = Paced {
    collector: Collector::DiskUsage,
    request: Request::GetDiskUsage,
    interval: |intervals| intervals.disk_usage,
    cache: |poll_state| &mut poll_state.disk_usage,
    convert: |reply, _, _| reply,
    costly: true,
};
