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
