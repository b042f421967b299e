//! Where a long reply is cut into segments that are read one after another. Bytes come in, the length of a segment goes out. It
//! does not know what rows mean.
//!
//! What a segment is depends on the reply alone, never on the packets in which it comes: so a reply is read in one way, however
//! it arrives, even where it is damaged.

use crate::markup::tags::strip_close;

/// Segments are at least this long: one fits into the processor's cache. Most replies are shorter and have one.
const LEAST: usize = 64 << 10;

/// No row is longer; a project takes 2 kB, unless its server sent a lot of text, and the credit of 27 years 2 MB. So a segment
/// has an end, work on it does too, and no more of a reply than this has to be in memory.
pub const MOST: usize = 4 << 20;

/// How much follows the end of a row by which one sees that another begins: blanks and its tag.
const AHEAD: usize = 64;

/// What is at the beginning of the bytes of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// A segment of this length.
    Of(usize),
    /// Something that is longer than any row: this is no reply of a BOINC client.
    TooLong,
}

/// The segment at the beginning of `bytes`: to the first row that begins after [`LEAST`]. `None` if it is not all there, or,
/// at the end of the reply, if all that is left is one segment.
pub fn segment(bytes: &[u8], rows: &[&str], at_end: bool) -> Option<Segment> {
    let limit = if at_end { bytes.len() } else { bytes.len().checked_sub(AHEAD)? };
    let within = bytes.get(LEAST..limit.min(MOST))?;
    let ends = |text: &[u8]| rows.iter().any(|row| strip_close(text, row.as_bytes()).is_some());
    let begins = |text: &[u8]| {
        let text = &text[..text.len().min(AHEAD)];
        let name = text.trim_ascii_start().strip_prefix(b"<");
        rows.iter().any(|row| name.and_then(|name| name.strip_prefix(row.as_bytes())?.strip_prefix(b">")).is_some())
    };
    let mut lines = memchr::memchr_iter(b'\n', within).map(|end| LEAST + end);
    let end = lines.find(|end| ends(&bytes[..*end]) && begins(&bytes[*end + 1..]));
    end.map(|end| Segment::Of(end + 1)).or((limit > MOST).then_some(Segment::TooLong))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AHEAD, LEAST, MOST, Segment, segment};

    fn lengths(mut reply: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        loop {
            match segment(reply, &["a"], true) {
                Some(Segment::Of(length)) => lengths.push(length),
                Some(Segment::TooLong) => return lengths,
                None => break,
            }
            reply = &reply[lengths[lengths.len() - 1]..];
        }
        lengths.push(reply.len());
        lengths
    }

    #[test]
    fn a_segment_ends_where_a_row_begins() {
        let rows = |rows: usize| "<a>\n1234\n</a>\n".repeat(rows).into_bytes();
        let row = rows(1).len();
        assert_eq!(lengths(&rows(10)), [10 * row]);
        let first = LEAST.div_ceil(row) * row;
        assert_eq!(lengths(&rows(10_000)), [first, first, 10_000 * row - 2 * first]);
        assert_eq!(lengths(&[rows(10_000), vec![b'\n'; MOST + 1]].concat()), [first, first]);
        assert_eq!(lengths(&vec![b'\n'; MOST]), [MOST]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn what_is_there_of_a_reply_does_not_change_its_segments(
            start in LEAST - 2 * AHEAD..LEAST + AHEAD,
            pieces in prop::collection::vec(prop::sample::select(vec!["<a>", "</a>", "\n", "   ", "<b>", "x"]), 0..80),
            there in 0..200_usize,
        ) {
            let reply = ["x".repeat(start), pieces.concat(), "x".repeat(100)].concat().into_bytes();
            let there = reply.len().saturating_sub(there);
            let whole = segment(&reply, &["a"], true);
            // Either it cannot be told yet, or it is told as it is.
            if let Some(early) = segment(&reply[..there], &["a"], false) {
                prop_assert_eq!(whole, Some(early));
            }
            prop_assert_eq!(segment(&reply, &["a"], false), whole);
        }
    }
}
