//! Sockets to listen on: an address comes in, a socket or a sentence that says what to do goes out.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// An address that cannot be listened on. Shown, it says what to do.
#[derive(Debug)]
pub struct BindError {
    address: SocketAddr,
    source: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, source } = self;
        write!(f, "cannot listen on {address}: ")?;
        match source.kind() {
            io::ErrorKind::AddrInUse => f.write_str(
                "address already in use; is another exporter running? choose another with --web.listen-address",
            ),
            io::ErrorKind::PermissionDenied => f.write_str(
                "permission denied; ports below 1024 are kept for the system: choose another with --web.listen-address",
            ),
            io::ErrorKind::AddrNotAvailable => f.write_str(
                "this computer has no such address; choose another with --web.listen-address, such as :31415 for all",
            ),
            _ => write!(f, "{source}; choose another with --web.listen-address"),
        }
    }
}

impl std::error::Error for BindError {}

/// Listens on `address`. `[::]` means IPv4 as well, and IPv4 alone where there is no IPv6. Needs a tokio runtime.
///
/// # Errors
/// If the system refuses.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    bind_with(address, listen)
}

fn bind_with<L>(address: SocketAddr, listen: impl Fn(SocketAddr) -> io::Result<L>) -> Result<L, BindError> {
    let refused = match listen(address) {
        Ok(listener) => return Ok(listener),
        Err(source) => BindError { address, source },
    };
    // These two say that there is IPv6; of the others, which one says that there is none depends on the system.
    let has_ipv6 = matches!(refused.source.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied);
    if address.ip() != Ipv6Addr::UNSPECIFIED || has_ipv6 {
        return Err(refused);
    }
    listen((Ipv4Addr::UNSPECIFIED, address.port()).into()).map_err(|_| refused)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // Windows, the BSDs and hardened Linux take IPv6 alone unless told otherwise.
        socket.set_only_v6(address.ip() != Ipv6Addr::UNSPECIFIED)?;
    }
    // On Unix: not to wait after a restart until old connections are forgotten. On Windows it would let two exporters
    // share the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[test]
    fn without_ipv6_all_addresses_are_those_of_ipv4() {
        let without_ipv6 = |address: SocketAddr| match address {
            SocketAddr::V4(_) => Ok(address.to_string()),
            SocketAddr::V6(_) => Err(io::Error::other("Address family not supported by protocol (os error 97)")),
        };
        let result =
            |address: &str| bind_with(address.parse().unwrap(), without_ipv6).map_err(|error| error.to_string());
        assert_eq!(result("[::]:31415"), Ok("0.0.0.0:31415".to_owned()));
        assert_eq!(result("127.0.0.1:31415"), Ok("127.0.0.1:31415".to_owned()));
        assert_eq!(
            result("[::1]:31415"),
            Err(
                "cannot listen on [::1]:31415: Address family not supported by protocol (os error 97); choose another \
                 with --web.listen-address"
                    .to_owned()
            )
        );
    }

    #[test]
    fn refusals_say_what_to_do() {
        for (kind, expected) in [
            (
                io::ErrorKind::AddrInUse,
                "cannot listen on [::]:31415: address already in use; is another exporter running? choose another with \
                 --web.listen-address",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "cannot listen on [::]:31415: permission denied; ports below 1024 are kept for the system: choose \
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
                "cannot listen on {address}: address already in use; is another exporter running? choose another with \
                 --web.listen-address"
            )
        );
    }

    #[tokio::test]
    async fn all_addresses_are_those_of_ipv4_too() {
        let listener = bind("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    }
}
