//! A real client that is asked a thousand times neither notices nor tells its secrets, and one that refuses is understood.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::boinc::Boinc;
use crate::data_directory::SECRETS;
use crate::exporter::{client, scrape, text, watch};
use crate::process::{free_port, poll, resident_bytes, sockets};
use crate::support::Exporter;

#[tokio::test]
async fn only_read_operations_reach_the_client() {
    let mut boinc = Boinc::start_logging_requests();
    let exporter = watch(&boinc);
    for _ in 0..20 {
        assert_up(&exporter).await;
    }
    drop(exporter);
    // Ours come before this one in the log; it is not among those that we send.
    boinc.boinccmd("--get_simple_gui_info");
    boinc.process.wait_for("<get_simple_gui_info/>");
    let log = boinc.process.lines().join("\n");
    let commands = log.split("GUI RPC Command = '<boinc_gui_rpc_request>").skip(1);
    let sent: BTreeSet<&str> =
        commands.filter_map(|c| c.trim_start().strip_prefix('<')?.split(['/', '>', ' ']).next()).collect();
    let read = BTreeSet::from([
        "auth1",
        "auth2",
        "exchange_versions",
        "get_all_projects_list",
        "get_cc_status",
        "get_daily_xfer_history",
        "get_disk_usage",
        "get_file_transfers",
        "get_message_count",
        "get_messages",
        "get_notices_public",
        "get_old_results",
        "get_screensaver_tasks",
        "get_simple_gui_info",
        "get_state",
        "get_statistics",
    ]);
    assert_eq!(sent, read, "what was sent, and what we say that we send");
}

#[tokio::test]
async fn a_thousand_scrapes_leave_nothing_behind() {
    /// Memory that is reached once, in caches and buffers, is reached in the first scrapes. A leak of one reply a
    /// scrape would be some 40 MB in the rest.
    const GROWTH: u64 = 4 << 20;
    let boinc = Boinc::start();
    let exporter = watch(&boinc);
    let theirs = sockets(boinc.process.id());
    for _ in 0..100 {
        assert_up(&exporter).await;
    }
    let ours = sockets(exporter.pid());
    let before = [boinc.process.id(), exporter.pid()].map(resident_bytes);
    for _ in 0..900 {
        assert_up(&exporter).await;
    }
    let after = [boinc.process.id(), exporter.pid()].map(resident_bytes);
    let steady = before.iter().zip(after).all(|(before, after)| after <= before + GROWTH);
    assert!(steady, "resident bytes of the client and of the exporter grew from {before:?} to {after:?}");
    // Either side sees the end of the last connection a moment later.
    poll("the client to close all our connections", || (sockets(boinc.process.id()) == theirs).then_some(()));
    poll("the exporter to close all its connections", || (sockets(exporter.pid()) <= ours).then_some(()));
}

/// Whether the client is up in a fresh scrape.
async fn assert_up(exporter: &Exporter) {
    let text = text(exporter).await;
    assert!(text.contains("\nboinc_up{client=\"real\"} 1\n"), "{}", exporter.log());
}

#[tokio::test]
async fn a_wrong_password_and_a_remote_host_are_told_apart() {
    let boinc = Boinc::start();
    let relay = Relay::start(boinc.port).await;
    let closed = format!("127.0.0.1:{}", free_port());
    let exporter = |password: &Path| {
        let clients = [("local", boinc.address()), ("remote", relay.clone()), ("nobody", closed.clone())];
        Exporter::start(&clients.map(|(name, address)| client(name, &address, password, &["default"])).concat())
    };
    let (right, wrong) = (exporter(&boinc.password_file()), exporter(&boinc.wrong_password_file()));
    assert_eq!(outcomes(&right).await, ["up", "host_denied", "refused"]);
    assert_eq!(outcomes(&wrong).await, ["wrong_password", "host_denied", "refused"]);
    boinc.allow_remote_host(Relay::SOURCE);
    assert_eq!(outcomes(&right).await, ["up", "up", "refused"]);
    assert_eq!(outcomes(&wrong).await, ["wrong_password", "wrong_password", "refused"]);
}

/// `up`, or the reason that is given, of each client.
async fn outcomes(exporter: &Exporter) -> [String; 3] {
    let samples = scrape(exporter).await;
    ["local", "remote", "nobody"].map(|client| {
        let label = [("client", client)];
        let up = samples.value("boinc_up", &label) == Some(1.0);
        let reasons = samples.series("boinc_scrape_error", &label);
        let reason = reasons.filter(|(_, value)| *value == 1.0).find_map(|(sample, _)| sample.label("reason"));
        if up { "up" } else { reason.unwrap_or("none") }.to_owned()
    })
}

/// Passes connections on from another source address. To a client, 127.0.0.1 alone is this computer.
struct Relay;

impl Relay {
    const SOURCE: &str = "127.0.0.2";

    /// Returns the address to connect to. It lives as long as the test's runtime.
    async fn start(port: u16) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port exists");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(Self::pass_on(near, port));
            }
        });
        address
    }

    async fn pass_on(mut near: TcpStream, port: u16) -> io::Result<(u64, u64)> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(Self::SOURCE.parse().expect("an address"), 0))?;
        let mut far = socket.connect(([127, 0, 0, 1], port).into()).await?;
        copy_bidirectional(&mut near, &mut far).await
    }
}

#[tokio::test]
async fn no_secret_is_shown() {
    let boinc = Boinc::start();
    let exporter = watch(&boinc);
    let shown = [text(&exporter).await, exporter.get("/", &[]).await.body, exporter.log()].concat();
    let found: Vec<_> = SECRETS.iter().filter(|secret| shown.contains(**secret)).collect();
    assert!(found.is_empty(), "{found:?} are shown");
}
