//! The sockets under the pages: listening, connections and their limits, and the order to stop.
//!
//! | module | what it knows |
//! |---|---|
//! | `listen` | opening sockets |
//! | `serve` | accepting connections, and stopping |
//! | `connection` | the requests on one connection |
//! | `pulse` | connections that nobody uses |

mod connection;
mod listen;
mod pulse;
mod serve;

pub use listen::{BindError, bind};
pub use serve::{serve, serve_guarded};
