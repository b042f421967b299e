//! The parts of a client that can be collected. Names come in as users write them in `collectors = [...]` and see them
//! in the label `collector`; a set goes out. It knows names and defaults only, not how a part is collected.

use std::fmt;

use crate::metric::{Part, Parts};

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
    /// Optional: what no dashboard, rule or alert needs.
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

    /// Whether it sends the client a request.
    #[must_use]
    pub const fn asks_client(self) -> bool {
        self.is_request() && !matches!(self, Self::Slots | Self::Files)
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

impl Part for Collector {
    const ALL: &'static [Self] = &Self::ALL;
    /// `boinc_up` depends on it.
    const ALWAYS: &'static [Self] = &[Self::State];

    fn number(self) -> u32 {
        self as u32
    }

    fn name(self) -> &'static str {
        self.name()
    }

    fn is_default(self) -> bool {
        // What these tell is in `details` and other optional series alone.
        let for_optional = matches!(self, Self::ScreensaverTasks | Self::Statistics | Self::KnownProjects);
        self.is_request() && !for_optional
    }

    fn needs(self) -> &'static [Self] {
        match self {
            Self::Details => &[Self::ScreensaverTasks, Self::Statistics, Self::KnownProjects],
            Self::History => &[Self::DailyTransfers, Self::Statistics],
            Self::Names => &[Self::KnownProjects],
            Self::Transfers => &[Self::FileTransfers],
            _ => &[],
        }
    }

    fn unknown(name: &str) -> String {
        let known = Self::ALL.map(Self::name).into_iter().chain(["default"]);
        let similar = known.map(|known| (strsim::jaro_winkler(name, known), known));
        let nearest = similar.max_by(|a, b| a.0.total_cmp(&b.0)).map_or("default", |(_, known)| known);
        format!("there is no collector `{name}`; the nearest is `{nearest}`")
    }
}

/// A set of collectors. By default, those that dashboards, rules, alerts and questions need.
pub type Collectors = Parts<Collector>;

impl Collectors {
    /// The members that send no requests.
    #[must_use]
    pub fn optional(self) -> Self {
        Self::of(self.iter().filter(|collector| !collector.is_request()))
    }
}
