//! The operations that can be sent. A GUI RPC password grants full control of a client; this enum is the whole vocabulary
//! of the exporter, and every member only reads. Requests are made of constants and integers: no text from outside can
//! reach the wire.
//!
//! `get_newer_version` is left out on purpose: a client dies if its caller disconnects while it asks the network
//! (seen on 7.20.5 and 8.3.0). The same fact arrives as a notice.

/// A read operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Version of the client.
    ExchangeVersions,
    /// Projects that BOINC knows.
    GetAllProjectsList,
    /// Modes and suspension.
    GetCcStatus,
    /// Network traffic by day.
    GetDailyXferHistory,
    /// Disk usage; the client walks over all its files.
    GetDiskUsage,
    /// File transfers.
    GetFileTransfers,
    /// The computer.
    GetHostInfo,
    /// Number of the newest message.
    GetMessageCount,
    /// Messages with a higher number.
    GetMessages {
        /// The highest number that is not wanted; 0 for all.
        after: i64,
    },
    /// Notices that need no password.
    GetNoticesPublic,
    /// Tasks that were reported.
    GetOldResults,
    /// Projects.
    GetProjectStatus,
    /// Tasks.
    GetResults {
        /// Only those with a slot.
        active_only: bool,
    },
    /// Tasks that run, and the suspend reason.
    GetScreensaverTasks,
    /// Projects, and tasks with a slot.
    GetSimpleGuiInfo,
    /// Nearly everything.
    GetState,
    /// Credit by day.
    GetStatistics,
}

impl Request {
    /// All, for whoever wants to try each.
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

    /// What goes between the tags of the envelope.
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
