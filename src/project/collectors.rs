//! The parts of a project that can be collected. Names come in as users write them in `collectors = [...]` and see them in the
//! label `collector`; a set goes out. It knows names and defaults only, not how a part is collected.

use std::fmt;

use crate::words::nearest;

/// One part: either pages that are asked for at an interval of their own, or a group of optional series derived from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collector {
    /// `get_project_config.php`: whether the project is there, and what it allows.
    Config,
    /// `server_status.php?xml=1`: daemons, queues, applications.
    Status,
    /// The scheduler, asked without a key.
    Scheduler,
    /// `show_user.php`: credit of accounts; with the key also their computers.
    Account,
    /// `team_lookup.php`: credit of a team.
    Team,
    /// `stats/tables.xml`: totals, and when they were exported.
    Statistics,
    /// `submit_rpc_handler.php`: batches of jobs, with the key of an account that submits some.
    Batches,
    /// Optional: `result_status.php`: what became of the tasks that the watched clients reported.
    Validation,
    /// Optional: `team_email_list.php`: members of the team, counted.
    Members,
    /// Optional: names of users, teams, computers and batches.
    Names,
    /// Optional: values that no dashboard, rule or alert needs.
    Details,
}

impl Collector {
    /// All collectors, in the order in which they are asked for.
    pub const ALL: [Self; 11] = [
        Self::Config,
        Self::Status,
        Self::Scheduler,
        Self::Account,
        Self::Team,
        Self::Statistics,
        Self::Batches,
        Self::Validation,
        Self::Members,
        Self::Names,
        Self::Details,
    ];

    /// The name in configurations and in the label `collector`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Status => "status",
            Self::Scheduler => "scheduler",
            Self::Account => "account",
            Self::Team => "team",
            Self::Statistics => "statistics",
            Self::Batches => "batches",
            Self::Validation => "validation",
            Self::Members => "members",
            Self::Names => "names",
            Self::Details => "details",
        }
    }

    /// The collector with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|collector| collector.name() == name)
    }

    /// Whether it asks for pages; the others only add series.
    #[must_use]
    pub const fn is_request(self) -> bool {
        !matches!(self, Self::Names | Self::Details)
    }

    /// Whether it has to be chosen: it asks much of a server, or adds many series.
    #[must_use]
    pub const fn is_by_choice(self) -> bool {
        matches!(self, Self::Validation | Self::Members | Self::Names | Self::Details)
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
    /// Parses configured names: `default` stands for those that need not be chosen, and a leading `-` removes a name.
    ///
    /// # Errors
    /// A message that names the unknown collector and the nearest known one.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, String> {
        let mut set = Self(0);
        for name in names {
            let name = name.as_ref();
            let (name, remove) = name.strip_prefix('-').map_or((name, false), |rest| (rest, true));
            let bits = if name == "default" { Self::default() } else { Self::of([find(name)?]) }.0;
            set.0 = if remove { set.0 & !bits } else { set.0 | bits };
        }
        Ok(set)
    }

    /// Exactly these collectors.
    pub fn of(collectors: impl IntoIterator<Item = Collector>) -> Self {
        Self(collectors.into_iter().fold(0, |bits, collector| bits | 1 << collector as u32))
    }

    /// Whether `collector` is in the set.
    #[must_use]
    pub const fn contains(self, collector: Collector) -> bool {
        self.0 & (1 << collector as u32) != 0
    }

    /// The members.
    pub fn iter(self) -> impl Iterator<Item = Collector> {
        Collector::ALL.into_iter().filter(move |collector| self.contains(*collector))
    }
}

impl Default for Collectors {
    fn default() -> Self {
        Self::of(Collector::ALL.into_iter().filter(|collector| !collector.is_by_choice()))
    }
}

impl fmt::Debug for Collectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Collector::name)).finish()
    }
}

fn find(name: &str) -> Result<Collector, String> {
    Collector::named(name).ok_or_else(|| {
        let known = Collector::ALL.map(Collector::name).into_iter().chain(["default"]);
        let advice = nearest(name, known).map_or_else(
            || format!("projects have {}", crate::words::list(&Collector::ALL.map(Collector::name), "and")),
            |nearest| format!("the nearest is `{nearest}`"),
        );
        format!("there is no collector `{name}` of projects; {advice}")
    })
}
