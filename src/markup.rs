//! A reader of what looks like XML and is not: tags and the texts of leaves. Replies of clients, pages of projects and files
//! that applications write come in as bytes; structs come out. Knows what none of their elements means.
//!
//! | module | what it knows |
//! |---|---|
//! | [`reader`] | tags and texts |
//! | `tags` | what a tag looks like |
//! | [`text`] | escapes and encodings |
//! | `decimal` | numbers |
//! | [`element`] | how a struct is read |

mod decimal;
pub mod element;
pub mod reader;
pub(crate) mod tags;
pub mod text;
