//! Counts of what the exporter saw happen.

use std::collections::BTreeMap;

/// Counts by key. Prometheus's `increase` does not see a series begin at 1, so a new one is shown once as 0 before it is
/// shown with what happened.
#[derive(Debug)]
pub struct Counters<K>(BTreeMap<K, Count>);

#[derive(Debug, Default)]
struct Count {
    total: u64,
    /// It was shown before.
    shown: bool,
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
        self.0.values_mut().for_each(|count| count.shown = true);
    }

    /// The counts to show in this poll.
    pub fn show(&mut self) -> impl Iterator<Item = (&K, u64)> {
        self.0.iter_mut().map(|(key, count)| {
            let shown = std::mem::replace(&mut count.shown, true);
            (key, if shown { count.total } else { 0 })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Counters;

    #[test]
    fn a_new_count_is_shown_as_0_first() {
        let mut counters = Counters::default();
        let show =
            |counters: &mut Counters<&'static str>| counters.show().map(|(key, n)| (*key, n)).collect::<Vec<_>>();
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
}
