//! Errors of a client or a request. I/O errors and unusable replies come in; a reason, for the label, and a message for
//! the operator go out: what failed, where, and what to do. Messages never contain a password. It does not know what
//! the caller does after a failure.

use std::io;
use std::time::Duration;

use crate::client::reason::Reason;
use crate::platform::is_out_of_files;

/// Why a client, or one request to it, failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing listens at the address.
    #[error(
        "nothing is listening on {address}: start the BOINC client there; on another computer, the client \
         accepts remote connections only with a remote_hosts.cfg or <allow_remote_gui_rpc> in its \
         cc_config.xml, after a restart"
    )]
    Refused {
        /// The address.
        address: String,
    },
    /// The host cannot be reached.
    #[error("cannot reach {address}: {source_text}; check the network and the host")]
    Unreachable {
        /// The address.
        address: String,
        /// The operating system's error.
        source_text: String,
    },
    /// The host name has no address, or none in time.
    #[error(
        "cannot resolve the host name {host}: {problem}; check the name and the name servers (getent ahostsv4 {host}), or \
         configure the client's IPv4 address"
    )]
    Unresolved {
        /// The name.
        host: String,
        /// What the resolver says.
        problem: String,
    },
    /// No reply in time.
    #[error(
        "timed out after {} ms waiting for {what}: the client hangs (restart it), is busy (increase the \
         timeout), or a firewall drops packets",
        waited.as_millis()
    )]
    Timeout {
        /// The request or step.
        what: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The client does not accept connections from this computer.
    #[error(
        "the client closed the connection without a reply: it does not accept connections from this computer; \
         add this computer's address to remote_hosts.cfg in the client's data directory (the client re-reads \
         it at once)"
    )]
    HostDenied,
    /// The client requires a password.
    #[error(
        "the client requires a password, but none is configured: set password_file to a copy of \
         gui_rpc_auth.cfg from the client's data directory"
    )]
    Unauthorized,
    /// The client rejected the password.
    #[error(
        "the client rejected the password: compare the password file with gui_rpc_auth.cfg in the client's \
         data directory; the client reads that file only when it starts"
    )]
    WrongPassword,
    /// The password file cannot be read.
    #[error("{0}")]
    PasswordFile(String),
    /// The client replied with `<error>`.
    #[error("the client replied with an error: {0}")]
    Server(String),
    /// The client does not know the request.
    #[error("the client does not know this request, because its version of BOINC is too old for it ({0})")]
    Unsupported(String),
    /// The connection ended in the middle of a reply.
    #[error("the connection ended after {bytes} bytes of the reply to {what}: check whether the client stopped")]
    Truncated {
        /// The request or step.
        what: &'static str,
        /// The number of bytes received.
        bytes: usize,
    },
    /// The reply contains the byte that ends replies.
    #[error(
        "the reply to {what} contains the byte that ends replies after {bytes} bytes, as it does when the client logs \
         its own replies: remove gui_rpc_debug from its cc_config.xml"
    )]
    StrayTerminator {
        /// The request or step.
        what: &'static str,
        /// The number of bytes received.
        bytes: usize,
    },
    /// The exporter has too few file descriptors.
    #[error(
        "the exporter has no file descriptor left for {what}: raise its limit (LimitNOFILE= of the systemd unit, \
         ulimit -n), or lower scrape.concurrency"
    )]
    FileDescriptors {
        /// What it was needed for.
        what: String,
    },
    /// The reply is larger than allowed.
    #[error(
        "the reply to {what} is larger than the {limit} bytes that max_reply_bytes leaves for it: check that a BOINC \
         client listens at this address and port"
    )]
    TooLarge {
        /// The request or step.
        what: &'static str,
        /// The configured limit.
        limit: usize,
    },
    /// The reply is longer than any that a client sends.
    #[error(
        "a part of <{what}> is longer than {limit} bytes, which no BOINC client sends: check that one listens at this \
         address and port"
    )]
    RowTooLarge {
        /// The element.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The reply is long, and so are too many others at the moment.
    #[error(
        "the reply to {what} was given up after {bytes} bytes, because long replies of other clients took the memory for \
         them, which is four times max_reply_bytes: find the clients with long replies by boinc_scrape_reply_bytes, lower \
         scrape.concurrency, or raise max_reply_bytes"
    )]
    NoMemory {
        /// The request or step.
        what: &'static str,
        /// The number of bytes received.
        bytes: usize,
    },
    /// The reply does not have the expected content.
    #[error(
        "a reply of {bytes} bytes contains no <{expected}>: check that a BOINC client listens at this address \
         and port"
    )]
    Parse {
        /// The expected element.
        expected: &'static str,
        /// The size of the reply.
        bytes: usize,
    },
}

impl Error {
    /// The value of the label `reason`.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Refused { .. } => Reason::Refused,
            Self::Unreachable { .. } => Reason::Unreachable,
            Self::Unresolved { .. } => Reason::Unresolved,
            Self::Timeout { .. } => Reason::Timeout,
            Self::HostDenied => Reason::HostDenied,
            Self::Unauthorized => Reason::Unauthorized,
            Self::WrongPassword => Reason::WrongPassword,
            Self::PasswordFile(_) => Reason::PasswordFile,
            Self::Server(_) => Reason::ServerError,
            Self::Unsupported(_) => Reason::Unsupported,
            Self::Truncated { .. } | Self::StrayTerminator { .. } => Reason::Truncated,
            Self::FileDescriptors { .. } => Reason::FileDescriptors,
            Self::TooLarge { .. } | Self::RowTooLarge { .. } | Self::NoMemory { .. } => Reason::TooLarge,
            Self::Parse { .. } => Reason::Parse,
        }
    }

    /// The error that the client replied with. All versions call a request that they do not know an unrecognized op.
    pub(super) fn replied(text: String) -> Self {
        if text.trim_start().starts_with("unrecognized op") { Self::Unsupported(text) } else { Self::Server(text) }
    }

    /// The error for a failed attempt to connect.
    pub(super) fn connecting(address: &impl ToString, error: &io::Error) -> Self {
        let address = address.to_string();
        if is_out_of_files(error) {
            return Self::FileDescriptors { what: format!("a connection to {address}") };
        }
        match error.kind() {
            // A missing Unix socket means the same as a closed port: nothing is listening.
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => Self::Refused { address },
            _ => Self::Unreachable { address, source_text: error.to_string() },
        }
    }
}
