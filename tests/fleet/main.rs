//! Many clients at a time, many scrapers at a time, clients and exporters that restart, and secrets: what only shows when
//! the whole is used as its users use it.

#![expect(clippy::float_cmp, reason = "a number goes through text unchanged, so equal means equal")]

mod crowd;
mod restarts;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
