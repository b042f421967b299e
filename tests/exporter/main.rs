//! The exporter before clients that a test holds in its hands: scripted ones, recorded ones, simulated ones. Most of it is
//! over real sockets, and much of it before the built program.

#![expect(clippy::float_cmp, reason = "a number goes through text unchanged, so equal means equal")]

mod arrows;
mod bounds;
mod coverage;
#[cfg(unix)]
mod data_directory;
#[cfg(unix)]
mod docs;
mod exposition;
mod fleet;
mod http;
mod import;
mod landing;
mod one_source;
mod open_files;
mod packaging;
mod prefix;
mod probe;
mod properties;
mod readers;
mod reload;
mod scrape_output;
mod scripted_client;
mod sd;
mod selection;
#[cfg(feature = "demo")]
mod simulation;
#[cfg(feature = "demo")]
mod soak;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
mod values;
mod web_config;
