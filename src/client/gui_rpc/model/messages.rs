//! The event log and the notices.

use super::MAX_MESSAGES;
use crate::markup::element::{Value, element};
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::Raw;

/// Reply to `get_message_count`: the bare number of the newest message.
#[derive(Debug, Clone, Default)]
pub struct MessageCount(
    /// `seqno`.
    pub Option<i64>,
);

impl Value for MessageCount {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        self.0.read(reader, tag);
    }
}

element! {
    /// Reply to `get_messages`.
    Messages {
        /// Oldest first.
        messages as "msg": Vec<Message>,
    }
}

element! {
    /// `msg`.
    Message [at most MAX_MESSAGES] {
        /// Project name or master URL; empty for the client's own.
        project: Raw,
        /// Code of the priority.
        pri: Option<i64>,
        /// Number, from 1 at each start of the client.
        seqno: Option<i64>,
        /// Text.
        body: Raw,
        /// When.
        time: Option<f64>,
    }
}

element! {
    /// Reply to `get_notices_public`.
    Notices {
        /// Oldest first.
        notices as "notice": Vec<Notice>,
    }
}

element! {
    /// `notice`.
    Notice [at most MAX_MESSAGES] {
        /// Text, as HTML.
        description: Raw,
        /// When it was written.
        create_time: Option<f64>,
        /// When it came.
        arrival_time: Option<f64>,
        /// Project name.
        project_name: Raw,
        /// `client`, `scheduler`, or what a project's feed says.
        category: Raw,
        /// Number, given anew at each start; −1 is no notice but a mark that the list was changed.
        seqno: Option<i64>,
    }
    not_read { "title" "is_private" "link" }
}
