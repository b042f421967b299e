//! Counts of what the exporter saw happen. Prometheus's `increase` does not see a series begin at 1, so a new one is shown as 0 before
//! it is shown with what happened.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Counts by key.
#[derive(Debug)]
pub struct Counters<K>(BTreeMap<K, Count>);

#[derive(Debug, Default)]
struct Count {
    total: u64,
    shown: Shown,
}

/// How a count was shown so far.
#[derive(Debug, Clone, Copy, Default)]
pub enum Shown {
    #[default]
    Never,
    /// As 0, since then.
    AsZero(Instant),
    /// With what happened.
    Whole,
}

impl Shown {
    /// Goes on by a poll. Returns whether it shows what happened.
    pub fn step(&mut self, readers: &Readers) -> bool {
        match *self {
            Self::Never => *self = readers.last.map_or(Self::Never, Self::AsZero),
            Self::AsZero(since) if readers.have_come(since) => *self = Self::Whole,
            Self::AsZero(_) | Self::Whole => {}
        }
        matches!(self, Self::Whole)
    }
}

/// When readers came. Two servers that share an exporter come in turns, and each has to see the 0. Both come within the longest time
/// between two polls, give or take some.
#[derive(Debug, Default)]
pub struct Readers {
    last: Option<Instant>,
    /// The last times between two polls, the newest first.
    gaps: [Duration; 4],
}

impl Readers {
    /// Takes note of a poll.
    pub fn come(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            self.gaps.rotate_right(1);
            self.gaps[0] = now.saturating_duration_since(last);
        }
    }

    /// Whether all came since then.
    fn have_come(&self, since: Instant) -> bool {
        let longest = self.gaps.into_iter().max().unwrap_or_default();
        self.last.is_some_and(|last| last.saturating_duration_since(since) >= longest.mul_f64(1.25))
    }
}

impl<K> Default for Counters<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Counters<K> {
    /// Adds to a count, which begins at 0.
    pub fn add(&mut self, key: K, count: u64) {
        self.0.entry(key).or_default().total += count;
    }

    /// Whether this key is counted already, or there is room for one more below `max`.
    #[must_use]
    pub fn has_room(&self, key: &K, max: usize) -> bool {
        self.0.len() < max || self.0.contains_key(key)
    }

    /// Begins all counts anew at 0. The keys stay, so that the next event of each is an increase.
    pub fn restart(&mut self) {
        self.0.values_mut().for_each(|count| count.total = 0);
    }

    /// Shows all counts as they are from now on, new ones too: somebody else may have shown them before.
    pub fn show_at_once(&mut self) {
        self.0.values_mut().for_each(|count| count.shown = Shown::Whole);
    }

    /// The counts to show in this poll.
    pub fn show(&mut self, readers: &Readers) -> impl Iterator<Item = (&K, u64)> {
        self.0.iter_mut().map(|(key, count)| (key, if count.shown.step(readers) { count.total } else { 0 }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Counters, Readers};

    #[test]
    fn a_new_count_is_shown_as_0_first() {
        let mut counters = Counters::default();
        let mut readers = Readers::default();
        readers.come(Instant::now());
        let show = |counters: &mut Counters<&'static str>| {
            counters.show(&readers).map(|(key, n)| (*key, n)).collect::<Vec<_>>()
        };
        counters.add("old", 3);
        counters.show_at_once();
        counters.add("new", 2);
        assert_eq!(show(&mut counters), [("new", 0), ("old", 3)]);
        counters.add("new", 1);
        assert_eq!(show(&mut counters), [("new", 3), ("old", 3)]);
        counters.restart();
        counters.add("new", 1);
        assert_eq!(show(&mut counters), [("new", 1), ("old", 0)]);
        assert!(counters.has_room(&"old", 2) && !counters.has_room(&"third", 2));
    }

    #[test]
    fn each_of_two_readers_sees_the_0() {
        // One comes each minute, the other so many seconds later.
        for offset in [1, 7, 30, 53, 59] {
            let begin = Instant::now();
            let (mut counters, mut readers) = (Counters::default(), Readers::default());
            let mut seen = [Vec::new(), Vec::new()];
            for minute in 0..8 {
                for (reader, second) in [0, offset].into_iter().enumerate() {
                    readers.come(begin + Duration::from_secs(60 * minute + second));
                    if minute == 3 && reader == 1 {
                        counters.add("new", 1);
                    }
                    seen[reader].extend(counters.show(&readers).map(|(_, count)| count));
                }
            }
            for seen in seen {
                assert!(seen.starts_with(&[0]) && seen.ends_with(&[1]) && seen.is_sorted(), "{offset}: {seen:?}");
            }
        }
    }
}
