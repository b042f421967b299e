//! Faults of a scenario, and their times.

use std::time::Duration;

use serde::Deserialize;

/// A fault that lasts for some time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    #[serde(rename = "trouble")]
    pub kind: FaultKind,
    /// The affected client; all clients by default.
    #[serde(default)]
    pub client: Option<String>,
    /// The affected project; all of the client's projects by default.
    #[serde(default)]
    pub project: Option<String>,
    /// How long before the present it starts.
    #[serde(default, with = "humantime_serde")]
    pub ago: Duration,
    /// How long after the present it starts.
    #[serde(default, with = "humantime_serde")]
    pub after: Duration,
    /// How long it lasts; forever by default.
    #[serde(default, rename = "for", with = "humantime_serde")]
    pub lasts: Option<Duration>,
    /// Interval at which it repeats.
    #[serde(default, with = "humantime_serde")]
    pub every: Option<Duration>,
    /// Seconds that the clock is ahead (`clock`), that the client runs before it crashes (`crashes`), or that the project defers
    /// contact (`delayed`); the exit status (`failing`); the factor by which tasks take longer (`slow`); or the real seconds for
    /// which a page is held back (`slow_pages`).
    #[serde(default)]
    pub value: f64,
    /// The program that does not run, or a part of its name (`daemon_down`).
    #[serde(default = "feeder")]
    pub daemon: String,
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The computer is off.
    Off,
    /// The client accepts connections but does not answer.
    Hangs,
    /// The client crashes repeatedly and is restarted each time.
    Crashes,
    /// The client requires a different password.
    Password,
    /// The client does not know one of the requests, like a very old client.
    OldClient,
    /// The client answers one of the requests with an error.
    Refuses,
    /// The computer's clock is wrong.
    Clock,
    /// The user told the client not to compute.
    Suspended,
    /// The user told the client not to use the network.
    Offline,
    /// A GPU is missing.
    GpuLost,
    /// BOINC's disk limit is reached.
    DiskFull,
    /// New tasks stall at some point.
    Stall,
    /// New tasks take longer than estimated.
    Slow,
    /// Processes of tasks end at each checkpoint, and are started again.
    Restarts,
    /// What tasks leave in their slots cannot be deleted.
    Leftovers,
    /// New tasks fail.
    Failing,
    /// New tasks ask to be postponed.
    Postponed,
    /// The project cannot be reached: neither its scheduler nor its master page.
    ProjectDown,
    /// The project defers contact for a long time.
    Delayed,
    /// The project has a new URL, and the client alerts its user at each contact.
    Moved,
    /// The project is detached. It stays detached when the fault ends.
    Detached,
    /// The project is detached. When the fault ends it is attached again, and takes the computer for a new one.
    Away,
    /// The client is installed anew when the fault starts: it knows nothing of before, and its projects take the computer for a
    /// new one.
    Reinstalled,
    /// The project has no work.
    NoWork,
    /// The project's upload server accepts nothing.
    Uploads,
    /// The project's download server sends nothing.
    Downloads,
    /// The project grants no credit.
    NoCredit,
    /// The project has ended.
    Ended,
    /// A newer version of the client is available.
    NewVersion,
    /// The project is stopped for maintenance: its web site, its scheduler and its daemons.
    Maintenance,
    /// The project's database is down.
    DatabaseDown,
    /// Only the project's scheduler is stopped.
    SchedulerDown,
    /// A program of the project's server does not run.
    DaemonDown,
    /// The project's transitioner is late, and more so from hour to hour.
    Backlog,
    /// The project's validators run and validate nothing.
    ValidatorStuck,
    /// The project finds most results invalid.
    Invalid,
    /// The project's statistics are not exported any more.
    ExportStuck,
    /// Most jobs of the account's batches fail.
    BatchFails,
    /// The jobs of the account's batches do not get on.
    BatchStalls,
    /// PHP prints messages into the project's pages.
    PhpNotices,
    /// The project's pages end in the middle.
    Truncated,
    /// The project's pages are in Latin-1 and claim to be in UTF-8.
    WrongCharset,
    /// The project shows its pages only to people who are logged in.
    LoginWall,
    /// The project shows robots nothing but its first page and its status.
    BotWall,
    /// The project's pages are slow.
    SlowPages,
    /// The project sends everybody to https, and speaks none.
    Tls,
}

impl FaultKind {
    /// Whether it is about a project's server as a whole, whichever client it is that asks.
    #[must_use]
    pub const fn is_of_server(self) -> bool {
        self as u32 >= Self::Maintenance as u32
    }
}

fn feeder() -> String {
    "feeder".to_owned()
}

impl Fault {
    /// Whether the fault is active at `time`. Its times are relative to `present`.
    #[must_use]
    pub fn is_active(&self, time: f64, present: f64) -> bool {
        let since = time - (present - self.ago.as_secs_f64() + self.after.as_secs_f64());
        let since = self.every.map_or(since, |every| since.rem_euclid(every.as_secs_f64()));
        since >= 0.0 && self.lasts.is_none_or(|lasts| since < lasts.as_secs_f64())
    }

    /// Whether it affects this client.
    #[must_use]
    pub fn affects_client(&self, client: &str) -> bool {
        self.client.as_ref().is_none_or(|name| name == client)
    }

    /// Whether it affects this project.
    #[must_use]
    pub fn affects_project(&self, project: &str) -> bool {
        self.project.as_ref().is_none_or(|name| name == project)
    }
}
