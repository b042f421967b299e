//! What can go wrong with a client, as a label for Prometheus and as a sentence for its operator.

use std::io;
use std::time::Duration;

use crate::client::reason::Reason;

/// Why a client, or one request to it, failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing listens.
    #[error(
        "nothing listens on {address}: start the BOINC client there; if it runs on another computer, it listens for others only \
         with a remote_hosts.cfg or <allow_remote_gui_rpc> in its cc_config.xml, and after a restart"
    )]
    Refused {
        /// Where.
        address: String,
    },
    /// No way to the host.
    #[error("cannot reach {address}: {source_text}; check the name, the network and the host")]
    Unreachable {
        /// Where.
        address: String,
        /// What the system says.
        source_text: String,
    },
    /// No answer in time.
    #[error("no answer to {what} within {} ms: the client hangs (restart it), is busy (allow more time), or a firewall drops packets", waited.as_millis())]
    Timeout {
        /// What was asked.
        what: &'static str,
        /// How long.
        waited: Duration,
    },
    /// The client does not talk to this computer.
    #[error(
        "the client closed the connection before a word: it does not accept this computer; add this computer's address to \
         remote_hosts.cfg in the client's data directory (it is re-read at once)"
    )]
    HostDenied,
    /// It wants a password.
    #[error(
        "the client wants a password and none is configured: set password_file to a copy of gui_rpc_auth.cfg from the client's \
         data directory"
    )]
    Unauthorized,
    /// It wants another password.
    #[error(
        "the client does not accept the password: compare the file with gui_rpc_auth.cfg in the client's data directory; the client \
         reads that file only when it starts"
    )]
    WrongPassword,
    /// The password's file.
    #[error("{0}")]
    PasswordFile(String),
    /// The client answered `<error>`.
    #[error("the client answered with an error: {0}")]
    Server(String),
    /// The connection ended within a reply.
    #[error("the connection ended within the reply to {what}, after {bytes} bytes: did the client stop?")]
    Truncated {
        /// What was asked.
        what: &'static str,
        /// How much came.
        bytes: usize,
    },
    /// The reply has no end.
    #[error("the reply to {what} is larger than max_reply_bytes ({limit}): is this a BOINC client?")]
    TooLarge {
        /// What was asked.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The reply is something else.
    #[error("a reply of {bytes} bytes holds no <{expected}>: is this a BOINC client?")]
    Parse {
        /// What should be there.
        expected: &'static str,
        /// How long it is.
        bytes: usize,
    },
}

impl Error {
    /// The label `reason`.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Refused { .. } => Reason::Refused,
            Self::Unreachable { .. } => Reason::Unreachable,
            Self::Timeout { .. } => Reason::Timeout,
            Self::HostDenied => Reason::HostDenied,
            Self::Unauthorized => Reason::Unauthorized,
            Self::WrongPassword => Reason::WrongPassword,
            Self::PasswordFile(_) => Reason::PasswordFile,
            Self::Server(_) => Reason::ServerError,
            Self::Truncated { .. } => Reason::Truncated,
            Self::TooLarge { .. } => Reason::TooLarge,
            Self::Parse { .. } => Reason::Parse,
        }
    }

    /// What a failed attempt to connect means.
    pub(super) fn connecting(address: &impl ToString, error: &io::Error) -> Self {
        let address = address.to_string();
        match error.kind() {
            // A Unix socket that is not there listens as little as a closed port.
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => Self::Refused { address },
            _ => Self::Unreachable { address, source_text: error.to_string() },
        }
    }
}
