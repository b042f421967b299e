//! BOINC's GUI RPC, the control protocol of the client, as far as it reads.
//!
//! | module | what it knows |
//! |---|---|
//! | [`request`] | the operations that can be sent: all of them only read |
//! | [`connection`] | sockets, framing, the password handshake |
//! | [`reply`] | the envelope of a reply |
//! | [`reader`] | tags and texts |
//! | `markup` | what a tag looks like |
//! | [`text`] | escapes and encodings |
//! | `decimal` | numbers |
//! | [`element`] | how a struct is read |
//! | [`model`] | the structs |
//! | [`codes`] | what numbers mean |
//! | [`error`] | what can go wrong, in words |

pub mod codes;
pub mod connection;
mod decimal;
pub mod element;
pub mod error;
mod markup;
pub mod model;
pub mod reader;
pub mod reply;
pub mod request;
pub mod text;
