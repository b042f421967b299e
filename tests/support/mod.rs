//! What the integration tests share: a scripted BOINC client, the built exporter and a real Prometheus as processes, and a
//! reader of samples.

#![allow(dead_code, unused_imports, reason = "each binary uses a part of it")]

mod cargo;
mod data;
mod exporter;
mod fake_client;
mod fault;
mod leaves;
mod offline;
pub mod patterns;
// It stands beside the real client, as benchmarks use both.
#[path = "../real/process.rs"]
pub mod process;
mod processor;
pub mod project_server;
mod prometheus;
mod proxy;
mod recording;
mod replay;
mod samples;
mod scene;
pub mod sockets;
mod strict;
mod tool;
mod wire;

pub use cargo::unoptimized;
pub use data::{folders, replies, reply_folders};
pub use exporter::{Exporter, Page, TIMEOUT, client_toml, client_toml_within};
pub use fake_client::{Builder, FakeClient, PASSWORD};
pub use fault::{Fault, Gate};
pub use leaves::{Kind, Leaf, leaves};
pub use offline::{ASKED, Offline, Replies, expose};
pub use processor::processor_time;
pub use prometheus::{Points, Prometheus, make_blocks, pause, relaxed_interval};
pub use recording::Recording;
pub use samples::{Sample, Samples};
pub use scene::{COLLECTORS, FOLDER, Scene, assert_down, successes};
pub use strict::check;
pub use tool::{content, root};
pub use wire::{READ_OPERATIONS, Request};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Where the data of the tests are.
pub const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
/// A client for HTTP. The library has a default of its own only if it is built with another provider of cryptography than the
/// exporter's.
pub fn http_client_builder() -> reqwest::ClientBuilder {
    // An error: another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// The same with the library's settings.
///
/// # Panics
/// Never.
pub fn http_client() -> reqwest::Client {
    http_client_builder().build().expect("the settings of the library fit together")
}

/// Lets this process have as many descriptors as it may. It usually has 1024, of which some tests want most for themselves.
pub fn want_many_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
        .expect("a limit may be raised to the highest");
}
