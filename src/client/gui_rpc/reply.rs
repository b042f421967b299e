//! The envelope of a reply. A reply's bytes come in; the typed content or the client's refusal goes out. It does not
//! know sockets or what the content is used for.

use super::error::Error;
use super::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use super::segment::{MOST, Segment, segment};
use crate::markup::element::{Value, read_children};
use crate::markup::kept::Kept;
use crate::markup::reader::{Reader, Tag};
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
    ($($type:ty: $($root:literal)+ $(, rows $($row:literal)+)? $(, may be empty $empty:literal)?);* $(;)?) => {$(
        impl Content for $type {
            const ROOTS: &'static [&'static str] = &[$($root),+];
            $( const MAY_BE_EMPTY: bool = $empty; )?
            $( const ROWS: &'static [&'static str] = &[$($row),+]; )?
            fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
                if reader.enter(tag) {
                    read_children(self, reader);
                }
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
    DailyTransfers: "daily_xfers", rows "dx";
    DiskUsage: "disk_usage_summary", rows "project";
    FileTransfers: "file_transfers", rows "file_transfer";
    HostInfo: "host_info";
    // Empty if the client has no list yet, or one of 100 000 bytes or more.
    KnownProjects: "projects", rows "project" "account_manager", may be empty true;
    Messages: "msgs", rows "msg";
    Notices: "notices", rows "notice";
    OldResults: "old_results", rows "old_result";
    Projects: "projects", rows "project";
    // The first name up to version 8.0, the second from 8.2.
    ScreensaverTasks: "handle_get_screensaver_tasks" "get_screensaver_tasks";
    ServerVersion: "server_version";
    SimpleGuiInfo: "simple_gui_info", rows "project" "result";
    Statistics: "statistics", rows "project_statistics";
    Tasks: "results", rows "result";
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
    /// Number of rows that were left out, because there were too many.
    pub dropped: u32,
}

/// Parses a reply.
///
/// # Errors
/// The client refused ([`Error::Unauthorized`], [`Error::Unsupported`], [`Error::Server`]), or the expected content is missing.
pub fn parse<T: Content>(bytes: &[u8]) -> Result<Reply<T>, Error> {
    Incoming::default().end(bytes)
}

/// A reply that is still arriving. It is read segment by segment (`segment`) while the client continues to write, so that
/// little more than one segment of a long reply is kept in memory.
#[derive(Debug, Default)]
pub struct Incoming<T> {
    /// Boxed, because a poll holds it while it waits, and most hold none.
    content: Option<Box<T>>,
    /// What the content begins with: that of the reply before, if it helps to read this one.
    earlier: Option<Box<T>>,
    /// The root element, while it is open.
    open_root: Option<&'static str>,
    refused: Option<Error>,
    /// Number of bytes read.
    bytes: usize,
    kept: Kept,
    unknown: u32,
    unreadable: u32,
}

impl<T: Content> Incoming<T> {
    /// A reply of which nothing has arrived yet.
    #[must_use]
    pub fn after(earlier: Option<Box<T>>) -> Self {
        Self { earlier, ..Self::default() }
    }

    /// Reads the next segment, if all of it is in `bytes`, which follow the bytes already read. Returns how many bytes it
    /// has.
    ///
    /// # Errors
    /// [`Error::RowTooLarge`].
    pub fn segment(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.next(bytes, false).map(Option::unwrap_or_default)
    }

    /// Reads the next segment of the rest of the reply, and returns how many bytes it has; `None` if only the last is left,
    /// for [`Self::end`].
    ///
    /// # Errors
    /// [`Error::RowTooLarge`].
    pub fn segment_of_rest(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        self.next(bytes, true)
    }

    fn next(&mut self, bytes: &[u8], at_end: bool) -> Result<Option<usize>, Error> {
        match segment(bytes, T::ROWS, at_end) {
            Some(Segment::Of(length)) => {
                self.read(&bytes[..length]);
                Ok(Some(length))
            }
            Some(Segment::TooLong) => Err(Error::RowTooLarge { what: T::ROOTS[T::ROOTS.len() - 1], limit: MOST }),
            None => Ok(None),
        }
    }

    /// Reads the rest of the reply.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn end(mut self, mut bytes: &[u8]) -> Result<Reply<T>, Error> {
        let was_empty = self.bytes == 0 && is_empty(bytes);
        while let Some(length) = self.segment_of_rest(bytes)? {
            bytes = &bytes[length..];
        }
        self.read(bytes);
        if let Some(error) = self.refused {
            return Err(error);
        }
        let content = self.content.or_else(|| (T::MAY_BE_EMPTY && was_empty).then(Box::default));
        let content = content.ok_or(Error::Parse { expected: T::ROOTS[T::ROOTS.len() - 1], bytes: self.bytes })?;
        let Self { unknown, unreadable, kept, .. } = self;
        Ok(Reply { content: *content, unknown, unreadable, dropped: kept.dropped() })
    }

    fn read(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        let mut reader = Reader::new(bytes).with_kept(self.kept);
        if let (Some(root), Some(content)) = (self.open_root, &mut self.content) {
            reader = Reader::inside(bytes, root).with_kept(self.kept);
            content.resume(&mut reader);
            self.open_root = reader.is_at_end().then_some(root);
        }
        while self.refused.is_none()
            && let Some(tag) = reader.child()
        {
            self.top_level(&mut reader, &tag);
        }
        self.unknown = self.unknown.saturating_add(reader.unknown());
        self.unreadable = self.unreadable.saturating_add(reader.unreadable());
        self.kept = reader.kept().after(bytes.len());
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
            self.refused = Some(Error::replied(text.chars().take(200).collect()));
        } else if let (Some(root), None) = (root, &self.content) {
            let content = self.content.insert(self.earlier.take().unwrap_or_default());
            content.read(reader, tag);
            self.open_root = reader.is_at_end().then_some(*root);
        } else {
            reader.skip_unknown(tag);
        }
    }
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

#[cfg(test)]
mod tests;
