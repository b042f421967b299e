//! BOINC's GUI RPC, the control protocol of the client, as far as it reads.
//!
//! | module | what it knows |
//! |---|---|
//! | [`address`] | where a client listens |
//! | [`request`] | the operations that can be sent: all of them only read |
//! | [`connection`] | sockets, framing, the password handshake |
//! | [`reply`] | the envelope of a reply |
//! | [`model`] | the structs |
//! | [`codes`] | what numbers mean |
//! | [`error`] | what can go wrong, in words |

pub mod address;
pub mod codes;
pub mod connection;
pub mod error;
pub mod model;
pub mod reply;
pub mod request;
