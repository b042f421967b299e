//! One simulated client at its port. As in a real one, a single thread of service goes round all connections in the order
//! of their acceptance: a request is answered, to the last byte, before the next is looked at. So a peer that does not
//! read its reply stops this client for everybody, and no other.

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
use crate::simulation::behaviour::Reachability;
use crate::simulation::replies::{self, Question};
use crate::simulation::state::{Client, Site};
use crate::simulation::world::{Member, World};

/// Connections that wait to be accepted, as a client has it.
const BACKLOG: u32 = 999;

/// After a port could not be had or a connection not be accepted, most likely for want of descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// A client reads all that has come, up to [`request::TOO_LONG`]. Several requests in one read are as short as this.
const READ: usize = 8 * 1024;

/// Keeps a port of this address: nobody else gets it, and whoever connects is refused until it listens.
pub fn hold(address: SocketAddr) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // On Unix: not to wait until connections of before are forgotten. On Windows it would share the port with others.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A simulated client.
#[derive(Debug)]
pub struct Service {
    world: Arc<World>,
    member: Arc<Member>,
    /// How it is to be reached.
    line: watch::Receiver<Reachability>,
    /// Whether it listens.
    listens: watch::Sender<bool>,
    /// In the order of acceptance.
    connections: Vec<Connection>,
    said: Said,
}

/// A peer.
#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// What has come of a request.
    request: Vec<u8>,
    session: Session,
}

impl Service {
    /// A client that goes by its `line` and tells whether it `listens`.
    pub fn new(
        world: Arc<World>,
        member: Arc<Member>,
        line: watch::Receiver<Reachability>,
        listens: watch::Sender<bool>,
    ) -> Self {
        let said = Said { stands_still: world.clock().speed() == 0.0, ..Said::default() };
        Self { world, member, line, listens, connections: Vec::new(), said }
    }

    /// Serves at this port. Ends when nobody is left who could tell how it is to be reached.
    pub async fn run(mut self, mut socket: TcpSocket) {
        while self.until(|line| line != Reachability::Closed).await {
            let address = socket.local_addr();
            let (listener, address) = match (socket.listen(BACKLOG), address) {
                (Ok(listener), Ok(address)) => (listener, address),
                (Err(error), _) | (_, Err(error)) => {
                    tracing::error!(client = self.member.name, %error, "a simulated client cannot listen");
                    return;
                }
            };
            self.listens.send_replace(true);
            let mut line = self.line.clone();
            tokio::select! {
                _ = line.wait_for(|line| *line == Reachability::Closed) => {}
                () = self.serve(&listener) => {}
            }
            self.connections.clear();
            drop(listener);
            socket = held_again(address).await;
            self.listens.send_replace(false);
        }
    }

    /// Waits until this is so of the line; false if it will never be.
    async fn until(&mut self, is: impl Fn(Reachability) -> bool) -> bool {
        self.line.wait_for(|line| is(*line)).await.is_ok()
    }

    async fn serve(&mut self, listener: &TcpListener) {
        // One that hangs does not even accept: connections wait with the system.
        while self.until(|line| line == Reachability::Answers).await {
            let accepted = tokio::select! {
                _ = self.line.changed() => continue,
                accepted = poll_fn(|context| poll(listener, &self.connections, context)) => accepted,
            };
            match accepted {
                Some(Ok((stream, peer))) => self.greet(stream, peer),
                Some(Err(_)) => sleep(PAUSE).await,
                None => {}
            }
            for mut connection in std::mem::take(&mut self.connections) {
                if self.attend(&mut connection).await {
                    self.connections.push(connection);
                }
            }
        }
    }

    fn greet(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Else the end of a long reply may wait until the peer has acknowledged what came before. If it fails, it waits.
        let _ = stream.set_nodelay(true);
        // Exactly this one is the client's own computer; 127.0.0.2 is another.
        let session = Session::new(peer.ip() == Ipv4Addr::LOCALHOST, self.member.password());
        self.connections.push(Connection { stream, request: Vec::new(), session });
    }

    /// Answers the request that has come, if one has. False when the connection is to be closed.
    async fn attend(&mut self, connection: &mut Connection) -> bool {
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
        let Self { world, member, said, .. } = self;
        member.look(|client, now| {
            session.answer(request, now, |question| said.body(client, now, world.sites(), question))
        })
    }
}

impl Connection {
    /// Reads what is there; waits for nothing.
    fn read(&mut self) -> Result<usize> {
        let mut bytes = [0; READ];
        let length = self.stream.try_read(&mut bytes)?;
        self.request.extend_from_slice(&bytes[..length]);
        Ok(length)
    }
}

/// Ready with a new connection, or with nothing when one of these has something to read.
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

/// Holds the port of a client that has gone. Somebody may have been quicker: then it is waited for.
async fn held_again(address: SocketAddr) -> TcpSocket {
    loop {
        match hold(address) {
            Ok(socket) => return socket,
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// What the client said at this moment. While its clock stands still it says the same again: a benchmark is to measure
/// who asks.
#[derive(Debug, Default)]
struct Said {
    /// The clock does not go by itself.
    stands_still: bool,
    /// On the client's clock: now, and the last tick.
    moment: [u64; 2],
    bodies: HashMap<(String, i64, bool), Option<String>>,
}

impl Said {
    fn body(&mut self, client: &Client, now: f64, sites: &[Arc<Site>], question: &Question<'_>) -> Option<String> {
        let body = || replies::body(client, now, sites, question);
        if !self.stands_still {
            return body();
        }
        let moment = [now, client.clock].map(f64::to_bits);
        if std::mem::replace(&mut self.moment, moment) != moment {
            self.bodies.clear();
        }
        let asked = (question.operation.to_owned(), question.seqno, question.active_only);
        self.bodies.entry(asked).or_insert_with(body).clone()
    }
}
