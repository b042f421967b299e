//! What a simulated client answers: its state as text, letter by letter as a real client of its version writes it. What a
//! state does not hold is furniture, which looks like a real client's and never changes.

mod furniture;
mod gpu;
mod history;
mod host;
mod log;
mod preferences;
mod project;
mod site_list;
mod state;
mod status;
mod task;
mod text;
mod transfers;
mod work;

use std::sync::Arc;

use super::state::{Client, Site};
use task::{Choice, Devices};
use text::Text;

/// A request, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// Name of the operation.
    pub operation: &'a str,
    /// Of `get_messages` and `get_notices_public`: only what has a higher number. 0 is everything.
    pub seqno: i64,
    /// Of `get_results`: only tasks with a slot.
    pub active_only: bool,
}

/// A client at a moment, which may lie after its last tick.
#[derive(Debug, Clone, Copy)]
struct View<'a> {
    client: &'a Client,
    /// Present time on its clock.
    now: f64,
    /// Seconds since the last tick.
    since: f64,
}

/// What stands between the tags of the envelope; `None` if there is no such operation, or not one that reads. `now` is
/// the present time on the client's clock, `sites` are the projects that it knows of.
#[must_use]
pub fn body(client: &Client, now: f64, sites: &[Arc<Site>], question: &Question<'_>) -> Option<String> {
    let view = View { client, now, since: client.since(now) };
    let text = &mut Text::default();
    match question.operation {
        "exchange_versions" => status::version(text, client),
        "get_all_projects_list" => site_list::list(text, sites),
        "get_cc_status" => status::modes(text, view),
        "get_daily_xfer_history" if client.knows_traffic => history::daily_transfers(text, client),
        "get_disk_usage" => status::disk_usage(text, client),
        "get_file_transfers" => transfers::list(text, view),
        "get_host_info" => host::host(text, client),
        "get_message_count" => text.integer("seqno", client.last_message),
        "get_messages" => log::messages(text, client, question.seqno),
        "get_notices_public" => log::notices(text, client, question.seqno),
        "get_old_results" => history::old_results(text, client),
        "get_project_status" => text.element([0, 0], "projects", |text| projects(text, view)),
        "get_results" => {
            let choice = if question.active_only { Choice::WithSlot } else { Choice::All };
            text.element([0, 0], "results", |text| tasks(text, view, choice));
        }
        "get_screensaver_tasks" => screensaver(text, view),
        "get_simple_gui_info" => text.element([0, 0], "simple_gui_info", |text| {
            projects(text, view);
            tasks(text, view, Choice::WithSlot);
        }),
        "get_state" => state::state(text, view),
        "get_statistics" => history::statistics(text, client),
        _ => return None,
    }
    Some(std::mem::take(text).into_string())
}

fn projects(text: &mut Text, view: View<'_>) {
    for project in &view.client.projects {
        project::project(text, view, project);
    }
}

fn tasks(text: &mut Text, view: View<'_>, choice: Choice) {
    let mut devices = Devices::default();
    for project in &view.client.projects {
        task::tasks(text, view, project, choice, &mut devices);
    }
}

fn screensaver(text: &mut Text, view: View<'_>) {
    let root = if view.client.at_least(8, 2) { "get_screensaver_tasks" } else { "handle_get_screensaver_tasks" };
    text.element([0, 4], root, |text| {
        // Unlike `get_cc_status`, also while the CPU is throttled.
        text.integer("suspend_reason", view.client.run.suspend_reason);
        tasks(text, view, Choice::Scheduled);
    });
}
