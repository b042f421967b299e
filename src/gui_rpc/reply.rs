//! The envelope: a reply's bytes in, the typed content or the client's refusal out.

use super::element::Value;
use super::error::Error;
use super::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use super::reader::Reader;
use super::text::Raw;

/// What a reply can hold.
pub trait Content: Sized + Send + 'static {
    /// The element that holds it; the second name is that of another version.
    const ROOTS: &'static [&'static str];
    /// What it means when a reply is empty.
    const EMPTY: Option<fn() -> Self> = None;
    /// Reads it.
    fn read<'a>(reader: &mut Reader<'a>, tag: &super::reader::Tag<'a>) -> Self;
}

macro_rules! content {
    ($($type:ty: $($root:literal)+),* $(,)?) => {$(
        impl Content for $type {
            const ROOTS: &'static [&'static str] = &[$($root),+];
            fn read<'a>(reader: &mut Reader<'a>, tag: &super::reader::Tag<'a>) -> Self {
                super::element::read_element(reader, tag)
            }
        }
    )*};
}
content! {
    CcStatus: "cc_status",
    ClientState: "client_state",
    DailyTransfers: "daily_xfers",
    DiskUsage: "disk_usage_summary",
    FileTransfers: "file_transfers",
    HostInfo: "host_info",
    Messages: "msgs",
    Notices: "notices",
    OldResults: "old_results",
    Projects: "projects",
    // The first up to 8.0, the second from 8.2 on.
    ScreensaverTasks: "handle_get_screensaver_tasks" "get_screensaver_tasks",
    ServerVersion: "server_version",
    SimpleGuiInfo: "simple_gui_info",
    Statistics: "statistics",
    Tasks: "results",
}

impl Content for KnownProjects {
    const ROOTS: &'static [&'static str] = &["projects"];
    // The client has no list yet, or one of 100 000 bytes or more.
    const EMPTY: Option<fn() -> Self> = Some(Self::default);
    fn read<'a>(reader: &mut Reader<'a>, tag: &super::reader::Tag<'a>) -> Self {
        super::element::read_element(reader, tag)
    }
}

impl Content for MessageCount {
    const ROOTS: &'static [&'static str] = &["seqno"];
    fn read<'a>(reader: &mut Reader<'a>, tag: &super::reader::Tag<'a>) -> Self {
        let mut count = Self::default();
        Value::read(&mut count, reader, tag);
        count
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
    let mut reader = Reader::new(bytes);
    let mut content = None;
    while let Some(tag) = reader.child() {
        if tag.is("boinc_gui_rpc_reply") {
            // Its children are read as if it were not there.
        } else if tag.is("unauthorized") {
            return Err(Error::Unauthorized);
        } else if tag.is("error") && content.is_none() {
            let mut text = Raw::default();
            text.read(&mut reader, &tag);
            return Err(Error::Server(text.chars().take(200).collect()));
        } else if content.is_none() && T::ROOTS.iter().any(|root| tag.is(root)) {
            content = Some(T::read(&mut reader, &tag));
        } else {
            reader.skip_unknown(&tag);
        }
    }
    let content = content
        .or_else(|| T::EMPTY.filter(|_| is_empty(bytes)).map(|empty| empty()))
        .ok_or_else(|| Error::Parse { expected: T::ROOTS[T::ROOTS.len() - 1], bytes: bytes.len() })?;
    Ok(Reply { content, unknown: reader.unknown(), unreadable: reader.unreadable() })
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
