//! Reads elements of pages that are not written a leaf a line. It does not know lines.

use super::{Reader, Tag};
use crate::markup::tags::attribute;

impl<'a> Reader<'a> {
    /// All that stands before the element's next closing tag, whatever it is; `None` if there is none.
    pub fn contents(&mut self, tag: &Tag<'a>) -> Option<&'a [u8]> {
        if tag.empty {
            return Some(b"");
        }
        let start = self.pos;
        if let Some(text) = self.cdata(tag) {
            return Some(text);
        }
        let Some(end) = self.find_close(tag.name) else {
            self.unreadable += 1;
            return None;
        };
        self.pos = end + tag.name.len() + 3;
        Some(&self.bytes[start..end])
    }

    /// The value of an attribute: `<name attribute="value">`.
    #[must_use]
    pub fn attribute(&self, tag: &Tag<'a>, name: &str) -> Option<&'a [u8]> {
        attribute(self.bytes.get(tag.start + 1 + tag.name.len()..)?, name)
    }
}
