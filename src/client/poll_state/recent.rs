//! What was so within the last day or two, as far as the exporter was there: reports and numbers of GPUs with their times come in, what
//! came of them goes out. Both are bounded, whatever a client says. Times are the client's.

use std::collections::BTreeMap;

const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// Hours that are kept: a day, and what a clock that was wrong has left.
const MAX_HOURS: usize = 48;

/// Numbers of GPUs that are kept. A computer has at most so many that it can lose them one by one.
const MAX_FALLS: usize = 16;

/// Tasks reported in each hour: those that failed or were aborted, and all.
#[derive(Debug, Default)]
pub struct ReportedByHour(BTreeMap<i64, [u32; 2]>);

impl ReportedByHour {
    /// A task was reported then.
    pub fn add(&mut self, time: f64, failed: bool) {
        let [of_failed, of_all] = self.0.entry(hour(time)).or_default();
        *of_failed = of_failed.saturating_add(u32::from(failed));
        *of_all = of_all.saturating_add(1);
        if self.0.len() > MAX_HOURS {
            self.0.pop_first();
        }
    }

    /// How many failed, and how many there were, within the day before `now`.
    pub fn within_day(&self, now: f64) -> [u32; 2] {
        let day = self.0.range(hour(now - DAY).saturating_add(1)..=hour(now).max(hour(now - DAY).saturating_add(1)));
        day.fold([0; 2], |[failed, all], (_, more)| [failed.saturating_add(more[0]), all.saturating_add(more[1])])
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn hour(time: f64) -> i64 {
    (time / HOUR).floor() as i64
}

/// The most GPUs within two days: a number for each time since which there were no more than that, fewer and fewer.
#[derive(Debug, Default)]
pub struct MostGpus(Vec<(f64, f64)>);

impl MostGpus {
    /// There are so many now. Gives how many are gone.
    pub fn observe(&mut self, now: f64, gpus: f64) -> f64 {
        self.0.retain(|(time, before)| (0.0..2.0 * DAY).contains(&(now - time)) && *before > gpus);
        self.0.truncate(MAX_FALLS - 1);
        self.0.push((now, gpus));
        self.0[0].1 - gpus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_reports() {
        let mut reported = ReportedByHour::default();
        (0..30_u32).for_each(|hour| reported.add(f64::from(hour) * HOUR, hour % 3 == 0));
        assert_eq!(reported.within_day(29.0 * HOUR), [8, 24]);
        assert_eq!(reported.within_day(40.0 * HOUR), [4, 13]);
        assert_eq!(reported.within_day(100.0 * HOUR), [0, 0]);
        for odd in [f64::NAN, f64::INFINITY, -1e300, 0.0] {
            reported.add(odd, true);
            reported.within_day(odd);
        }
        (0..1000).for_each(|hour| reported.add(f64::from(hour) * HOUR, false));
        assert_eq!(reported.0.len(), MAX_HOURS);
    }

    #[test]
    fn gpus_are_missed_for_two_days() {
        let mut gpus = MostGpus::default();
        let gone = [
            (0.0, 1.0),
            (1.0, 3.0),
            (2.0, 2.0),
            (30.0, 1.0),
            (48.0, 1.0),
            (50.0, 1.0),
            (77.0, 1.0),
            (78.0, 1.0),
            (79.0, 2.0),
        ]
        .map(|(hours, count)| gpus.observe(hours * HOUR, count));
        // The three were there at the first hour, the two at the second and until the thirtieth, when they were not any more.
        assert_eq!(gone.map(|gone| format!("{gone}")), ["0", "0", "1", "2", "2", "0", "0", "0", "0"]);
        for fewer in 0..1000 {
            gpus.observe(80.0 * HOUR, f64::from(1000 - fewer));
        }
        assert_eq!(gpus.0.len(), MAX_FALLS);
    }
}
