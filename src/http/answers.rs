//! Answers that are being read. However many read the same snapshots, no text exists twice; and however slowly answers are read,
//! there are only a few of them.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::Bytes;

use crate::client::snapshot::Snapshot;
use crate::exposition::Format;

/// How many answers may be in memory before the slowest reader loses its own. Readers that are not slow take a moment, so this
/// is for attacks: the text about a thousand clients with fifty tasks each is 70 MB.
const MAX_ANSWERS: usize = 4;

/// All answers that somebody reads.
#[derive(Debug, Default)]
pub struct Answers(Mutex<Vec<Weak<Answer>>>);

/// An answer that somebody reads.
#[derive(Debug)]
pub struct Answer {
    content: Content,
    snapshots: Vec<Weak<Snapshot>>,
    parts: Mutex<Vec<Arc<Part>>>,
}

/// What an answer has beside its snapshots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Besides {
    /// The metrics of the exporter.
    pub exporter: bool,
    /// Those of projects' servers.
    pub projects: bool,
}

/// What an answer makes of its snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    pub format: Format,
    /// What it has too.
    pub with: Besides,
    /// Whether its text has several parts.
    pub in_parts: bool,
}

/// A part of the text. Whoever needs it first renders it, and it is forgotten with its last reader.
#[derive(Debug, Default)]
struct Part(Mutex<Weak<String>>);

/// A text that has several readers.
struct Shared(Arc<String>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Answers {
    /// The answer with this content of these snapshots: the one that others read already, if there is one. Without snapshots,
    /// there is nothing to share.
    pub fn of(&self, snapshots: &[Arc<Snapshot>], content: Content) -> Arc<Answer> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.strong_count() > 0);
        if let Some(known) = answers.iter().filter_map(Weak::upgrade).find(|answer| answer.shows(snapshots, content)) {
            return known;
        }
        let snapshots = snapshots.iter().map(Arc::downgrade).collect();
        let answer = Arc::new(Answer { content, snapshots, parts: Mutex::default() });
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
    fn shows(&self, snapshots: &[Arc<Snapshot>], content: Content) -> bool {
        let same = |(ours, theirs): (&Weak<Snapshot>, &Arc<Snapshot>)| std::ptr::eq(ours.as_ptr(), Arc::as_ptr(theirs));
        !snapshots.is_empty()
            && (self.content, self.snapshots.len()) == (content, snapshots.len())
            && self.snapshots.iter().zip(snapshots).all(same)
    }

    /// This part of its text: the one that another reader has, or what `render` makes.
    pub fn part(&self, index: usize, render: impl FnOnce() -> String) -> Bytes {
        let part = {
            let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
            while parts.len() <= index {
                parts.push(Arc::default());
            }
            Arc::clone(&parts[index])
        };
        let mut known = part.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = known.upgrade().unwrap_or_else(|| {
            let mut text = render();
            // What was reserved for more of it, up to as much again.
            text.shrink_to_fit();
            Arc::new(text)
        });
        *known = Arc::downgrade(&text);
        Bytes::from_owner(Shared(text))
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

    const WHOLE: Content =
        Content { format: Format::Text, with: Besides { exporter: true, projects: false }, in_parts: false };

    #[test]
    fn the_same_snapshots_are_rendered_once() {
        let (answers, snapshots) = (Answers::default(), [snapshot(), snapshot()]);
        let first = answers.of(&snapshots, WHOLE);
        let second = answers.of(&snapshots, WHOLE);
        let (text, other_part) = (first.part(0, || "text".to_owned()), first.part(1, || "other part".to_owned()));
        assert_eq!((&*text, &*other_part), (b"text".as_slice(), b"other part".as_slice()));
        assert_eq!(second.part(0, || panic!("rendered again")).as_ptr(), text.as_ptr());
        for other in [
            answers.of(&snapshots, Content { format: Format::OpenMetrics, ..WHOLE }),
            answers.of(&snapshots, Content { with: Besides { exporter: false, projects: false }, ..WHOLE }),
            answers.of(&snapshots, Content { in_parts: true, ..WHOLE }),
            answers.of(&snapshots[..1], WHOLE),
            answers.of(&[snapshot(), snapshot()], WHOLE),
        ] {
            assert_eq!(other.part(0, || "other".to_owned()), "other");
        }
    }

    #[test]
    fn nothing_is_kept_that_nobody_reads() {
        let (answers, snapshots) = (Answers::default(), [snapshot()]);
        let first = answers.of(&snapshots, WHOLE);
        assert_eq!(first.part(0, || "first".to_owned()), "first");
        // The end of a text is read as well as its beginning.
        let rest = first.part(0, || "second".to_owned()).split_off(3);
        assert_eq!(first.part(0, || panic!("rendered again")), "second");
        drop(rest);
        assert_eq!(first.part(0, || "third".to_owned()), "third");
        drop(first);
        let many: Vec<_> = (0..=MAX_ANSWERS).map(|_| answers.of(&[], WHOLE)).collect();
        assert!(answers.are_too_many());
        drop(many);
        assert!(!answers.are_too_many());
    }
}
