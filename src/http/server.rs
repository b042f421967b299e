//! The server under the pages: sockets, connections and their timeouts, shutdown.
//!
//! | module | what it knows |
//! |---|---|
//! | `listen` | opening sockets |
//! | `serve` | accepting connections, and shutting down |
//! | `connection` | the requests on one connection |
//! | `connection_timeouts` | when a connection has taken too long |

mod connection;
mod connection_timeouts;
mod listen;
mod serve;

pub use listen::{BindError, bind};
pub use serve::{serve, serve_with_web_access};
