//! Which rows of a snapshot are exported: plain data. It does not know how they are chosen.

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
    /// So many rows of each table, which have so many series.
    pub(super) fn new(rows: Option<Box<[usize]>>, series: usize) -> Self {
        Self { rows, series }
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
