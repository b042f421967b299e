//! Sockets, and how many files a process may have open.

use std::io;
use std::path::Path;

use tokio::net::{TcpListener, UnixStream};

/// Whether clients can listen on a path.
pub const HAS_UNIX_SOCKETS: bool = true;

/// Whether a socket with `SO_REUSEADDR` need not wait until old connections to its port are forgotten, and takes the port from no
/// other program.
pub const REUSES_ADDRESSES: bool = true;

/// How much of a response the system keeps for a reader beyond what is on the way. By default it takes megabytes, which slow
/// readers would fill.
#[cfg(any(target_os = "linux", target_os = "android"))]
const MAX_UNSENT_BYTES: u32 = 128 << 10;

/// Connects to the socket at this path.
///
/// # Errors
/// Those of the system.
pub async fn connect_unix(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path).await
}

/// Limits what the system keeps for slow readers. Connections inherit it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn limit_unsent(listener: &TcpListener) {
    if let Err(error) = socket2::SockRef::from(listener).set_tcp_notsent_lowat(MAX_UNSENT_BYTES) {
        tracing::debug!(%error, "cannot set TCP_NOTSENT_LOWAT");
    }
}

/// Elsewhere it cannot be limited.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub const fn limit_unsent(_: &TcpListener) {}

/// Whether the process, or the whole system, may open no more files.
#[must_use]
pub fn is_out_of_files(error: &io::Error) -> bool {
    // ENFILE and EMFILE, the same on all Unix systems.
    matches!(error.raw_os_error(), Some(23 | 24))
}

/// Raises the limit of this process as far as it may by itself. The usual one, 1024 on Linux and 256 on macOS, protects programs
/// that use `select`, which this does not. <https://0pointer.net/blog/file-descriptor-limits.html>
pub fn want_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where that is not allowed, there are as many as there were.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// How many files this process may have open; `None` if there is no limit.
#[must_use]
pub fn max_open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}
