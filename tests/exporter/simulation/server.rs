//! Simulated clients at their ports: framing, the challenge, who may ask what, order of service, and how a client is that
//! is off or hangs. What is expected was seen of real clients.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::support::process::PATIENCE;
use crate::support::sockets::end;
use crate::support::want_many_descriptors;

const PASSWORD: &str = "correct horse";

/// What does not come while another is answered so often does not come at all.
const ANSWERS: u32 = 200;

const COUNT: &str = "get_message_count";

/// A fleet whose time is stepped.
struct Fleet {
    world: Arc<World>,
    servers: Servers,
}

impl Fleet {
    /// Hosts `a-1`, `a-2` and so on; `more` is what goes wrong with them, and when.
    async fn start(hosts: usize, more: &str) -> Self {
        let text = format!(
            "warm_up = \"1m\"\npassword = \"{PASSWORD}\"\n\
             [[projects]]\nname = \"P\"\nurl = \"https://p.example/\"\nuser = \"u\"\n\
             apps = [{{ name = \"x\", title = \"X\", takes = \"1h\", deadline = \"1d\", credit = 1 }}]\n\
             [[hosts]]\nname = \"a\"\ncount = {hosts}\ncpus = 1\nprojects = [{{ project = \"P\" }}]\n{more}"
        );
        let scenario = Scenario::from_text(&text).expect("the scenario is right");
        let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(1_795_000_000));
        let world = Arc::new(World::new(&scenario, clock));
        let servers = Servers::start(&world, None).await.expect("127.0.0.1 has free ports");
        Self { world, servers }
    }

    fn address(&self, name: &str) -> SocketAddr {
        self.servers.address(name).expect("there is such a client")
    }

    /// Lets time pass.
    async fn pass(&self, seconds: u64) {
        self.world.clock().step(Duration::from_secs(seconds));
        self.world.advance();
        self.servers.follow().await;
    }
}

/// Somebody who asks a client.
struct Peer(TcpStream);

impl Peer {
    async fn new(address: SocketAddr) -> Self {
        Self::from("127.0.0.1", address).await
    }

    /// From one of this computer's addresses.
    async fn from(source: &str, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a descriptor is free");
        let source = source.parse::<Ipv4Addr>().expect("an address");
        socket.bind((source, 0).into()).expect("Linux has all of 127.0.0.0/8");
        Self(socket.connect(address).await.expect("the client listens"))
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the client reads");
    }

    /// What is between the tags of the next reply; `None` when the connection ends before.
    async fn reply(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        loop {
            let read = timeout(PATIENCE, self.0.read_buf(&mut bytes)).await.expect("an answer, or the end");
            match read {
                Ok(0) | Err(_) => {
                    assert!(bytes.is_empty(), "half a reply: {}", bytes.escape_ascii());
                    return None;
                }
                Ok(_) => {}
            }
            let Some(end) = bytes.iter().position(|byte| *byte == 3) else { continue };
            assert_eq!(end + 1, bytes.len(), "more than one reply: {}", bytes.escape_ascii());
            let text = String::from_utf8(bytes).expect("replies of simulated clients are UTF-8");
            let body = text.strip_prefix("<boinc_gui_rpc_reply>\n");
            let body = body.and_then(|body| body.strip_suffix("</boinc_gui_rpc_reply>\n\u{3}"));
            return Some(body.unwrap_or_else(|| panic!("no envelope: {text}")).to_owned());
        }
    }

    async fn ask(&mut self, operation: &str) -> Option<String> {
        self.send(&request(&format!("<{operation}/>"))).await;
        self.reply().await
    }

    /// Answers the challenge with what `hash` makes of nonce and password.
    async fn log_in(&mut self, hash: impl Fn(&str) -> String) -> Option<String> {
        let body = self.ask("auth1").await?;
        let nonce = body.strip_prefix("<nonce>").and_then(|rest| rest.strip_suffix("</nonce>\n")).expect("a nonce");
        self.send(&request(&format!("<auth2>\n<nonce_hash>{}</nonce_hash>\n</auth2>", hash(nonce)))).await;
        self.reply().await
    }

    async fn is_answered(&mut self) -> bool {
        self.ask(COUNT).await.is_some_and(|body| body.starts_with("<seqno>"))
    }

    async fn is_closed(&mut self) -> bool {
        self.reply().await.is_none()
    }

    /// Whether something has come, if only the end.
    async fn has_heard(&self) -> bool {
        timeout(Duration::ZERO, self.0.peek(&mut [0; 1])).await.is_ok()
    }

    /// Whether nothing comes while another is answered.
    async fn hears_nothing(&self, other: &mut Self) -> bool {
        for _ in 0..ANSWERS {
            assert!(other.is_answered().await);
            if self.has_heard().await {
                return false;
            }
        }
        true
    }

    /// Waits until the client has read all that was sent.
    async fn is_read(&self) {
        let [here, there] = [self.0.local_addr(), self.0.peer_addr()].map(|address| address.expect("it is connected"));
        let ends = || [end(here, there), end(there, here)].map(|end| end.expect("the connection is open"));
        while ends().iter().any(|end| end.under_way > 0 || end.unread > 0) {
            yield_now().await;
        }
    }
}

fn request(body: &str) -> Vec<u8> {
    format!("<boinc_gui_rpc_request>\n{body}\n</boinc_gui_rpc_request>\n\u{3}").into_bytes()
}

fn hash(nonce: &str) -> String {
    format!("{:x}", md5::compute(format!("{nonce}{PASSWORD}")))
}

#[tokio::test]
async fn odd_requests_are_taken_as_a_client_takes_them() {
    let fleet = Fleet::start(1, "").await;
    let count = Peer::new(fleet.address("a")).await.ask(COUNT).await.expect("an answer");
    let count = count.as_str();
    let error = |problem: &str| format!("<error>{problem}</error>\n");
    for (request, expected) in [
        ("<boinc_gui_rpc_request>\n<get_message_count />\n</boinc_gui_rpc_request>\n\u{3}", count),
        ("<boinc_gui_rpc_request><get_message_count></get_message_count></boinc_gui_rpc_request>\u{3}", count),
        ("<anything>\n<get_message_count attr=\"1\"/>\n\u{3}", count),
        ("\u{3}", &error("missing boinc_gui_rpc_request tag")),
        ("get_message_count\u{3}", &error("missing boinc_gui_rpc_request tag")),
        ("<get_message_count/>\n\u{3}", &error("missing request")),
        ("<boinc_gui_rpc_request>\n</boinc_gui_rpc_request>\n\u{3}", &error("unrecognized op: /boinc_gui_rpc_request")),
        (
            "<?xml version=\"1.0\"?>\n<boinc_gui_rpc_request>\n<get_state/>\n\u{3}",
            &error("unrecognized op: boinc_gui_rpc_request"),
        ),
        ("<x>\n<no_such_op/>\n\u{3}", &error("unrecognized op: no_such_op/")),
        ("<x>\n<GET_MESSAGE_COUNT/>\n\u{3}", &error("unrecognized op: GET_MESSAGE_COUNT/")),
    ] {
        let mut peer = Peer::new(fleet.address("a")).await;
        peer.send(request.as_bytes()).await;
        assert_eq!(peer.reply().await.as_deref(), Some(expected), "{request}");
        assert!(peer.is_answered().await, "the connection stays open after {request}");
    }
}

#[tokio::test]
async fn a_second_request_in_one_read_is_lost() {
    let fleet = Fleet::start(1, "").await;
    let (mut peer, mut other) = (Peer::new(fleet.address("a")).await, Peer::new(fleet.address("a")).await);
    peer.send(&[request("<get_message_count/>"), request("<exchange_versions/>")].concat()).await;
    assert!(peer.reply().await.is_some_and(|body| body.starts_with("<seqno>")));
    assert!(peer.hears_nothing(&mut other).await, "the second was answered");
    assert!(peer.ask("exchange_versions").await.is_some_and(|body| body.starts_with("<server_version>")));
    // The beginning of the second is lost with the first, and its end is a request of its own.
    peer.send(&[&request("<get_message_count/>")[..], b"<boinc_gui_rpc_request>\n<exchange_versions/>"].concat()).await;
    assert!(peer.reply().await.is_some_and(|body| body.starts_with("<seqno>")));
    peer.send(b"\n</boinc_gui_rpc_request>\n\x03").await;
    assert_eq!(peer.reply().await.as_deref(), Some("<error>missing request</error>\n"));
}

#[tokio::test]
async fn requests_come_in_pieces_up_to_a_length() {
    let fleet = Fleet::start(1, "").await;
    let mut peer = Peer::new(fleet.address("a")).await;
    let whole = request("<get_message_count/>");
    for piece in whole.chunks(19) {
        peer.is_read().await;
        assert!(!peer.has_heard().await, "answered before its end");
        peer.send(piece).await;
    }
    assert!(peer.reply().await.is_some_and(|body| body.starts_with("<seqno>")));
    for (length, answered) in [(99_999, true), (100_000, false), (150_000, false)] {
        let mut peer = Peer::new(fleet.address("a")).await;
        let blanks = " ".repeat(length - request("<get_message_count/>").len());
        // The client may close before it has read all.
        let _ = peer.0.write_all(&request(&format!("<get_message_count/>{blanks}"))).await;
        assert_eq!(peer.reply().await.is_some(), answered, "{length} bytes");
    }
    let (mut peer, mut other) = (Peer::new(fleet.address("a")).await, Peer::new(fleet.address("a")).await);
    peer.send(b"\0\x03").await;
    peer.send(&whole).await;
    assert!(peer.hears_nothing(&mut other).await, "a NUL hides what follows it");
}

#[tokio::test]
async fn the_password_opens_what_is_guarded() {
    let fleet = Fleet::start(1, "").await;
    let address = fleet.address("a");
    let (unauthorized, nothing) = (Some("<unauthorized/>\n".to_owned()), Some(String::new()));

    let mut right = Peer::new(address).await;
    assert_eq!(right.log_in(hash).await.as_deref(), Some("<authorized/>\n"));
    assert_eq!(right.log_in(hash).await.as_deref(), Some("<authorized/>\n"), "once more does no harm");
    // Whoever may is told that a simulated client cannot do it, and stays.
    for _ in 0..3 {
        assert_eq!(right.ask("set_run_mode").await.as_deref(), Some("<error>unrecognized op: set_run_mode/</error>\n"));
    }
    assert!(right.is_answered().await);

    let wrong: [&dyn Fn(&str) -> String; 3] = [
        &|nonce| hash(nonce).to_uppercase(),
        &|nonce| format!("{:x}", md5::compute(format!("{nonce}{PASSWORD}\n"))),
        &|_| String::new(),
    ];
    for hash in wrong {
        let mut peer = Peer::new(address).await;
        assert_eq!(peer.log_in(hash).await, unauthorized);
        assert!(peer.is_closed().await);
    }

    let mut early = Peer::new(address).await;
    assert_eq!((early.ask("auth2").await, early.is_closed().await), (nothing.clone(), true));
    let mut twice = Peer::new(address).await;
    assert!(twice.ask("auth1").await.is_some_and(|body| body.starts_with("<nonce>")));
    assert_eq!((twice.ask("auth1").await, twice.is_closed().await), (nothing, true));
    let mut hidden = Peer::new(address).await;
    hidden.send(&request("<get_state/><!-- <auth1/> -->")).await;
    assert!(hidden.reply().await.is_some_and(|body| body.starts_with("<nonce>")), "it is found anywhere");
}

#[tokio::test]
async fn others_than_its_own_computer_need_the_password_for_everything() {
    let fleet = Fleet::start(1, "").await;
    let address = fleet.address("a");
    let unauthorized = Some("<unauthorized/>\n".to_owned());

    let mut local = Peer::new(address).await;
    assert_eq!(local.ask("project_update").await, unauthorized);
    assert!(local.is_answered().await, "once is forgiven");
    assert_eq!((local.ask("quit").await, local.is_closed().await), (unauthorized.clone(), true));

    let mut remote = Peer::from("127.0.0.2", address).await;
    assert_eq!(remote.ask(COUNT).await, unauthorized);
    assert_eq!((remote.ask(COUNT).await, remote.is_closed().await), (unauthorized.clone(), true));
    let mut remote = Peer::from("127.0.0.2", address).await;
    assert_eq!(remote.ask("no_such_op").await, unauthorized);
    assert_eq!(remote.log_in(hash).await.as_deref(), Some("<authorized/>\n"));
    assert!(remote.is_answered().await);
}

#[tokio::test]
async fn a_client_that_is_off_refuses_and_one_that_hangs_is_silent() {
    let troubles = "[[faults]]\ntrouble = \"off\"\nclient = \"a-1\"\nafter = \"1m\"\nfor = \"1m\"\n\
                    [[faults]]\ntrouble = \"hangs\"\nclient = \"a-2\"\nafter = \"1m\"\nfor = \"1m\"\n";
    let fleet = Fleet::start(3, troubles).await;
    let addresses = ["a-1", "a-2", "a-3"].map(|name| fleet.address(name));
    let [mut off, mut hangs, mut well] =
        [Peer::new(addresses[0]).await, Peer::new(addresses[1]).await, Peer::new(addresses[2]).await];
    for peer in [&mut off, &mut hangs, &mut well] {
        assert!(peer.is_answered().await);
    }

    fleet.pass(70).await;
    assert!(off.is_closed().await, "its connections end with it");
    let refused = TcpStream::connect(addresses[0]).await.map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    hangs.send(&request("<get_message_count/>")).await;
    let mut later = Peer::new(addresses[1]).await;
    later.send(&request("<get_message_count/>")).await;
    assert!(hangs.hears_nothing(&mut well).await && later.hears_nothing(&mut well).await);
    assert!(well.is_answered().await);

    fleet.pass(60).await;
    assert!(Peer::new(addresses[0]).await.is_answered().await, "it is back at its port");
    assert!(hangs.reply().await.is_some() && later.reply().await.is_some(), "it goes on where it was");
    assert!(well.is_answered().await);
}

#[tokio::test]
async fn who_does_not_read_stops_a_client_for_everybody_and_no_other_client() {
    let fleet = Fleet::start(2, "").await;
    let mut greedy = Peer::new(fleet.address("a-1")).await;
    let mut second = Peer::new(fleet.address("a-1")).await;
    let mut other = Peer::new(fleet.address("a-2")).await;
    // Until the replies that nobody reads fill the buffers between the two.
    let mut unread = 0;
    while {
        greedy.send(&request("<get_state/>")).await;
        second.send(&request("<get_message_count/>")).await;
        unread += 1;
        !second.hears_nothing(&mut other).await
    } {
        assert!(second.reply().await.is_some());
        assert!(unread < 20_000, "a client that never waits is none");
    }
    assert!(other.is_answered().await, "another client");
    drop(greedy);
    assert!(second.reply().await.is_some(), "it goes on when the connection is gone");
}

#[tokio::test]
async fn nothing_is_answered_when_all_is_over() {
    let fleet = Fleet::start(1, "").await;
    let (address, mut peer) = (fleet.address("a"), Peer::new(fleet.address("a")).await);
    assert!(peer.is_answered().await);
    drop(fleet);
    assert!(peer.is_closed().await);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn many_clients_and_many_connections_of_one_are_served() {
    want_many_descriptors();
    let fleet = Fleet::start(300, "").await;
    let mut asked = JoinSet::new();
    for (_, address) in fleet.servers.addresses() {
        asked.spawn(async move { Peer::new(address).await.is_answered().await });
    }
    assert!(asked.join_all().await.into_iter().all(|answered| answered));
    let mut peers = Vec::new();
    for _ in 0..200 {
        peers.push(Peer::new(fleet.address("a-001")).await);
    }
    for peer in &mut peers {
        peer.send(&request("<get_message_count/>")).await;
    }
    for peer in &mut peers {
        assert!(peer.reply().await.is_some());
    }
}

#[tokio::test]
async fn ports_follow_the_first_and_a_taken_one_is_named() {
    let taken = TcpSocket::new_v4().expect("a descriptor is free");
    taken.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("127.0.0.1 has a free port");
    let port = taken.local_addr().expect("a bound socket has an address").port();
    let fleet = Fleet::start(2, "").await;
    let refusal = Servers::start(&fleet.world, Some(port)).await.expect_err("the port is taken").to_string();
    assert_eq!(
        refusal,
        format!(
            "simulated client `a-1` cannot listen on 127.0.0.1:{port}: address already in use; choose other ports with \
             --clients-port"
        )
    );
    let refusal = Servers::start(&fleet.world, Some(65_535)).await.expect_err("there is one port only").to_string();
    assert_eq!(refusal, "simulated client `a-2` cannot listen: the highest port is 65535");
    drop(taken);
}
