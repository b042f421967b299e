//! Daily credit and network traffic. The client's histories come in; sums, daily averages and the newest days go out.
//! It does not know when they were fetched.

use crate::client::gui_rpc::model::{DailyStatistics, DailyTransfer, DailyTransfers, ProjectStatistics};

const DAY: f64 = 86_400.0;

/// Daily credit of a project.
#[derive(Debug, Clone, Default)]
pub struct CreditDays {
    /// Number of days in the history.
    pub count: usize,
    /// The newest.
    pub latest: Option<f64>,
    /// Credit of the account per day, between the newest two days.
    pub user_daily: Option<f64>,
    /// Credit of the host per day, between the newest two days.
    pub host_daily: Option<f64>,
    /// All of them; empty unless collected.
    pub days: Vec<DailyStatistics>,
}

impl CreditDays {
    /// Summarizes the client's statistics. The days themselves are kept only if `keep_days` is set. Days that lie in the
    /// future, from when the client's clock was ahead, are left out; their number is returned too.
    #[must_use]
    pub fn new(statistics: &ProjectStatistics, keep_days: bool, now: Option<f64>) -> (Self, u32) {
        // A day of grace: a day begins at midnight UTC, and clocks differ.
        let is_past = |day: &&DailyStatistics| day.day.zip(now).is_none_or(|(day, now)| day <= now + DAY);
        let days: Vec<_> = statistics.days.iter().filter(is_past).cloned().collect();
        let in_future = u32::try_from(statistics.days.len() - days.len()).unwrap_or(u32::MAX);
        let newest = days.last();
        let before = days.len().checked_sub(2).and_then(|index| days.get(index));
        // Days without a scheduler contact are not listed: the difference is averaged over them.
        let daily = |credit: fn(&DailyStatistics) -> Option<f64>| {
            let (newest, before) = (newest?, before?);
            let days = (newest.day? - before.day?) / DAY;
            (days > 0.0).then_some((credit(newest)? - credit(before)?) / days)
        };
        let summary = Self {
            count: days.len(),
            latest: newest.and_then(|day| day.day),
            user_daily: daily(|day| day.user_total_credit),
            host_daily: daily(|day| day.host_total_credit),
            days: Vec::new(),
        };
        (if keep_days { Self { days, ..summary } } else { summary }, in_future)
    }
}

/// Daily network traffic of a client.
#[derive(Debug, Clone, Default)]
pub struct TransferDays {
    /// Number of days with traffic.
    pub count: usize,
    /// Bytes sent on all days.
    pub up: f64,
    /// Bytes received on all days.
    pub down: f64,
    /// The newest day.
    pub newest: Option<DailyTransfer>,
    /// All of them; empty unless collected.
    pub days: Vec<DailyTransfer>,
}

impl TransferDays {
    /// Summarizes the client's history. The days themselves are kept only if `keep_days` is set.
    #[must_use]
    pub fn new(history: &DailyTransfers, keep_days: bool) -> Self {
        let days = &history.days;
        Self {
            count: days.len(),
            up: days.iter().filter_map(|day| day.up).sum(),
            down: days.iter().filter_map(|day| day.down).sum(),
            newest: days.iter().max_by_key(|day| day.when).cloned(),
            days: if keep_days { days.clone() } else { Vec::new() },
        }
    }

    /// Bytes sent and received today, by the client's clock in its standard time. A day without traffic is not listed.
    #[must_use]
    pub fn today(&self, clock: f64, timezone: f64) -> (f64, f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a day number")]
        let today = ((clock + timezone) / DAY).floor() as i64;
        // The client's own day goes on as "tomorrow" when its time zone moves west. The last day there is has none.
        let days = [Some(today), today.checked_add(1)];
        let newest = self.newest.as_ref().filter(|day| day.when.is_some() && days.contains(&day.when));
        newest.map_or((0.0, 0.0), |day| (day.up.unwrap_or_default(), day.down.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::{DailyTransfer, DailyTransfers, TransferDays};

    #[test]
    fn today_is_the_day_of_the_clients_clock_however_absurd() {
        let day = |when| DailyTransfer { when: Some(when), up: Some(1.0), down: Some(2.0) };
        let of = |when, clock, timezone| {
            TransferDays::new(&DailyTransfers { days: vec![day(when)] }, false).today(clock, timezone)
        };
        assert_eq!(of(20_000, 20_000.5 * 86_400.0, 0.0), (1.0, 2.0));
        assert_eq!(of(20_000, 20_000.5 * 86_400.0, -86_400.0), (1.0, 2.0));
        assert_eq!(of(20_000, 20_000.5 * 86_400.0, 86_400.0), (0.0, 0.0));
        assert_eq!(of(i64::MAX, 0.0, 1e300), (1.0, 2.0));
        assert_eq!(of(i64::MIN, 0.0, -1e300), (1.0, 2.0));
        assert_eq!(of(i64::MIN, 0.0, 1e300), (0.0, 0.0));
    }
}
