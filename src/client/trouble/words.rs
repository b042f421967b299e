//! What troubles, and reasons to be idle, are called, and in which colour they are shown: as on the dashboards
//! (`dashboards/mixin/lib/states.libsonnet`); a test compares them.

use std::fmt;

use super::Trouble;
use crate::client::reason::Reason;
use crate::client::snapshot::{self, CPU, IdleReason, Snapshot};

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// Nothing in particular.
    Grey,
    /// The user chose it.
    Blue,
    /// It waits for somebody else.
    Yellow,
    /// It needs attention.
    Orange,
    /// It needs attention first.
    Red,
}

impl Colour {
    /// Its name, as a CSS class.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }
}

impl Trouble {
    /// What it is called, and its colour.
    #[must_use]
    pub const fn shown(self) -> (&'static str, Colour) {
        match self {
            Self::Contact => ("project unreachable", Colour::Yellow),
            Self::Clock => ("clock is wrong", Colour::Orange),
            Self::Transfers => ("transfers fail", Colour::Orange),
            Self::Request => ("part of the data is missing", Colour::Orange),
            Self::Idle => ("idle, should compute", Colour::Orange),
            Self::AtRisk => ("deadlines at risk", Colour::Orange),
            Self::Late => ("tasks are late", Colour::Orange),
            Self::Disk => ("disk is full", Colour::Red),
            Self::Failing => ("tasks fail", Colour::Red),
            Self::Gpu => ("GPU is gone", Colour::Red),
            Self::Stuck => ("tasks are stuck", Colour::Red),
            Self::Down(reason) => of_reason(reason),
        }
    }
}

const fn of_reason(reason: Reason) -> (&'static str, Colour) {
    match reason {
        Reason::Refused => ("refused", Colour::Red),
        Reason::Unreachable => ("unreachable", Colour::Red),
        Reason::Unresolved => ("name not resolved", Colour::Red),
        Reason::Timeout => ("timed out", Colour::Red),
        Reason::HostDenied => ("host denied", Colour::Red),
        Reason::Unauthorized => ("needs a password", Colour::Red),
        Reason::WrongPassword => ("wrong password", Colour::Red),
        Reason::PasswordFile => ("password file unreadable", Colour::Red),
        Reason::DataDirectory => ("data directory unreadable", Colour::Orange),
        Reason::ServerError => ("client error", Colour::Orange),
        Reason::Unsupported => ("request not known", Colour::Orange),
        Reason::Truncated => ("reply cut off", Colour::Orange),
        Reason::TooLarge => ("reply too large", Colour::Orange),
        Reason::Parse => ("invalid reply", Colour::Red),
        Reason::FileDescriptors => ("too few file descriptors", Colour::Red),
        Reason::NotAsked => ("exporter too busy to ask", Colour::Orange),
        Reason::Internal => ("exporter bug", Colour::Red),
    }
}

/// What of a client is idle, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle<'a> {
    /// BOINC's name of the resource.
    resource: &'a str,
    count: f64,
    usable: f64,
    /// Why.
    pub reason: IdleReason,
    /// Why, in words.
    pub why: String,
    /// The colour of these words.
    pub colour: Colour,
}

impl fmt::Display for Idle<'_> {
    /// `3 of 4 CPUs`, `1 of 1 NVIDIA GPU`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, count, usable, .. } = self;
        let several = *usable > 1.0;
        let what = match *resource {
            CPU if several => "CPUs".to_owned(),
            CPU => CPU.to_owned(),
            gpu => gpus(gpu, several),
        };
        write!(f, "{:.0} of {usable:.0} {what}", count.floor())
    }
}

/// What people call GPUs, by BOINC's name of the resource: `NVIDIA GPUs`.
#[must_use]
pub fn gpus(resource: &str, several: bool) -> String {
    let maker = match resource {
        "ATI" => "AMD",
        "intel_gpu" => "Intel",
        "apple_gpu" => "Apple",
        other => other,
    };
    format!("{maker} GPU{}", if several { "s" } else { "" })
}

/// `4 of 4 CPUs and 1 of 1 NVIDIA GPU idle: no work`
#[must_use]
pub fn sentence(idle: &[Idle<'_>]) -> String {
    let alike = idle.chunk_by(|a, b| a.why == b.why).map(|alike| {
        let counts: Vec<_> = alike.iter().map(ToString::to_string).collect();
        format!("{} idle: {}", counts.join(" and "), alike[0].why)
    });
    alike.collect::<Vec<_>>().join("; ")
}

/// All that is idle, the CPUs first.
#[must_use]
pub fn idle(snapshot: &Snapshot) -> Vec<Idle<'_>> {
    let resources = snapshot.resources.iter().filter_map(|resource| Some((resource, resource.reason?)));
    let idle = resources.map(|(resource, reason)| {
        let (words, colour) = of_idle(reason);
        let suspension = (reason == IdleReason::Suspended).then(|| suspension(snapshot, &resource.name)).flatten();
        let (why, colour) = suspension
            .map_or_else(|| (words.to_owned(), colour), |(words, colour)| (format!("suspended: {words}"), colour));
        Idle { resource: &resource.name, count: resource.idle, usable: resource.usable, reason, why, colour }
    });
    idle.collect()
}

/// What a reason to be idle is called, and its colour.
#[must_use]
pub const fn of_idle(reason: IdleReason) -> (&'static str, Colour) {
    match reason {
        IdleReason::Suspended => ("suspended", Colour::Blue),
        IdleReason::TaskSuspended => ("tasks suspended", Colour::Blue),
        IdleReason::NoNewTasks => ("no new tasks", Colour::Blue),
        IdleReason::NoProjects => ("no projects", Colour::Grey),
        IdleReason::NotWanted => ("not wanted", Colour::Blue),
        IdleReason::NoApplication => ("no application for it", Colour::Grey),
        IdleReason::Deferred => ("deferred by projects", Colour::Yellow),
        IdleReason::NoWork => ("no work", Colour::Yellow),
        IdleReason::Downloading => ("downloading", Colour::Yellow),
        IdleReason::Network => ("waits for network", Colour::Yellow),
        IdleReason::Memory => ("waits for memory", Colour::Orange),
        IdleReason::Swap => ("waits for swap space", Colour::Orange),
        IdleReason::Disk => ("disk limit is reached", Colour::Red),
        IdleReason::Postponed => ("postponed by application", Colour::Orange),
        IdleReason::NotScheduled => ("ready tasks not started", Colour::Orange),
        IdleReason::GpuMissing => ("GPU is missing", Colour::Red),
        IdleReason::Unknown => ("unknown", Colour::Grey),
    }
}

/// Why the resource is suspended; GPUs may have a reason of their own.
fn suspension(snapshot: &Snapshot, resource: &str) -> Option<(&'static str, Colour)> {
    of_suspension(snapshot::suspension(snapshot.status.as_ref()?, resource)?)
}

/// What BOINC's code of a suspension is called, and its colour.
#[must_use]
pub const fn of_suspension(code: i64) -> Option<(&'static str, Colour)> {
    let (words, colour) = match code {
        1 => ("on batteries", Colour::Blue),
        2 => ("computer in use", Colour::Blue),
        4 => ("by the user", Colour::Blue),
        8 => ("time of day", Colour::Blue),
        16 => ("benchmarks", Colour::Blue),
        32 => ("disk is full", Colour::Red),
        128 => ("no recent input", Colour::Blue),
        256 => ("just started", Colour::Blue),
        512 => ("exclusive app", Colour::Blue),
        1024 => ("CPU is busy", Colour::Blue),
        2048 => ("traffic quota used up", Colour::Red),
        4096 => ("operating system", Colour::Blue),
        4097 => ("no Wi-Fi", Colour::Blue),
        4098 => ("charging", Colour::Blue),
        4099 => ("battery is hot", Colour::Red),
        4100 => ("manager closed", Colour::Blue),
        4101 => ("Podman starts", Colour::Blue),
        4102 => ("waits for battery", Colour::Blue),
        4103 => ("waits for battery to cool", Colour::Blue),
        _ => return None,
    };
    Some((words, colour))
}
