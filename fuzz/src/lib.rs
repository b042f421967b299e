//! What holds of everything that comes from outside. Each module is one target: bytes come in, and it panics if something
//! does not hold. `fuzz_targets` gives them to libFuzzer, and `tests/corpora.rs` gives them their corpora.
//!
//! | module | what the bytes are | what holds |
//! |---|---|---|
//! | [`reply`] | a reply, or a part of one | it is read to its end; work and memory are bounded by its length |
//! | [`stream`] | a reply | it is read alike whatever the pieces in which it comes |
//! | [`login`] | what a client sends on a connection | each reply ends where it should; no error tells the password |
//! | [`polls`] | replies of a client at two polls | the exposition can be read, no series comes twice, and there are no more than the limit |
//! | [`config`] | a configuration | it is understood, or refused with a sentence |
//! | [`web_config`] | a web configuration | the same; no error tells a hash |
//! | [`computers`] | a `computers.xml` of `BoincTasks` | it becomes a configuration, and writes nowhere else |
//! | [`accept`] | an `Accept` header | order, case and blanks do not matter |
//! | [`data_directory`] | any file of a data directory | what becomes of it is bounded and finite; a second reading says the same |
//! | [`pages`] | a page of a project's server | it is read to its end; work and memory are bounded by its length |
//! | [`decimal`] | the text of a number | it is the number that the standard library reads |

pub mod accept;
pub mod computers;
pub mod config;
mod cost;
pub mod data_directory;
pub mod decimal;
mod folder;
pub mod login;
pub mod pages;
pub mod polls;
pub mod reply;
pub mod stream;
mod support;
pub mod web_config;

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 11] = [
    ("reply", reply::run),
    ("stream", stream::run),
    ("login", login::run),
    ("polls", polls::run),
    ("config", config::run),
    ("web_config", web_config::run),
    ("computers", computers::run),
    ("accept", accept::run),
    ("data_directory", data_directory::run),
    ("pages", pages::run),
    ("decimal", decimal::run),
];

/// Where corpora are: on each line a target, and folders below the exporter's own. `run` reads it too.
pub const CORPORA: &str = include_str!("../corpora.txt");
