//! What one scrape brought, of all subjects: tables bound to the snapshots that their rows come from.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::table::{ErasedTable, Subject};

/// The tables of one scrape, in the order in which they are shown. Each family is in one table only, so it appears once.
#[derive(Debug, Default)]
pub struct Scrape(Vec<BoundTable>);

impl Scrape {
    /// The tables of a subject, over these snapshots. Each snapshot must have labels of its own.
    #[must_use]
    pub fn of<S: Subject>(snapshots: Vec<Arc<S::Snapshot>>) -> Self {
        Self::default().and::<S>(snapshots)
    }

    /// The same, followed by the tables of another subject.
    #[must_use]
    pub fn and<S: Subject>(mut self, snapshots: Vec<Arc<S::Snapshot>>) -> Self {
        let snapshots: Arc<[_]> = snapshots.into();
        let bind = |table: &&'static dyn ErasedTable<S>| {
            BoundTable(Box::new(Bound::<S> { table: *table, snapshots: Arc::clone(&snapshots) }))
        };
        self.0.extend(S::TABLES.iter().map(bind));
        self
    }

    /// The tables one by one, for writing the text in pieces.
    pub fn into_tables(self) -> impl Iterator<Item = BoundTable> + Send {
        self.0.into_iter()
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|table| table.0.write(&mut encoder))
    }
}

/// One table of a scrape.
#[derive(Debug)]
pub struct BoundTable(Box<dyn Write>);

impl Collector for BoundTable {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.write(&mut encoder)
    }
}

/// A table of whichever subject, with its snapshots.
trait Write: fmt::Debug + Send + Sync {
    fn write(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result;
}

struct Bound<S: Subject> {
    table: &'static dyn ErasedTable<S>,
    snapshots: Arc<[Arc<S::Snapshot>]>,
}

impl<S: Subject> fmt::Debug for Bound<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").field("table", &self.table.title()).finish_non_exhaustive()
    }
}

impl<S: Subject> Write for Bound<S> {
    fn write(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        self.table.encode(&self.snapshots, encoder)
    }
}
