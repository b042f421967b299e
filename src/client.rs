//! A BOINC client, from its address to its metrics. Configured targets come in; snapshots and the tables that turn them
//! into metrics go out. It does not know HTTP or the text formats. Data flows one way:
//!
//! ```text
//! Target ──► poll ──► Snapshot ──► tables
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | [`target`] | one client: address, password, what to collect |
//! | [`local`] | where a client on this computer keeps its files |
//! | [`data_directory`] | what these files say |
//! | [`collectors`] | names of the parts that can be collected, and of the optional series |
//! | [`limits`] | limits on reply size, series, concurrency and request rate |
//! | [`access`] | host names and password files, which may keep one waiting |
//! | [`capacity`] | what all polls share: memory for long replies, turns of the processor |
//! | [`gui_rpc`] | BOINC's control protocol: requests, framing, replies |
//! | [`fleet`] | polling all clients concurrently, each with its own deadline |
//! | [`poll`](mod@poll) | one poll of one client |
//! | [`poll_state`] | what is kept about a client between polls |
//! | [`reason`] | why a request failed |
//! | [`snapshot`] | the result of one poll, ready for the metric tables |
//! | [`metrics`] | every metric: name, help and value |

pub mod access;
pub mod capacity;
pub mod collectors;
pub mod data_directory;
pub mod fleet;
pub mod gui_rpc;
pub mod limits;
pub mod local;
pub mod metrics;
pub mod poll;
pub mod poll_state;
pub mod reason;
pub mod snapshot;
pub mod target;

pub use access::Lookups;
pub use capacity::Capacity;
pub use fleet::Fleet;
pub use limits::{Intervals, Limits};
pub use poll::{Session, poll};

use self::collectors::Collector;
use self::snapshot::Snapshot;
use crate::metric::{ErasedTable, Fit, Part, Subject};

/// BOINC clients as a [`Subject`].
#[derive(Debug, Clone, Copy)]
pub enum Client {}

impl Subject for Client {
    type Snapshot = Snapshot;
    type Collector = Collector;

    const LABELS: &'static [&'static str] = &["client"];
    const TABLES: &'static [&'static dyn ErasedTable<Self>] = metrics::TABLES;

    fn labels(snapshot: &Snapshot) -> Vec<&str> {
        vec![&snapshot.client]
    }

    fn collects(snapshot: &Snapshot, collector: Collector) -> bool {
        snapshot.collectors.contains(collector)
    }

    fn fit(snapshot: &Snapshot) -> &Fit {
        &snapshot.fit
    }

    fn availability(collector: Collector) -> &'static str {
        match collector {
            Collector::State => "always on",
            collector if collector.is_default() => "on by default",
            _ => "off by default",
        }
    }

    fn is_optional(collector: Collector) -> bool {
        !collector.is_default()
    }
}
