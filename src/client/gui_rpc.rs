//! A client for BOINC's GUI RPC, the client's control protocol, limited to read operations. An address, a password and
//! requests come in; parsed replies or errors go out. It does not know when requests are sent or what becomes of their
//! replies.
//!
//! | module | what it knows |
//! |---|---|
//! | [`address`] | where a client listens |
//! | [`request`] | the operations that can be sent, all read-only |
//! | [`connection`] | sockets, framing, authentication |
//! | [`reply`] | the envelope of a reply |
//! | `segment` | where a long reply is cut |
//! | [`model`] | the contents of replies, as structs |
//! | [`codes`] | names of numeric codes |
//! | [`error`] | what can go wrong, and what to do about it |

pub mod address;
pub mod codes;
pub mod connection;
pub mod error;
pub mod model;
pub mod reply;
pub mod request;
mod segment;
