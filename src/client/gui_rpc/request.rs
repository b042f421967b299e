//! The operations that can be sent. An operation comes in, its text goes out. A GUI RPC password grants full control of
//! a client; this enum is everything the exporter can send, and every variant only reads. Requests consist of constants
//! and integers, so no text from outside can reach the wire. It does not know when an operation is sent.
//!
//! `get_newer_version` is excluded on purpose: the client crashes if its peer disconnects while it queries the network
//! (seen on 7.20.5 and 8.3.0). The same information arrives as a notice.

/// A read operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The client's version.
    ExchangeVersions,
    /// The projects in BOINC's list.
    GetAllProjectsList,
    /// Modes and suspension.
    GetCcStatus,
    /// Daily network traffic.
    GetDailyXferHistory,
    /// Disk usage. The client walks over all its files to answer.
    GetDiskUsage,
    /// File transfers.
    GetFileTransfers,
    /// The host.
    GetHostInfo,
    /// Number of the newest message.
    GetMessageCount,
    /// Messages after a given one.
    GetMessages {
        /// The number of the last message to skip; 0 returns all.
        after: i64,
    },
    /// Notices that can be read without a password.
    GetNoticesPublic,
    /// Recently reported tasks.
    GetOldResults,
    /// Projects.
    GetProjectStatus,
    /// Tasks.
    GetResults {
        /// Whether to return only tasks with a slot.
        active_only: bool,
    },
    /// Running tasks, and the suspend reason.
    GetScreensaverTasks,
    /// Projects, and tasks with a slot.
    GetSimpleGuiInfo,
    /// Nearly everything.
    GetState,
    /// Daily credit.
    GetStatistics,
}

impl Request {
    /// All operations, in the order in which `check` tries them.
    pub const ALL: [Self; 17] = [
        Self::ExchangeVersions,
        Self::GetCcStatus,
        Self::GetState,
        Self::GetHostInfo,
        Self::GetProjectStatus,
        Self::GetResults { active_only: true },
        Self::GetSimpleGuiInfo,
        Self::GetScreensaverTasks,
        Self::GetFileTransfers,
        Self::GetMessageCount,
        Self::GetMessages { after: 0 },
        Self::GetNoticesPublic,
        Self::GetOldResults,
        Self::GetDailyXferHistory,
        Self::GetStatistics,
        Self::GetAllProjectsList,
        Self::GetDiskUsage,
    ];

    /// BOINC's name of the operation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExchangeVersions => "exchange_versions",
            Self::GetAllProjectsList => "get_all_projects_list",
            Self::GetCcStatus => "get_cc_status",
            Self::GetDailyXferHistory => "get_daily_xfer_history",
            Self::GetDiskUsage => "get_disk_usage",
            Self::GetFileTransfers => "get_file_transfers",
            Self::GetHostInfo => "get_host_info",
            Self::GetMessageCount => "get_message_count",
            Self::GetMessages { .. } => "get_messages",
            Self::GetNoticesPublic => "get_notices_public",
            Self::GetOldResults => "get_old_results",
            Self::GetProjectStatus => "get_project_status",
            Self::GetResults { .. } => "get_results",
            Self::GetScreensaverTasks => "get_screensaver_tasks",
            Self::GetSimpleGuiInfo => "get_simple_gui_info",
            Self::GetState => "get_state",
            Self::GetStatistics => "get_statistics",
        }
    }

    /// The content of the envelope.
    #[must_use]
    pub fn body(self) -> String {
        match self {
            Self::GetMessages { after } => format!("<get_messages>\n<seqno>{after}</seqno>\n</get_messages>"),
            Self::GetResults { active_only } => {
                format!("<get_results>\n<active_only>{}</active_only>\n</get_results>", u8::from(active_only))
            }
            other => format!("<{}/>", other.name()),
        }
    }
}
