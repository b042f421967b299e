//! The parts of a project that can be collected. Names come in as users write them in `collectors = [...]` and see them in the
//! label `collector`; a set goes out. It knows names and defaults only, not how a part is collected.

use std::fmt;

use crate::metric::{Part, Parts};
use crate::words::{list, nearest};

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

impl Part for Collector {
    const ALL: &'static [Self] = &Self::ALL;

    fn number(self) -> u32 {
        self as u32
    }

    fn name(self) -> &'static str {
        self.name()
    }

    fn is_default(self) -> bool {
        !self.is_by_choice()
    }

    fn unknown(name: &str) -> String {
        let known = Self::ALL.map(Self::name);
        let advice = nearest(name, known.into_iter().chain(["default"])).map_or_else(
            || format!("projects have {}", list(&known, "and")),
            |nearest| format!("the nearest is `{nearest}`"),
        );
        format!("there is no collector `{name}` of projects; {advice}")
    }
}

/// A set of collectors. By default, those that need not be chosen.
pub type Collectors = Parts<Collector>;
