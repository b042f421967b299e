//! A reader as lenient as BOINC's own parser. The bytes of one reply come in; start tags and the texts of leaves go
//! out. It does not know what elements mean: [`super::element`] does.
//!
//! Replies look like XML but are not: the client prints most texts without escaping them, so a project called `Alpha &
//! Omega <test>@home` arrives exactly like that. The reader relies on two things: the client writes one leaf per line,
//! `<tag>text</tag>`, and the caller knows which elements are leaves. A tag inside a leaf never changes the nesting.
//!
//! Every step moves forward and examines each byte a bounded number of times, whatever the input: what a line ends with is
//! looked up once a line, a tag that is seen by several elements is parsed once, and searches that find nothing have an
//! allowance (`Reader::search`). What rows take in memory is bounded too ([`Kept`]).

mod again;
mod ahead;
mod whole;

use self::ahead::{Goal, Line};
use super::decimal::decimal;
use super::kept::Kept;
use super::scan;
use super::tags::{close_length, close_position, is_row, name_length, strip_close, tag_end};

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

#[derive(Debug, Clone, Copy)]
enum Markup<'a> {
    Open(Tag<'a>),
    Close(&'a [u8]),
    Other,
}

/// Reads one reply, or a segment of it, from start to end.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// The line of some earlier position: each is looked at once, however many leaves it has.
    line: Option<Line>,
    /// A tag that several elements have to see, with its start and its end.
    again: Option<(usize, usize, Markup<'a>)>,
    /// The names of the open elements, outermost first.
    open: Vec<&'a [u8]>,
    /// What is known not to follow any more: otherwise a flood of `<x>` would be searched to the end each time.
    absent: Vec<Goal<'a>>,
    /// How many bytes were searched in vain.
    in_vain: usize,
    kept: Kept,
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
            line: None,
            again: None,
            open: Vec::new(),
            absent: Vec::new(),
            in_vain: 0,
            kept: Kept::new(),
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

    /// Goes on with the account of what earlier segments of the reply take in memory.
    #[must_use]
    pub fn with_kept(self, kept: Kept) -> Self {
        Self { kept, ..self }
    }

    /// What the rows take in memory, with those of earlier segments.
    #[must_use]
    pub const fn kept(&self) -> Kept {
        self.kept
    }

    /// Whether one more row of this size may be kept, in a list of so many of which at most `max` are. `before` is the account
    /// before the row was read. A row that may not is counted.
    pub fn keep(&mut self, before: Kept, size: usize, length: usize, max: usize) -> bool {
        if length < max && self.kept.add(size, self.pos) {
            return true;
        }
        self.kept = before.with_one_dropped();
        false
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
        let start = self.pos;
        while let Some(b' ' | b'\n') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
        scan::looked_at(self.pos - start);
    }

    /// As [`Reader::child`]. The name of an unknown element may be damaged: then its closing tag has a different name.
    fn next(&mut self, in_unknown: bool) -> Option<Tag<'a>> {
        while let Some(start) = self.find_tag_start() {
            match self.markup(start) {
                markup @ Markup::Open(tag) if self.implies_end(&tag) => {
                    self.go_back(start, markup);
                    self.open.pop();
                    return None;
                }
                Markup::Open(tag) => return Some(tag),
                Markup::Close(name) if self.open.last() == Some(&name) => {
                    self.open.pop();
                    return None;
                }
                markup @ Markup::Close(name) if self.open.contains(&name) => {
                    // The closing tag of an enclosing element: this element was never closed. The parent must see the
                    // closing tag too.
                    self.go_back(start, markup);
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

    /// Lets the next step see markup again that was read already.
    const fn go_back(&mut self, start: usize, markup: Markup<'a>) {
        self.again = Some((start, self.pos, markup));
        self.pos = start;
    }

    /// The position of the next `<`.
    fn find_tag_start(&mut self) -> Option<usize> {
        // Usually it starts the next line: a search would cost more than skipping a few blanks.
        self.skip_blanks();
        if self.bytes.get(self.pos) == Some(&b'<') {
            return Some(self.pos);
        }
        Some(self.pos + scan::find(b'<', &self.bytes[self.pos..])?)
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
        let line = self.line();
        // A raw text may contain its own closing tag, so the last one on the line counts. That is true for lines as the
        // client prints them, with one leaf each, but not for several leaves on one line.
        if escaping == Escaping::Raw
            && self.begins_line(tag.start)
            && let Some(text) = strip_close(&self.bytes[start..line.text_end], tag.name)
        {
            self.pos = line.text_end;
            return Some(text.strip_prefix(CDATA).and_then(|text| text.strip_suffix(b"]]>")).unwrap_or(text));
        }
        if let Some(text) = self.cdata(tag) {
            return Some(text);
        }
        let end = match close_position(&self.bytes[start..line.end], tag.name) {
            Some(offset) => Some(start + offset),
            // The text ends with its line and a tag follows: the closing tag is missing.
            None if line.text_end > start && self.next_line_is_markup(line.end) => None,
            None => self.find_close(tag.name),
        };
        let Some(end) = end else {
            self.unreadable += 1;
            self.pos = line.end;
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
        let line = self.line();
        if line.text_end == self.pos
            && !self.next_line_is_markup(line.end)
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
        let line = self.line();
        let text = &self.bytes[self.pos..line.text_end];
        let ends = strip_close(text, tag.name).is_some() || self.is_misspelt_leaf(text);
        if ends {
            self.pos = line.end;
        }
        ends
    }

    /// Whether a line continues with `text</other>` where no `other` is open: a leaf of which one tag is damaged.
    fn is_misspelt_leaf(&self, line: &[u8]) -> bool {
        let close = scan::find(b'<', line).and_then(|at| line[at..].strip_prefix(b"</")?.strip_suffix(b">"));
        close.is_some_and(|name| scan::find(b'<', name).is_none() && !self.open.contains(&name))
    }

    /// Reads the markup at `start`, which is a `<`, and moves past it.
    fn markup(&mut self, start: usize) -> Markup<'a> {
        if let Some((_, end, markup)) = self.again.take_if(|(at, ..)| *at == start) {
            self.pos = end;
            return markup;
        }
        let rest = &self.bytes[start + 1..];
        let closing = match rest.first() {
            Some(b'!') if rest.starts_with(b"![CDATA[") => return self.skip_past(start, b"]]>"),
            Some(b'!') if rest.starts_with(b"!--") => return self.skip_past(start, b"-->"),
            first => first == Some(&b'/'),
        };
        let name_start = start + 1 + usize::from(closing);
        let rest = &self.bytes[name_start..];
        let name = &rest[..name_length(rest)];
        let after = name_start + name.len();
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
}
