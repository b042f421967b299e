//! The results of one scrape, of all subjects. Snapshots come in and are bound to the tables of their subject; a
//! [`Collector`] goes out. It does not know how snapshots were made.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::table::{ErasedTable, Subject};

/// The tables of one scrape, in the order in which they are exported. Each family belongs to one table only, so it
/// appears once.
#[derive(Debug, Default)]
pub struct Scrape(Vec<BoundTable>);

impl Scrape {
    /// The tables of a subject, bound to these snapshots. The labels of each snapshot must be unique.
    #[must_use]
    pub fn of<S: Subject>(snapshots: Vec<Arc<S::Snapshot>>) -> Self {
        Self::default().and::<S>(snapshots)
    }

    /// Appends the tables of another subject.
    #[must_use]
    pub fn and<S: Subject>(mut self, snapshots: Vec<Arc<S::Snapshot>>) -> Self {
        let snapshots: Arc<[_]> = snapshots.into();
        let bind = |(index, table): (usize, &&'static dyn ErasedTable<S>)| {
            BoundTable(Box::new(Bound::<S> { table: *table, index, snapshots: Arc::clone(&snapshots) }))
        };
        self.0.extend(S::TABLES.iter().enumerate().map(bind));
        self
    }

    /// The individual tables, for rendering the text in chunks.
    pub fn into_tables(self) -> impl Iterator<Item = BoundTable> + Send {
        self.0.into_iter()
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|table| table.0.encode(&mut encoder))
    }
}

/// One table of a scrape.
#[derive(Debug)]
pub struct BoundTable(Box<dyn EncodeTable>);

impl Collector for BoundTable {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.encode(&mut encoder)
    }
}

/// A table of any subject, bound to its snapshots.
trait EncodeTable: fmt::Debug + Send + Sync {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result;
}

struct Bound<S: Subject> {
    table: &'static dyn ErasedTable<S>,
    index: usize,
    snapshots: Arc<[Arc<S::Snapshot>]>,
}

impl<S: Subject> fmt::Debug for Bound<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").field("table", &self.table.title()).finish_non_exhaustive()
    }
}

impl<S: Subject> EncodeTable for Bound<S> {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        self.table.encode(self.index, &self.snapshots, encoder)
    }
}
