//! Simulated BOINC clients, for demonstrations, tests and benchmarks. They speak GUI RPC over real sockets; their replies come
//! from a model of computers, projects and tasks.
//!
//! ```text
//! Scenario ──► World: Client, tick by tick ──► replies ──► server
//! TOML         state.rs  behaviour             text        sockets
//! ```

pub mod behaviour;
pub mod pages;
pub mod password;
pub mod project_server;
pub mod replies;
pub mod scenario;
pub mod server;
pub mod state;
pub mod world;
