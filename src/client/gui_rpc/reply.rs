//! The envelope of a reply. A reply's bytes come in; the typed content or the client's refusal goes out. It does not
//! know sockets or what the content is used for.

use super::error::Error;
use super::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use crate::markup::element::{Value, read_children, read_element};
use crate::markup::reader::{Reader, Tag};
use crate::markup::tags::strip_close;
use crate::markup::text::Raw;

/// The content of a reply.
pub trait Content: Default + Send + 'static {
    /// The element that contains it; a second name is the one used by other versions.
    const ROOTS: &'static [&'static str];
    /// Repeated elements that make up most of a long reply, one per task or file, for example.
    const ROWS: &'static [&'static str] = &[];
    /// Whether an empty reply means that there is no content.
    const MAY_BE_EMPTY: bool = false;
    /// Reads the root element.
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>);
    /// Continues reading inside the root element.
    fn resume(&mut self, _: &mut Reader<'_>) {}
}

macro_rules! content {
    ($($type:ty: $($root:literal)+ $(, rows $($row:literal)+)?);* $(;)?) => {$(
        impl Content for $type {
            const ROOTS: &'static [&'static str] = &[$($root),+];
            $( const ROWS: &'static [&'static str] = &[$($row),+]; )?
            fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
                *self = read_element(reader, tag);
            }
            fn resume(&mut self, reader: &mut Reader<'_>) {
                read_children(self, reader);
            }
        }
    )*};
}
content! {
    CcStatus: "cc_status";
    ClientState: "client_state", rows "project" "app" "app_version" "workunit" "result";
    DailyTransfers: "daily_xfers";
    DiskUsage: "disk_usage_summary";
    FileTransfers: "file_transfers", rows "file_transfer";
    HostInfo: "host_info";
    Messages: "msgs";
    Notices: "notices";
    OldResults: "old_results";
    Projects: "projects";
    // The first name up to version 8.0, the second from 8.2.
    ScreensaverTasks: "handle_get_screensaver_tasks" "get_screensaver_tasks";
    ServerVersion: "server_version";
    SimpleGuiInfo: "simple_gui_info";
    Statistics: "statistics";
    Tasks: "results", rows "result";
}

impl Content for KnownProjects {
    const ROOTS: &'static [&'static str] = &["projects"];
    // Empty if the client has no list yet, or one of 100 000 bytes or more.
    const MAY_BE_EMPTY: bool = true;
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = read_element(reader, tag);
    }
}

impl Content for MessageCount {
    const ROOTS: &'static [&'static str] = &["seqno"];
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        Value::read(self, reader, tag);
    }
}

/// A parsed reply.
#[derive(Debug)]
pub struct Reply<T> {
    /// The content.
    pub content: T,
    /// Number of unknown elements: those of a newer version, or damaged ones.
    pub unknown: u32,
    /// Number of leaves with an unexpected value.
    pub unreadable: u32,
}

/// Parses a reply.
///
/// # Errors
/// The client refused ([`Error::Unauthorized`], [`Error::Server`]), or the expected content is missing.
pub fn parse<T: Content>(bytes: &[u8]) -> Result<Reply<T>, Error> {
    Incoming::default().end(bytes)
}

/// A reply that is still arriving. Complete rows are read at once, while the client continues to write, so that only
/// one chunk of a long reply is kept in memory.
#[derive(Debug, Default)]
pub struct Incoming<T> {
    content: Option<T>,
    /// The root element, while it is open.
    open_root: Option<&'static str>,
    refused: Option<Error>,
    /// Number of bytes read.
    bytes: usize,
    unknown: u32,
    unreadable: u32,
}

impl<T: Content> Incoming<T> {
    /// Reads the complete rows in `bytes`, which follow the bytes already read. Returns how many bytes these rows take.
    pub fn rows(&mut self, bytes: &[u8]) -> usize {
        let complete = complete_rows(bytes, T::ROWS);
        if complete > 0 {
            self.read(&bytes[..complete]);
        }
        complete
    }

    /// Reads the rest of the reply.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn end(mut self, bytes: &[u8]) -> Result<Reply<T>, Error> {
        let was_empty = self.bytes == 0 && is_empty(bytes);
        self.read(bytes);
        if let Some(error) = self.refused {
            return Err(error);
        }
        let content = self.content.or_else(|| (T::MAY_BE_EMPTY && was_empty).then(T::default));
        let content = content.ok_or(Error::Parse { expected: T::ROOTS[T::ROOTS.len() - 1], bytes: self.bytes })?;
        Ok(Reply { content, unknown: self.unknown, unreadable: self.unreadable })
    }

    fn read(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        let mut reader = Reader::new(bytes);
        if let (Some(root), Some(content)) = (self.open_root, &mut self.content) {
            reader = Reader::inside(bytes, root);
            content.resume(&mut reader);
            self.open_root = reader.is_at_end().then_some(root);
        }
        while self.refused.is_none()
            && let Some(tag) = reader.child()
        {
            self.top_level(&mut reader, &tag);
        }
        self.unknown += reader.unknown();
        self.unreadable += reader.unreadable();
    }

    fn top_level<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let root = T::ROOTS.iter().find(|root| tag.is(root));
        if tag.is("boinc_gui_rpc_reply") {
            // Transparent: its children are read as if it were not there.
        } else if tag.is("unauthorized") {
            self.refused = Some(Error::Unauthorized);
        } else if tag.is("error") && self.content.is_none() {
            let mut text = Raw::default();
            text.read(reader, tag);
            self.refused = Some(Error::Server(text.chars().take(200).collect()));
        } else if let (Some(root), None) = (root, &self.content) {
            let content = self.content.insert(T::default());
            content.read(reader, tag);
            self.open_root = reader.is_at_end().then_some(*root);
        } else {
            reader.skip_unknown(tag);
        }
    }
}

/// Maximum size of a row: a project takes 2 kB, unless its server sent a lot of text.
const MAX_ROW_BYTES: usize = 32 * 1024;

/// The length of the complete rows at the beginning of `bytes`: up to a line that starts a row and follows one that
/// ends a row.
fn complete_rows(bytes: &[u8], rows: &[&str]) -> usize {
    if rows.is_empty() {
        return 0;
    }
    let ends = |text: &[u8]| rows.iter().any(|row| strip_close(text, row.as_bytes()).is_some());
    let begins = |text: &[u8]| {
        let name = text.trim_ascii_start().strip_prefix(b"<");
        rows.iter().any(|row| name.and_then(|name| name.strip_prefix(row.as_bytes())?.strip_prefix(b">")).is_some())
    };
    let from = bytes.len().saturating_sub(MAX_ROW_BYTES);
    let mut lines = memchr::memrchr_iter(b'\n', &bytes[from..]).map(|end| from + end);
    lines.find(|end| ends(&bytes[..*end]) && begins(&bytes[*end..])).map_or(0, |end| end + 1)
}

fn is_empty(reply: &[u8]) -> bool {
    let body = reply.trim_ascii().strip_prefix(b"<boinc_gui_rpc_reply>");
    body.and_then(|rest| rest.strip_suffix(b"</boinc_gui_rpc_reply>")).is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// The text of a leaf directly inside the envelope.
pub(super) fn leaf(bytes: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::new(bytes);
    while let Some(tag) = reader.child() {
        if tag.is(name) {
            let mut text = Raw::default();
            text.read(&mut reader, &tag);
            return Some(text.to_string());
        }
    }
    None
}
