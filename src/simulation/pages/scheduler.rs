//! The scheduler's reply to a request that has no account: to somebody who looks whether it is there. Names are not escaped.

use std::fmt::Write as _;

use super::request::leaf;
use super::{Response, View};
use crate::simulation::scenario::{FaultKind, Generation};

/// Seconds that a client without an account has to wait.
const REFUSED: &str = "3600.000000";

pub(super) fn reply(view: View<'_>) -> Response {
    let side = view.side;
    match () {
        () if side.has(FaultKind::Maintenance) || side.has(FaultKind::SchedulerDown) => {
            early("Project is temporarily shut down for maintenance")
        }
        () if !(side.runs("feeder") || side.has(FaultKind::DatabaseDown)) => early("Server error: feeder not running"),
        () => nucleus(view),
    }
}

/// What it says before it has read the request.
fn early(problem: &str) -> Response {
    let text = format!(
        "<scheduler_reply>\n    <message priority=\"low\">{problem}</message>\n    <request_delay>3600</request_delay>\n    \
         <project_is_down/>\n</scheduler_reply>\n"
    );
    Response::new(200, "text/plain", text)
}

fn nucleus(view: View<'_>) -> Response {
    let (side, server) = (view.side, &view.side.server);
    let posted = view.request.posted.as_deref().map(str::trim).filter(|posted| !posted.is_empty());
    let version = match side.settings.server {
        Generation::Of2010 => 611,
        Generation::Of2015 => 705,
        Generation::Of2020 => 715,
        Generation::Of2026 => 803,
    };
    let database_down = side.has(FaultKind::DatabaseDown);
    let version_of =
        |posted: &str| leaf(posted, "core_client_major_version").and_then(|major| major.parse::<u32>().ok());
    let (delay, messages) = match posted {
        None => ("7.000000", vec![("low", "Error in request message: xp.get_tag() failed ")]),
        Some(posted) if !posted.starts_with("<scheduler_request>") => {
            ("7.000000", vec![("low", "Error in request message: no start tag ")])
        }
        Some(_) if database_down => (REFUSED, vec![("low", "Server can't open database")]),
        Some(posted) => (REFUSED, complaints(posted)),
    };
    let mut text = format!("<scheduler_reply>\n<scheduler_version>{version}</scheduler_version>\n");
    // Clients know it since 7.0.28, and servers since 2012.
    if posted.and_then(version_of).is_some_and(|major| major > 7) && view.is_since(Generation::Of2015) {
        text.push_str("<dont_use_dcf/>\n");
    }
    let _ = writeln!(text, "<master_url>{}</master_url>", server.url);
    if side.has(FaultKind::Ended) {
        text.push_str("<ended>1</ended>\n");
    }
    let _ = writeln!(text, "<request_delay>{delay}</request_delay>");
    for (priority, message) in messages {
        let _ = writeln!(text, "<message priority=\"{priority}\">{message}</message>");
    }
    let _ = writeln!(text, "<project_name>{}</project_name>", server.name);
    if posted.is_some() && database_down {
        text.push_str("<project_is_down/>\n");
    }
    text.push_str("</scheduler_reply>\n");
    Response::new(200, "text/xml", text)
}

/// What is wrong with a request of nobody.
fn complaints(posted: &str) -> Vec<(&'static str, &'static str)> {
    const NO_KEY: &str = "Invalid or missing account key.  To fix, remove and add this project .";
    let missing = |tag: &str, message| leaf(posted, tag).is_none_or(str::is_empty).then_some(("notice", message));
    let mut messages: Vec<_> =
        [missing("p_vendor", "Missing CPU type in request"), missing("os_name", "Missing OS name in request")]
            .into_iter()
            .flatten()
            .collect();
    messages.push(("low", NO_KEY));
    messages
}
