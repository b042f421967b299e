//! Listening, and stopping: sockets and the order to stop come in, nothing goes out.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long answers that are under way may take to end: as long as Prometheus waits by default, and well below the 90
/// seconds after which systemd kills.
const GRACE: Duration = Duration::from_secs(10);

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

/// Answers on all listeners until `shutdown`, then accepts nothing more and lets answers that are under way end, for
/// ten seconds at most.
///
/// # Errors
/// If a listener fails for good.
pub async fn serve(listeners: Vec<TcpListener>, app: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with(listeners, app, shutdown, GRACE).await
}

async fn serve_with(
    listeners: Vec<TcpListener>,
    app: Router,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    for listener in listeners {
        // Large answers are written in many pieces; none shall wait for the acknowledgement of the one before.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
        });
        let mut stopped = stopped.clone();
        let server = axum::serve(listener, app.clone()).with_graceful_shutdown(async move {
            // An error means that the sender is gone, which is to stop as well.
            let _ = stopped.changed().await;
        });
        servers.spawn(server.into_future());
    }
    tokio::select! {
        () = shutdown => {}
        Some(ended) = servers.join_next() => return ended.unwrap_or_else(|error| Err(io::Error::other(error))),
    }
    drop(stop);
    let all = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!("stopping although some answers are not finished after {} s", grace.as_secs());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::{Notify, oneshot};

    use super::*;

    fn local() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 0).into()
    }

    /// A page that says when it was asked, and answers when it is told to.
    fn slow() -> (Router, Arc<Notify>, Arc<Notify>) {
        let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let handler = {
            let (asked, go) = (Arc::clone(&asked), Arc::clone(&go));
            move || async move {
                asked.notify_one();
                go.notified().await;
                "done"
            }
        };
        (Router::new().route("/", get(handler)), asked, go)
    }

    async fn ask(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        stream
    }

    #[tokio::test]
    async fn answers_under_way_are_finished() {
        let listeners = vec![bind(local()).unwrap(), bind(local()).unwrap()];
        let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        let (app, asked, go) = slow();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listeners, app, async move { stopped.await.unwrap() }));
        let mut streams = Vec::new();
        for address in &addresses {
            streams.push(ask(*address).await);
            asked.notified().await;
        }
        // One that never says anything does not hold up the end.
        let _idle = TcpStream::connect(addresses[0]).await.unwrap();
        stop.send(()).unwrap();
        while TcpStream::connect(addresses[0]).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go.notify_waiters();
        for mut stream in streams {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\ndone"), "{answer}");
        }
        server.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn answers_that_take_too_long_are_not_waited_for() {
        let listener = bind(local()).unwrap();
        let address = listener.local_addr().unwrap();
        let (app, asked, _go) = slow();
        let stopped = async move { asked.notified().await };
        let server = tokio::spawn(serve_with(vec![listener], app, stopped, Duration::from_millis(50)));
        let _stream = ask(address).await;
        server.await.unwrap().unwrap();
    }

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
        let listener = bind(local()).unwrap();
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
