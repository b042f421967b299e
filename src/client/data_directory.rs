//! The data directory of a client on this computer: what no request tells, and what is still there when the client does not
//! answer. A place comes in; plain data goes out. It only reads, and it trusts nothing: applications of other people write
//! there too. It does not know metrics.
//!
//! ```text
//! Place ──► text, channel ──► slot ──► changes ──► Reading
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | [`place`] | where the directory is, and who may read it |
//! | [`text`] | elements of the files, and what of them becomes a value |
//! | [`channel`] | the memory through which the client and an application talk |
//! | [`slot`] | what stands in one slot |
//! | [`changes`] | what changes in slots from one reading to the next |
//! | [`job_log`] | every task that was ever computed |
//! | `host` | the computer |
//! | [`contact`] | the last talk with each project |
//! | [`reading`] | all of it, once |
//! | [`time_stats_log`] | when the client ran, might compute and might use the network |
//! | [`past`] | what its files tell of the years before |
//! | [`directory`] | reading within a deadline, apart from all else |

pub mod changes;
pub mod channel;
pub mod contact;
pub mod directory;
mod host;
pub mod job_log;
pub mod past;
pub mod place;
pub mod reading;
pub mod slot;
pub mod text;
pub mod time_stats_log;

pub use changes::{Activity, Checkpoints, Moment, Task};
pub use channel::Request;
pub use contact::Contact;
pub use directory::{Directory, Failure};
pub use job_log::Completed;
pub use place::Place;
pub use reading::{Reading, Slots, Wanted};
