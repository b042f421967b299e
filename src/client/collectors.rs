//! The parts of a client that can be collected. Names come in as users write them in `collectors = [...]` and see them
//! in the label `collector`; a set goes out. It knows names and defaults only, not how a part is collected.

use std::fmt;

/// One part: a request to the client, a part of its data directory, or a group of optional series derived from these.
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
    /// `get_message_count` and `get_messages`, from the last message seen.
    Messages,
    /// `get_notices_public`.
    Notices,
    /// `get_screensaver_tasks`: the suspend reason, including CPU throttling.
    ScreensaverTasks,
    /// `get_old_results`: recently reported tasks.
    OldResults,
    /// `get_disk_usage`: makes the client walk over every file of every project.
    DiskUsage,
    /// `get_daily_xfer_history`.
    DailyTransfers,
    /// `get_statistics`: daily credit.
    Statistics,
    /// `get_all_projects_list`: the projects in BOINC's list.
    KnownProjects,
    /// What running applications say in the slots of the data directory, if it is on this computer.
    Slots,
    /// The client's own files in the data directory, if it is on this computer.
    Files,
    /// Optional: values that no dashboard, rule or alert needs.
    Details,
    /// Optional: series per task.
    Tasks,
    /// Optional: series per file transfer.
    Transfers,
    /// Optional: series per application version.
    AppVersions,
    /// Optional: series per day, of credit and network traffic.
    History,
    /// Optional: names of users and teams, and of all projects in BOINC's list.
    Names,
}

impl Collector {
    /// All collectors, in the order in which they are polled.
    pub const ALL: [Self; 20] = [
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
        Self::Slots,
        Self::Files,
        Self::Details,
        Self::Tasks,
        Self::Transfers,
        Self::AppVersions,
        Self::History,
        Self::Names,
    ];

    /// The name in configurations and in the label `collector`.
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
            Self::Slots => "slots",
            Self::Files => "files",
            Self::Details => "details",
            Self::Tasks => "tasks",
            Self::Transfers => "transfers",
            Self::AppVersions => "app_versions",
            Self::History => "history",
            Self::Names => "names",
        }
    }

    /// Whether it sends a request or reads files; the others only add series.
    #[must_use]
    pub const fn is_request(self) -> bool {
        !matches!(self, Self::Details | Self::Tasks | Self::Transfers | Self::AppVersions | Self::History | Self::Names)
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
    /// All collectors that send requests or read files, without the optional series.
    #[must_use]
    pub fn default_set() -> Self {
        Self::of(Collector::ALL.into_iter().filter(|c| c.is_request()))
    }

    /// Parses configured names: `default` stands for the default set, and a leading `-` removes a name.
    ///
    /// # Errors
    /// A message that names the unknown collector and the nearest known one.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, String> {
        let mut set = Self(0);
        for name in names {
            let name = name.as_ref();
            let (name, remove) = name.strip_prefix('-').map_or((name, false), |rest| (rest, true));
            let bits = if name == "default" { Self::default_set().0 } else { 1 << find(name)? as u32 };
            set.0 = if remove { set.0 & !bits } else { set.0 | bits };
        }
        // The state is always collected: `boinc_up` depends on it.
        set.0 |= 1 << Collector::State as u32;
        Ok(set)
    }

    /// The collector with this name, or the default ones for `default`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == "default" {
            return Some(Self::default_set());
        }
        Collector::ALL.into_iter().find(|collector| collector.name() == name).map(|collector| Self::of([collector]))
    }

    /// All collectors.
    #[must_use]
    pub fn all() -> Self {
        Self::of(Collector::ALL)
    }

    /// Exactly these collectors.
    pub fn of(collectors: impl IntoIterator<Item = Collector>) -> Self {
        Self(collectors.into_iter().fold(0, |bits, collector| bits | 1 << collector as u32))
    }

    /// The collectors in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The collectors in this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The collectors in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members that send no requests.
    #[must_use]
    pub fn optional(self) -> Self {
        Self::of(self.iter().filter(|collector| !collector.is_request()))
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
