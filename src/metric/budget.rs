//! The budget of series of one snapshot. A snapshot and the most series that it may have come in; which of its rows are exported
//! goes out. What a row has is exported whole or not at all. It does not know what tables are about.

use super::fit::Fit;
use super::table::Subject;

/// Chooses the rows that have no more than `max` series together, and counts those left out by the collector of their table.
///
/// The tables have their turn in the order of the exposition, but those of optional parts come last: what was asked for in
/// addition takes nothing from what everybody has. Within a table, the first rows are kept.
#[must_use]
pub fn fit<S: Subject>(snapshot: &S::Snapshot, max: usize) -> (Fit, Vec<(S::Collector, usize)>) {
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
    (Fit::new((!left_out.is_empty()).then(|| rows.into()), series), left_out)
}
