//! Those who read answers slowly: they cost no more than themselves.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::sockets::end;
use crate::support::{Exporter, FOLDER, FakeClient, Fault, Gate, client_toml};

/// How many projects each client transfers files of. Each is twenty kilobytes of metrics.
const PROJECTS: usize = 200;

/// How many clients there are in an answer that is rendered at once, and in one that is rendered while it is sent.
const FEW: usize = 5;
const MANY: usize = 10;

fn transfers() -> Fault {
    let mut body = String::from("<file_transfers>\n");
    for project in 0..PROJECTS {
        let url = format!("http://project{project}.example/{}/", "a".repeat(1500));
        writeln!(body, "<file_transfer>\n<project_url>{url}</project_url>\n</file_transfer>").expect("memory");
    }
    Fault::Body(body + "</file_transfers>\n")
}

/// Clients whose metrics are long, and the configuration that names them.
async fn clients(many: usize) -> (Vec<FakeClient>, String) {
    let (mut clients, mut toml) = (Vec::new(), String::new());
    for number in 0..many {
        let client = FakeClient::playing(FOLDER).fault("get_file_transfers", transfers()).start().await;
        toml += &client_toml(&format!("client{number}"), &client.address());
        clients.push(client);
    }
    (clients, toml)
}

/// Asks for the metrics, and has little room for the answer.
async fn ask(exporter: &Exporter) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("there is IPv4");
    socket.set_recv_buffer_size(4096).expect("a size");
    let mut stream = socket.connect(exporter.address().parse().expect("an address")).await.expect("it listens");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("it accepts");
    stream
}

/// The beginning of the answer, with the head and more.
async fn beginning(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut bytes).await.expect("an answer"), 0, "{}", String::from_utf8_lossy(&bytes));
    }
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&bytes));
    bytes
}

/// Whether the rest of the answer comes.
async fn is_whole(mut stream: TcpStream, mut bytes: Vec<u8>) -> bool {
    // It may be closed with a reset.
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    match head.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        Some(length) => length.parse() == Ok(body.len()),
        None => body.ends_with("\r\n0\r\n\r\n"),
    }
}

#[tokio::test]
async fn the_slowest_reader_gives_up_its_place() {
    let (_clients, toml) = clients(MANY).await;
    let exporter = Exporter::start_with(&toml, &["--web.max-requests=2"]);
    let mut readers = Vec::new();
    for _ in 0..2 {
        let mut reader = ask(&exporter).await;
        let beginning = beginning(&mut reader).await;
        readers.push((reader, beginning));
    }
    // They have all places until they are too slow.
    loop {
        match exporter.get("/metrics", &[]).await.status {
            503 => {}
            status => break assert_eq!(status, 200),
        }
    }
    let mut whole = 0;
    for (reader, beginning) in readers {
        whole += usize::from(is_whole(reader, beginning).await);
    }
    assert_eq!(whole, 1);
}

/// How much memory is taken by this many who read the same answer of so many clients, and the length of the answer.
async fn memory_of(readers: usize, of: usize) -> (u64, usize) {
    let gate = Gate::new();
    let last = FakeClient::playing(FOLDER).fault("get_cc_status", Fault::Late(gate.clone())).start().await;
    let (_clients, toml) = clients(of).await;
    let exporter = Exporter::start(&(toml + &client_toml("last", &last.address())));
    let there = exporter.address().parse().expect("an address");
    let mut all = Vec::new();
    for _ in 0..readers {
        let reader = ask(&exporter).await;
        let here = reader.local_addr().expect("it is connected");
        while end(there, here).is_none_or(|end| end.unread > 0) {
            tokio::task::yield_now().await;
        }
        all.push(reader);
    }
    gate.reached().await;
    gate.open();
    for reader in &mut all {
        beginning(reader).await;
    }
    let taken = exporter.peak_memory();
    drop(all);
    (taken, exporter.get("/metrics", &[]).await.body.len())
}

#[tokio::test]
async fn an_answer_is_in_memory_once_however_many_read_it() {
    const READERS: usize = 30;
    for of in [FEW, MANY] {
        let (taken, length) = memory_of(READERS, of).await;
        // Each of them would take as much as the answer; the exporter itself takes a few times that.
        assert!(taken < (READERS * length * 3 / 4) as u64, "{READERS} readers of {length} bytes take {taken}");
    }
}
