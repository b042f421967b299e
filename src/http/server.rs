//! The server under the pages: sockets, connections and their timeouts, shutdown.
//!
//! | module | what it knows |
//! |---|---|
//! | `listen` | opening sockets |
//! | `serve` | accepting connections, and shutting down |
//! | `connection` | the requests on one connection |
//! | `activity` | what a connection is doing, and when that is enough |
//! | `monitored` | where that is seen: streams and bodies |
//! | `places` | who leaves when there are too many connections |

mod activity;
mod connection;
mod listen;
mod monitored;
mod places;
mod serve;

pub use listen::{BindError, bind};
pub use places::Places;
pub use serve::{serve, serve_with_web_access};
