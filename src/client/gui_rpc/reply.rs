//! The envelope: a reply's bytes in, the typed content or the client's refusal out.

use super::error::Error;
use super::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use crate::markup::element::{Value, read_children, read_element};
use crate::markup::reader::{Reader, Tag};
use crate::markup::tags::strip_close;
use crate::markup::text::Raw;

/// What a reply can hold.
pub trait Content: Default + Send + 'static {
    /// The element that holds it; the second name is that of another version.
    const ROOTS: &'static [&'static str];
    /// Elements of which it is made, one after another, as many as there are tasks or files.
    const ROWS: &'static [&'static str] = &[];
    /// Whether a reply without any root means that there is nothing.
    const MAY_BE_EMPTY: bool = false;
    /// Reads the root.
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>);
    /// Goes on inside the root.
    fn go_on(&mut self, _: &mut Reader<'_>) {}
}

macro_rules! content {
    ($($type:ty: $($root:literal)+ $(, rows $($row:literal)+)?);* $(;)?) => {$(
        impl Content for $type {
            const ROOTS: &'static [&'static str] = &[$($root),+];
            $( const ROWS: &'static [&'static str] = &[$($row),+]; )?
            fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
                *self = read_element(reader, tag);
            }
            fn go_on(&mut self, reader: &mut Reader<'_>) {
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
    // The first up to 8.0, the second from 8.2 on.
    ScreensaverTasks: "handle_get_screensaver_tasks" "get_screensaver_tasks";
    ServerVersion: "server_version";
    SimpleGuiInfo: "simple_gui_info";
    Statistics: "statistics";
    Tasks: "results", rows "result";
}

impl Content for KnownProjects {
    const ROOTS: &'static [&'static str] = &["projects"];
    // The client has no list yet, or one of 100 000 bytes or more.
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

/// A reply that was read.
#[derive(Debug)]
pub struct Reply<T> {
    /// What it holds.
    pub content: T,
    /// Elements that are not known: of a newer version, or damaged.
    pub unknown: u32,
    /// Leaves that hold something else than they should.
    pub unreadable: u32,
}

/// Reads a reply.
///
/// # Errors
/// The client refused ([`Error::Unauthorized`], [`Error::Server`]), or the reply does not hold what was asked for.
pub fn parse<T: Content>(bytes: &[u8]) -> Result<Reply<T>, Error> {
    Incoming::default().end(bytes)
}

/// A reply of which the beginning has come. Rows are read as soon as they are whole: the client goes on writing meanwhile,
/// and no more of a long reply is kept than a piece.
#[derive(Debug, Default)]
pub struct Incoming<T> {
    content: Option<T>,
    /// The root, once it has begun and until it ends.
    inside: Option<&'static str>,
    refused: Option<Error>,
    /// How much of it was read.
    bytes: usize,
    unknown: u32,
    unreadable: u32,
}

impl<T: Content> Incoming<T> {
    /// Reads the rows that `bytes`, which follow what was read before, hold as a whole. How many bytes these are.
    pub fn rows(&mut self, bytes: &[u8]) -> usize {
        let whole = end_of_rows(bytes, T::ROWS);
        if whole > 0 {
            self.read(&bytes[..whole]);
        }
        whole
    }

    /// Reads the rest.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn end(mut self, bytes: &[u8]) -> Result<Reply<T>, Error> {
        let nothing = self.bytes == 0 && is_empty(bytes);
        self.read(bytes);
        if let Some(error) = self.refused {
            return Err(error);
        }
        let content = self.content.or_else(|| (T::MAY_BE_EMPTY && nothing).then(T::default));
        let content = content.ok_or(Error::Parse { expected: T::ROOTS[T::ROOTS.len() - 1], bytes: self.bytes })?;
        Ok(Reply { content, unknown: self.unknown, unreadable: self.unreadable })
    }

    fn read(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        let mut reader = Reader::new(bytes);
        if let (Some(root), Some(content)) = (self.inside, &mut self.content) {
            reader = Reader::inside(bytes, root);
            content.go_on(&mut reader);
            self.inside = reader.is_at_end().then_some(root);
        }
        while self.refused.is_none()
            && let Some(tag) = reader.child()
        {
            self.outermost(&mut reader, &tag);
        }
        self.unknown += reader.unknown();
        self.unreadable += reader.unreadable();
    }

    fn outermost<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let root = T::ROOTS.iter().find(|root| tag.is(root));
        if tag.is("boinc_gui_rpc_reply") {
            // Its children are read as if it were not there.
        } else if tag.is("unauthorized") {
            self.refused = Some(Error::Unauthorized);
        } else if tag.is("error") && self.content.is_none() {
            let mut text = Raw::default();
            text.read(reader, tag);
            self.refused = Some(Error::Server(text.chars().take(200).collect()));
        } else if let (Some(root), None) = (root, &self.content) {
            let content = self.content.insert(T::default());
            content.read(reader, tag);
            self.inside = reader.is_at_end().then_some(*root);
        } else {
            reader.skip_unknown(tag);
        }
    }
}

/// No row is longer than this: a project takes 2 kB, unless its server had much to say.
const ROW: usize = 32 * 1024;

/// How many bytes the rows at the beginning take that are whole: up to a line that begins a row, behind one that ends one.
fn end_of_rows(bytes: &[u8], rows: &[&str]) -> usize {
    if rows.is_empty() {
        return 0;
    }
    let ends = |text: &[u8]| rows.iter().any(|row| strip_close(text, row.as_bytes()).is_some());
    let begins = |text: &[u8]| {
        let name = text.trim_ascii_start().strip_prefix(b"<");
        rows.iter().any(|row| name.and_then(|name| name.strip_prefix(row.as_bytes())?.strip_prefix(b">")).is_some())
    };
    let from = bytes.len().saturating_sub(ROW);
    let mut lines = memchr::memrchr_iter(b'\n', &bytes[from..]).map(|end| from + end);
    lines.find(|end| ends(&bytes[..*end]) && begins(&bytes[*end..])).map_or(0, |end| end + 1)
}

fn is_empty(reply: &[u8]) -> bool {
    let inside = reply.trim_ascii().strip_prefix(b"<boinc_gui_rpc_reply>");
    inside
        .and_then(|rest| rest.strip_suffix(b"</boinc_gui_rpc_reply>"))
        .is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// The text of a leaf that stands directly in the envelope.
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
