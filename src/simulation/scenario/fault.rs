//! What goes wrong in a scenario, and when.

use std::time::Duration;

use serde::Deserialize;

/// Something goes wrong for a while.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What.
    pub trouble: Trouble,
    /// Of this client only; of all unless given.
    #[serde(default)]
    pub client: Option<String>,
    /// Of this project only; of all of the client's unless given.
    #[serde(default)]
    pub project: Option<String>,
    /// How long before the present it begins, or
    #[serde(default, with = "humantime_serde")]
    pub ago: Duration,
    /// how long after.
    #[serde(default, with = "humantime_serde")]
    pub after: Duration,
    /// How long it lasts; for ever unless given.
    #[serde(default, rename = "for", with = "humantime_serde")]
    pub lasts: Option<Duration>,
    /// Comes again so often.
    #[serde(default, with = "humantime_serde")]
    pub every: Option<Duration>,
    /// Seconds that the clock is ahead (`clock`), that the client runs until it crashes (`crashes`), that the project wants to
    /// be left alone (`delayed`); the exit status (`failing`), or how many times as long (`slow`).
    #[serde(default)]
    pub value: f64,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The computer is off.
    Off,
    /// The client accepts connections and answers nothing.
    Hangs,
    /// The client crashes again and again, and is started anew each time.
    Crashes,
    /// The client wants another password.
    Password,
    /// The client does not know one of the requests, as very old ones.
    OldClient,
    /// The computer's clock is wrong.
    Clock,
    /// The user told the client not to compute.
    Suspended,
    /// The user told the client not to use the network.
    Offline,
    /// A GPU is gone.
    GpuLost,
    /// The disk has no room left for BOINC.
    DiskFull,
    /// New tasks make no progress from some point on.
    Stall,
    /// New tasks take longer than estimated.
    Slow,
    /// New tasks fail.
    Failing,
    /// New tasks ask to be postponed.
    Postponed,
    /// The project cannot be reached: neither its scheduler nor its master page.
    ProjectDown,
    /// The project wants no contact for long.
    Delayed,
    /// The project has a new URL, and the client tells its user at each contact.
    Moved,
    /// The project is detached. It does not come back when the trouble is over.
    Detached,
    /// The project has no work.
    NoWork,
    /// The project's upload server takes nothing.
    Uploads,
    /// The project's download server gives nothing.
    Downloads,
    /// The project grants no credit.
    NoCredit,
    /// The project is over.
    Ended,
    /// There is a newer version of the client.
    NewVersion,
}

impl Fault {
    /// Whether it is so at this time, given the present from which it is counted.
    #[must_use]
    pub fn is_on(&self, time: f64, present: f64) -> bool {
        let since = time - (present - self.ago.as_secs_f64() + self.after.as_secs_f64());
        let since = self.every.map_or(since, |every| since.rem_euclid(every.as_secs_f64()));
        since >= 0.0 && self.lasts.is_none_or(|lasts| since < lasts.as_secs_f64())
    }

    /// Whether it is of this client.
    #[must_use]
    pub fn is_of(&self, client: &str) -> bool {
        self.client.as_ref().is_none_or(|name| name == client)
    }

    /// Whether it is of this project.
    #[must_use]
    pub fn is_in(&self, project: &str) -> bool {
        self.project.as_ref().is_none_or(|name| name == project)
    }
}
