//! Looking ahead of what is read: to the end of a line, for a closing tag. It moves the reader past what it finds, and sees to
//! it that nothing is looked for twice. It does not know nesting.

use super::{CDATA, Markup, Reader, Tag};
use crate::markup::scan;
use crate::markup::tags::{close_length, close_position};

/// A line of the reply. A line feed ends it and nothing else does: a carriage return is a blank.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line {
    /// Its line feed, or the end of the reply.
    pub(super) end: usize,
    /// Where its blanks at the end begin.
    pub(super) text_end: usize,
}

/// What a search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal<'a> {
    /// `</name>`
    Close(&'a [u8]),
    /// `]]></name>`
    Cdata(&'a [u8]),
    /// The end of a comment or a section between elements.
    Mark(&'static [u8]),
}

impl<'a> Reader<'a> {
    /// The text between `<![CDATA[` and `]]></name>`, if the element starts with it.
    pub(super) fn cdata(&mut self, tag: &Tag<'a>) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.pos..];
        if !rest.starts_with(CDATA) {
            return None;
        }
        // The client does not escape a `]]>` inside the text: only one followed by the closing tag ends it.
        let (end, length) = self.search(self.pos, Goal::Cdata(tag.name), |rest| {
            scan::find_all(b"]]>", rest).find_map(|end| {
                let after = &rest[end + 3..];
                let blanks = scan::blanks(after);
                Some((end, 3 + blanks + close_length(&after[blanks..], tag.name)?))
            })
        })?;
        self.pos += end + length;
        Some(&rest[CDATA.len()..end])
    }

    /// The position of the next `</name>`.
    pub(super) fn find_close(&mut self, name: &'a [u8]) -> Option<usize> {
        let offset = self.search(self.pos, Goal::Close(name), |rest| close_position(rest, name))?;
        Some(self.pos + offset)
    }

    /// Moves past the next `end` after `start`, or past the `<` at `start` if there is none.
    pub(super) fn skip_past(&mut self, start: usize, end: &'static [u8]) -> Markup<'a> {
        let found = self.search(start, Goal::Mark(end), |rest| scan::find_all(end, rest).next());
        self.pos = start + found.map_or(1, |offset| offset + end.len());
        Markup::Other
    }

    /// Searches what follows `start`, whatever lines it has. What is found is passed over, so its bytes are searched once.
    /// What is not found is not searched for again; and all together, searches in vain may look at as many bytes as there
    /// are, and one more time: a hostile reply can leave each of some hundred known elements open.
    fn search<T>(&mut self, start: usize, goal: Goal<'a>, find: impl FnOnce(&'a [u8]) -> Option<T>) -> Option<T> {
        if self.in_vain > self.bytes.len() || self.absent.contains(&goal) {
            return None;
        }
        let found = find(&self.bytes[start..]);
        if found.is_none() {
            self.in_vain += self.bytes.len() - start;
            self.absent.push(goal);
        }
        found
    }

    /// The line of the present position. Its text ends there or later.
    pub(super) fn line(&mut self) -> Line {
        let line = match self.line {
            Some(line) if line.end >= self.pos => line,
            _ => {
                let rest = &self.bytes[self.pos..];
                let length = scan::find(b'\n', rest).unwrap_or(rest.len());
                let text = length - scan::blanks_at_end(&rest[..length]);
                *self.line.insert(Line { end: self.pos + length, text_end: self.pos + text })
            }
        };
        Line { text_end: line.text_end.max(self.pos), ..line }
    }

    /// Whether only blanks precede `position` on its line: at most one tag of a line is its first.
    pub(super) fn begins_line(&self, position: usize) -> bool {
        let before = position - scan::blanks_in_line_at_end(&self.bytes[..position]);
        before == 0 || self.bytes[before - 1] == b'\n'
    }

    /// Whether the first nonblank character after the line ending at `end` starts a tag.
    pub(super) fn next_line_is_markup(&self, end: usize) -> bool {
        let rest = &self.bytes[end..];
        matches!(rest.get(scan::blanks(rest)), None | Some(b'<'))
    }
}
