//! One connection: a stream comes in, it is made safe where the web configuration says so, and the requests on it are
//! answered one after another, by HTTP/1.1.

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

/// The longest head of a request. Prometheus's has one kilobyte.
const LONGEST_HEAD: usize = 32 << 10;

/// What all connections share.
#[derive(Debug, Clone)]
pub struct ServerContext {
    pub app: Router,
    pub web_access: Option<Arc<WebAccess>>,
    pub timeouts: Timeouts,
    /// Says that no further request is to be answered.
    pub stop: watch::Receiver<()>,
}

impl ServerContext {
    /// Answers until either side has had enough. What is wrong with a connection is for its other end to know.
    pub async fn serve(mut self, stream: TcpStream) {
        // Large answers are written in many pieces; none shall wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let tls = match &self.web_access {
            Some(web_access) => web_access.rules().await.tls(),
            None => None,
        };
        let Some(tls) = tls else { return self.answer(stream).await };
        let mut stop = self.stop.clone();
        let secured = tokio::select! {
            secured = tokio::time::timeout(self.timeouts.request, secure(TlsAcceptor::from(tls), stream)) => secured,
            _ = stop.changed() => return,
        };
        match secured {
            Ok(Ok(stream)) => self.answer(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "no agreement on TLS"),
            Err(_) => tracing::debug!("no agreement on TLS in time"),
        }
    }

    async fn answer(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let activity = Arc::new(Activity::new());
        let service = service_fn(|request: Request<Incoming>| {
            activity.answering();
            let (app, web_access, activity) = (self.app.clone(), self.web_access.clone(), Arc::clone(&activity));
            async move {
                let response = page(app, web_access, request.map(Body::new)).await;
                Ok::<_, Infallible>(response.map(|body| MonitoredBody::new(body, activity)))
            }
        });
        let io = TokioIo::new(MonitoredIo::new(stream, Arc::clone(&activity)));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                // The activity does that, and tells a client that is idle from one that stops in the middle.
                .header_read_timeout(None)
                .max_buf_size(LONGEST_HEAD)
                .serve_connection(io, service)
        );
        let mut stopping = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke");
                    }
                    return;
                }
                () = activity.timed_out(self.timeouts) => {
                    tracing::debug!("a connection that took too long is closed");
                    return;
                }
                // An error means that the sender is gone, which is to stop as well.
                _ = self.stop.changed(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

async fn page(app: Router, web_access: Option<Arc<WebAccess>>, request: Request) -> Response {
    let Some(web_access) = web_access else { return routed(app, request).await };
    let rules = web_access.rules().await;
    let mut response = match web_access.refusal(&rules, request.headers()).await {
        Some(refusal) => refusal,
        None => routed(app, request).await,
    };
    rules.add_headers(&mut response);
    response
}

async fn routed(app: Router, request: Request) -> Response {
    match TowerToHyperService::new(app).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Agrees on TLS, or tells a client that speaks in the clear what it must do.
async fn secure(
    acceptor: TlsAcceptor,
    mut stream: TcpStream,
) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    let mut first = [0];
    // TLS begins with 0x16, a request with the name of its method.
    if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
        const SENTENCE: &str = "This exporter is served over TLS: say https:// in place of http://, and in Prometheus \
                                scheme: https.\n";
        let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n";
        let answer = format!("{head}content-length: {}\r\n\r\n{SENTENCE}", SENTENCE.len());
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a request without TLS"));
    }
    acceptor.accept(stream).await
}
