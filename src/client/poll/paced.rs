//! Requests that are sent now and then, because what they bring changes slowly or costs the client much.

use std::time::Duration;

use crate::client::collectors::{Collector, Collectors};
use crate::client::gui_rpc::model::{
    DailyTransfers, DiskUsage, KnownProjects, OldResult, OldResults, ServerVersion, Statistics,
};
use crate::client::gui_rpc::request::Request;
use crate::client::limits::Intervals;
use crate::client::poll_state::{Cached, PollState};
use crate::client::snapshot::{CreditDays, TransferDays};

/// Such a request: everything about it. `T` is the reply, `V` what is kept of it.
pub struct Paced<T, V> {
    /// The name that users know it by.
    pub collector: Collector,
    /// What is sent.
    pub request: Request,
    /// The least time between two requests.
    pub interval: fn(&Intervals) -> Duration,
    /// Where the last answer is kept.
    pub cache: fn(&mut PollState) -> &mut Cached<V>,
    /// Makes of the reply what is kept.
    pub keep: fn(T, Collectors) -> V,
    /// Whether one that took too long is sent again only after the interval. Everything else costs the client little, and one
    /// that hung must be seen as soon as it answers again.
    pub costly: bool,
}

pub const VERSION: Paced<ServerVersion, ServerVersion> = Paced {
    collector: Collector::Version,
    request: Request::ExchangeVersions,
    interval: |intervals| intervals.version,
    cache: |kept| &mut kept.version,
    keep: |version, _| version,
    costly: false,
};

pub const OLD_RESULTS: Paced<OldResults, Vec<OldResult>> = Paced {
    collector: Collector::OldResults,
    request: Request::GetOldResults,
    interval: |intervals| intervals.old_results,
    cache: |kept| &mut kept.old_results,
    keep: |reply, _| reply.results,
    costly: false,
};

pub const DAILY_TRANSFERS: Paced<DailyTransfers, TransferDays> = Paced {
    collector: Collector::DailyTransfers,
    request: Request::GetDailyXferHistory,
    interval: |intervals| intervals.daily_transfers,
    cache: |kept| &mut kept.daily_transfers,
    keep: |reply, collectors| TransferDays::new(&reply, collectors.contains(Collector::History)),
    costly: false,
};

pub const STATISTICS: Paced<Statistics, Vec<(String, CreditDays)>> = Paced {
    collector: Collector::Statistics,
    request: Request::GetStatistics,
    interval: |intervals| intervals.statistics,
    cache: |kept| &mut kept.statistics,
    keep: |reply, collectors| {
        let history = collectors.contains(Collector::History);
        reply.projects.iter().map(|p| (p.master_url.to_string(), CreditDays::new(p, history))).collect()
    },
    costly: false,
};

pub const KNOWN_PROJECTS: Paced<KnownProjects, KnownProjects> = Paced {
    collector: Collector::KnownProjects,
    request: Request::GetAllProjectsList,
    interval: |intervals| intervals.known_projects,
    cache: |kept| &mut kept.known_projects,
    keep: |reply, _| reply,
    costly: false,
};

/// The client walks over all its files.
pub const DISK_USAGE: Paced<DiskUsage, DiskUsage> = Paced {
    collector: Collector::DiskUsage,
    request: Request::GetDiskUsage,
    interval: |intervals| intervals.disk_usage,
    cache: |kept| &mut kept.disk_usage,
    keep: |reply, _| reply,
    costly: true,
};
