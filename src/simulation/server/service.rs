//! One simulated client at its port. As in a real client, a single task serves all connections in the order in which they were
//! accepted, and sends each reply completely before it handles the next request. So a peer that does not read its reply blocks this
//! client for everybody, but no other client.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::request;
use super::session::Session;
use crate::platform;
use crate::simulation::behaviour::Reachability;
use crate::simulation::replies::{self, ParsedRequest};
use crate::simulation::state::{Client, ProjectServer};
use crate::simulation::world::{Member, World};

/// Connections that may wait to be accepted, as in a real client.
const BACKLOG: u32 = 999;

/// Pause after failing to get a port or to accept a connection, most likely for lack of descriptors.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Bytes per read. A real client reads everything up to [`request::TOO_LONG`], but several requests in one read are shorter than
/// this.
const READ_SIZE: usize = 8 * 1024;

/// Reserves a port: nobody else can use it, and connections are refused until the socket listens.
pub fn reserve(address: SocketAddr) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(platform::REUSES_ADDRESSES)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A simulated client.
#[derive(Debug)]
pub struct Service {
    world: Arc<World>,
    member: Arc<Member>,
    /// How it should be reachable.
    reachability: watch::Receiver<Reachability>,
    /// Whether it listens.
    listens: watch::Sender<bool>,
    /// In the order of acceptance.
    connections: Vec<Connection>,
    cache: ReplyCache,
}

/// A connection from a peer.
#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// The bytes received of a request.
    request: Vec<u8>,
    session: Session,
}

impl Service {
    /// Creates a client that follows `reachability` and reports in `listens` whether it listens.
    pub fn new(
        world: Arc<World>,
        member: Arc<Member>,
        reachability: watch::Receiver<Reachability>,
        listens: watch::Sender<bool>,
    ) -> Self {
        let cache = ReplyCache { clock_stopped: world.clock().speed() == 0.0, ..ReplyCache::default() };
        Self { world, member, reachability, listens, connections: Vec::new(), cache }
    }

    /// Serves this port. Ends when the sender of `reachability` is dropped.
    pub async fn run(mut self, mut socket: TcpSocket) {
        while self.wait_until(|reachability| reachability != Reachability::Closed).await {
            let address = socket.local_addr();
            let (listener, address) = match (socket.listen(BACKLOG), address) {
                (Ok(listener), Ok(address)) => (listener, address),
                (Err(error), _) | (_, Err(error)) => {
                    tracing::error!(client = self.member.name, %error, "a simulated client cannot listen");
                    return;
                }
            };
            self.listens.send_replace(true);
            let mut reachability = self.reachability.clone();
            tokio::select! {
                _ = reachability.wait_for(|reachability| *reachability == Reachability::Closed) => {}
                () = self.serve(&listener) => {}
            }
            self.connections.clear();
            drop(listener);
            socket = reserve_again(address).await;
            self.listens.send_replace(false);
        }
    }

    /// Waits until the reachability meets a condition; false if it never will.
    async fn wait_until(&mut self, is: impl Fn(Reachability) -> bool) -> bool {
        self.reachability.wait_for(|reachability| is(*reachability)).await.is_ok()
    }

    async fn serve(&mut self, listener: &TcpListener) {
        // A client that hangs does not even accept connections: they wait in the kernel.
        while self.wait_until(|reachability| reachability == Reachability::Answers).await {
            let accepted = tokio::select! {
                _ = self.reachability.changed() => continue,
                accepted = poll_fn(|context| poll(listener, &self.connections, context)) => accepted,
            };
            match accepted {
                Some(Ok((stream, peer))) => self.accept(stream, peer),
                Some(Err(_)) => sleep(RETRY_PAUSE).await,
                None => {}
            }
            for mut connection in std::mem::take(&mut self.connections) {
                if self.serve_connection(&mut connection).await {
                    self.connections.push(connection);
                }
            }
        }
    }

    fn accept(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Otherwise the end of a long reply may wait for the peer's acknowledgement. If this fails, it only costs time.
        let _ = stream.set_nodelay(true);
        // Only this address is the client's own computer; 127.0.0.2 counts as another one.
        let session = Session::new(peer.ip() == Ipv4Addr::LOCALHOST, self.member.password());
        self.connections.push(Connection { stream, request: Vec::new(), session });
    }

    /// Answers a complete request, if there is one. Returns false if the connection should be closed.
    async fn serve_connection(&mut self, connection: &mut Connection) -> bool {
        match connection.read() {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
        if connection.request.len() >= request::TOO_LONG {
            return false;
        }
        let Some(text) = request::whole(&connection.request) else { return true };
        connection.request = Vec::new();
        let (body, stays) = self.answer(&mut connection.session, &text);
        let reply = format!("<boinc_gui_rpc_reply>\n{body}</boinc_gui_rpc_reply>\n\u{3}");
        connection.stream.write_all(reply.as_bytes()).await.is_ok() && stays
    }

    fn answer(&mut self, session: &mut Session, request: &str) -> (String, bool) {
        let Self { world, member, cache, .. } = self;
        member.look(|client, now| {
            session.answer(request, now, |parsed| cache.body(client, now, world.project_servers(), parsed))
        })
    }
}

impl Connection {
    /// Reads what has arrived, without waiting.
    fn read(&mut self) -> Result<usize> {
        let mut bytes = [0; READ_SIZE];
        let length = self.stream.try_read(&mut bytes)?;
        self.request.extend_from_slice(&bytes[..length]);
        Ok(length)
    }
}

/// Ready with a new connection, or with `None` if an existing one has data to read.
fn poll(
    listener: &TcpListener,
    connections: &[Connection],
    context: &mut Context<'_>,
) -> Poll<Option<Result<(TcpStream, SocketAddr)>>> {
    if let Poll::Ready(accepted) = listener.poll_accept(context) {
        return Poll::Ready(Some(accepted));
    }
    let readable = connections.iter().any(|connection| connection.stream.poll_read_ready(context).is_ready());
    if readable { Poll::Ready(None) } else { Poll::Pending }
}

/// Reserves the port of a client that was closed. If another program took it, waits until it is free.
async fn reserve_again(address: SocketAddr) -> TcpSocket {
    loop {
        match reserve(address) {
            Ok(socket) => return socket,
            Err(_) => sleep(RETRY_PAUSE).await,
        }
    }
}

/// Caches replies while the clock is stopped, because a benchmark should measure the exporter, not the simulation.
#[derive(Debug, Default)]
struct ReplyCache {
    /// Whether the clock is stopped.
    clock_stopped: bool,
    /// The current time and the last tick on the client's clock.
    moment: [u64; 2],
    bodies: HashMap<(String, i64, bool), Option<String>>,
}

impl ReplyCache {
    fn body(
        &mut self,
        client: &Client,
        now: f64,
        project_servers: &[Arc<ProjectServer>],
        parsed: &ParsedRequest<'_>,
    ) -> Option<String> {
        let body = || replies::body(client, now, project_servers, parsed);
        if !self.clock_stopped {
            return body();
        }
        let moment = [now, client.clock].map(f64::to_bits);
        if std::mem::replace(&mut self.moment, moment) != moment {
            self.bodies.clear();
        }
        let key = (parsed.operation.to_owned(), parsed.seqno, parsed.active_only);
        self.bodies.entry(key).or_insert_with(body).clone()
    }
}
