//! `get_project_config.php`. Names are not escaped.

use std::fmt::Write as _;

use super::{Response, View};
use crate::simulation::scenario::{FaultKind, Generation};
use crate::simulation::state::{App, Vendor};

/// Platforms, with what people call them.
const PLATFORMS: [(&str, &str); 4] = [
    ("windows_x86_64", "Microsoft Windows running on an AMD x86_64 or Intel EM64T CPU"),
    ("x86_64-pc-linux-gnu", "Linux running on an AMD x86_64 or Intel EM64T CPU"),
    ("x86_64-apple-darwin", "Intel 64-bit Mac OS 10.5 or later"),
    ("arm64-apple-darwin", "Mac OS running on ARM"),
];

pub(super) fn page(view: View<'_>) -> Response {
    let (server, side) = (&view.side.server, view.side);
    let stopped = u8::from(side.has(FaultKind::SchedulerDown));
    let mut text =
        format!("<project_config>\n    <name>{}</name>\n    <master_url>{}</master_url>\n", server.name, server.url);
    if view.is_since(Generation::Of2015) {
        let _ = writeln!(text, "    <web_rpc_url_base>{}</web_rpc_url_base>", server.url);
    }
    text.push_str(match side.settings.server {
        Generation::Of2010 | Generation::Of2015 => "<local_revision>20843</local_revision>\n",
        Generation::Of2020 => "<server_version>1.2.1</server_version>\n",
        Generation::Of2026 => "<server_version>1.1.0</server_version>\n",
    });
    text.push_str("    <web_stopped>0</web_stopped>\n    <min_passwd_length>6</min_passwd_length>\n");
    let _ = writeln!(text, "    <sched_stopped>{stopped}</sched_stopped>");
    if side.settings.server == Generation::Of2020 {
        text.push_str("    <min_client_version>50800</min_client_version>\n");
    }
    text.push_str("    <platforms>\n");
    for (name, title) in PLATFORMS {
        for app in server.apps.iter().filter(|app| runs_on(app, name)) {
            let plan_class = if app.plan_class.is_empty() {
                String::new()
            } else {
                format!("                <plan_class>{}</plan_class>\n\n", app.plan_class)
            };
            let _ = write!(
                text,
                "            <platform>\n                <platform_name>{name}</platform_name>\n                \
                 <user_friendly_name>{title}</user_friendly_name>\n{plan_class}            </platform>\n"
            );
        }
    }
    text.push_str("    </platforms>\n");
    if side.settings.server == Generation::Of2020 {
        // Not escaped, as a text of a real project was seen.
        text.push_str("    <terms_of_use>Results are free: <https://www.gnu.org/licenses/>. Run it on your own computers & with permission only.</terms_of_use>\n");
    }
    text.push_str("</project_config>");
    Response::xml(&text)
}

fn runs_on(app: &App, platform: &str) -> bool {
    let is_mac = platform.ends_with("darwin");
    match app.coproc {
        Some((Vendor::Apple, _)) => platform.starts_with("arm64"),
        Some(_) => !is_mac,
        None => true,
    }
}
