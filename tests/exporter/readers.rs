//! Those who read answers slowly: they cost no more than themselves.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::sockets::end;
use crate::support::{Exporter, FOLDER, FakeClient, Fault, Gate, client_toml};

/// How many projects the client transfers files of. Each is two kilobytes of metrics.
const PROJECTS: usize = 3000;

fn transfers() -> Fault {
    let mut body = String::from("<file_transfers>\n");
    for project in 0..PROJECTS {
        let url = format!("http://project{project}.example/");
        writeln!(body, "<file_transfer>\n<project_url>{url}</project_url>\n</file_transfer>").expect("memory");
    }
    Fault::Body(body + "</file_transfers>\n")
}

/// Asks for the metrics, and has little room for the answer.
async fn ask(exporter: &Exporter) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("there is IPv4");
    socket.set_recv_buffer_size(4096).expect("a size");
    let mut stream = socket.connect(exporter.address().parse().expect("an address")).await.expect("it listens");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it accepts");
    stream
}

/// The length that the head of the answer announces, and how much of the body came with it.
async fn head(stream: &mut TcpStream) -> (usize, usize) {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.expect("an answer"), 0, "{}", String::from_utf8_lossy(&bytes));
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
            return (length.parse().expect("a number"), body.len());
        }
    }
}

/// Whether the rest of the answer comes.
async fn is_whole(mut stream: TcpStream, (length, so_far): (usize, usize)) -> bool {
    let mut rest = vec![0; length - so_far];
    stream.read_exact(&mut rest).await.is_ok()
}

#[tokio::test]
async fn the_slowest_reader_gives_up_its_place() {
    let attic = FakeClient::playing(FOLDER).fault("get_file_transfers", transfers()).start().await;
    let exporter = Exporter::start_with(&client_toml("attic", &attic.address()), &["--web.max-requests=2"]);
    let mut readers = Vec::new();
    for _ in 0..2 {
        let mut reader = ask(&exporter).await;
        let head = head(&mut reader).await;
        readers.push((reader, head));
    }
    // They have all places until they are too slow.
    loop {
        match exporter.get("/metrics", &[]).await.status {
            503 => {}
            status => break assert_eq!(status, 200),
        }
    }
    let mut whole = 0;
    for (reader, head) in readers {
        whole += usize::from(is_whole(reader, head).await);
    }
    assert_eq!(whole, 1);
}

#[tokio::test]
async fn an_answer_is_in_memory_once_however_many_read_it() {
    const READERS: usize = 30;
    let gate = Gate::new();
    let attic = FakeClient::playing(FOLDER)
        .fault("get_file_transfers", transfers())
        .fault("get_cc_status", Fault::Late(gate.clone()))
        .start()
        .await;
    let exporter = Exporter::start(&client_toml("attic", &attic.address()));
    let there = exporter.address().parse().expect("an address");
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let reader = ask(&exporter).await;
        let here = reader.local_addr().expect("it is connected");
        while end(there, here).is_none_or(|end| end.unread > 0) {
            tokio::task::yield_now().await;
        }
        readers.push(reader);
    }
    gate.reached().await;
    gate.open();
    let mut heads = Vec::new();
    for mut reader in readers {
        heads.push((head(&mut reader).await, reader));
    }
    let taken = exporter.peak_memory();
    // Each of them would take as much as the answer, and the exporter itself takes a few times that.
    let length = heads[0].0.0;
    assert!(taken < (READERS * length / 2) as u64, "{READERS} readers of {length} bytes take {taken}");
}
