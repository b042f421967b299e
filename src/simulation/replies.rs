//! The replies of a simulated client: its state as text, formatted exactly as a real client of its version formats it. Fields that
//! the state does not contain have static values that look like a real client's.

mod gpu;
mod history;
mod host;
mod log;
mod preferences;
mod project;
mod project_list;
mod state;
mod static_fields;
mod status;
mod task;
mod text;
mod transfers;
mod work;

use std::sync::Arc;

pub(super) use self::static_fields::Folder;
use super::state::{Client, ProjectServer, Traffic};
use task::{Devices, TaskFilter};
use text::Text;

/// A parsed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedRequest<'a> {
    /// Name of the operation.
    pub operation: &'a str,
    /// For `get_messages` and `get_notices_public`: only items with a higher number. 0 means all.
    pub seqno: i64,
    /// For `get_results`: only tasks with a slot.
    pub active_only: bool,
}

/// A client at a moment, which may be after its last tick.
#[derive(Debug, Clone, Copy)]
struct View<'a> {
    client: &'a Client,
    /// Current time on its clock.
    now: f64,
    /// Seconds since the last tick.
    since: f64,
}

/// The body of the reply, without the envelope; `None` if the operation does not exist or is not read-only. `now` is the
/// current time on the client's clock, `project_servers` are the projects that it knows.
#[must_use]
pub fn body(
    client: &Client,
    now: f64,
    project_servers: &[Arc<ProjectServer>],
    parsed: &ParsedRequest<'_>,
) -> Option<String> {
    let view = View { client, now, since: client.since(now) };
    let text = &mut Text::default();
    match parsed.operation {
        "exchange_versions" => status::version(text, client),
        "get_all_projects_list" => project_list::list(text, project_servers),
        "get_cc_status" => status::modes(text, view),
        "get_daily_xfer_history" => match client.traffic {
            Traffic::Told => history::daily_transfers(text, client),
            Traffic::Refused => text.raw("error", "the history cannot be read"),
            Traffic::Unknown => return None,
        },
        "get_disk_usage" => status::disk_usage(text, client),
        "get_file_transfers" => transfers::list(text, view),
        "get_host_info" => host::host(text, client),
        "get_message_count" => text.integer("seqno", client.last_message),
        "get_messages" => log::messages(text, client, parsed.seqno),
        "get_notices_public" => log::notices(text, client, parsed.seqno),
        "get_old_results" => history::old_results(text, client),
        "get_project_status" => text.element([0, 0], "projects", |text| projects(text, view)),
        "get_results" => {
            let filter = if parsed.active_only { TaskFilter::WithSlot } else { TaskFilter::All };
            text.element([0, 0], "results", |text| tasks(text, view, filter));
        }
        "get_screensaver_tasks" => screensaver(text, view),
        "get_simple_gui_info" => text.element([0, 0], "simple_gui_info", |text| {
            projects(text, view);
            tasks(text, view, TaskFilter::WithSlot);
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

fn tasks(text: &mut Text, view: View<'_>, filter: TaskFilter) {
    let mut devices = Devices::default();
    for project in &view.client.projects {
        task::tasks(text, view, project, filter, &mut devices);
    }
}

fn screensaver(text: &mut Text, view: View<'_>) {
    let root = if view.client.at_least(8, 2) { "get_screensaver_tasks" } else { "handle_get_screensaver_tasks" };
    text.element([0, 4], root, |text| {
        // Unlike in `get_cc_status`, this is the same while the CPU is throttled.
        text.integer("suspend_reason", view.client.run.suspend_reason);
        tasks(text, view, TaskFilter::Scheduled);
    });
}
