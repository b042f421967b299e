//! Simulated clients on real sockets: each member of a world listens on a port of 127.0.0.1 and answers as a BOINC client
//! does. Knows sockets and who may ask; what is answered comes from [`super::replies`].
//!
//! | module | what it knows |
//! |---|---|
//! | `request` | what a client makes of the bytes of a request |
//! | `session` | who may ask what |
//! | `service` | one client: a port, connections, one request after another |

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

/// How often within a tick it is looked whether the next is due. By so little of a tick it may come late.
const LOOKS: f64 = 10.0;

/// However fast time goes, the sockets want their share of the computer.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// "Too many open files" on Linux, macOS and the BSDs. Windows has no such limit.
const EMFILE: i32 = 24;

/// The listening clients of a world. They stop when this is dropped.
///
/// Each takes a descriptor, and each connection one more.
#[derive(Debug)]
pub struct Servers {
    doors: Arc<[Door]>,
    /// One for each client, and one that lets time pass. Held because they end with it.
    _tasks: JoinSet<()>,
}

/// What is known of a client from outside its task.
#[derive(Debug)]
struct Door {
    member: Arc<Member>,
    address: SocketAddr,
    /// How it is to be reached from now on.
    line: watch::Sender<Reachability>,
    /// Whether it listens.
    listens: watch::Receiver<bool>,
}

impl Servers {
    /// Lets all clients listen, each on a free port or, in the scenario's order, on this one and those after it. If the
    /// world's clock goes by itself, so does the world from now on.
    ///
    /// # Errors
    /// A sentence that names the client and the port that cannot be listened on.
    pub async fn start(world: &Arc<World>, first_port: Option<u16>) -> Result<Self> {
        let mut doors = Vec::with_capacity(world.members().len());
        let mut tasks = JoinSet::new();
        for (number, member) in world.members().iter().enumerate() {
            let port = first_port.map_or(Some(0), |first| first.checked_add(u16::try_from(number).ok()?));
            let failed = |source: Error| refusal(&member.name, port, &source);
            let port = port.ok_or_else(|| failed(Error::other("ports end at 65535")))?;
            let socket = service::hold((Ipv4Addr::LOCALHOST, port).into()).map_err(failed)?;
            let (line, told) = watch::channel(member.line());
            let (tell, listens) = watch::channel(false);
            doors.push(Door { member: Arc::clone(member), address: socket.local_addr()?, line, listens });
            tasks.spawn(Service::new(Arc::clone(world), Arc::clone(member), told, tell).run(socket));
        }
        let doors: Arc<[Door]> = doors.into();
        follow(&doors).await;
        if world.clock().speed() > 0.0 {
            tasks.spawn(live(Arc::clone(world), Arc::clone(&doors)));
        }
        Ok(Self { doors, _tasks: tasks })
    }

    /// Names of the clients, in the scenario's order, and where they listen.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, SocketAddr)> {
        self.doors.iter().map(|door| (door.member.name.as_str(), door.address))
    }

    /// Where the client of this name listens.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.addresses().find(|(known, _)| *known == name).map(|(_, address)| address)
    }

    /// Opens and closes ports as the clients' lines say, and returns when that is done. For whoever advances a world by
    /// hand.
    pub async fn follow(&self) {
        follow(&self.doors).await;
    }
}

/// A sentence about a port that cannot be had.
fn refusal(name: &str, port: Option<u16>, source: &Error) -> Error {
    let place = port.filter(|port| *port > 0).map(|port| format!(" on 127.0.0.1:{port}")).unwrap_or_default();
    let advice = match source.kind() {
        ErrorKind::AddrInUse => "something listens there; choose other ports with --clients-port",
        ErrorKind::PermissionDenied => "ports below 1024 are kept for the system; choose others with --clients-port",
        _ if source.raw_os_error() == Some(EMFILE) => {
            "this process may open no more files; each client takes one, and each connection another: raise `ulimit -n`"
        }
        _ => return Error::new(source.kind(), format!("simulated client `{name}` cannot listen{place}: {source}")),
    };
    Error::new(source.kind(), format!("simulated client `{name}` cannot listen{place}: {advice}"))
}

/// Tells clients how they are to be reached.
fn tell(doors: &[Door]) {
    for door in doors {
        let now = door.member.line();
        door.line.send_if_modified(|line| std::mem::replace(line, now) != now);
    }
}

/// The same, and waits until it is so.
async fn follow(doors: &[Door]) {
    tell(doors);
    for door in doors {
        let open = *door.line.borrow() != Reachability::Closed;
        // It is an error only when the client's task is over, and so is everything else then.
        let _ = door.listens.clone().wait_for(|listens| *listens == open).await;
    }
}

/// Lets time pass in the world. Never ends.
async fn live(world: Arc<World>, doors: Arc<[Door]>) {
    let pause = Duration::from_secs_f64(TICK / world.clock().speed() / LOOKS).max(LEAST_PAUSE);
    let mut clock = interval(pause);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let world = Arc::clone(&world);
        // A tick of thousands of clients takes a while, in which others are to be answered.
        let advanced = tokio::task::spawn_blocking(move || world.advance()).await;
        if advanced.is_err() {
            tracing::error!("the simulation ended in a defect: time stands still for its clients");
            return;
        }
        // If a port cannot be had for a while, that is no reason for time to stand still.
        tell(&doors);
    }
}
