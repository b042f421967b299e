//! What a scripted client can do instead of answering properly.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Duration, interval};

/// One misbehaviour, in place of the reply to one operation.
#[derive(Clone)]
pub enum Fault {
    /// Never answers.
    Silence,
    /// Answers when the test opens the gate.
    Late(Gate),
    /// Sends the reply's first bytes, so many, and closes.
    Cut(usize),
    /// Sends so many bytes that never end a reply, or fewer if the peer closes.
    Flood(u64),
    /// Sends the reply a byte at a time at this pace, too slowly for any deadline.
    Drip(Duration),
    /// Sends the reply in pieces of this size: its beginning and its end, the middle at once.
    Pieces(usize),
    /// Closes without a reply.
    CloseBefore,
    /// Answers properly, then closes.
    CloseAfter,
    /// Answers with this body in the usual envelope.
    Body(String),
    /// Answers with what this makes of the proper reply (which is given with its final `0x03`).
    Edit(fn(Vec<u8>) -> Vec<u8>),
}

impl Fault {
    /// Sends what is to be sent instead of, or as, `reply`. False when the connection is to be closed.
    pub async fn play(self, stream: &mut TcpStream, reply: Vec<u8>, flooded: &mut u64) -> std::io::Result<bool> {
        match self {
            Self::Silence => drain(stream).await.map(|()| false),
            Self::Late(gate) => {
                gate.reached.send_replace(true);
                let mut open = gate.open.subscribe();
                tokio::select! {
                    end = drain(stream) => return end.map(|()| false),
                    opened = open.wait_for(|open| *open) => drop(opened),
                }
                stream.write_all(&reply).await.map(|()| true)
            }
            Self::Cut(length) => stream.write_all(&reply[..length.min(reply.len() - 1)]).await.map(|()| false),
            Self::Flood(length) => flood(stream, length, flooded).await.map(|()| false),
            Self::Drip(pace) => drip(stream, &reply, pace).await.map(|()| true),
            Self::Pieces(size) => {
                // What splitting can break has been split by then, and a hundred thousand packets cost seconds.
                const SPLIT: usize = 2048;
                let (beginning, rest) = reply.split_at(SPLIT.min(reply.len()));
                let (middle, end) = rest.split_at(rest.len().saturating_sub(SPLIT));
                for piece in beginning.chunks(size).chain([middle]).chain(end.chunks(size)) {
                    stream.write_all(piece).await?;
                    // Lets the other connections of this thread go on, as a slow network would.
                    tokio::task::yield_now().await;
                }
                Ok(true)
            }
            Self::CloseBefore => Ok(false),
            Self::CloseAfter => stream.write_all(&reply).await.map(|()| false),
            Self::Body(body) => stream.write_all(&envelope(&body)).await.map(|()| true),
            Self::Edit(edit) => stream.write_all(&edit(reply)).await.map(|()| true),
        }
    }
}

/// `body` as a reply, with its final `0x03`.
pub fn envelope(body: &str) -> Vec<u8> {
    format!("<boinc_gui_rpc_reply>\n{body}</boinc_gui_rpc_reply>\n\u{3}").into_bytes()
}

/// Reads until the peer closes. A request that comes meanwhile is an error: one may be in flight.
async fn drain(stream: &mut TcpStream) -> std::io::Result<()> {
    match stream.read(&mut [0; 1]).await {
        Ok(0) | Err(_) => Ok(()),
        Ok(_) => Err(std::io::Error::other("a request was sent while another was in flight")),
    }
}

async fn flood(stream: &mut TcpStream, length: u64, flooded: &mut u64) -> std::io::Result<()> {
    const PIECE: &[u8] = &[b'x'; 65_536];
    // What begins otherwise is no reply, and not read on.
    stream.write_all(b"<boinc_gui_rpc_reply>\n").await?;
    while *flooded < length {
        match stream.write(PIECE).await {
            Ok(written) => *flooded += written as u64,
            Err(_) => return Ok(()),
        }
    }
    drain(stream).await
}

async fn drip(stream: &mut TcpStream, reply: &[u8], pace: Duration) -> std::io::Result<()> {
    let mut clock = interval(pace);
    for byte in reply {
        clock.tick().await;
        stream.write_all(std::slice::from_ref(byte)).await?;
    }
    Ok(())
}

/// Holds a late reply back until the test lets it go.
#[derive(Clone)]
pub struct Gate {
    reached: Arc<watch::Sender<bool>>,
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    pub fn new() -> Self {
        Self { reached: Arc::new(watch::Sender::new(false)), open: Arc::new(watch::Sender::new(false)) }
    }

    /// Waits until the request that is held back has come.
    pub async fn reached(&self) {
        self.reached.subscribe().wait_for(|reached| *reached).await.expect("the gate holds its own sender");
    }

    /// Lets the reply go.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}
