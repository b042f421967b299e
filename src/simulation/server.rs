//! Simulated clients on real sockets: each member of a world listens on a port of 127.0.0.1 and answers like a BOINC client.
//! Handles sockets and access; the replies come from [`super::replies`].
//!
//! | module | what it handles |
//! |---|---|
//! | `request` | parsing the bytes of a request |
//! | `session` | access to operations |
//! | `service` | one client: its port, connections, one request at a time |

mod request;
mod service;
mod session;

use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use self::service::Service;
use super::state::TICK;
use super::world::{Member, World};
use crate::simulation::behaviour::Reachability;

/// Checks per tick whether the next tick is due. A tick may be late by the time between two checks.
const CHECKS_PER_TICK: f64 = 10.0;

/// Shortest pause between two checks, so that the sockets get CPU time however fast the simulation runs.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// "Too many open files" on Linux, macOS and the BSDs. Windows has no such limit.
const EMFILE: i32 = 24;

/// The listening clients of a world. They stop when this is dropped.
///
/// Each takes a descriptor, and each connection one more.
#[derive(Debug)]
pub struct Servers {
    handles: Arc<[Handle]>,
    /// One for each client, and one that advances time. They end when this is dropped.
    _tasks: JoinSet<()>,
}

/// A client as seen from outside its task.
#[derive(Debug)]
struct Handle {
    member: Arc<Member>,
    address: SocketAddr,
    /// Tells the task how the client should be reachable.
    reachability: watch::Sender<Reachability>,
    /// Whether it listens.
    listens: watch::Receiver<bool>,
}

impl Servers {
    /// Starts all clients, each on a free port or, in the scenario's order, on `first_port` and the ports after it. If the
    /// world's clock is running, so is the world from now on.
    ///
    /// # Errors
    /// A sentence that names the client and the port that it cannot listen on.
    pub async fn start(world: &Arc<World>, first_port: Option<u16>) -> Result<Self> {
        let mut handles = Vec::with_capacity(world.members().len());
        let mut tasks = JoinSet::new();
        for (number, member) in world.members().iter().enumerate() {
            let port = first_port.map_or(Some(0), |first| first.checked_add(u16::try_from(number).ok()?));
            let failed = |source: Error| refusal(&member.name, port, &source);
            let port = port.ok_or_else(|| failed(Error::other("the highest port is 65535")))?;
            let socket = service::reserve((Ipv4Addr::LOCALHOST, port).into()).map_err(failed)?;
            let (reachability, told) = watch::channel(member.reachability());
            let (tell, listens) = watch::channel(false);
            handles.push(Handle { member: Arc::clone(member), address: socket.local_addr()?, reachability, listens });
            tasks.spawn(Service::new(Arc::clone(world), Arc::clone(member), told, tell).run(socket));
        }
        let handles: Arc<[Handle]> = handles.into();
        follow(&handles).await;
        if world.clock().speed() > 0.0 {
            tasks.spawn(advance_time(Arc::clone(world), Arc::clone(&handles)));
        }
        Ok(Self { handles, _tasks: tasks })
    }

    /// Names of the clients, in the scenario's order, and where they listen.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, SocketAddr)> {
        self.handles.iter().map(|handle| (handle.member.name.as_str(), handle.address))
    }

    /// Where the client of this name listens.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.addresses().find(|(known, _)| *known == name).map(|(_, address)| address)
    }

    /// Opens and closes ports according to the clients' reachability, and returns when that is done. Needed after advancing a
    /// world manually.
    pub async fn follow(&self) {
        follow(&self.handles).await;
    }
}

/// A sentence about a port that a client cannot listen on.
fn refusal(name: &str, port: Option<u16>, source: &Error) -> Error {
    let place = port.filter(|port| *port > 0).map(|port| format!(" on 127.0.0.1:{port}")).unwrap_or_default();
    let advice = match source.kind() {
        ErrorKind::AddrInUse => "address already in use; choose other ports with --clients-port",
        ErrorKind::PermissionDenied => {
            "permission denied; ports below 1024 are reserved for the system: choose others with --clients-port"
        }
        _ if source.raw_os_error() == Some(EMFILE) => {
            "too many open files; each client needs one, and so does each connection: raise `ulimit -n`"
        }
        _ => return Error::new(source.kind(), format!("simulated client `{name}` cannot listen{place}: {source}")),
    };
    Error::new(source.kind(), format!("simulated client `{name}` cannot listen{place}: {advice}"))
}

/// Tells the clients' tasks how the clients should be reachable.
fn notify(handles: &[Handle]) {
    for handle in handles {
        let now = handle.member.reachability();
        handle.reachability.send_if_modified(|reachability| std::mem::replace(reachability, now) != now);
    }
}

/// The same, and waits until it has taken effect.
async fn follow(handles: &[Handle]) {
    notify(handles);
    for handle in handles {
        let open = *handle.reachability.borrow() != Reachability::Closed;
        // An error means that the client's task has ended, and with it everything else.
        let _ = handle.listens.clone().wait_for(|listens| *listens == open).await;
    }
}

/// Advances the world's time. Never returns.
async fn advance_time(world: Arc<World>, handles: Arc<[Handle]>) {
    let pause = Duration::from_secs_f64(TICK / world.clock().speed() / CHECKS_PER_TICK).max(MIN_PAUSE);
    let mut clock = interval(pause);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let world = Arc::clone(&world);
        // A tick of thousands of clients takes a while; meanwhile requests are answered.
        let advanced = tokio::task::spawn_blocking(move || world.advance()).await;
        if advanced.is_err() {
            tracing::error!("the simulation panicked: time has stopped for its clients");
            return;
        }
        // A port that is temporarily unavailable does not stop time.
        notify(&handles);
    }
}
