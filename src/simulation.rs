//! Simulated BOINC clients and projects' servers, for demonstrations, tests and benchmarks. They speak GUI RPC and HTTP over real
//! sockets; what they say comes from one model of computers, projects and tasks.
//!
//! ```text
//! Scenario ──► World: Client, tick by tick ──► replies ──► server
//! TOML         state.rs  behaviour             text        sockets
//!                ├────► data_directory         files
//!                └────► ProjectSide ─────────► pages ────► project_server
//! ```

pub mod behaviour;
pub mod data_directory;
pub mod pages;
pub mod password;
pub mod project_server;
pub mod replies;
pub mod scenario;
pub mod server;
pub mod state;
pub mod world;
