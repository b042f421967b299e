//! The replies of the read operations, one struct an element, named as BOINC names them. A field is `None` (text: empty)
//! where the client did not send it, or sent no finite number. Times are Unix seconds on the client's clock.

mod history;
mod host;
mod messages;
mod preferences;
mod project;
mod state;
mod status;
mod task;
mod transfer;

/// Projects in a list. BOINC's own list has about thirty, and each attached project has about 80 series. A client that claims
/// to have thousands must not fill Prometheus.
pub const MAX_PROJECTS: usize = 200;

/// Devices in a list, and whatever else comes once a device. BOINC itself uses 64 of a kind (`MAX_COPROC_INSTANCES` in
/// `lib/coproc.h`).
pub const MAX_DEVICES: usize = 64;

/// Applications of a project, and versions of these. The projects with most have about 50, each for 20 platforms and plan
/// classes.
pub const MAX_APPS: usize = 5000;

/// Tasks, workunits or transfers in a list. A client stops asking a project for work at 1 000 runnable tasks
/// (`WF_MAX_RUNNABLE_JOBS` in `client/client_types.h`); the rest is for finished ones that cannot be reported.
pub const MAX_TASKS: usize = 100_000;

/// Days in a list: 27 years. A client keeps 30, or as many as `save_stats_days` in its `cc_config.xml` says.
pub const MAX_DAYS: usize = 10_000;

/// Reported tasks. A client lists those of about an hour: this is three a second.
pub const MAX_REPORTED: usize = 10_000;

/// Messages and notices in a list. A client keeps 2 000 messages (`MAX_SAVED_MESSAGES`), and fewer notices.
pub const MAX_MESSAGES: usize = 4000;

/// Links of a project, which are only counted.
pub const MAX_LINKS: usize = 1000;

pub use history::{
    DailyStatistics, DailyTransfer, DailyTransfers, OldResult, OldResults, ProjectStatistics, Statistics,
};
pub use host::{Coproc, Coprocs, HostInfo, OpenclCpu, OpenclDevice, PciInfo, Wsl, WslDistro};
pub use messages::{Message, MessageCount, Messages, Notice, Notices};
pub use preferences::{DayPreferences, GlobalPreferences};
pub use project::{Blocker, GuiUrls, Project, Projects, ResourceValue};
pub use state::{ClientState, NetStats, ProjectGroup, TimeStats, Workunits};
pub use status::{
    CcStatus, DiskUsage, KnownProject, KnownProjects, ProjectDiskUsage, ScreensaverTasks, ServerVersion, SimpleGuiInfo,
};
pub use task::{ActiveTask, App, AppVersion, CoprocUsage, Task, Tasks, Workunit};
pub use transfer::{FileTransfer, FileTransfers, FileXfer, PersistentFileXfer};
