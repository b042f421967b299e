//! What comes instead of a page, or what becomes of it on the way. The same outage looks different from page to page.

use std::time::Duration;

use super::request::SCHEDULER;
use super::response::error;
use super::{Response, View, html};
use crate::simulation::scenario::FaultKind;

/// Real time for which a page is held back if the fault gives none: longer than any program waits.
const SLOW: f64 = 120.0;

/// What a page can be, as far as outages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It says everything as XML, errors too.
    Rpc,
    /// Errors are pages for people.
    Page,
    /// Errors stand inside of its element.
    Submit,
    /// A file, or the scheduler: no page.
    Other,
}

fn kind(view: View<'_>) -> Kind {
    match view.request.page() {
        "show_user.php" | "lookup_account.php" => Kind::Rpc,
        "submit_rpc_handler.php" => Kind::Submit,
        page if page != "index.php" && page.strip_suffix(".php").is_some() => Kind::Page,
        _ => Kind::Other,
    }
}

/// What comes instead of the page.
pub(super) fn before(view: View<'_>) -> Option<Response> {
    let has = |kind| view.side.has(kind);
    let (kind, page) = (kind(view), view.request.page());
    let is_php = kind != Kind::Other;
    match () {
        () if has(FaultKind::Tls) => {
            let secure = view.request.origin.replacen("http://", "https://", 1);
            Some(Response::redirect(format!("{secure}{}", view.request.target)))
        }
        () if has(FaultKind::BotWall) && is_php && page != "server_status.php" => Some(html::missing()),
        () if has(FaultKind::LoginWall)
            && is_php
            && !matches!(page, "server_status.php" | "get_project_config.php") =>
        {
            Some(html::login(view))
        }
        () if has(FaultKind::Maintenance) => stopped(
            view,
            kind,
            (-183, "Project is temporarily offline"),
            "project down for maintenance",
            ("Project down for maintenance", "is temporarily shut down for maintenance. Please try again later."),
        ),
        () if has(FaultKind::DatabaseDown) => stopped(
            view,
            kind,
            (-138, "Can't connect to database"),
            "can't open database",
            ("Unable to handle request", "Can't connect to database"),
        ),
        () => None,
    }
}

/// The project is stopped: an error, the text of the same error of the submission handler, and the title and text for people.
fn stopped(
    view: View<'_>,
    kind: Kind,
    (number, text): (i32, &str),
    submit: &str,
    (title, sentence): (&str, &str),
) -> Option<Response> {
    match kind {
        Kind::Rpc => Some(Response::error(number, text)),
        Kind::Submit => {
            let request = view.request.field("request").unwrap_or_default();
            let root = if request.contains("<ping") { "ping" } else { "query_batches" };
            Some(Response::xml(&format!("<{root}>\n{}</{root}>\n", error(number, submit))))
        }
        Kind::Page => {
            let name = &view.side.server.name;
            let sentence = if sentence.starts_with("is ") { format!("{name} {sentence}") } else { sentence.to_owned() };
            Some(html::page(view, title, &format!("<p>{sentence}</p>")))
        }
        Kind::Other => None,
    }
}

/// What becomes of the page on the way.
pub(super) fn spoil(view: View<'_>, mut response: Response) -> Response {
    let has = |kind| view.side.has(kind);
    let is_page = response.status == 200 && view.request.page() != SCHEDULER && kind(view) != Kind::Other;
    if has(FaultKind::WrongCharset) {
        response.body = latin_1(&response.body);
    }
    if is_page && has(FaultKind::PhpNotices) {
        response.body = with_notices(&response.body);
    }
    if is_page && has(FaultKind::Truncated) {
        response.body.truncate(response.body.len() * 3 / 5);
    }
    if let Some(seconds) = view.side.value(FaultKind::SlowPages) {
        let seconds = if seconds > 0.0 { seconds } else { SLOW };
        response.delay += Duration::try_from_secs_f64(seconds).unwrap_or_default();
    }
    response
}

/// Characters of Latin-1 as one byte each; others as a question mark.
fn latin_1(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text).chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// Messages before the page, and inside of it.
fn with_notices(page: &[u8]) -> Vec<u8> {
    const NOTICE: &[u8] =
        b"<br />\n<b>Deprecated</b>:  Creation of dynamic property DB_CONN::$readonly is deprecated in \
                            <b>/home/boinc/projects/lab/html/inc/db_conn.inc</b> on line <b>60</b><br />\n";
    let mut lines = page.split_inclusive(|byte| *byte == b'\n');
    let mut text = NOTICE.to_vec();
    text.extend(lines.by_ref().take(3).flatten());
    text.extend_from_slice(NOTICE);
    text.extend(lines.flatten());
    text
}
