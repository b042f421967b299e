//! A BOINC client on 127.0.0.1: real TCP, the real challenge, recorded replies, and scripted misbehaviour. It watches its
//! visitor more closely than a real client could: every request, every connection, every overlap.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::fault::Fault;
use super::process::PATIENCE;
use super::proxy::Upstream;
use super::replay::Session;
use super::replies;
use super::sockets::end;
use super::wire::{Request, read_request};

/// The password of every scripted client that has one.
pub const PASSWORD: &str = "correct horse";

/// What a client is to be, before it listens.
pub struct Builder {
    folder: PathBuf,
    upstream: Option<String>,
    password: Option<&'static str>,
    deny_hosts: bool,
    remote: bool,
    faults: HashMap<String, Fault>,
    fault_of_all: Option<Fault>,
}

impl Builder {
    /// Has no password: every operation is answered to anybody.
    pub fn without_password(mut self) -> Self {
        self.password = None;
        self
    }

    /// Takes its visitor for another computer, which must log in before any operation.
    pub fn remote(mut self) -> Self {
        self.remote = true;
        self
    }

    /// Closes every connection at once, as for a host that `remote_hosts.cfg` does not list.
    pub fn deny_hosts(mut self) -> Self {
        self.deny_hosts = true;
        self
    }

    /// Misbehaves at one operation.
    pub fn fault(mut self, operation: &str, fault: Fault) -> Self {
        self.faults.insert(operation.to_owned(), fault);
        self
    }

    /// Misbehaves at every operation that has no fault of its own.
    pub fn fault_of_all(mut self, fault: Fault) -> Self {
        self.fault_of_all = Some(fault);
        self
    }

    /// Listens on a free port.
    pub async fn start(self) -> FakeClient {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State { script: Mutex::new(self), seen: Mutex::default(), open: watch::Sender::new(0) });
        let accept = tokio::spawn(accept(listener, Arc::clone(&state)));
        FakeClient { address, state, accept }
    }
}

/// A listening client. It stops when dropped.
pub struct FakeClient {
    address: SocketAddr,
    state: Arc<State>,
    accept: JoinHandle<()>,
}

impl FakeClient {
    /// A client that plays this folder of recorded replies and has [`PASSWORD`].
    pub fn playing(folder: &str) -> Builder {
        Builder {
            folder: replies(folder),
            upstream: None,
            password: Some(PASSWORD),
            deny_hosts: false,
            remote: false,
            faults: HashMap::new(),
            fault_of_all: None,
        }
    }

    /// One that asks a real client at this address what to answer, password and all, and so sees what is on the wire.
    pub fn before(address: &str) -> Builder {
        Builder { upstream: Some(address.to_owned()), ..Self::playing("") }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Plays another folder from now on.
    pub fn play(&self, folder: &str) {
        self.state.script().folder = replies(folder);
    }

    /// Misbehaves from now on, or no longer.
    pub fn set_fault(&self, operation: &str, fault: Option<Fault>) {
        let mut script = self.state.script();
        match fault {
            Some(fault) => script.faults.insert(operation.to_owned(), fault),
            None => script.faults.remove(operation),
        };
    }

    /// All requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.state.seen().requests.clone()
    }

    /// The operations of [`Self::requests`].
    pub fn operations(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.operation().to_owned()).collect()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.state.seen().connections
    }

    /// The most connections at a time.
    pub fn peak_connections(&self) -> usize {
        self.state.seen().peak
    }

    /// How many bytes [`Fault::Flood`] could send.
    pub fn flooded(&self) -> u64 {
        self.state.seen().flooded
    }

    /// Waits until the visitor has closed every connection.
    ///
    /// # Panics
    /// When one stays open.
    pub async fn closed(&self) {
        let mut open = self.state.open.subscribe();
        let closed = timeout(PATIENCE, open.wait_for(|open| *open == 0)).await;
        assert!(closed.is_ok(), "connections to {} were left open; requests: {:?}", self.address, self.operations());
    }

    /// Holds the visitor to what keeps a BOINC client safe: read operations only and nothing but them on the wire, one
    /// request in flight, one connection at a time, all closed in the end.
    ///
    /// # Panics
    /// When it did anything else.
    pub async fn assert_was_left_in_peace(&self) {
        self.closed().await;
        self.assert_was_not_harmed();
    }

    fn assert_was_not_harmed(&self) {
        assert_eq!(self.state.seen().violations, Vec::<String>::new());
        assert!(self.peak_connections() <= 1, "{} connections at a time", self.peak_connections());
        self.requests().iter().for_each(Request::assert_only_reads);
    }
}

impl Drop for FakeClient {
    /// No test can forget to look: but for connections that are still open, all is judged here too.
    fn drop(&mut self) {
        self.accept.abort();
        if !std::thread::panicking() {
            self.assert_was_not_harmed();
        }
    }
}

struct State {
    script: Mutex<Builder>,
    seen: Mutex<Seen>,
    /// How many connections are open.
    open: watch::Sender<usize>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<Request>,
    connections: usize,
    /// The visitor's addresses of the open ones.
    open: HashMap<usize, SocketAddr>,
    peak: usize,
    flooded: u64,
    violations: Vec<String>,
}

impl State {
    fn script(&self) -> MutexGuard<'_, Builder> {
        self.script.lock().expect("no test panics while it holds the script")
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no test panics while it holds what was seen")
    }

    /// How many connections to this address the visitor holds open, by its own end of them: on a busy computer the news of
    /// a connection's end can be overtaken by the next one's beginning, but at the visitor's end it is closed before.
    fn held_open(&self, address: SocketAddr) -> usize {
        let open: Vec<_> = self.seen().open.values().copied().collect();
        open.iter().filter(|visitor| end(**visitor, address).is_some_and(|end| end.is_open)).count()
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let address = listener.local_addr().expect("a bound socket has an address");
    let mut conversations = JoinSet::new();
    loop {
        let (stream, visitor) = listener.accept().await.expect("a listening socket accepts");
        let others = state.held_open(address);
        stream.set_nodelay(true).expect("a TCP socket");
        let number = {
            let mut seen = state.seen();
            let number = seen.connections;
            seen.connections += 1;
            seen.peak = seen.peak.max(others + 1);
            seen.open.insert(number, visitor);
            number
        };
        state.open.send_modify(|open| *open += 1);
        let state = Arc::clone(&state);
        conversations.spawn(async move {
            let mut stream = stream;
            if let Err(error) = converse(&mut stream, number, &state).await
                && error.kind() == ErrorKind::Other
            {
                state.seen().violations.push(error.to_string());
            }
            state.seen().open.remove(&number);
            drop(stream);
            state.open.send_modify(|open| *open -= 1);
        });
    }
}

async fn converse(stream: &mut TcpStream, number: usize, state: &State) -> std::io::Result<()> {
    let (denied, password, remote, upstream) = {
        let script = state.script();
        (script.deny_hosts, script.password, script.remote, script.upstream.clone())
    };
    if denied {
        return Ok(());
    }
    let mut session = Session::new(number, password, remote);
    let mut upstream = match upstream {
        Some(address) => Some(Upstream::connect(&address).await?),
        None => None,
    };
    while let Some(text) = read_request(stream).await? {
        let request = Request { connection: number, text };
        state.seen().requests.push(request.clone());
        let (reply, stay) = match &mut upstream {
            Some(upstream) => (upstream.ask(&request.text).await?, true),
            None => session.answer(&request, &state.script().folder),
        };
        let fault = {
            let script = state.script();
            script.faults.get(request.operation()).or(script.fault_of_all.as_ref()).cloned()
        };
        let mut flooded = 0;
        let played = match fault {
            None => stream.write_all(&reply).await.map(|()| true),
            Some(fault) => fault.play(stream, reply, &mut flooded).await,
        };
        state.seen().flooded += flooded;
        if !(played? && stay) {
            break;
        }
    }
    Ok(())
}
