//! A Prometheus exporter for BOINC clients.
//!
//! Data goes one way, and each arrow is one function:
//!
//! ```text
//! Config ──► Target ──► collect ──► Snapshot ──► tables ──► exposition ──► HTTP
//! TOML, env,  address,   GUI RPC     plain data,  name, HELP, OpenMetrics    axum
//! flags       secret,    requests    and each     value: once or text 0.0.4
//!             what                   part's
//!                                    outcome
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | [`cli`] | flags and commands |
//! | [`config`] | where settings come from, and what is wrong with them |
//! | [`target`] | one client to ask: where, with which password, what |
//! | [`collectors`] | the names of the parts that can be asked, and of the optional series |
//! | [`gui_rpc`] | BOINC's control protocol: requests, framing, replies |
//! | [`collect`] | asking one client, and all clients, in time |
//! | [`memory`] | what is remembered of a client between polls |
//! | [`snapshot`] | what one client said, ready to be counted |
//! | [`metrics`] | every metric: its name, meaning and value |
//! | [`exposition`] | the two text formats of Prometheus |
//! | [`http`] | pages |
//! | [`own`] | metrics of the exporter itself |
//! | [`reload`] | the configuration in force, and how it is replaced |
//! | [`run`] | the jobs: serve, or print one exposition |
//! | [`check`] | the job of finding out what is wrong with a client |
//! | [`healthcheck`] | the job of asking a running exporter whether it lives |
//! | [`backfill`] | the job of telling what clients remember |
//! | [`import`] | the job of taking over the computers of `BoincTasks` |
//! | [`simulation`] | clients that are not there, and the job of showing them |

pub mod backfill;
pub mod check;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod collectors;
pub mod config;
pub mod exposition;
pub mod gui_rpc;
pub mod healthcheck;
pub mod http;
pub mod import;
pub mod log;
pub mod memory;
pub mod metrics;
pub mod own;
pub mod reload;
pub mod run;
#[cfg(feature = "demo")]
pub mod simulation;
pub mod snapshot;
pub mod target;
