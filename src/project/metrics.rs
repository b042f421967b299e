//! All metrics of a project's server, each declared once with its name, meaning, origin and value. The modules below hold the
//! tables, one module per topic; the exposition, `docs/METRICS.md` and the tests are all generated from them.
//!
//! | module | one row per |
//! |---|---|
//! | [`scrape`] | project; collector |
//! | [`server`] | project; daemon; application |
//! | [`scheduler`] | project |
//! | [`account`] | account; computer; team |
//! | [`batch`] | application; batch |
//! | [`validation`] | application and what ran its tasks |

pub mod account;
pub mod batch;
pub mod scheduler;
pub mod scrape;
pub mod server;
pub mod validation;

use std::time::{SystemTime, UNIX_EPOCH};

use super::Project;
use super::collectors::Collector;
use crate::metric::{self, ErasedTable};

/// Every element of the pages that is not exported, with the reason.
pub const NOT_EXPORTED: &str = include_str!("metrics/not_exported.md");

/// A metric of a project's server.
pub type Metric<T> = metric::Metric<Project, T>;

/// A table of metrics of a project's server.
pub type Table<T> = metric::Table<Project, T>;

/// A metric that no dashboard, rule, alert or question needs, so it is opt-in.
const fn details<T>(metric: Metric<T>) -> Metric<T> {
    Metric::only_with(Collector::Details, metric)
}

/// All tables, in the order of the exposition.
pub const TABLES: &[&dyn ErasedTable<Project>] = &[
    &scrape::SERVER,
    &scrape::PARTS,
    &server::CONFIG,
    &server::STATUS,
    &server::DAEMONS,
    &server::APPS,
    &server::STATISTICS,
    &scheduler::SCHEDULER,
    &account::ACCOUNTS,
    &account::HOSTS,
    &account::TEAMS,
    &account::MEMBERS,
    &batch::APPS,
    &batch::BATCHES,
    &validation::TASKS,
];

/// A time that a server says; 0 means that it does not know.
fn time(time: Option<f64>) -> Option<f64> {
    time.filter(|time| *time > 0.0)
}

fn timestamp(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}
