//! Why a client, or one request to it, failed: the label `reason`.

use std::fmt;

/// A reason, as the label shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing listens.
    Refused,
    /// No way to the host.
    Unreachable,
    /// The host name has no address, or none in time.
    Unresolved,
    /// No answer in time.
    Timeout,
    /// The client does not talk to this computer.
    HostDenied,
    /// It wants a password.
    Unauthorized,
    /// It wants another password.
    WrongPassword,
    /// The password file cannot be read.
    PasswordFile,
    /// The data directory cannot be read.
    DataDirectory,
    /// The client answered with an error.
    ServerError,
    /// The client does not know the request.
    Unsupported,
    /// The connection ended within a reply.
    Truncated,
    /// The reply is longer than allowed, or than there is memory for at the moment.
    TooLarge,
    /// The reply is something else.
    Parse,
    /// The exporter has too few file descriptors.
    FileDescriptors,
    /// The exporter ran out of time before it asked the client.
    NotAsked,
    /// A defect of the exporter: the poll of the client panicked.
    Internal,
}

impl Reason {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 17] = [
        Self::Refused,
        Self::Unreachable,
        Self::Unresolved,
        Self::Timeout,
        Self::HostDenied,
        Self::Unauthorized,
        Self::WrongPassword,
        Self::PasswordFile,
        Self::DataDirectory,
        Self::ServerError,
        Self::Unsupported,
        Self::Truncated,
        Self::TooLarge,
        Self::Parse,
        Self::FileDescriptors,
        Self::NotAsked,
        Self::Internal,
    ];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Unresolved => "unresolved",
            Self::Timeout => "timeout",
            Self::HostDenied => "host_denied",
            Self::Unauthorized => "unauthorized",
            Self::WrongPassword => "wrong_password",
            Self::PasswordFile => "password_file",
            Self::DataDirectory => "data_directory",
            Self::ServerError => "server_error",
            Self::Unsupported => "unsupported",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
            Self::Parse => "parse",
            Self::FileDescriptors => "file_descriptors",
            Self::NotAsked => "not_asked",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
