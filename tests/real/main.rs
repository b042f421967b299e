//! The exporter and its simulated clients beside the software that they live with: a real BOINC client and its tools, a real
//! Prometheus, and parsers of the exposition formats that others wrote. `make tools` installs them; a missing one is a
//! failure, never a skip.

#![expect(clippy::float_cmp, reason = "a number goes through text unchanged, so equal means equal")]

mod application;
mod backfill;
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
mod packages;
mod prometheus;
mod prometheus_sd;
mod restart;
#[cfg(feature = "demo")]
mod simulated;
#[path = "../support/mod.rs"]
mod support;
mod windows;

use support::process;
