//! `stats/tables.xml`: a file, so with what makes the next answer short.

use std::fmt::Write as _;

use super::{Response, View};
use crate::simulation::behaviour::ProjectSide;

pub(super) fn page(view: View<'_>) -> Response {
    let side = view.side;
    let export = side.export;
    let hosts = side.hosts_with_credit();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<tables>\n    <update_time>{}</update_time>\n    <credit_by_app/>\n    \
         <nusers_total>{}</nusers_total>\n    <nteams_total>{}</nteams_total>\n    <nhosts_total>{hosts}</nhosts_total>\n    \
         <total_credit>{:.6}</total_credit>\n    <applications>\n",
        export.update_time,
        ProjectSide::users(hosts),
        ProjectSide::users(hosts / 30.0),
        export.total_credit
    );
    for app in &side.server.apps {
        let name = &app.user_friendly_name;
        let _ = write!(text, "        <application>\n            <name>{name}</name>\n        </application>\n");
    }
    text.push_str("    </applications>\n    <badges>\n    </badges>\n</tables>\n");
    let etag = format!("\"{:x}-{:x}\"", text.len(), export.update_time.to_bits() >> 16);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time after 1970")]
    let modified = Some(export.update_time as u64);
    if view.request.if_none_match == etag {
        return Response { etag, modified, ..Response::new(304, "application/xml", "") };
    }
    Response { etag, modified, ..Response::new(200, "application/xml", text) }
}
