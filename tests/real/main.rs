//! The exporter beside the software that it lives with: a real BOINC client, a real Prometheus, and parsers of the
//! exposition formats that others wrote. `make tools` installs them; a missing one is a failure, never a skip.

#![expect(clippy::float_cmp, reason = "a number goes through text unchanged, so equal means equal")]

mod boinc;
mod boinccmd;
mod client;
mod comparison;
mod data_directory;
mod exporter;
mod facts;
mod harmless;
mod judges;
mod many_tasks;
mod process;
mod prometheus;
mod restart;
#[path = "../support/mod.rs"]
mod support;
