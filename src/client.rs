//! A BOINC client, from its address to its metrics. Data goes one way:
//!
//! ```text
//! Target ──► poll ──► Snapshot ──► tables
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | [`target`] | one client to ask: where, with which password, what |
//! | [`local`] | where a client on this computer keeps its files |
//! | [`collectors`] | the names of the parts that can be asked, and of the optional series |
//! | [`limits`] | how much is read, how often, and how many clients at a time |
//! | [`gui_rpc`] | BOINC's control protocol: requests, framing, replies |
//! | [`fleet`] | polling all clients at the same time, each by its own deadline |
//! | [`poll`] | one poll of one client |
//! | [`poll_state`] | what is kept of a client between polls |
//! | [`reason`] | why a request failed |
//! | [`snapshot`] | what one client said, ready to be counted |
//! | [`metrics`] | every metric: its name, meaning and value |

pub mod collectors;
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

pub use fleet::Fleet;
pub use limits::{Intervals, Limits};
pub use poll::{Session, poll};

use self::collectors::Collector;
use self::snapshot::Snapshot;
use crate::metric::{ErasedTable, Subject};

/// BOINC clients, as a subject of metrics.
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

    fn availability(collector: Collector) -> &'static str {
        match collector {
            Collector::State => "always on",
            collector if collector.is_request() => "on by default",
            _ => "off by default",
        }
    }

    fn is_optional(collector: Collector) -> bool {
        !collector.is_request()
    }
}
