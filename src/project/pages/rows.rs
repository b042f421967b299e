//! Lists with an end. Elements come in; as many as are kept go out, with a count of those that are not.

use std::ops::{Deref, DerefMut};

use crate::markup::element::{Element, Value, read_element};
use crate::markup::reader::{Reader, Tag};

/// At most `MAX` rows: a page of empty elements would otherwise become fifty times its size in memory.
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
        self.push(read_element(reader, tag));
    }
}
