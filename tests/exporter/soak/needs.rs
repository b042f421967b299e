//! What the exporter needs, by its own account, from round to round.

use crate::support::Samples;

/// What one scrape tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needs {
    /// Resident bytes.
    pub memory: f64,
    /// Open descriptors.
    pub descriptors: f64,
    /// Threads.
    pub threads: f64,
    /// Series of the scrape.
    pub series: f64,
}

impl Needs {
    /// What this scrape tells.
    #[expect(clippy::cast_precision_loss, reason = "series are counted in thousands")]
    pub fn of(samples: &Samples) -> Self {
        let own = |name: &str| samples.value(name, &[]).expect("Linux tells it");
        Self {
            memory: own("process_resident_memory_bytes"),
            descriptors: own("process_open_fds"),
            threads: own("process_threads"),
            series: samples.0.len() as f64,
        }
    }

    /// The greater of each.
    pub fn max(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            descriptors: self.descriptors.max(other.descriptors),
            threads: self.threads.max(other.threads),
            series: self.series.max(other.series),
        }
    }
}

/// What each round of the fleet's events needed at most.
#[derive(Debug, Default)]
pub struct Rounds(Vec<Needs>);

/// By how much the last rounds may need more than those before: a rare event may still be new to them.
const MORE: f64 = 1.05;

/// Of memory: what an allocator keeps depends on chance.
const MORE_BYTES: f64 = 1_572_864.0;

/// Of descriptors and threads: connections and threads of the runtime that come and go.
const MORE_PIECES: f64 = 8.0;

impl Rounds {
    /// Ends a round.
    pub fn push(&mut self, needs: Needs) {
        self.0.push(needs);
    }

    /// Holds the last third of the rounds to what the second third needed. In the first, everything is new.
    ///
    /// # Panics
    /// When it needed more, or there were too few rounds.
    pub fn assert_flat(&self) {
        let third = self.0.len() / 3;
        assert!(third > 0, "{} rounds are too few", self.0.len());
        let most = |rounds: &[Needs]| rounds.iter().copied().fold(Needs::default(), Needs::max);
        let (before, last) = (most(&self.0[third..2 * third]), most(&self.0[2 * third..]));
        for (what, before, last, more) in [
            ("bytes of memory", before.memory, last.memory, MORE_BYTES),
            ("descriptors", before.descriptors, last.descriptors, MORE_PIECES),
            ("threads", before.threads, last.threads, MORE_PIECES),
            ("series", before.series, last.series, 0.0),
        ] {
            assert!(last <= before * MORE + more, "{last} {what} in the end, {before} before\n{:#?}", self.0);
        }
    }
}
