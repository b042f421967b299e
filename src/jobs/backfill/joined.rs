//! One history of what the client tells and of what its files hold. A snapshot and a past come in; days go out, each once. The client
//! keeps 30 days of credit (`save_stats_days`) and drops the older ones when it is asked, but from the file only at its next
//! contact with the project; and it answers only while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::data_directory::past::Past;
use crate::client::gui_rpc::model::{DailyStatistics, DailyTransfer};
use crate::client::snapshot::{OfProject, Snapshot};

const DAY: f64 = 86_400.0;

/// Credit by day, by project, oldest first.
pub fn credit(source: &Snapshot, past: &Past) -> Vec<OfProject<Vec<DailyStatistics>>> {
    let told = source.credit_days.iter();
    let told = told.filter_map(|days| Some((source.projects.iter().find(|of| of.url == days.url)?, &days.item.days)));
    let mut all: Vec<OfProject<Vec<DailyStatistics>>> = told
        .map(|(of, days)| OfProject { url: Arc::clone(&of.url), name: Arc::clone(&of.name), item: join(days, &[]) })
        .collect();
    for of in &past.credit {
        // Of the projects that it is attached to, the client itself tells the name.
        let name =
            source.projects.iter().find(|project| *project.url == *of.url).map(|project| Arc::clone(&project.name));
        let new = || OfProject {
            url: of.url.as_str().into(),
            name: name.unwrap_or_else(|| of.name.as_str().into()),
            item: Vec::new(),
        };
        let known = find_or_push(&mut all, |known| *known.url == *of.url, new);
        known.item = join(&known.item, &of.item);
    }
    all
}

/// Days that the client tells and days in its file, in order.
fn join(told: &[DailyStatistics], filed: &[DailyStatistics]) -> Vec<DailyStatistics> {
    #[expect(clippy::cast_possible_truncation, reason = "a day number; saturates")]
    let numbered = |day: &DailyStatistics| Some(((day.day? / DAY).floor() as i64, day.clone()));
    let mut days: BTreeMap<i64, DailyStatistics> = filed.iter().filter_map(numbered).collect();
    let mut told = told.iter().filter_map(numbered).peekable();
    // Its oldest day is one that the client moved to where its memory now begins, if there was no contact on that day
    // (`PROJECT::trim_statistics`). The file knows when it was.
    if let Some((number, first)) = told.peek()
        && !days.contains_key(number)
        && days.range(..number).next_back().is_some_and(|(_, before)| is_same_credit(before, first))
    {
        told.next();
    }
    days.extend(told);
    days.into_values().collect()
}

fn is_same_credit(a: &DailyStatistics, b: &DailyStatistics) -> bool {
    let values = |day: &DailyStatistics| {
        [day.user_total_credit, day.user_expavg_credit, day.host_total_credit, day.host_expavg_credit]
    };
    values(a) == values(b)
}

/// Traffic by day.
pub struct Traffic<'a> {
    /// The days, in any order.
    pub days: &'a [DailyTransfer],
    /// When they were told: the day that goes on then is not over.
    pub clock: f64,
    /// Seconds of the client's standard time ahead of UTC.
    pub timezone: f64,
}

/// Traffic as the client tells it. Its file holds the same days, for when it does not answer.
pub fn traffic<'a>(source: &'a Snapshot, past: &'a Past, now: u64) -> Option<Traffic<'a>> {
    let told = || {
        let (days, clock) = (&source.daily_transfers.as_ref()?.days, source.clock()?);
        Some(Traffic { days, clock, timezone: source.host.as_ref()?.timezone? })
    };
    let filed = || Some(Traffic { days: &past.traffic, clock: now as f64, timezone: past.timezone? });
    // No time zone is a day off. A far larger offset would swamp the time that it is added to.
    told().or_else(filed).filter(|traffic| traffic.timezone.abs() < DAY)
}

/// The item of which this is true; a new one if there is none.
pub fn find_or_push<T>(items: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let at = items.iter().position(is_it).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    });
    &mut items[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: &[(u32, f64)]) -> Vec<DailyStatistics> {
        let day = |(number, credit): &(u32, f64)| DailyStatistics {
            day: Some(f64::from(*number) * DAY),
            host_total_credit: Some(*credit),
            ..DailyStatistics::default()
        };
        days.iter().map(day).collect()
    }

    fn joined(told: &[(u32, f64)], filed: &[(u32, f64)]) -> Vec<(f64, f64)> {
        let all = join(&days(told), &days(filed));
        all.iter().map(|day| (day.day.unwrap_or_default() / DAY, day.host_total_credit.unwrap_or_default())).collect()
    }

    #[test]
    fn each_day_comes_once_and_the_client_is_right() {
        assert_eq!(
            joined(&[(3, 30.0), (4, 41.0)], &[(1, 10.0), (3, 30.0), (4, 40.0)]),
            [(1.0, 10.0), (3.0, 30.0), (4.0, 41.0)]
        );
        assert_eq!(joined(&[], &[(2, 1.0), (1, 2.0)]), [(1.0, 2.0), (2.0, 1.0)]);
        assert_eq!(joined(&[(5, 1.0)], &[]), [(5.0, 1.0)]);
    }

    #[test]
    fn a_day_that_was_moved_to_the_edge_stays_where_the_file_has_it() {
        let filed = [(1, 10.0), (9, 90.0)];
        assert_eq!(joined(&[(7, 10.0), (9, 90.0)], &filed), [(1.0, 10.0), (9.0, 90.0)]);
        // An old copy of the file knows nothing of a day with other credit.
        assert_eq!(joined(&[(7, 70.0), (9, 90.0)], &filed), [(1.0, 10.0), (7.0, 70.0), (9.0, 90.0)]);
    }
}
