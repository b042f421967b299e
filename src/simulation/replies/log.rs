//! The event log and notices.

use super::text::Text;
use crate::simulation::state::{Client, Message, Notice};

/// Messages with a higher number than this, oldest first.
pub(super) fn messages(text: &mut Text, client: &Client, after: i64) {
    let after = u64::try_from(after).unwrap_or(0);
    let first = client.messages.partition_point(|message| message.seqno <= after);
    text.element([0, 0], "msgs", |text| client.messages.range(first..).for_each(|message| one(text, message)));
}

fn one(text: &mut Text, message: &Message) {
    text.element([0, 1], "msg", |text| {
        text.raw("project", &message.project);
        text.integer("pri", message.priority);
        text.integer("seqno", message.seqno);
        text.cdata_lines("body", &message.body);
        text.whole("time", message.time.floor());
    });
}

/// Notices with a higher number than this, oldest first.
pub(super) fn notices(text: &mut Text, client: &Client, after: i64) {
    let after = u64::try_from(after).unwrap_or(0);
    let wanted = client.notices.iter().filter(|notice| notice.seqno > after);
    text.element([0, 0], "notices", |text| wanted.for_each(|notice| notice_of(text, notice)));
}

fn notice_of(text: &mut Text, notice: &Notice) {
    text.element([0, 3], "notice", |text| {
        text.raw("title", &notice.title);
        text.cdata_lines("description", &notice.description);
        text.number("create_time", notice.create_time);
        text.number("arrival_time", notice.arrival_time);
        text.switch("is_private", false);
        text.raw("project_name", &notice.project_name);
        text.raw("category", &notice.category);
        text.cdata("link", &notice.link);
        text.integer("seqno", notice.seqno);
    });
}
