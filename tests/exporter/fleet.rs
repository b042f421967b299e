//! Many clients at a time, many scrapers at a time, clients and exporters that restart, and secrets: what only shows when
//! the whole is used as its users use it.

mod crowd;
mod lookups;
mod restarts;
mod secrets;
