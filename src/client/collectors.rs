//! The parts of a client that can be collected, by the names that users write in `collectors = [...]` and see in the
//! label `collector`. Knows names and defaults only.

use std::fmt;

/// One part: either a request to the client, or a group of optional series made from what a request brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collector {
    /// `exchange_versions`: the client's version.
    Version,
    /// `get_cc_status`: modes, suspension, network.
    CcStatus,
    /// `get_state`: host, projects, tasks, preferences, time statistics.
    State,
    /// `get_file_transfers`.
    FileTransfers,
    /// `get_message_count` and `get_messages` from the last one seen.
    Messages,
    /// `get_notices_public`.
    Notices,
    /// `get_screensaver_tasks`: the suspend reason that includes throttling.
    ScreensaverTasks,
    /// `get_old_results`: tasks that were reported lately.
    OldResults,
    /// `get_disk_usage`: walks every file of every project.
    DiskUsage,
    /// `get_daily_xfer_history`.
    DailyTransfers,
    /// `get_statistics`: daily credit.
    Statistics,
    /// `get_all_projects_list`: the projects that BOINC knows.
    KnownProjects,
    /// Optional: one set of series a task.
    Tasks,
    /// Optional: one set of series a file transfer.
    Transfers,
    /// Optional: one set of series an application version.
    AppVersions,
    /// Optional: one series a day of credit and of network traffic.
    History,
    /// Optional: names of users and teams, and of all projects that BOINC knows.
    Names,
}

impl Collector {
    /// All, in the order in which a client is asked.
    pub const ALL: [Self; 17] = [
        Self::Version,
        Self::CcStatus,
        Self::State,
        Self::FileTransfers,
        Self::Messages,
        Self::Notices,
        Self::ScreensaverTasks,
        Self::OldResults,
        Self::DailyTransfers,
        Self::Statistics,
        Self::KnownProjects,
        Self::DiskUsage,
        Self::Tasks,
        Self::Transfers,
        Self::AppVersions,
        Self::History,
        Self::Names,
    ];

    /// The name that users write and read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::CcStatus => "cc_status",
            Self::State => "state",
            Self::FileTransfers => "file_transfers",
            Self::Messages => "messages",
            Self::Notices => "notices",
            Self::ScreensaverTasks => "screensaver_tasks",
            Self::OldResults => "old_results",
            Self::DiskUsage => "disk_usage",
            Self::DailyTransfers => "daily_transfers",
            Self::Statistics => "statistics",
            Self::KnownProjects => "known_projects",
            Self::Tasks => "tasks",
            Self::Transfers => "transfers",
            Self::AppVersions => "app_versions",
            Self::History => "history",
            Self::Names => "names",
        }
    }

    /// Whether it sends a request of its own; the others only add series.
    #[must_use]
    pub const fn is_request(self) -> bool {
        !matches!(self, Self::Tasks | Self::Transfers | Self::AppVersions | Self::History | Self::Names)
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of collectors.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Collectors(u32);

impl Collectors {
    /// All that send requests, and no optional series.
    #[must_use]
    pub fn default_set() -> Self {
        Self(Collector::ALL.into_iter().filter(|c| c.is_request()).fold(0, |bits, c| bits | 1 << c as u32))
    }

    /// Reads what users write: `default` stands for the default set, a leading `-` takes one away.
    ///
    /// # Errors
    /// A sentence that names the unknown collector and the nearest known one.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, String> {
        let mut set = Self(0);
        for name in names {
            let name = name.as_ref();
            let (name, remove) = name.strip_prefix('-').map_or((name, false), |rest| (rest, true));
            let bits = if name == "default" { Self::default_set().0 } else { 1 << find(name)? as u32 };
            set.0 = if remove { set.0 & !bits } else { set.0 | bits };
        }
        // Everything hangs on the state: without it there is no `boinc_up`.
        set.0 |= 1 << Collector::State as u32;
        Ok(set)
    }

    /// Whether `collector` is in the set.
    #[must_use]
    pub const fn contains(self, collector: Collector) -> bool {
        self.0 & (1 << collector as u32) != 0
    }

    /// The members.
    pub fn iter(self) -> impl Iterator<Item = Collector> {
        Collector::ALL.into_iter().filter(move |c| self.contains(*c))
    }
}

impl Default for Collectors {
    fn default() -> Self {
        Self::default_set()
    }
}

impl fmt::Debug for Collectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Collector::name)).finish()
    }
}

fn find(name: &str) -> Result<Collector, String> {
    Collector::ALL.into_iter().find(|c| c.name() == name).ok_or_else(|| {
        let nearest = Collector::ALL
            .into_iter()
            .map(Collector::name)
            .chain(["default"])
            .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
            .unwrap_or("default");
        format!("there is no collector `{name}`; the nearest is `{nearest}`")
    })
}
