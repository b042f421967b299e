//! Every metric of a client: its name, meaning, origin and value, declared once. The tables stand in the modules below,
//! one a subject; the exposition, `docs/METRICS.md` and the tests all come from them.
//!
//! | module | rows |
//! |---|---|
//! | [`scrape`] | a client; a request to it |
//! | [`client`] | a client: identity, time, modes, network |
//! | [`host`] | a host; a kind of GPU |
//! | [`preferences`] | a client |
//! | [`disk`] | a client; a project |
//! | [`project`] | a project; its credit by day |
//! | [`reported`] | the reported tasks of an application, of a project |
//! | [`resources`] | CPUs; a kind of GPU |
//! | [`tasks`] | the tasks of a project; a task |
//! | [`apps`] | an application; a version of one |
//! | [`transfers`] | the transfers of a project in a direction; a transfer |
//! | [`messages`] | the event log; notices |

pub mod apps;
pub mod client;
pub mod disk;
pub mod host;
pub mod messages;
pub mod preferences;
pub mod project;
pub mod reported;
pub mod resources;
pub mod scrape;
pub mod tasks;
pub mod transfers;

use std::time::{Duration, UNIX_EPOCH};

use humantime_serde::re::humantime;

use super::Client;
use super::snapshot::OfProject;
use crate::metric::{self, ErasedTable, Row, SampleWriter};

/// Every element of BOINC's replies that no metric shows; a test holds it to that.
pub const NOT_EXPORTED: &str = include_str!("metrics/not_exported.md");

/// A metric of a client.
pub type Metric<T> = metric::Metric<Client, T>;

/// A table of such metrics.
pub type Table<T> = metric::Table<Client, T>;

/// All tables, in the order in which they are shown.
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
    &resources::RESOURCES,
    &tasks::TASKS,
    &apps::APPS,
    &apps::VERSIONS,
    &transfers::SUMS,
    &transfers::TRANSFERS,
    &messages::MESSAGES,
    &messages::NOTICES,
    &messages::NOTICE_GROUPS,
    &preferences::PREFERENCES,
];

/// A row with the labels of its project.
fn row<T>(of: &OfProject<T>) -> Row<'_, T> {
    Row { labels: vec![&of.name, &of.url], item: &of.item }
}

/// A day, counted from 1970, as `YYYY-MM-DD`; its number if it is before that or after the year 9999.
fn date(day: i64) -> String {
    /// 9999-12-31: later days, and those before 1970, are no days of BOINC's.
    const LAST: u64 = 2_932_896;
    const DAY: u64 = 86_400;
    let start = u64::try_from(day).ok().filter(|day| *day <= LAST).map(|day| Duration::from_secs(day * DAY));
    let written = start.map(|start| humantime::format_rfc3339_seconds(UNIX_EPOCH + start).to_string());
    // YYYY-MM-DDTHH:MM:SSZ
    written.and_then(|written| Some(written.split_once('T')?.0.to_owned())).unwrap_or_else(|| day.to_string())
}
