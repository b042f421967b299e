//! Where a client listens. An address as users write it comes in; a parsed one goes out. It does not know whether
//! anything listens there, nor how names are resolved.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use crate::platform::HAS_UNIX_SOCKETS;

/// The port of BOINC's GUI RPC.
pub const PORT: u16 = 31416;

/// A host name has 253 characters at most, the path of a Unix socket 107.
const MAX_BYTES: usize = 253 + ":65535".len();

/// The address of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A host name or IPv4 address and a TCP port.
    Tcp {
        /// Host name or address.
        host: String,
        /// Port, [`PORT`] unless given.
        port: u16,
    },
    /// A Unix socket (`boinc --gui_rpc_unix_domain`).
    Unix(PathBuf),
}

/// Where to connect: an address whose host name, if it is one, has been resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// An IP address and a port.
    Tcp {
        /// The IP address.
        ip: Ipv4Addr,
        /// The port.
        port: u16,
        /// The address as configured, for messages.
        written: String,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { written, .. } => f.write_str(written),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    /// Reads an address as users write it.
    ///
    /// # Errors
    /// The end of a message that starts with the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("has {} bytes, but no address is longer than {MAX_BYTES}", text.len()));
        }
        // A text with an `@` may contain a password, which must not be shown.
        let shown = if text.contains('@') { "has an `@`".to_owned() } else { format!("is \"{text}\"") };
        if let Some(path) = text.strip_prefix("unix:") {
            if !HAS_UNIX_SOCKETS {
                return Err(format!("{shown}, but there are no Unix sockets on this system: write HOST or HOST:PORT"));
            }
            let path = Path::new(path);
            if path.is_absolute() {
                return Ok(Self::Unix(path.to_owned()));
            }
            return Err(format!("{shown}, but the path of a Unix socket must be absolute: unix:/PATH"));
        }
        let bare = text.trim_matches(['[', ']']);
        if text.starts_with('[') || bare.parse::<Ipv6Addr>().is_ok() {
            return Err(format!("{shown}, but BOINC clients speak IPv4 only; write a host name or an IPv4 address"));
        }
        let (host, port) = match text.split_once(':') {
            None => (text, Some(PORT)),
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)),
        };
        let (Some(port), true) = (port, is_host(host)) else {
            return Err(format!(
                "{shown}, but must be HOST, HOST:PORT or unix:/PATH, where HOST is a name or an IPv4 address"
            ));
        };
        // A resolver may answer ::1 first, where no client listens.
        let host = host.to_ascii_lowercase();
        Ok(Self::Tcp { host: if host == "localhost" { "127.0.0.1".to_owned() } else { host }, port })
    }
}

fn is_host(host: &str) -> bool {
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}
