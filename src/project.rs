//! A project's server, from what it answers to plain data. It does not know HTTP connections or the text formats.
//!
//! | module | what it knows |
//! |---|---|
//! | [`pages`] | what the pages of a project's server say, and what they say instead |
//! | [`reason`] | why a page could not be had |

pub mod pages;
pub mod reason;
