//! Why there is no answer. Errors of the HTTP library come in; a reason and a sentence go out, without the address that was
//! asked for. It does not know what follows.

use std::error::Error;
use std::{fmt, io};

use reqwest::Url;

use crate::platform::is_out_of_files;
use crate::project::reason::Reason;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchError {
    /// The reason.
    pub reason: Reason,
    /// Host and port.
    place: String,
    /// What else is known. Without addresses.
    detail: Option<String>,
    /// Whether there was no connection.
    is_unconnected: bool,
}

impl FetchError {
    pub(super) fn of(reason: Reason, place: &str, detail: Option<&str>) -> Self {
        Self { reason, place: place.to_owned(), detail: detail.map(str::to_owned), is_unconnected: false }
    }

    /// The error of a request to this address that got no answer at all. The address has been taken out of it.
    pub(super) fn sending(url: &Url, error: &reqwest::Error) -> Self {
        let io_kind = find::<io::Error>(error).map(io::Error::kind);
        let (reason, detail) = if let Some(tls) = find::<rustls::Error>(error) {
            (Reason::Tls, Some(tls.to_string()))
        } else if let Some(io) = find::<io::Error>(error).filter(|io| is_out_of_files(io)) {
            (Reason::Internal, Some(format!("no file descriptor left: {io}; raise LimitNOFILE= or ulimit -n")))
        } else if error.is_timeout() {
            (Reason::Timeout, None)
        } else if error.is_dns() {
            (Reason::Dns, None)
        } else if io_kind == Some(io::ErrorKind::ConnectionRefused) {
            (Reason::Refused, None)
        } else if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
            (Reason::Unknown, Some("it is not HTTP".to_owned()))
        } else if !error.is_connect() {
            // It was connected, and may have seen the request.
            (Reason::Truncated, None)
        } else if matches!(
            io_kind,
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        ) {
            // What was connected and breaks off before there is a connection is TLS. Without TLS it is chance whether it shows
            // before or after the request was sent.
            let tls = url.scheme() == "https";
            (if tls { Reason::Tls } else { Reason::Truncated }, tls.then(|| "the server broke off".to_owned()))
        } else {
            (Reason::Unreachable, find::<io::Error>(error).map(ToString::to_string))
        };
        Self { reason, place: place(url), detail, is_unconnected: error.is_connect() }
    }

    /// The error of an answer that broke off.
    pub(super) fn receiving(place: &str, error: &reqwest::Error) -> Self {
        let reason = if error.is_timeout() { Reason::Timeout } else { Reason::Truncated };
        Self { reason, place: place.to_owned(), detail: None, is_unconnected: false }
    }

    /// Host and port of the server, which can be another than the request named, after a redirect.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether the server cannot have seen the request: then it can be sent again soon.
    #[must_use]
    pub const fn is_unseen(&self) -> bool {
        match self.reason {
            Reason::Dns | Reason::Refused | Reason::Unreachable | Reason::Tls => true,
            // Packets to the host are dropped: it is off, or behind a firewall.
            Reason::Timeout => self.is_unconnected,
            _ => false,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason.sentence())?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl Error for FetchError {}

/// Host and port of an address, without what can hold a key.
#[must_use]
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The innermost error of this type among the causes: errors of I/O wrap each other.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let (mut cause, mut found) = (Some(error), None);
    while let Some(error) = cause {
        found = error.downcast_ref::<T>().or(found);
        cause = wrapped(error).or_else(|| error.source());
    }
    found
}

/// An error of I/O does not name what it wraps as its cause, but the cause of that.
fn wrapped<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
    Some(inner)
}
