//! A lenient reader of text that looks like XML but is not. The bytes of clients' replies, projects' pages and
//! applications' files come in; structs go out. It does not know the meaning of any element.
//!
//! | module | what it knows |
//! |---|---|
//! | [`reader`] | nesting: start tags and the texts of leaves |
//! | `tags` | the syntax of tags |
//! | `scan` | searching bytes, and how many are looked at |
//! | [`kept`] | how much memory rows may take |
//! | [`text`] | escapes and encodings |
//! | `decimal` | simple decimal numbers |
//! | [`element`] | reading an element into a struct |
//! | [`recurring`] | rows that come again with the next reply |

mod decimal;
pub mod element;
pub mod kept;
pub mod reader;
pub mod recurring;
#[cfg(test)]
pub(crate) mod scan;
#[cfg(not(test))]
mod scan;
pub(crate) mod tags;
pub mod text;
