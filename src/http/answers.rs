//! Answers that are being read. However many read the same snapshots, their text exists once; and however slowly answers are
//! read, there are only a few of them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use axum::body::Bytes;

use crate::client::snapshot::Snapshot;
use crate::exposition::Format;

/// How many answers may be in memory before the slowest reader loses its own. Readers that are not slow take a moment, so this
/// is for attacks: an answer about a thousand clients is 50 MB with all its snapshots.
const MAX_ANSWERS: usize = 4;

/// All answers that somebody reads.
#[derive(Debug, Default)]
pub struct Answers(Mutex<Vec<Weak<Answer>>>);

/// An answer that somebody reads.
#[derive(Debug)]
pub struct Answer {
    snapshots: Vec<Weak<Snapshot>>,
    format: Format,
    /// Whether it has the metrics of the exporter too.
    with_exporter: bool,
    text: OnceLock<Bytes>,
}

impl Answers {
    /// The answer that shows these snapshots: the one that others read already, if there is one. It is forgotten with its last
    /// reader. Without snapshots, there is nothing to share.
    pub fn of(&self, snapshots: &[Arc<Snapshot>], format: Format, with_exporter: bool) -> Arc<Answer> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.strong_count() > 0);
        let shown = |answer: &Arc<Answer>| answer.shows(snapshots, format, with_exporter);
        if let Some(known) = answers.iter().filter_map(Weak::upgrade).find(shown) {
            return known;
        }
        let snapshots = snapshots.iter().map(Arc::downgrade).collect();
        let answer = Arc::new(Answer { snapshots, format, with_exporter, text: OnceLock::new() });
        answers.push(Arc::downgrade(&answer));
        answer
    }

    /// Whether more answers are read than should be in memory.
    pub fn are_too_many(&self) -> bool {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().filter(|answer| answer.strong_count() > 0).count() > MAX_ANSWERS
    }
}

impl Answer {
    fn shows(&self, snapshots: &[Arc<Snapshot>], format: Format, with_exporter: bool) -> bool {
        let same = |(ours, theirs): (&Weak<Snapshot>, &Arc<Snapshot>)| std::ptr::eq(ours.as_ptr(), Arc::as_ptr(theirs));
        !snapshots.is_empty()
            && (self.format, self.with_exporter, self.snapshots.len()) == (format, with_exporter, snapshots.len())
            && self.snapshots.iter().zip(snapshots).all(same)
    }

    /// Its text, which the first reader renders.
    pub fn text(&self, render: impl FnOnce() -> String) -> Bytes {
        // Without what was reserved for more text, up to half of it.
        self.text.get_or_init(|| render().into_boxed_str().into_boxed_bytes().into()).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::client::collectors::Collectors;

    fn snapshot() -> Arc<Snapshot> {
        Arc::new(Snapshot::new("attic", &BTreeMap::new(), Collectors::default()))
    }

    #[test]
    fn the_same_snapshots_are_rendered_once() {
        let (answers, snapshots) = (Answers::default(), [snapshot(), snapshot()]);
        let first = answers.of(&snapshots, Format::Text, true);
        let second = answers.of(&snapshots, Format::Text, true);
        assert_eq!(first.text(|| "text".to_owned()), "text");
        assert_eq!(second.text(|| panic!("rendered again")).as_ptr(), first.text(|| panic!("again")).as_ptr());
        for other in [
            answers.of(&snapshots, Format::OpenMetrics, true),
            answers.of(&snapshots, Format::Text, false),
            answers.of(&snapshots[..1], Format::Text, true),
            answers.of(&[snapshot(), snapshot()], Format::Text, true),
        ] {
            assert_eq!(other.text(|| "other".to_owned()), "other");
        }
    }

    #[test]
    fn nothing_is_kept_that_nobody_reads() {
        let (answers, snapshots) = (Answers::default(), [snapshot()]);
        let first = answers.of(&snapshots, Format::Text, true);
        first.text(|| "first".to_owned());
        drop(first);
        assert_eq!(answers.of(&snapshots, Format::Text, true).text(|| "second".to_owned()), "second");
        let many: Vec<_> = (0..=MAX_ANSWERS).map(|_| answers.of(&[], Format::Text, true)).collect();
        assert!(answers.are_too_many());
        drop(many);
        assert!(!answers.are_too_many());
    }
}
