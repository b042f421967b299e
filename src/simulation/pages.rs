//! The pages of a simulated project's server: what it knows as text, as servers of its generation write it. A request comes in and
//! what the server answers goes out; nothing here knows sockets. With a fault, what comes instead of the page is what real servers
//! were seen to send.
//!
//! | module | what it writes |
//! |---|---|
//! | `config` | `get_project_config.php` |
//! | `status` | `server_status.php?xml=1` |
//! | `user` | `show_user.php`, `lookup_account.php` |
//! | `team` | `team_lookup.php`, `team_email_list.php` |
//! | `results` | `result_status.php` |
//! | `statistics` | `stats/tables.xml` |
//! | `batches` | `submit_rpc_handler.php` |
//! | `scheduler` | the scheduler's reply |
//! | `html` | the first page, and other pages for people |
//! | `instead` | what comes instead of a page |
//! | `request` | what was asked |
//! | `response` | what is answered |

mod batches;
mod config;
mod html;
mod instead;
mod request;
mod response;
mod results;
mod scheduler;
mod statistics;
mod status;
mod team;
mod user;

pub use request::Request;
pub use response::Response;

use super::behaviour::ProjectSide;
use super::scenario::Generation;

/// A project's server at a moment, which may be after its last tick.
#[derive(Debug, Clone, Copy)]
struct View<'a> {
    side: &'a ProjectSide,
    now: f64,
    request: &'a Request,
}

impl View<'_> {
    fn is_since(&self, generation: Generation) -> bool {
        self.side.settings.server >= generation
    }
}

/// What the server answers at this time, Unix seconds.
#[must_use]
pub fn answer(side: &ProjectSide, now: f64, request: &Request) -> Response {
    let view = View { side, now, request };
    if let Some(response) = instead::before(view) {
        return response;
    }
    let response = page(view);
    instead::spoil(view, response)
}

fn page(view: View<'_>) -> Response {
    match view.request.page() {
        "" | "index.php" => html::first(view),
        request::SCHEDULER => scheduler::reply(view),
        "get_project_config.php" => config::page(view),
        "server_status.php" => status::page(view),
        "show_user.php" => user::page(view),
        "lookup_account.php" => user::lookup(view),
        "team_lookup.php" => team::page(view),
        "team_email_list.php" => team::members(view),
        "result_status.php" if view.is_since(Generation::Of2020) => results::page(view),
        "tables.xml" => statistics::page(view),
        "submit_rpc_handler.php" if view.is_since(Generation::Of2015) => batches::page(view),
        _ => html::missing(),
    }
}
