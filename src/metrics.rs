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
pub mod docs;
mod encode;
pub mod host;
pub mod messages;
pub mod preferences;
pub mod project;
pub mod reported;
pub mod resources;
pub mod scrape;
mod table;
pub mod tasks;
pub mod transfers;

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

pub use encode::Emit;
pub use table::{AnyTable, Kind, Metric, Row, Table, Value};

use crate::snapshot::{OfProject, Snapshot};

/// All tables, in the order in which they are shown.
pub const TABLES: &[&dyn AnyTable] = &[
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

/// What all clients said in one scrape, as prometheus-client wants it.
#[derive(Debug)]
pub struct Scrape(
    /// One a client, each with a name of its own.
    pub Vec<Arc<Snapshot>>,
);

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        TABLES.iter().try_for_each(|table| table.encode(&self.0, &mut encoder))
    }
}

impl Scrape {
    /// The same table by table, for whoever writes them one at a time.
    pub fn tables(self) -> impl Iterator<Item = OfTable> + Send {
        let snapshots: Arc<[_]> = self.0.into();
        TABLES.iter().map(move |table| OfTable { table: *table, snapshots: Arc::clone(&snapshots) })
    }
}

/// What belongs to one table of what all clients said.
pub struct OfTable {
    table: &'static dyn AnyTable,
    snapshots: Arc<[Arc<Snapshot>]>,
}

impl fmt::Debug for OfTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfTable").field("table", &self.table.title()).finish_non_exhaustive()
    }
}

impl Collector for OfTable {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        self.table.encode(&self.snapshots, &mut encoder)
    }
}

/// A row with the labels of its project.
fn row<T>(of: &OfProject<T>) -> Row<'_, T> {
    Row { labels: vec![&of.name, &of.url], item: &of.item }
}

/// A day, counted from 1970, as `YYYY-MM-DD`; its number if no calendar has it.
fn date(day: i64) -> String {
    const JULIAN_DAY_OF_1970: i64 = 2_440_588;
    let julian = day.checked_add(JULIAN_DAY_OF_1970).and_then(|day| i32::try_from(day).ok());
    let date = julian.and_then(|day| time::Date::from_julian_day(day).ok());
    date.map_or_else(|| day.to_string(), |date| date.to_string())
}
