//! Simulated clients: whether they speak as real ones do.

#![cfg(feature = "demo")]
#![expect(clippy::float_cmp, reason = "a number goes through text unchanged, so equal means equal")]

mod boinc;
#[path = "../real/boinccmd.rs"]
mod boinccmd;
mod boinctui;
mod commands;
#[path = "../real/comparison.rs"]
mod comparison;
mod demo;
mod elements;
#[allow(dead_code, reason = "it asks real clients for more")]
#[path = "../real/exporter.rs"]
mod exporter;
#[path = "../real/facts.rs"]
mod facts;
mod faults;
mod history;
#[allow(dead_code, reason = "it starts more for others")]
#[path = "../real/process.rs"]
mod process;
#[allow(dead_code, reason = "it is asked more by others")]
#[path = "../backfill/prometheus.rs"]
mod prometheus;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod world;
