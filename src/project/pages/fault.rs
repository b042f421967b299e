//! What an answer can be instead of the page that was asked for. An answer goes in, a reason comes out. Nothing of what a project
//! says is kept: its errors repeat the request, with its key.

use std::fmt;

use crate::project::reason::Reason;

/// Why a page could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The reason.
    pub reason: Reason,
    /// The status of HTTP, unless it is 200.
    pub status: Option<u16>,
    /// BOINC's error number, if the project gave one.
    pub error_num: Option<i64>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.sentence())?;
        match (self.status, self.error_num) {
            (Some(status), _) => write!(f, " (HTTP status {status})"),
            (None, Some(number)) => write!(f, " (error {number})"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}
