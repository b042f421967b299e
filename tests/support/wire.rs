//! The rules of the wire that keep a BOINC client safe, for whoever stands at its end: which requests may come, and how.

use std::io::Error;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// What may be between the tags of a request besides the operation itself.
const ARGUMENTS: [&str; 7] = ["seqno", "active_only", "nonce_hash", "major", "minor", "release", "name"];

/// The operations that only read: all that a monitor may ever send.
pub const READ_OPERATIONS: [&str; 19] = [
    "auth1",
    "auth2",
    "exchange_versions",
    "get_all_projects_list",
    "get_cc_status",
    "get_daily_xfer_history",
    "get_disk_usage",
    "get_file_transfers",
    "get_host_info",
    "get_message_count",
    "get_messages",
    "get_notices_public",
    "get_old_results",
    "get_project_status",
    "get_results",
    "get_screensaver_tasks",
    "get_simple_gui_info",
    "get_state",
    "get_statistics",
];

/// A request as it came, less its final `0x03`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// On which connection, counted from 0.
    pub connection: usize,
    /// The bytes, verbatim.
    pub text: String,
}

impl Request {
    /// The operation: as in BOINC, the second tag.
    pub fn operation(&self) -> &str {
        tags(&self.text).nth(1).unwrap_or_default()
    }

    /// Holds it to one read operation and its arguments.
    ///
    /// # Panics
    /// When it is anything else.
    pub fn assert_only_reads(&self) {
        let operation = self.operation();
        assert!(READ_OPERATIONS.contains(&operation), "not a read operation: {self:?}");
        let known = |tag: &str| tag == "boinc_gui_rpc_request" || tag == operation || ARGUMENTS.contains(&tag);
        assert!(tags(&self.text).all(known), "more than one operation: {self:?}");
    }
}

/// The text of the next request, or `None` at the end of the connection.
pub async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return match bytes.as_slice() {
                [] => Ok(None),
                _ => Err(Error::other("the connection was closed in the middle of a request")),
            };
        }
        match bytes.iter().position(|byte| *byte == 3) {
            Some(end) if end + 1 == bytes.len() => {
                bytes.truncate(end);
                let text = String::from_utf8(bytes).map_err(|_| Error::other("a request is not UTF-8"))?;
                return Ok(Some(text));
            }
            // BOINC throws such bytes away, so their request would never be answered.
            Some(_) => return Err(Error::other("bytes follow a request before its reply")),
            None => {}
        }
    }
}

/// The names of all tags that open, or stand alone, in order.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let tag = |rest: &'_ str| rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    text.split('<').skip(1).filter(|rest| !rest.starts_with('/')).map(move |rest| &rest[..tag(rest)])
}
