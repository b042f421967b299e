//! The budget of series of one snapshot. A snapshot and the most series that it may have come in; which of its rows are exported
//! goes out. What a row has is exported whole or not at all. It does not know what tables are about.

use super::table::Subject;

/// Which rows of a snapshot are exported.
#[derive(Debug, Clone, Default)]
pub struct Fit {
    /// How many rows of each table, from the first; `None` for all of them.
    rows: Option<Box<[usize]>>,
    series: usize,
}

/// What a table has of a snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Rows that fit.
    pub rows: usize,
    /// Their series.
    pub series: usize,
    /// Rows that do not.
    pub left_out: usize,
}

impl Fit {
    /// Chooses the rows that have no more than `max` series together, and counts those left out by the collector of their table.
    ///
    /// The tables have their turn in the order of the exposition, but those of optional parts come last: what was asked for
    /// in addition takes nothing from what everybody has. Within a table, the first rows are kept.
    #[must_use]
    pub fn of<S: Subject>(snapshot: &S::Snapshot, max: usize) -> (Self, Vec<(S::Collector, usize)>) {
        let is_optional = |table: &usize| S::is_optional(S::TABLES[*table].collector());
        let (optional, usual): (Vec<_>, Vec<_>) = (0..S::TABLES.len()).partition(is_optional);
        let mut rows = vec![usize::MAX; S::TABLES.len()];
        let (mut series, mut left_out) = (0, Vec::new());
        for table in usual.into_iter().chain(optional) {
            let size = S::TABLES[table].size(snapshot, max - series);
            series += size.series;
            if size.left_out > 0 {
                rows[table] = size.rows;
                left_out.push((S::TABLES[table].collector(), size.left_out));
            }
        }
        (Self { rows: (!left_out.is_empty()).then(|| rows.into()), series }, left_out)
    }

    /// Whether all rows are exported.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.rows.is_none()
    }

    /// How many series are exported; 0 if they were not counted.
    #[must_use]
    pub const fn series(&self) -> usize {
        self.series
    }

    /// How many rows of a table are exported.
    pub(super) fn rows(&self, table: usize) -> usize {
        self.rows.as_ref().map_or(usize::MAX, |rows| rows[table])
    }
}
