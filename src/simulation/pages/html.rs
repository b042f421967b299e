//! Pages for people: the first one, which names the scheduler, and those that come where a program wants data.

use super::request::SCHEDULER;
use super::response::escaped;
use super::{Response, View};
use crate::simulation::scenario::Generation;

/// The page at the project's address.
pub(super) fn first(view: View<'_>) -> Response {
    let (server, request) = (&view.side.server, view.request);
    let url = format!("{}{}cgi-bin/{SCHEDULER}", request.origin, request.folder());
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<!-- <scheduler>{url}</scheduler> -->\n\
         <link rel=\"boinc_scheduler\" href=\"{url}\">\n<title>{name}</title>\n{STYLE}</head>\n<body>\n{MENU}\
         <h1>What is {name}?</h1>\n<p>Computers of volunteers work on a question of science.</p>\n\
         <p>News: the maintenance of last week is over.</p>\n{END}",
        name = escaped(&server.name)
    );
    Response::html(200, &text)
}

const STYLE: &str = "<meta charset=\"utf-8\">\n<link rel=\"stylesheet\" href=\"custom.css\">\n\
                     <link rel=alternate type=\"application/rss+xml\" title=\"RSS 2.0\" href=\"rss_main.php\">\n";

const MENU: &str = "<nav>\n<a href=\"server_status.php\">Server status</a>\n<a href=\"forum_index.php\">Message boards</a>\n\
                    <a href=\"login_form.php\">Login</a>\n</nav>\n";

const END: &str = "<p><a href=\"https://boinc.berkeley.edu\"><img src=\"img/pb_boinc.gif\" alt=\"Powered by BOINC\"></a></p>\n</body>\n</html>\n";

/// A page of the project's web site.
pub(super) fn page(view: View<'_>, title: &str, body: &str) -> Response {
    let name = escaped(&view.side.server.name);
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>{title}</title>\n{STYLE}</head>\n<body>\n{MENU}<h1>{name}: {title}</h1>\n{body}\n{END}"
    );
    Response::html(200, &text)
}

/// A page that members see.
pub(super) fn for_members(view: View<'_>, title: &str) -> Response {
    if view.is_since(Generation::Of2026) { login(view) } else { page(view, title, "<p>Volunteer</p>") }
}

/// To the login, from which one comes back to what one wanted.
pub(super) fn login(view: View<'_>) -> Response {
    let request = view.request;
    let target = request.target.rsplit('/').next().unwrap_or_default();
    let wanted = target.replace('?', "%3F").replace('=', "%3D").replace('&', "%26");
    Response::redirect(format!("{}{}login_form.php?next_url={wanted}", request.origin, request.folder()))
}

/// There is no such page.
pub(super) fn missing() -> Response {
    let text = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n\
                <h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n";
    Response::new(404, "text/html; charset=iso-8859-1", text)
}
