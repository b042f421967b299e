//! Simulated projects' servers on real sockets: each listens on a port of 127.0.0.1 and answers over HTTP. Handles sockets and
//! headers; the pages come from [`super::pages`].

use std::io::{Error, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request as HttpRequest, Response as HttpResponse, header};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::behaviour::ProjectSide;
use super::pages::{self, Request, Response};
use super::scenario::FaultKind;
use super::world::World;

/// Longer requests are cut off.
const MAX_REQUEST: usize = 64 << 10;

/// The listening servers of a world's projects. They stop when this is dropped.
#[derive(Debug)]
pub struct ProjectServers {
    addresses: Vec<SocketAddr>,
    /// One for each project.
    _tasks: JoinSet<()>,
}

/// A project's server.
#[derive(Debug, Clone)]
struct Site {
    world: Arc<World>,
    /// Position in the scenario.
    project: usize,
}

impl ProjectServers {
    /// Starts the servers of all projects, each on a free port.
    ///
    /// # Errors
    /// A sentence that names the project.
    pub async fn start(world: &Arc<World>) -> Result<Self> {
        let mut addresses = Vec::new();
        let mut tasks = JoinSet::new();
        for (project, server) in world.project_servers().iter().enumerate() {
            let failed = |error: Error| {
                Error::new(error.kind(), format!("the simulated server of `{}` cannot listen: {error}", server.name))
            };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
            addresses.push(listener.local_addr()?);
            let site = Site { world: Arc::clone(world), project };
            let router = Router::new().fallback(respond).with_state(site.clone());
            tasks.spawn(async move {
                if let Err(error) = axum::serve(Door { listener, site }, router).await {
                    tracing::error!(%error, "a simulated project's server has stopped");
                }
            });
        }
        Ok(Self { addresses, _tasks: tasks })
    }

    /// The address of each project's first page, in the scenario's order.
    pub fn urls(&self) -> impl Iterator<Item = String> {
        self.addresses.iter().map(|address| format!("http://{address}/"))
    }

    /// The address of a project's scheduler, by its position in the scenario.
    ///
    /// # Panics
    /// If there is no such project.
    #[must_use]
    pub fn scheduler(&self, project: usize) -> String {
        format!("http://{}/cgi-bin/cgi", self.addresses[project])
    }
}

impl Site {
    fn look<T>(&self, at: impl FnOnce(&ProjectSide, f64) -> T) -> T {
        self.world.look_at_project(self.project, at)
    }
}

/// A port at which nobody gets an answer while the project is down.
struct Door {
    listener: TcpListener,
    site: Site,
}

impl axum::serve::Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(connection) if !self.site.look(|side, _| side.has(FaultKind::ProjectDown)) => return connection,
                // Reset, as by a firewall: a connection that ends would look like a page that does.
                Ok((stream, _)) => drop(stream.set_zero_linger()),
                // Most likely for lack of descriptors.
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn respond(State(site): State<Site>, asked: HttpRequest<Body>) -> HttpResponse<Body> {
    let request = request(asked).await;
    // A tick of thousands of clients takes a while.
    let answered = tokio::task::spawn_blocking(move || site.look(|side, now| pages::answer(side, now, &request))).await;
    let response = answered.unwrap_or_else(|_| Response::html(500, "the simulation panicked"));
    tokio::time::sleep(response.delay).await;
    into_http(response)
}

async fn request(asked: HttpRequest<Body>) -> Request {
    let (head, body) = asked.into_parts();
    let text = |name: HeaderName| text(&head.headers, &name);
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let (origin, if_none_match) = (format!("http://{}", text(header::HOST)), text(header::IF_NONE_MATCH));
    let bytes = to_bytes(body, MAX_REQUEST).await.unwrap_or_default();
    let is_post = head.method == axum::http::Method::POST;
    let posted = is_post.then(|| String::from_utf8_lossy(&bytes).into_owned());
    Request { origin, target, posted, if_none_match }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn into_http(response: Response) -> HttpResponse<Body> {
    let Response { status, content_type, location, etag, modified, body, .. } = response;
    let modified = modified.map(|time| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(time)));
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::LOCATION, location),
        (header::ETAG, etag),
        (header::LAST_MODIFIED, modified.unwrap_or_default()),
        // A connection that stays open would still be answered when the project is down.
        (header::CONNECTION, "close".to_owned()),
    ];
    let mut http = HttpResponse::new(Body::from(body));
    *http.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    let values = headers.into_iter().filter(|(_, value)| !value.is_empty());
    for (name, value) in values.filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?))) {
        http.headers_mut().insert(name, value);
    }
    http
}
