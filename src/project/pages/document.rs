//! Finds the page in an answer, reads it, and finds errors in it. The element that holds the page can stand anywhere: behind
//! messages of PHP, inside of HTML.

use memchr::memmem;

use super::answer::{Answer, Oddities, Page};
use super::errors::Error;
use super::fault::{self, Fault};
use super::notices::strip;
use crate::markup::element::{Element, read_children};
use crate::markup::reader::{Reader, Tag};
use crate::project::reason::Reason;

/// A page, and errors that stand in it.
#[derive(Debug, Default)]
pub struct Document<T> {
    /// What was read.
    pub page: T,
    /// The name of the element that holds it.
    pub root: &'static str,
    /// Texts of `error` elements, at most [`MAX_ERRORS`].
    pub errors: Vec<Vec<u8>>,
    oddities: Oddities,
}

/// Errors that are kept: one each for the tasks that are asked for at a time.
const MAX_ERRORS: usize = 256;

/// Bytes of an error that are kept. Names of tasks have 254 at most.
const MAX_ERROR: usize = 1_000;

impl<T: Element> Document<T> {
    /// Reads the element with one of these names that comes first.
    pub fn read(answer: &Answer<'_>, roots: &[&'static str]) -> Result<Self, Fault> {
        let stripped = strip(answer.body);
        let text = stripped.text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&stripped.text);
        let instead = || fault::instead(answer, text, stripped.is_fatal);
        let start = roots.iter().filter_map(|root| find_root(text, root)).min_by_key(|start| start.at);
        let Some(start) = start.filter(|_| answer.is_success()) else { return Err(instead()) };
        let mut document = Self { root: start.name, ..Self::default() };
        if !start.is_empty {
            let mut reader = Reader::inside(&text[start.end..], start.name);
            read_children(&mut document, &mut reader);
            document.oddities.unknown_elements = reader.unknown();
            document.oddities.unreadable_values = reader.unreadable();
            if reader.is_at_end() {
                return Err(match Error::first(text) {
                    Some(error) => Fault::error(answer, &error),
                    None if stripped.is_fatal => Fault::new(answer, Reason::ServerError),
                    None => Fault::new(answer, Reason::Truncated),
                });
            }
        }
        document.oddities.notices += stripped.notices;
        Ok(document)
    }

    /// The page, if there is no error in it.
    pub fn into_page(mut self, answer: &Answer<'_>, left_out: impl FnOnce(&T) -> u32) -> Result<Page<T>, Fault> {
        for text in &self.errors {
            match Error::of(text) {
                Some(error) => return Err(Fault::error(answer, &error)),
                None => self.oddities.notices += 1,
            }
        }
        self.oddities.left_out = left_out(&self.page);
        Ok(Page { content: self.page, oddities: self.oddities })
    }
}

impl<T: Element> Element for Document<T> {
    fn expected_children(&mut self, reader: &mut Reader<'_>) {
        self.page.expected_children(reader);
    }

    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        // HTML that is never closed does not hold the page.
        if ["br", "hr", "p"].iter().any(|name| tag.is(name)) {
            return true;
        }
        if !tag.is("error") {
            return self.page.child(reader, tag);
        }
        if let Some(text) = reader.contents(tag)
            && self.errors.len() < MAX_ERRORS
        {
            self.errors.push(text[..text.len().min(MAX_ERROR)].to_vec());
        }
        true
    }
}

/// The start tag of a page.
struct Start {
    name: &'static str,
    at: usize,
    /// Where it ends.
    end: usize,
    is_empty: bool,
}

/// The first start tag with this name.
fn find_root(text: &[u8], name: &'static str) -> Option<Start> {
    memmem::find_iter(text, name.as_bytes()).find_map(|found| {
        let at = found.checked_sub(1).filter(|at| text[*at] == b'<')?;
        let rest = &text[found + name.len()..];
        // Attributes have no `<`: a tag that is not closed is none.
        let length = match rest.first()? {
            b'>' => 0,
            b'/' | b' ' | b'\t' | b'\r' | b'\n' => {
                memchr::memchr2(b'>', b'<', rest).filter(|end| rest[*end] == b'>')?
            }
            _ => return None,
        };
        let is_empty = length > 0 && rest[length - 1] == b'/';
        Some(Start { name, at, end: found + name.len() + length + 1, is_empty })
    })
}
