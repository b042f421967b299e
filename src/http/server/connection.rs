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

use super::connection_timeouts::{Activity, MonitoredBody, MonitoredIo, Timeouts};
use crate::http::web_access::WebAccess;

/// Maximum size of the head of a request. Prometheus's takes one kilobyte.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// What connections share.
#[derive(Debug, Clone)]
pub struct ServerContext {
    pub app: Router,
    pub web_access: Option<Arc<WebAccess>>,
    pub timeouts: Timeouts,
    /// Signals the shutdown: no further request is answered.
    pub stop: watch::Receiver<()>,
}

impl ServerContext {
    /// Serves requests until either side closes the connection. Its errors are only of interest to the client.
    pub async fn serve(mut self, stream: TcpStream) {
        // Large responses are written in many chunks; no chunk should wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let tls = match &self.web_access {
            Some(web_access) => web_access.rules().await.tls(),
            None => None,
        };
        let Some(tls) = tls else { return self.serve_http(stream).await };
        let mut stop = self.stop.clone();
        let secured = tokio::select! {
            secured = tokio::time::timeout(self.timeouts.request, secure(TlsAcceptor::from(tls), stream)) => secured,
            _ = stop.changed() => return,
        };
        match secured {
            Ok(Ok(stream)) => self.serve_http(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake timed out"),
        }
    }

    async fn serve_http(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let activity = Arc::new(Activity::new());
        let service = service_fn(|request: Request<Incoming>| {
            activity.answering();
            let (app, web_access, activity) = (self.app.clone(), self.web_access.clone(), Arc::clone(&activity));
            async move {
                let response = respond(app, web_access, request.map(Body::new)).await;
                Ok::<_, Infallible>(response.map(|body| MonitoredBody::new(body, activity)))
            }
        });
        let io = TokioIo::new(MonitoredIo::new(stream, Arc::clone(&activity)));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                // hyper cannot tell an idle client from one that stops in the middle of a request; `Activity` can.
                .header_read_timeout(None)
                .max_buf_size(MAX_HEAD_BYTES)
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
                () = activity.timed_out(self.timeouts) => {
                    tracing::debug!("closing a connection that timed out");
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

async fn respond(app: Router, web_access: Option<Arc<WebAccess>>, request: Request) -> Response {
    let Some(web_access) = web_access else { return route(app, request).await };
    let rules = web_access.rules().await;
    let mut response = match web_access.refusal(&rules, request.headers()).await {
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
