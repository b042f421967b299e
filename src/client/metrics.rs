//! All metrics of a client, each declared once with its name, meaning, origin and value. The modules below hold the
//! tables, one module per topic; the exposition, `docs/METRICS.md` and the tests are all generated from them.
//!
//! | module | one row per |
//! |---|---|
//! | [`scrape`] | client; request |
//! | [`client`] | client (identity, time, modes, network) |
//! | [`host`] | host; GPU type |
//! | [`preferences`] | client |
//! | [`disk`] | client; project |
//! | [`project`] | project (including its daily credit) |
//! | [`reported`] | application; project |
//! | [`resources`] | CPUs; GPU type |
//! | [`tasks`] | project; client; task |
//! | [`files`] | application; project (the client's own files) |
//! | [`slots`] | data directory; application; task |
//! | [`apps`] | application; application version |
//! | [`transfers`] | project and direction; transfer |
//! | [`messages`] | event log; project; notice category and project |

pub mod apps;
pub mod client;
pub mod disk;
pub mod files;
pub mod host;
pub mod messages;
pub mod preferences;
pub mod project;
pub mod reported;
pub mod resources;
pub mod scrape;
pub mod slots;
pub mod tasks;
pub mod transfers;

use std::time::{Duration, UNIX_EPOCH};

use humantime_serde::re::humantime;

use super::Client;
use super::collectors::Collector;
use super::snapshot::OfProject;
use crate::metric::{self, ErasedTable, Row, SampleWriter};

/// Every element of BOINC's replies that is not exported, with the reason; a test checks that the list is complete.
pub const NOT_EXPORTED: &str = include_str!("metrics/not_exported.md");

/// A metric of a client.
pub type Metric<T> = metric::Metric<Client, T>;

/// A table of metrics of a client.
pub type Table<T> = metric::Table<Client, T>;

/// A metric that no dashboard, rule, alert or question needs, so it is opt-in.
const fn details<T>(metric: Metric<T>) -> Metric<T> {
    Metric::only_with(Collector::Details, metric)
}

/// All tables, in the order of the exposition.
pub const TABLES: &[&dyn ErasedTable<Client>] = &[
    &scrape::CLIENT,
    &scrape::PARTS,
    &client::IDENTITY,
    &client::TIME,
    &client::STATUS,
    &client::SCREENSAVER,
    &client::NETWORK,
    &client::TRAFFIC,
    &host::HOST,
    &host::GPUS,
    &disk::DISK,
    &disk::PROJECTS,
    &project::PROJECTS,
    &project::CREDIT_DAYS,
    &project::KNOWN,
    &reported::APPS,
    &reported::RECENT,
    &tasks::SUMS,
    &tasks::DUE,
    &resources::RESOURCES,
    &tasks::TASKS,
    &slots::HOST,
    &slots::APPS,
    &slots::TASKS,
    &files::COMPLETED,
    &files::CONTACTS,
    &apps::APPS,
    &apps::VERSIONS,
    &transfers::SUMS,
    &transfers::TRANSFERS,
    &messages::MESSAGES,
    &messages::PROJECTS,
    &messages::NOTICES,
    &messages::NOTICE_GROUPS,
    &preferences::PREFERENCES,
];

/// A row labelled with its project.
fn row<T>(of: &OfProject<T>) -> Row<'_, T> {
    Row { labels: vec![&of.name, &of.url], item: &of.item }
}

/// Formats a day, counted from 1970-01-01, as `YYYY-MM-DD`; days before 1970 or after 9999 stay numbers.
fn date(day: i64) -> String {
    /// 9999-12-31.
    const LAST: u64 = 2_932_896;
    const DAY: u64 = 86_400;
    let start = u64::try_from(day).ok().filter(|day| *day <= LAST).map(|day| Duration::from_secs(day * DAY));
    let written = start.map(|start| humantime::format_rfc3339_seconds(UNIX_EPOCH + start).to_string());
    // YYYY-MM-DDTHH:MM:SSZ
    written.and_then(|written| Some(written.split_once('T')?.0.to_owned())).unwrap_or_else(|| day.to_string())
}
