//! Sockets to listen on.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

use crate::platform;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// Why the exporter cannot listen on an address, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Something else listens there.
    #[error(
        "cannot listen on {0}: address already in use; is another exporter running? choose another address with \
         --web.listen-address"
    )]
    InUse(SocketAddr),
    /// The user may not listen there.
    #[error(
        "cannot listen on {0}: permission denied; ports below 1024 are reserved for the system: choose another with \
         --web.listen-address"
    )]
    PermissionDenied(SocketAddr),
    /// No network interface has it.
    #[error(
        "cannot listen on {0}: this computer has no such address; choose another with --web.listen-address, such as \
         :31415 for all"
    )]
    NoSuchAddress(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}; choose another address with --web.listen-address")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl BindError {
    fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse(address),
            io::ErrorKind::PermissionDenied => Self::PermissionDenied(address),
            io::ErrorKind::AddrNotAvailable => Self::NoSuchAddress(address),
            _ => Self::Other { address, source },
        }
    }
}

/// Listens on `address`. `[::]` includes IPv4, and means IPv4 alone where there is no IPv6. Needs a tokio runtime.
///
/// # Errors
/// The system refuses.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    bind_with(address, listen)
}

fn bind_with<L>(address: SocketAddr, listen: impl Fn(SocketAddr) -> io::Result<L>) -> Result<L, BindError> {
    let refused = match listen(address) {
        Ok(listener) => return Ok(listener),
        Err(error) => BindError::new(address, error),
    };
    // These two prove that there is IPv6. Which error says that there is none depends on the system.
    let has_ipv6 = matches!(refused, BindError::InUse(_) | BindError::PermissionDenied(_));
    if address.ip() != Ipv6Addr::UNSPECIFIED || has_ipv6 {
        return Err(refused);
    }
    listen((Ipv4Addr::UNSPECIFIED, address.port()).into()).map_err(|_| refused)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // By default, Windows, the BSDs and hardened Linux accept IPv6 only.
        socket.set_only_v6(address.ip() != Ipv6Addr::UNSPECIFIED)?;
    }
    // A restart need not wait until old connections are forgotten.
    socket.set_reuse_address(platform::REUSES_ADDRESSES)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;
    use crate::words::chain;

    #[test]
    fn without_ipv6_all_addresses_means_those_of_ipv4() {
        let without_ipv6 = |address: SocketAddr| match address {
            SocketAddr::V4(_) => Ok(address.to_string()),
            SocketAddr::V6(_) => Err(io::Error::other("Address family not supported by protocol (os error 97)")),
        };
        let result = |address: &str| bind_with(address.parse().unwrap(), without_ipv6).map_err(|error| chain(&error));
        assert_eq!(result("[::]:31415"), Ok("0.0.0.0:31415".to_owned()));
        assert_eq!(result("127.0.0.1:31415"), Ok("127.0.0.1:31415".to_owned()));
        assert_eq!(
            result("[::1]:31415"),
            Err("cannot listen on [::1]:31415; choose another address with --web.listen-address: Address family not \
                 supported by protocol (os error 97)"
                .to_owned())
        );
    }

    #[test]
    fn refusals_say_what_to_do() {
        for (kind, expected) in [
            (
                io::ErrorKind::AddrInUse,
                "cannot listen on [::]:31415: address already in use; is another exporter running? choose another address \
                 with --web.listen-address",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "cannot listen on [::]:31415: permission denied; ports below 1024 are reserved for the system: choose \
                 another with --web.listen-address",
            ),
            (
                io::ErrorKind::AddrNotAvailable,
                "cannot listen on [::]:31415: this computer has no such address; choose another with \
                 --web.listen-address, such as :31415 for all",
            ),
        ] {
            let refused = bind_with("[::]:31415".parse().unwrap(), |_| Err::<(), _>(kind.into())).unwrap_err();
            assert_eq!(refused.to_string(), expected);
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_refused() {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(
            bind(address).unwrap_err().to_string(),
            format!(
                "cannot listen on {address}: address already in use; is another exporter running? choose another address \
                 with --web.listen-address"
            )
        );
    }

    #[tokio::test]
    async fn all_addresses_includes_ipv4() {
        let listener = bind("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    }
}
