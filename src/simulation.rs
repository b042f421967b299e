//! BOINC clients that are not there, for whoever wants to see what the exporter shows, and for tests and benchmarks. They
//! speak GUI RPC over real sockets; what they say comes from a model of computers, projects and tasks.
//!
//! ```text
//! Scenario ──► World: Client, tick by tick ──► replies ──► server
//! TOML         state.rs  behaviour             text        sockets
//! ```

pub mod behaviour;
pub mod password;
pub mod replies;
pub mod scenario;
pub mod server;
pub mod state;
pub mod world;
