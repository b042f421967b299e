//! Sentences that BOINC's programs write for people, where the protocol has no field for what they say. A sentence comes in, its class
//! goes out. It does not know who reads it: clients repeat in their log what projects' schedulers say to them.
//!
//! | module | what it knows |
//! |---|---|
//! | [`class`] | what a sentence can say about work |
//! | [`scheduler`] | sentences of projects' schedulers |
//! | [`message`] | what else stands in a message of theirs |

pub mod class;
pub mod message;
pub mod scheduler;

pub use class::Class;
