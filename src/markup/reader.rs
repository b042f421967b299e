//! A reader as lenient as BOINC's own parser. The bytes of one reply come in; start tags and the texts of leaves go
//! out. It does not know what elements mean: [`super::element`] does.
//!
//! Replies look like XML but are not: the client prints most texts without escaping them, so a project called `Alpha &
//! Omega <test>@home` arrives exactly like that. The reader relies on two things: the client writes one leaf per line,
//! `<tag>text</tag>`, and the caller knows which elements are leaves. A tag inside a leaf never changes the nesting.
//!
//! Every step moves forward and examines each byte a bounded number of times, whatever the input.

mod whole;

use memchr::{memchr, memmem};

use super::decimal::decimal;
use super::tags::{close_length, close_position, is_name_byte, is_row, strip_close, tag_end};

/// The maximum nesting depth. Real replies reach 6 (`client_state/project/gui_urls/ifteam/gui_url/name`).
const MAX_DEPTH: usize = 16;

/// The start of a text that ends with `]]>`.
const CDATA: &[u8] = b"<![CDATA[";

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    name: &'a [u8],
    /// The position of its `<`.
    start: usize,
    /// `<name/>`
    empty: bool,
}

impl Tag<'_> {
    /// The name of the element.
    #[must_use]
    pub const fn name(&self) -> &[u8] {
        self.name
    }

    /// Whether the element has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name == name.as_bytes()
    }

    /// Whether it is written as `<name/>`.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.empty
    }
}

/// Whether the text of a leaf is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escaping {
    /// Numbers, flags, and texts that cannot contain a literal `<`.
    Escaped,
    /// Text that may contain anything, including its own closing tag.
    Raw,
}

enum Markup<'a> {
    Open(Tag<'a>),
    Close(&'a [u8]),
    Other,
}

/// Reads one reply from start to end.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// The first line feed at or after some earlier position: the length of each line is determined once, however many
    /// leaves it has.
    line_end: usize,
    /// The names of the open elements, outermost first.
    open: Vec<&'a [u8]>,
    /// Names known to have no further closing tag: otherwise a flood of `<x>` would be searched to the end each time.
    unclosed: Vec<&'a [u8]>,
    /// The same for `]]></name>`.
    unclosed_cdata: Vec<&'a [u8]>,
    unknown: u32,
    unreadable: u32,
    ended: bool,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            pos: 0,
            line_end: 0,
            open: Vec::new(),
            unclosed: Vec::new(),
            unclosed_cdata: Vec::new(),
            unknown: 0,
            unreadable: 0,
            ended: false,
        }
    }

    /// Starts inside an element with this name.
    #[must_use]
    pub fn inside(bytes: &'a [u8], name: &'static str) -> Self {
        Self { open: vec![name.as_bytes()], ..Self::new(bytes) }
    }

    /// Whether the end of the input was reached, possibly inside an element.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.ended
    }

    /// The number of unknown elements.
    #[must_use]
    pub const fn unknown(&self) -> u32 {
        self.unknown
    }

    /// The number of leaves with an unexpected value or without a closing tag.
    #[must_use]
    pub const fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// Counts a leaf with an unexpected value.
    pub const fn count_unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// Enters the element of `tag`. Returns false if it is empty or nested too deeply.
    pub fn enter(&mut self, tag: &Tag<'a>) -> bool {
        if tag.empty || self.open.len() == MAX_DEPTH {
            return false;
        }
        self.open.push(tag.name);
        true
    }

    /// Returns the next child of the element entered last; `None` at its end, which also leaves it.
    pub fn child(&mut self) -> Option<Tag<'a>> {
        self.next(false)
    }

    /// Returns the next child if its start tag is `open`, a `<name>` whose name does not imply the end of another
    /// element. Faster than [`Reader::child`], which accepts any tag.
    pub fn expected(&mut self, open: &'static str) -> Option<Tag<'a>> {
        let rest = self.bytes.get(self.pos..)?;
        if !rest.starts_with(open.as_bytes()) {
            return None;
        }
        let start = self.pos;
        self.pos += open.len();
        Some(Tag { name: &open.as_bytes()[1..open.len() - 1], start, empty: false })
    }

    /// Moves to where the next tag is expected.
    pub fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
    }

    /// As [`Reader::child`]. The name of an unknown element may be damaged: then its closing tag has a different name.
    fn next(&mut self, in_unknown: bool) -> Option<Tag<'a>> {
        while let Some(start) = self.find_tag_start() {
            match self.markup(start) {
                Markup::Open(tag) if self.implies_end(&tag) => {
                    self.pos = start;
                    self.open.pop();
                    return None;
                }
                Markup::Open(tag) => return Some(tag),
                Markup::Close(name) if self.open.last() == Some(&name) => {
                    self.open.pop();
                    return None;
                }
                Markup::Close(name) if self.open.contains(&name) => {
                    // The closing tag of an enclosing element: this element was never closed. The parent must see the
                    // closing tag too.
                    self.pos = start;
                    self.open.pop();
                    return None;
                }
                Markup::Close(_) if in_unknown => {
                    self.open.pop();
                    return None;
                }
                // A closing tag of an element that is not open, or no tag at all.
                Markup::Close(_) | Markup::Other => {}
            }
        }
        self.pos = self.bytes.len();
        self.ended = true;
        self.open.pop();
        None
    }

    /// The position of the next `<`.
    fn find_tag_start(&mut self) -> Option<usize> {
        // Usually it starts the next line: a search would cost more than skipping a few blanks.
        self.skip_blanks();
        if self.bytes.get(self.pos) == Some(&b'<') {
            return Some(self.pos);
        }
        Some(self.pos + memchr(b'<', &self.bytes[self.pos..])?)
    }

    /// Whether a start tag implies the end of the element entered last: no element contains one with its own name, and
    /// rows do not nest.
    fn implies_end(&self, tag: &Tag<'a>) -> bool {
        self.open.last().is_some_and(|last| !tag.empty && (*last == tag.name || is_row(tag.name) && is_row(last)))
    }

    /// The number in a leaf, if it is a simple decimal, as nearly all are: digits with at most one point between the
    /// two tags. [`Reader::leaf`] reads all others.
    pub fn decimal(&mut self, tag: &Tag<'a>) -> Option<f64> {
        let text = if tag.empty { &[] } else { &self.bytes[self.pos..] };
        let (number, length) = decimal(text)?;
        self.pos += length + close_length(&text[length..], tag.name)?;
        Some(number)
    }

    /// The text of a leaf; `None` if it has no closing tag.
    pub fn leaf(&mut self, tag: &Tag<'a>, escaping: Escaping) -> Option<&'a [u8]> {
        if tag.empty {
            return Some(b"");
        }
        let start = self.pos;
        let line = self.rest_of_line();
        // A raw text may contain its own closing tag, so the last one on the line counts. That is true for lines as the
        // client prints them, with one leaf each, but not for several leaves on one line.
        if escaping == Escaping::Raw && self.begins_line(tag.start) {
            let trimmed = line.trim_ascii_end();
            if let Some(text) = strip_close(trimmed, tag.name) {
                self.pos = start + trimmed.len();
                return Some(text.strip_prefix(CDATA).and_then(|text| text.strip_suffix(b"]]>")).unwrap_or(text));
            }
        }
        if let Some(text) = self.cdata(tag) {
            return Some(text);
        }
        let end = match close_position(line, tag.name) {
            Some(offset) => Some(start + offset),
            // The text ends with its line and a tag follows: the closing tag is missing.
            None if !line.trim_ascii().is_empty() && self.next_line_is_markup(start + line.len()) => None,
            None => self.find_close(tag.name),
        };
        let Some(end) = end else {
            self.unreadable += 1;
            self.pos = start + line.len();
            return None;
        };
        self.pos = end + tag.name.len() + 3;
        Some(&self.bytes[start..end])
    }

    /// Skips an unknown element and counts it.
    pub fn skip_unknown(&mut self, tag: &Tag<'a>) {
        self.unknown += 1;
        self.skip_element(tag);
    }

    /// Skips an element that is known but not read.
    pub fn skip(&mut self, tag: &Tag<'a>) {
        if tag.empty || self.skip_line(tag) || self.cdata(tag).is_some() {
            return;
        }
        // A text on its own lines, such as a command line, may contain anything that looks like a tag.
        let end = self.pos + self.rest_of_line().len();
        if self.bytes[self.pos..end].trim_ascii_start().is_empty()
            && !self.next_line_is_markup(end)
            && let Some(close) = self.find_close(tag.name)
        {
            self.pos = close + tag.name.len() + 3;
            return;
        }
        self.skip_element(tag);
    }

    /// Skips an element and everything in it. It searches for no name, because a hostile reply can contain any number
    /// of them.
    fn skip_element(&mut self, tag: &Tag<'a>) {
        if !tag.empty && !self.skip_line(tag) && self.enter(tag) {
            while let Some(child) = self.next(true) {
                self.skip_element(&child);
            }
        }
    }

    /// Skips an element that ends on the line on which it starts.
    fn skip_line(&mut self, tag: &Tag<'a>) -> bool {
        if !self.begins_line(tag.start) {
            return false;
        }
        let line = self.rest_of_line();
        let trimmed = line.trim_ascii_end();
        let ends = strip_close(trimmed, tag.name).is_some() || self.is_misspelt_leaf(trimmed);
        if ends {
            self.pos += line.len();
        }
        ends
    }

    /// Whether a line continues with `text</other>` where no `other` is open: a leaf of which one tag is damaged.
    fn is_misspelt_leaf(&self, line: &[u8]) -> bool {
        let close = memchr(b'<', line).and_then(|at| line[at..].strip_prefix(b"</")?.strip_suffix(b">"));
        close.is_some_and(|name| memchr(b'<', name).is_none() && !self.open.contains(&name))
    }

    /// Reads the markup at `start`, which is a `<`, and moves past it.
    fn markup(&mut self, start: usize) -> Markup<'a> {
        let rest = &self.bytes[start + 1..];
        let closing = match rest.first() {
            Some(b'!') if rest.starts_with(b"![CDATA[") => return self.skip_past(start, b"]]>"),
            Some(b'!') if rest.starts_with(b"!--") => return self.skip_past(start, b"-->"),
            first => first == Some(&b'/'),
        };
        let name_start = start + 1 + usize::from(closing);
        let rest = &self.bytes[name_start..];
        let length = rest.iter().position(|b| !is_name_byte(*b)).unwrap_or(rest.len());
        let name = &rest[..length];
        let after = name_start + length;
        // A `<` in text (`a < b`) is text: it is not followed by a name and the rest of a tag.
        let Some(end) = tag_end(&self.bytes[after..]) else {
            self.pos = start + 1;
            return Markup::Other;
        };
        if name.is_empty() {
            self.pos = start + 1;
            return Markup::Other;
        }
        self.pos = after + end + 1;
        if closing {
            return Markup::Close(name);
        }
        let empty = end > 0 && self.bytes[after + end - 1] == b'/';
        Markup::Open(Tag { name, start, empty })
    }

    /// The text between `<![CDATA[` and `]]></name>`, if the element starts with it.
    fn cdata(&mut self, tag: &Tag<'a>) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.pos..];
        if !rest.starts_with(CDATA) || self.unclosed_cdata.contains(&tag.name) {
            return None;
        }
        // The client does not escape a `]]>` inside the text: only one followed by the closing tag ends it.
        for end in memmem::find_iter(rest, b"]]>") {
            let after = &rest[end + 3..];
            let spaces = after.len() - after.trim_ascii_start().len();
            if let Some(length) = close_length(&after[spaces..], tag.name) {
                self.pos += end + 3 + spaces + length;
                return Some(&rest[CDATA.len()..end]);
            }
        }
        self.unclosed_cdata.push(tag.name);
        None
    }

    /// The position of the next `</name>`.
    fn find_close(&mut self, name: &'a [u8]) -> Option<usize> {
        if self.unclosed.contains(&name) {
            return None;
        }
        let found = close_position(&self.bytes[self.pos..], name).map(|offset| self.pos + offset);
        if found.is_none() {
            self.unclosed.push(name);
        }
        found
    }

    /// Moves past the next `end` after `start`, or past the `<` at `start` if there is none.
    fn skip_past(&mut self, start: usize, end: &'static [u8]) -> Markup<'a> {
        let known = self.unclosed.contains(&end);
        let found = if known { None } else { memmem::find(&self.bytes[start..], end) };
        if found.is_none() && !known {
            self.unclosed.push(end);
        }
        self.pos = start + found.map_or(1, |offset| offset + end.len());
        Markup::Other
    }

    /// The rest of the line, without its line feed.
    fn rest_of_line(&mut self) -> &'a [u8] {
        if self.line_end < self.pos || self.line_end == 0 {
            self.line_end = memchr(b'\n', &self.bytes[self.pos..]).map_or(self.bytes.len(), |offset| self.pos + offset);
        }
        &self.bytes[self.pos..self.line_end]
    }

    /// Whether only blanks precede `position` on its line.
    fn begins_line(&self, position: usize) -> bool {
        let before = self.bytes[..position].iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
        matches!(before, None | Some(b'\n' | b'\r'))
    }

    /// Whether the first nonblank character after the line ending at `end` starts a tag.
    fn next_line_is_markup(&self, end: usize) -> bool {
        let mut blanks = self.bytes[end..].iter().skip_while(|b| b.is_ascii_whitespace());
        matches!(blanks.next(), None | Some(b'<'))
    }
}
