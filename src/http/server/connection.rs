//! One connection: TLS if the web configuration says so, then HTTP/1.1.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::activity::{Activity, Timeouts};
use super::monitored::{MonitoredBody, MonitoredIo};
use super::places::{Place, Places};
use crate::http::web_access::WebAccess;

/// Maximum size of the head of a request. Prometheus's takes one kilobyte.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// What connections share.
#[derive(Debug, Clone)]
pub struct ServerContext {
    pub app: Router,
    pub web_access: Option<Arc<WebAccess>>,
    pub timeouts: Timeouts,
    pub places: Arc<Places>,
    /// Signals the shutdown: no further request is answered.
    pub stop: watch::Receiver<()>,
}

impl ServerContext {
    /// Serves requests until either side closes the connection, or it is over. Its errors are only of interest to the client.
    pub async fn serve(self, stream: TcpStream, place: Place) {
        let (activity, timeouts) = (&place.activity, self.timeouts);
        tokio::select! {
            () = self.secure_and_serve(stream, activity) => {}
            reason = activity.over(timeouts) => tracing::debug!(reason, "closing a connection"),
        }
    }

    async fn secure_and_serve(mut self, stream: TcpStream, activity: &Arc<Activity>) {
        // Large responses are written in many chunks; no chunk should wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let tls = match &self.web_access {
            Some(web_access) => web_access.rules().await.tls(),
            None => None,
        };
        let Some(tls) = tls else { return self.serve_http(stream, activity).await };
        let mut stop = self.stop.clone();
        let secured = tokio::select! {
            secured = secure(TlsAcceptor::from(tls), stream) => secured,
            _ = stop.changed() => return,
        };
        match secured {
            Ok(stream) => {
                activity.secured();
                self.serve_http(stream, activity).await;
            }
            Err(error) => tracing::debug!(%error, "TLS handshake failed"),
        }
    }

    async fn serve_http(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin, activity: &Arc<Activity>) {
        let service = service_fn(|mut request: Request<Incoming>| {
            activity.asked();
            request.extensions_mut().insert(Arc::clone(&self.places));
            let (app, web_access, activity) = (self.app.clone(), self.web_access.clone(), Arc::clone(activity));
            async move {
                let response = respond(app, web_access, request.map(Body::new), &activity).await;
                Ok::<_, Infallible>(response.map(|body| MonitoredBody::new(body, activity)))
            }
        });
        let io = TokioIo::new(MonitoredIo::new(stream, Arc::clone(activity)));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                // hyper cannot tell an idle client from one that stops in the middle of a request; `Activity` can.
                .header_read_timeout(None)
                .max_buf_size(MAX_HEAD_BYTES)
                // A client may say that it will send no more, and still read.
                .half_close(true)
                .serve_connection(io, service)
        );
        let mut stopping = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "connection failed");
                    }
                    return;
                }
                // An error means that the sender is gone, which also means to stop.
                _ = self.stop.changed(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

async fn respond(app: Router, web_access: Option<Arc<WebAccess>>, request: Request, activity: &Activity) -> Response {
    let Some(web_access) = web_access else {
        activity.answering();
        return route(app, request).await;
    };
    let rules = web_access.rules().await;
    let refusal = web_access.refusal(&rules, activity.peer, request.headers()).await;
    activity.answering();
    let mut response = match refusal {
        Some(refusal) => refusal,
        None => route(app, request).await,
    };
    rules.add_headers(&mut response);
    response
}

async fn route(app: Router, request: Request) -> Response {
    match TowerToHyperService::new(app).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Performs the TLS handshake. A client that sends plain HTTP is told what to do.
async fn secure(
    acceptor: TlsAcceptor,
    mut stream: TcpStream,
) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    let mut first = [0];
    // TLS starts with 0x16, plain HTTP with the name of the method.
    if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
        const SENTENCE: &str = "This exporter requires TLS: use https:// instead of http://, or \"scheme: https\" in \
                                Prometheus.\n";
        let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n";
        let answer = format!("{head}content-length: {}\r\n\r\n{SENTENCE}", SENTENCE.len());
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the client did not use TLS"));
    }
    acceptor.accept(stream).await
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use axum::routing::get;
    use tokio::io::AsyncReadExt;
    use tokio::sync::Semaphore;

    use super::super::listen::bind;
    use super::super::serve::{Limits, serve_within};
    use super::*;

    /// Longer than any test takes.
    const LONG: Duration = Duration::from_secs(600);

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// Serves until the test ends. Nobody is disconnected for being slow.
    fn serve_patiently(app: Router, web_access: Option<Arc<WebAccess>>, connections: usize) -> SocketAddr {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let timeouts = Timeouts { request: LONG, idle: LONG, lag: LONG };
        let limits = Limits { connections, timeouts, ..Limits::default() };
        tokio::spawn(serve_within(vec![listener], (app, web_access), std::future::pending(), limits));
        address
    }

    fn page() -> Router {
        Router::new().route("/", get(|| async { "done" }))
    }

    async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// The answer on a connection that stays open.
    async fn answer(stream: &mut TcpStream) -> String {
        let mut answer = Vec::new();
        while !answer.ends_with(b"done") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "{}", String::from_utf8_lossy(&answer));
        }
        String::from_utf8(answer).unwrap()
    }

    /// Completes when the other end closes the connection.
    async fn closed(mut stream: TcpStream) {
        let mut rest = Vec::new();
        // It may be closed with a reset.
        let _ = stream.read_to_end(&mut rest).await;
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }

    #[tokio::test]
    async fn whoever_keeps_a_connection_for_nothing_gives_way() {
        let address = serve_patiently(page(), None, 3);
        let mut open = VecDeque::from([send(address, b"").await, send(address, b"GET / HT").await]);
        for _ in 0..9 {
            // Each of them stays open, and gives way to those that come later.
            let mut next = send(address, REQUEST).await;
            answer(&mut next).await;
            open.push_back(next);
            if open.len() > 3 {
                closed(open.pop_front().unwrap()).await;
            }
        }
    }

    #[tokio::test]
    async fn half_a_tls_handshake_gives_way_too() {
        let folder = tempfile::tempdir().unwrap();
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.path().join("server.pem"), certified.cert.pem()).unwrap();
        std::fs::write(folder.path().join("server.key"), certified.signing_key.serialize_pem()).unwrap();
        let file = folder.path().join("web.yml");
        std::fs::write(&file, "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n").unwrap();
        let address = serve_patiently(page(), Some(Arc::new(WebAccess::load(&file).unwrap())), 2);
        let silent = send(address, b"").await;
        // The first bytes of a handshake: 22, the version, the length of what follows.
        let half = send(address, &[22, 3, 1, 2, 0, 1]).await;
        let third = send(address, &[22]).await;
        closed(silent).await;
        let fourth = send(address, &[22]).await;
        closed(half).await;
        drop((third, fourth));
    }

    /// A page that adds a permit when it is requested, and takes one to answer.
    fn slow() -> (Router, Arc<Semaphore>, Arc<Semaphore>) {
        let (asked, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let handler = {
            let (asked, go) = (Arc::clone(&asked), Arc::clone(&go));
            move || async move {
                asked.add_permits(1);
                go.acquire().await.unwrap().forget();
                "done"
            }
        };
        (Router::new().route("/", get(handler)), asked, go)
    }

    async fn requested(asked: &Semaphore) {
        asked.acquire().await.unwrap().forget();
    }

    #[tokio::test]
    async fn whoever_is_served_keeps_its_connection() {
        let (app, asked, go) = slow();
        let address = serve_patiently(app, None, 2);
        let mut first = send(address, REQUEST).await;
        requested(&asked).await;
        let silent = send(address, b"").await;
        let mut second = send(address, REQUEST).await;
        closed(silent).await;
        requested(&asked).await;
        // All connections are busy. The third is served when the first has its answer.
        let mut third = send(address, REQUEST).await;
        go.add_permits(1);
        answer(&mut first).await;
        closed(first).await;
        requested(&asked).await;
        go.add_permits(2);
        answer(&mut second).await;
        answer(&mut third).await;
    }

    #[tokio::test]
    async fn whoever_sends_no_more_still_gets_the_answer() {
        let (app, asked, go) = slow();
        let address = serve_patiently(app, None, 9);
        let mut streams = Vec::new();
        for _ in 0..3 {
            let mut stream = send(address, REQUEST).await;
            stream.shutdown().await.unwrap();
            requested(&asked).await;
            streams.push(stream);
        }
        go.add_permits(3);
        for mut stream in streams {
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            assert!(text.ends_with("\r\n\r\ndone"), "{text}");
        }
    }
}
