//! Texts and lists with an end. Elements come in; as much as is kept goes out.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::markup::element::{Element, Value, read_element};
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::Escaped;

/// Bytes of a text. The longest names of the database have 254.
const MAX_TEXT: usize = 1_000;

/// A text. Of elements with the same name the first counts. Projects escape some texts and not others: a reference is a reference, and an
/// `&` that is none stands for itself.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// As much of a text as is kept.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let end = (0..=text.len().min(MAX_TEXT)).rev().find(|end| text.is_char_boundary(*end));
        Self(text[..end.unwrap_or_default()].to_owned())
    }

    /// Decodes bytes of a page.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let bytes = bytes.trim_ascii();
        Self::new(&Escaped::decode(&bytes[..bytes.len().min(MAX_TEXT)]))
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Value for Text {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        if let Some(text) = reader.contents(tag)
            && self.0.is_empty()
        {
            *self = Self::decode(text);
        }
    }
}

/// At most `MAX` rows, and no more than the reader keeps for its bytes: a page of empty elements would otherwise become fifty times its
/// size in memory.
#[derive(Debug, Clone)]
pub struct Rows<T, const MAX: usize> {
    rows: Vec<T>,
    left_out: u32,
}

impl<T, const MAX: usize> Rows<T, MAX> {
    /// How many rows were left out.
    #[must_use]
    pub const fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Keeps one more row, if there is room.
    pub fn push(&mut self, row: T) {
        if self.rows.len() < MAX {
            self.rows.push(row);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// The rows.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.rows
    }
}

impl<T, const MAX: usize> Default for Rows<T, MAX> {
    fn default() -> Self {
        Self { rows: Vec::new(), left_out: 0 }
    }
}

impl<T, const MAX: usize> Deref for Rows<T, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<T, const MAX: usize> DerefMut for Rows<T, MAX> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }
}

impl<T: Element, const MAX: usize> Value for Rows<T, MAX> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let before = reader.kept();
        let row = read_element(reader, tag);
        if reader.keep(before, size_of::<T>(), self.rows.len(), MAX) {
            self.rows.push(row);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}
