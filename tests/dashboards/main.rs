//! The dashboards, rules and alerts that come with the exporter: rendered from the mixin, right by Grafana's own types, and
//! with something to see in every panel when a real Prometheus has what the exporter shows of simulated clients. `make tools`
//! installs the judges; a missing one is a failure, never a skip.

#![cfg(feature = "demo")]

mod alerts;
mod catalogue;
mod dialects;
mod drawn;
mod files;
mod heat;
mod judges;
mod live;
mod names;
mod past;
mod provisioning;
#[path = "../support/mod.rs"]
mod support;
mod values;
mod written;
mod wrong;
