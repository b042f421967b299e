//! A reader of replies that is as lenient as BOINC's own. Bytes of one reply come in; start tags and the texts of
//! leaves go out. It does not know what any element means: [`super::element`] does.
//!
//! Replies look like XML and are not: the client prints most texts without escaping them, so a project called
//! `Alpha & Omega <test>@home` arrives just so. What saves the reader is that the client writes one leaf a line,
//! `<tag>text</tag>`, and that whoever reads knows which elements are leaves. A tag inside a leaf never changes nesting.
//!
//! Every step moves forward and looks at a byte a bounded number of times, whatever the input.

use memchr::{memchr, memmem};

use super::decimal::decimal;
use super::tags::{close_length, close_position, is_name, is_row, strip_close, tag_end};

/// The deepest nesting that is followed. Real replies reach 6 (`client_state/project/gui_urls/ifteam/gui_url/name`).
const MAX_DEPTH: usize = 16;

/// What a text begins with that `]]>` ends.
const CDATA: &[u8] = b"<![CDATA[";

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    name: &'a [u8],
    /// Position of its `<`.
    start: usize,
    /// `<name/>`
    empty: bool,
}

impl Tag<'_> {
    /// The element's name.
    #[must_use]
    pub const fn name(&self) -> &[u8] {
        self.name
    }

    /// Whether the element has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name == name.as_bytes()
    }

    /// Whether it is written `<name/>`.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.empty
    }
}

/// Whether a leaf's text was escaped by whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Numbers, flags and texts that cannot contain a `<` of their own.
    Escaped,
    /// Text that may contain anything, its own closing tag included.
    Raw,
}

enum Markup<'a> {
    Open(Tag<'a>),
    Close(&'a [u8]),
    Other,
}

/// Walks over one reply.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The first line feed at or after some earlier position: each line is measured once, however many leaves it has.
    line_end: usize,
    /// Names of the elements that are open, outermost first.
    open: Vec<&'a [u8]>,
    /// Names that are known not to be closed any more: without them a flood of `<x>` would be searched to its end each time.
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
            at: 0,
            line_end: 0,
            open: Vec::new(),
            unclosed: Vec::new(),
            unclosed_cdata: Vec::new(),
            unknown: 0,
            unreadable: 0,
            ended: false,
        }
    }

    /// Starts inside an element of this name.
    #[must_use]
    pub fn inside(bytes: &'a [u8], name: &'static str) -> Self {
        Self { open: vec![name.as_bytes()], ..Self::new(bytes) }
    }

    /// Whether everything was read, be it that nothing more of an element has come.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.ended
    }

    /// How many elements nobody knew.
    #[must_use]
    pub const fn unknown(&self) -> u32 {
        self.unknown
    }

    /// How many leaves held something else than they should, or were never closed.
    #[must_use]
    pub const fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// Notes a leaf whose text is not what it should be.
    pub const fn note_unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// Goes into the element of `tag`. False if there is nothing to go into.
    pub fn enter(&mut self, tag: &Tag<'a>) -> bool {
        if tag.empty || self.open.len() == MAX_DEPTH {
            return false;
        }
        self.open.push(tag.name);
        true
    }

    /// The next child of the element that was entered last; `None` at its end, which also leaves it.
    pub fn child(&mut self) -> Option<Tag<'a>> {
        self.next(false)
    }

    /// The next child, if it begins with `open`, which is `<name>` of a name that ends no other element. Quicker than
    /// [`Reader::child`], which finds whatever comes.
    pub fn expected(&mut self, open: &'static str) -> Option<Tag<'a>> {
        let rest = self.bytes.get(self.at..)?;
        if !rest.starts_with(open.as_bytes()) {
            return None;
        }
        let start = self.at;
        self.at += open.len();
        Some(Tag { name: &open.as_bytes()[1..open.len() - 1], start, empty: false })
    }

    /// Goes to where the next tag is expected.
    pub fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// As [`Reader::child`]. What nobody knows may be a name that was damaged: then its closing tag has another.
    fn next(&mut self, of_unknown: bool) -> Option<Tag<'a>> {
        while let Some(start) = self.next_bracket() {
            match self.markup(start) {
                Markup::Open(tag) if self.ends_last(&tag) => {
                    self.at = start;
                    self.open.pop();
                    return None;
                }
                Markup::Open(tag) => return Some(tag),
                Markup::Close(name) if self.open.last() == Some(&name) => {
                    self.open.pop();
                    return None;
                }
                Markup::Close(name) if self.open.contains(&name) => {
                    // An element that surrounds this one ends: this one was never closed. Its parent shall see the end too.
                    self.at = start;
                    self.open.pop();
                    return None;
                }
                Markup::Close(_) if of_unknown => {
                    self.open.pop();
                    return None;
                }
                // The end of nothing that is open, or no tag at all.
                Markup::Close(_) | Markup::Other => {}
            }
        }
        self.at = self.bytes.len();
        self.ended = true;
        self.open.pop();
        None
    }

    /// Where the next `<` is.
    fn next_bracket(&mut self) -> Option<usize> {
        // Mostly it begins the next line: the few blanks before it are no work for a search.
        self.skip_blanks();
        if self.bytes.get(self.at) == Some(&b'<') {
            return Some(self.at);
        }
        Some(self.at + memchr(b'<', &self.bytes[self.at..])?)
    }

    /// Whether a tag begins what can only follow the element that was entered last: no element holds one of its own name.
    fn ends_last(&self, tag: &Tag<'a>) -> bool {
        self.open.last().is_some_and(|last| !tag.empty && (*last == tag.name || is_row(tag.name) && is_row(last)))
    }

    /// The number that a leaf is, if it is written as nearly all are: digits, with a point among them or without, between
    /// the two tags. Whatever else there is, [`Reader::leaf`] reads.
    pub fn decimal(&mut self, tag: &Tag<'a>) -> Option<f64> {
        let text = if tag.empty { &[] } else { &self.bytes[self.at..] };
        let (number, length) = decimal(text)?;
        self.at += length + close_length(&text[length..], tag.name)?;
        Some(number)
    }

    /// The text of a leaf; `None` if it is never closed.
    pub fn leaf(&mut self, tag: &Tag<'a>, content: Content) -> Option<&'a [u8]> {
        if tag.empty {
            return Some(b"");
        }
        let start = self.at;
        let line = self.rest_of_line();
        // A raw text may contain its own closing tag: the last one of the line counts. That holds for lines as the client
        // prints them, one leaf each, and not where several leaves stand in one line.
        if content == Content::Raw && self.begins_line(tag.start) {
            let trimmed = line.trim_ascii_end();
            if let Some(text) = strip_close(trimmed, tag.name) {
                self.at = start + trimmed.len();
                return Some(text.strip_prefix(CDATA).and_then(|text| text.strip_suffix(b"]]>")).unwrap_or(text));
            }
        }
        if let Some(text) = self.cdata(tag) {
            return Some(text);
        }
        let end = match close_position(line, tag.name) {
            Some(offset) => Some(start + offset),
            // Text that ends with its line, before another tag: its own was forgotten.
            None if !line.trim_ascii().is_empty() && self.next_line_is_markup(start + line.len()) => None,
            None => self.find_close(tag.name),
        };
        let Some(end) = end else {
            self.unreadable += 1;
            self.at = start + line.len();
            return None;
        };
        self.at = end + tag.name.len() + 3;
        Some(&self.bytes[start..end])
    }

    /// Passes over an element that nobody knows, and counts it.
    pub fn skip_unknown(&mut self, tag: &Tag<'a>) {
        self.unknown += 1;
        self.pass(tag);
    }

    /// Passes over an element that is known and not wanted.
    pub fn skip(&mut self, tag: &Tag<'a>) {
        if tag.empty || self.pass_line(tag) || self.cdata(tag).is_some() {
            return;
        }
        // A text on lines of its own, such as a command line, may hold whatever looks like tags.
        let end = self.at + self.rest_of_line().len();
        if self.bytes[self.at..end].trim_ascii_start().is_empty()
            && !self.next_line_is_markup(end)
            && let Some(close) = self.find_close(tag.name)
        {
            self.at = close + tag.name.len() + 3;
            return;
        }
        self.pass(tag);
    }

    /// Passes over an element and all that is in it. Searches for no name, for a hostile reply has as many as it likes.
    fn pass(&mut self, tag: &Tag<'a>) {
        if !tag.empty && !self.pass_line(tag) && self.enter(tag) {
            while let Some(child) = self.next(true) {
                self.pass(&child);
            }
        }
    }

    /// Passes over an element that ends on the line on which it begins.
    fn pass_line(&mut self, tag: &Tag<'a>) -> bool {
        if !self.begins_line(tag.start) {
            return false;
        }
        let line = self.rest_of_line();
        let trimmed = line.trim_ascii_end();
        let ends = strip_close(trimmed, tag.name).is_some() || self.is_misspelt_leaf(trimmed);
        if ends {
            self.at += line.len();
        }
        ends
    }

    /// Whether a line goes on with `text</other>`, where no `other` is open: a leaf of which one of the tags is damaged.
    fn is_misspelt_leaf(&self, line: &[u8]) -> bool {
        let close = memchr(b'<', line).and_then(|at| line[at..].strip_prefix(b"</")?.strip_suffix(b">"));
        close.is_some_and(|name| memchr(b'<', name).is_none() && !self.open.contains(&name))
    }

    /// What stands at `start`, which is a `<`. Moves behind it.
    fn markup(&mut self, start: usize) -> Markup<'a> {
        let rest = &self.bytes[start + 1..];
        let closing = match rest.first() {
            Some(b'!') if rest.starts_with(b"![CDATA[") => return self.jump(start, b"]]>"),
            Some(b'!') if rest.starts_with(b"!--") => return self.jump(start, b"-->"),
            first => first == Some(&b'/'),
        };
        let name_start = start + 1 + usize::from(closing);
        let rest = &self.bytes[name_start..];
        let length = rest.iter().position(|b| !is_name(*b)).unwrap_or(rest.len());
        let name = &rest[..length];
        let behind = name_start + length;
        // `<` in text (`a < b`) is text: what follows is not a name and the rest of a tag.
        let Some(end) = tag_end(&self.bytes[behind..]) else {
            self.at = start + 1;
            return Markup::Other;
        };
        if name.is_empty() {
            self.at = start + 1;
            return Markup::Other;
        }
        self.at = behind + end + 1;
        if closing {
            return Markup::Close(name);
        }
        let empty = end > 0 && self.bytes[behind + end - 1] == b'/';
        Markup::Open(Tag { name, start, empty })
    }

    /// The text between `<![CDATA[` and `]]></name>`, if the element begins so.
    fn cdata(&mut self, tag: &Tag<'a>) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        if !rest.starts_with(CDATA) || self.unclosed_cdata.contains(&tag.name) {
            return None;
        }
        // A `]]>` inside the text is not protected by the client: only one that the closing tag follows ends it.
        for end in memmem::find_iter(rest, b"]]>") {
            let behind = &rest[end + 3..];
            let spaces = behind.len() - behind.trim_ascii_start().len();
            if let Some(length) = close_length(&behind[spaces..], tag.name) {
                self.at += end + 3 + spaces + length;
                return Some(&rest[CDATA.len()..end]);
            }
        }
        self.unclosed_cdata.push(tag.name);
        None
    }

    /// Where the first `</name>` from here on begins.
    fn find_close(&mut self, name: &'a [u8]) -> Option<usize> {
        if self.unclosed.contains(&name) {
            return None;
        }
        let found = close_position(&self.bytes[self.at..], name).map(|offset| self.at + offset);
        if found.is_none() {
            self.unclosed.push(name);
        }
        found
    }

    /// Moves behind the next `end` after `start`, or behind the `<` there if none comes.
    fn jump(&mut self, start: usize, end: &'static [u8]) -> Markup<'a> {
        let known = self.unclosed.contains(&end);
        let found = if known { None } else { memmem::find(&self.bytes[start..], end) };
        if found.is_none() && !known {
            self.unclosed.push(end);
        }
        self.at = start + found.map_or(1, |offset| offset + end.len());
        Markup::Other
    }

    /// From here to the line feed, without it.
    fn rest_of_line(&mut self) -> &'a [u8] {
        if self.line_end < self.at || self.line_end == 0 {
            self.line_end = memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |offset| self.at + offset);
        }
        &self.bytes[self.at..self.line_end]
    }

    /// Whether only blanks stand before `position` on its line.
    fn begins_line(&self, position: usize) -> bool {
        let before = self.bytes[..position].iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
        matches!(before, None | Some(b'\n' | b'\r'))
    }

    /// Whether the line after the one that ends at `end` begins with a tag.
    fn next_line_is_markup(&self, end: usize) -> bool {
        let mut blanks = self.bytes[end..].iter().skip_while(|b| b.is_ascii_whitespace());
        matches!(blanks.next(), None | Some(b'<'))
    }
}
