//! Credit and network traffic by day, with what a person would work out from them.

use crate::client::gui_rpc::model::{DailyStatistics, DailyTransfer, DailyTransfers, ProjectStatistics};

const DAY: f64 = 86_400.0;

/// Credit of a project by day.
#[derive(Debug, Clone, Default)]
pub struct CreditDays {
    /// How many days are remembered.
    pub count: usize,
    /// The newest.
    pub latest: Option<f64>,
    /// Cobblestones a day of the account, between the newest two.
    pub user_daily: Option<f64>,
    /// Cobblestones a day of the host, between the newest two.
    pub host_daily: Option<f64>,
    /// All of them; empty unless collected.
    pub days: Vec<DailyStatistics>,
}

impl CreditDays {
    /// Of the client's statistics. The days themselves are kept only if `keep` says so.
    #[must_use]
    pub fn new(statistics: &ProjectStatistics, keep: bool) -> Self {
        let days = &statistics.days;
        let newest = days.last();
        let before = days.len().checked_sub(2).and_then(|index| days.get(index));
        // Days without a contact have no row: the difference is spread over the days between.
        let daily = |credit: fn(&DailyStatistics) -> Option<f64>| {
            let (newest, before) = (newest?, before?);
            let days = (newest.day? - before.day?) / DAY;
            (days > 0.0).then_some((credit(newest)? - credit(before)?) / days)
        };
        Self {
            count: days.len(),
            latest: newest.and_then(|day| day.day),
            user_daily: daily(|day| day.user_total_credit),
            host_daily: daily(|day| day.host_total_credit),
            days: if keep { days.clone() } else { Vec::new() },
        }
    }
}

/// Network traffic of a client by day.
#[derive(Debug, Clone, Default)]
pub struct TransferDays {
    /// How many days had traffic.
    pub count: usize,
    /// Bytes sent on all of them.
    pub up: f64,
    /// Bytes received on all of them.
    pub down: f64,
    /// The newest of them.
    pub newest: Option<DailyTransfer>,
    /// All of them; empty unless collected.
    pub days: Vec<DailyTransfer>,
}

impl TransferDays {
    /// Of the client's history. The days themselves are kept only if `keep` says so.
    #[must_use]
    pub fn new(history: &DailyTransfers, keep: bool) -> Self {
        let days = &history.days;
        Self {
            count: days.len(),
            up: days.iter().filter_map(|day| day.up).sum(),
            down: days.iter().filter_map(|day| day.down).sum(),
            newest: days.iter().max_by_key(|day| day.when).cloned(),
            days: if keep { days.clone() } else { Vec::new() },
        }
    }

    /// Bytes sent and received today, by the client's clock and its standard time. A day without traffic has no row.
    #[must_use]
    pub fn today(&self, clock: f64, timezone: f64) -> (f64, f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a day number")]
        let today = ((clock + timezone) / DAY).floor() as i64;
        let newest = self.newest.as_ref().filter(|day| day.when == Some(today));
        newest.map_or((0.0, 0.0), |day| (day.up.unwrap_or_default(), day.down.unwrap_or_default()))
    }
}
