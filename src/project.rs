//! A project's server, from its address to its metrics. Targets come in, and what clients tell of projects; snapshots and the
//! tables that turn them into metrics go out. It does not know the pages of the exporter or the text formats. Data flows one way,
//! through the same stages as those of a client:
//!
//! ```text
//! Target ──► poll ──► Snapshot ──► tables
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | [`target`] | one project: addresses, accounts, keys |
//! | [`collectors`] | names of the parts that can be collected |
//! | [`limits`] | intervals, and how short they may be |
//! | [`watch`] | all projects, asked in the background while somebody scrapes |
//! | [`plan`] | which pages are asked for |
//! | [`poll`](mod@poll) | one round of requests for one page |
//! | [`fetch`] | one exchange over HTTP |
//! | [`pages`] | what the pages of a project's server say, and what they say instead |
//! | [`reason`] | why a page could not be had |
//! | [`schedule`] | when a page may be asked for again |
//! | [`poll_state`] | what is kept about a project between rounds, and over a restart |
//! | [`snapshot`] | what is known at the moment of a scrape |
//! | [`metrics`] | every metric: name, help and value |

pub mod collectors;
pub mod fetch;
pub mod limits;
pub mod metrics;
pub mod pages;
pub mod plan;
pub mod poll;
pub mod poll_state;
pub mod reason;
pub mod schedule;
pub mod snapshot;
pub mod target;
pub mod watch;

pub use limits::{Intervals, Limits};
pub use watch::Watch;

use self::collectors::Collector;
use self::snapshot::Snapshot;
use crate::metric::{ErasedTable, Fit, Subject};

/// Projects' servers as a [`Subject`].
#[derive(Debug, Clone, Copy)]
pub enum Project {}

impl Subject for Project {
    type Snapshot = Snapshot;
    type Collector = Collector;

    const LABELS: &'static [&'static str] = &["project", "project_url"];
    const TABLES: &'static [&'static dyn ErasedTable<Self>] = metrics::TABLES;

    fn fit(snapshot: &Snapshot) -> &Fit {
        &snapshot.fit
    }

    fn labels(snapshot: &Snapshot) -> Vec<&str> {
        vec![&snapshot.project, &snapshot.url]
    }

    fn collects(snapshot: &Snapshot, collector: Collector) -> bool {
        snapshot.collectors.contains(collector)
    }

    fn availability(collector: Collector) -> &'static str {
        match collector {
            Collector::Account => "on by default; needs `account`, `account_key_file` or a client that is attached",
            Collector::Team => "on by default; needs `team`",
            Collector::Batches => "on by default; needs `submitter`",
            Collector::Members => "off by default; needs `team`",
            collector if collector.is_by_choice() => "off by default",
            _ => "on by default",
        }
    }

    fn is_optional(collector: Collector) -> bool {
        collector.is_by_choice()
    }
}
