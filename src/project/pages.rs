//! What the pages of a project's server say. The status, the `Location` and the body of an HTTP answer come in; plain data
//! go out, or a [`Fault`]. Nothing here asks for anything, and nothing but the time comes from outside.
//!
//! Servers of twenty years answer. No page promises to be well-formed XML, to have all elements, or to be there at all:
//! see `docs/decisions/0011-pages-of-projects.md`. The same outage is XML on one page and HTML on another, always with status 200.
//!
//! | module | what it knows |
//! |---|---|
//! | [`config`] | `get_project_config.php` |
//! | [`status`] | `server_status.php?xml=1` |
//! | [`scheduler`] | the reply to a request without a key |
//! | [`master`] | the page that names the schedulers |
//! | [`user`] | `show_user.php` |
//! | [`key`] | `lookup_account.php` |
//! | [`team`] | `team_lookup.php` |
//! | [`members`] | `team_email_list.php` |
//! | [`results`] | `result_status.php` |
//! | [`statistics`] | `stats/tables.xml` |
//! | [`batches`] | `submit_rpc_handler.php`: all batches |
//! | [`batch`] | `submit_rpc_handler.php`: one batch; `job_control.php` |
//! | [`ping`] | `submit_rpc_handler.php`: is somebody there |
//! | [`credit`] | average credit falls while nobody looks |
//! | [`fault`] | what an answer can be instead |
//! | `document` | finding the page in the answer |
//! | `errors` | errors that a project names |
//! | `html` | pages for people that come instead |
//! | `notices` | what PHP prints between |
//! | `answer`, `values` | what comes in; texts and lists with an end |

mod answer;
pub mod batch;
pub mod batches;
pub mod config;
pub mod credit;
mod document;
mod errors;
pub mod fault;
mod html;
pub mod key;
pub mod master;
pub mod members;
mod notices;
pub mod ping;
pub mod results;
pub mod scheduler;
pub mod statistics;
pub mod status;
pub mod team;
pub mod user;
mod values;

/// Every element of the pages that is not read, with the reason; a test checks that the list is complete.
pub const NOT_READ: &str = include_str!("pages/not_read.md");

pub use answer::{Answer, Oddities, Page};
pub use fault::Fault;
pub use values::{Rows, Text};

#[cfg(test)]
mod tests;
