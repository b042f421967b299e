//! Accepting connections, and shutting down.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::activity::Timeouts;
use super::connection::ServerContext;
use super::places::Places;
use crate::http::peer::Peer;
use crate::http::web_access::WebAccess;
use crate::platform;
use crate::self_metrics::OpenFiles;

/// How long responses may take to complete during shutdown: Prometheus's default scrape timeout, and well below the 90
/// seconds after which systemd kills the process.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum number of concurrent connections, if the limit on open files allows as many. Prometheus needs one.
const MAX_CONNECTIONS: usize = 512;

/// Serves on all listeners until `shutdown` completes. Then it accepts no more requests, and waits at most ten seconds for
/// responses to complete.
///
/// # Errors
/// A listener failed.
pub async fn serve(listeners: Vec<TcpListener>, app: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with_web_access(listeners, app, None, shutdown).await
}

/// As [`serve`], with TLS, users and headers.
///
/// # Errors
/// A listener failed.
pub async fn serve_with_web_access(
    listeners: Vec<TcpListener>,
    app: Router,
    web_access: Option<Arc<WebAccess>>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_within(listeners, (app, web_access), shutdown, Limits::default()).await
}

/// The limits of the server.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) shutdown: Duration,
    pub(super) connections: usize,
    pub(super) timeouts: Timeouts,
}

impl Default for Limits {
    fn default() -> Self {
        let allowed = OpenFiles::of_process().map_or(MAX_CONNECTIONS, |allowed| allowed.connections);
        let connections = allowed.min(MAX_CONNECTIONS);
        Self { shutdown: SHUTDOWN_TIMEOUT, connections, timeouts: Timeouts::default() }
    }
}

pub(super) async fn serve_within(
    listeners: Vec<TcpListener>,
    (app, web_access): (Router, Option<Arc<WebAccess>>),
    shutdown: impl Future<Output = ()>,
    limits: Limits,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let places = Arc::new(Places::new(limits.connections));
    let context = ServerContext { app, web_access, timeouts: limits.timeouts, places, stop: stopped };
    let mut servers = JoinSet::new();
    for listener in listeners {
        servers.spawn(accept(listener, context.clone()));
    }
    drop(context);
    tokio::select! {
        () = shutdown => {}
        Some(ended) = servers.join_next() => return ended.map_err(io::Error::other),
    }
    drop(stop);
    let all = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.shutdown, all).await.is_err() {
        tracing::warn!("stopping although some responses are incomplete after {} s", limits.shutdown.as_secs());
    }
    Ok(())
}

/// Accepts connections, and finds a place for each. When it is told to stop, it waits for the open ones.
async fn accept(listener: TcpListener, context: ServerContext) {
    platform::limit_unsent(&listener);
    let mut stop = context.stop.clone();
    let mut connections = JoinSet::new();
    loop {
        // While all places are taken, and nobody can leave, further connections wait in the system's backlog.
        let next = async {
            let (stream, address) = listener.accept().await?;
            Ok((stream, context.places.take(Peer::from(address.ip())).await))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            // An error means that the sender is gone, which also means to stop.
            _ = stop.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, place)) => {
                connections.spawn(context.clone().serve(stream, place));
            }
            Err(error) if is_connection_error(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; retrying in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether the error is about one connection, which is gone. Otherwise, too many files are usually open.
fn is_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::{Notify, oneshot};

    use super::super::listen::bind;
    use super::*;

    fn local() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 0).into()
    }

    /// A page that signals when it is requested, and answers when it is told to.
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
    async fn responses_in_progress_are_completed() {
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
        // A client that never sends anything does not delay the shutdown.
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
    async fn slow_responses_are_not_waited_for_forever() {
        let listener = bind(local()).unwrap();
        let address = listener.local_addr().unwrap();
        let (app, asked, _go) = slow();
        let stopped = async move { asked.notified().await };
        let limits = Limits { shutdown: Duration::from_millis(50), ..Limits::default() };
        let server = tokio::spawn(serve_within(vec![listener], (app, None), stopped, limits));
        let _stream = ask(address).await;
        server.await.unwrap().unwrap();
    }

    /// Serves until the test ends, with timeouts so short that a test can wait for them.
    fn serve_impatiently(app: Router, connections: usize) -> SocketAddr {
        let listener = bind(local()).unwrap();
        let address = listener.local_addr().unwrap();
        let short = Duration::from_millis(50);
        let timeouts = Timeouts { request: short, idle: short, lag: short };
        let limits = Limits { connections, timeouts, ..Limits::default() };
        tokio::spawn(serve_within(vec![listener], (app, None), std::future::pending(), limits));
        address
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut answer = Vec::new();
        // When the connection is closed, unread data may be lost, and reading may fail.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn clients_that_send_no_request_are_disconnected() {
        let address = serve_impatiently(Router::new().route("/", get(|| async { "done" })), 9);
        // One that sends nothing, one that stops in the middle of a request, one that trickles.
        assert_eq!(rest(TcpStream::connect(address).await.unwrap()).await, "");
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        assert_eq!(rest(half).await, "");
        let mut trickling = TcpStream::connect(address).await.unwrap();
        // Each byte comes before the time for one that is idle is over.
        while trickling.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // One that sends a request and nothing more gets its response first.
        let answer = rest(ask(address).await).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("done"), "{answer}");
        // One that stops in the middle of its second request.
        let mut second = ask(address).await;
        second.write_all(b"GET / HT").await.unwrap();
        let answer = rest(second).await;
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }

    #[tokio::test]
    async fn a_response_may_take_longer_than_a_request() {
        let slow = get(|| async {
            // Several times what a request may take.
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        });
        let answer = rest(ask(serve_impatiently(Router::new().route("/", slow), 9)).await).await;
        assert!(answer.ends_with("done"), "{answer}");
    }

    #[tokio::test]
    async fn clients_that_do_not_read_are_disconnected() {
        struct Kept(Arc<Notify>);
        impl Drop for Kept {
            fn drop(&mut self) {
                self.0.notify_one();
            }
        }
        // More than the buffers of both ends can take.
        let left = Arc::new(Notify::new());
        let kept = Arc::clone(&left);
        let large = get(move || {
            let kept = Kept(Arc::clone(&kept));
            let chunk = move || {
                let _ = &kept;
                axum::body::Bytes::from(vec![b'x'; 1 << 20])
            };
            async move { axum::body::Body::new(Endless(chunk)) }
        });
        let address = serve_impatiently(Router::new().route("/", large), 9);
        let _stream = ask(address).await;
        left.notified().await;
    }

    /// An endless body.
    struct Endless<F>(F);

    impl<F: Fn() -> axum::body::Bytes + Unpin> http_body::Body for Endless<F> {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Ready(Some(Ok(http_body::Frame::data((self.0)()))))
        }
    }

    #[tokio::test]
    async fn connections_beyond_the_limit_wait() {
        let address = serve_impatiently(Router::new().route("/", get(|| async { "done" })), 1);
        let _silent = TcpStream::connect(address).await.unwrap();
        let answer = rest(ask(address).await).await;
        assert!(answer.ends_with("done"), "{answer}");
    }
}
