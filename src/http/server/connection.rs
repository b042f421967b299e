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

async fn respond(
    app: Router,
    web_access: Option<Arc<WebAccess>>,
    request: Request,
    activity: &Activity,
) -> Response {
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
