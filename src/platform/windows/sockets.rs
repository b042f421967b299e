//! Sockets, and how many files a process may have open.

use std::io;
use std::path::Path;

use tokio::net::{TcpListener, TcpStream};

/// Whether clients can listen on a path.
pub const HAS_UNIX_SOCKETS: bool = false;

/// With `SO_REUSEADDR` another program could take the port.
pub const REUSES_ADDRESSES: bool = false;

/// There are no Unix sockets that the client uses.
///
/// # Errors
/// Always.
#[expect(clippy::unused_async, reason = "as on Unix")]
pub async fn connect_unix(_: &Path) -> io::Result<TcpStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What the system keeps for slow readers is its own affair.
pub const fn limit_unsent(_: &TcpListener) {}

/// Whether the process, or the whole system, may open no more files.
#[must_use]
pub fn is_out_of_files(error: &io::Error) -> bool {
    // ERROR_TOO_MANY_OPEN_FILES, WSAEMFILE.
    matches!(error.raw_os_error(), Some(4 | 10_024))
}

/// There are as many as memory allows.
pub const fn want_many_files() {}

/// How many files this process may have open: there is no limit.
#[must_use]
pub const fn max_open_files() -> Option<u64> {
    None
}
