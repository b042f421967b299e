//! A Prometheus exporter for BOINC.
//!
//! Data goes one way, and each arrow is one function:
//!
//! ```text
//! Config ──► Target ──► poll ──► Snapshot ──► tables ──► exposition ──► HTTP
//! TOML, env,  address,   GUI RPC  plain data,  name, HELP, OpenMetrics    axum
//! flags       secret,    requests and each     value: once or text 0.0.4
//!             what                part's
//!                                 outcome
//! ```
//!
//! Uses go one way too: a module uses those below its own row, and none above it.
//!
//! | row | module | what it knows |
//! |---|---|---|
//! | 1 | [`jobs`] | the commands: serve, scrape, check, … |
//! | 2 | [`http`], [`simulation`] | pages; clients that do not exist |
//! | 3 | [`reload`] | the configuration in force, and how it is replaced |
//! | 4 | [`config`] | where settings come from, and what is wrong with them |
//! | 5 | [`client`], [`project`], [`cli`] | a BOINC client, from its address to its metrics; a project's server; flags and commands |
//! | 6 | [`metric`], [`markup`], [`sentences`], [`exposition`], [`self_metrics`], [`secret_file`], [`log`] | what a metric is; the lenient reader; what BOINC's sentences say; the text formats; the exporter itself; secrets in files; log lines |
//! | 7 | [`clock`], [`duration`], [`files`], [`words`] | what time it is; durations as people write them; files that they name; the word that was meant |
//! | 8 | [`platform`] | what differs between operating systems |

pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod duration;
pub mod exposition;
pub mod files;
pub mod http;
pub mod jobs;
pub mod log;
pub mod markup;
pub mod metric;
pub mod platform;
pub mod project;
pub mod reload;
pub mod secret_file;
pub mod self_metrics;
pub mod sentences;
#[cfg(feature = "demo")]
pub mod simulation;
pub mod words;
