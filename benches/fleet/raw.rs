//! The floor: the requests that the exporter sends, sent again by something that reads the replies and throws them away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

const END: u8 = 3;

/// What was asked in one conversation, request by request.
pub type Requests = Arc<[Vec<u8>]>;

/// Stands between the exporter and a client, and takes down what is asked.
pub struct Tap {
    /// Where it listens.
    pub address: String,
    /// The last conversation.
    last: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Tap {
    /// Before the client at this address.
    pub async fn before(client: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let last = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&last);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                taken.lock().await.clear();
                // A conversation that breaks off is seen by who asked.
                let _ = relay(stream, &client, &taken).await;
            }
        });
        Self { address, last }
    }

    /// The requests of the last conversation.
    pub async fn requests(&self) -> Requests {
        self.last.lock().await.clone().into()
    }
}

async fn relay(mut asks: TcpStream, client: &str, taken: &Mutex<Vec<Vec<u8>>>) -> std::io::Result<()> {
    let mut answers = TcpStream::connect(client).await?;
    loop {
        let request = read(&mut asks).await?;
        if request.is_empty() {
            return Ok(());
        }
        answers.write_all(&request).await?;
        taken.lock().await.push(request);
        let reply = read(&mut answers).await?;
        asks.write_all(&reply).await?;
    }
}

/// Up to the end of a request or reply; empty if the peer has closed.
async fn read(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    while text.last() != Some(&END) && stream.read_buf(&mut text).await? > 0 {}
    Ok(text)
}

/// Holds this conversation with each of these clients, so many at a time. How long it took, and how many bytes came.
pub async fn exchange(addresses: &[String], requests: &Requests, at_a_time: usize) -> (Duration, usize) {
    let started = Instant::now();
    let places = Arc::new(Semaphore::new(at_a_time));
    let mut conversations = JoinSet::new();
    for address in addresses {
        let (places, requests, address) = (Arc::clone(&places), Arc::clone(requests), address.clone());
        conversations.spawn(async move {
            let _place = places.acquire().await.expect("nobody closes it");
            converse(&address, &requests).await
        });
    }
    let mut bytes = 0;
    while let Some(done) = conversations.join_next().await {
        bytes += done.expect("no conversation panics").expect("the client answers");
    }
    (started.elapsed(), bytes)
}

async fn converse(address: &str, requests: &Requests) -> std::io::Result<usize> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    for request in &**requests {
        stream.write_all(request).await?;
        loop {
            let read = stream.read(&mut buffer).await?;
            bytes += read;
            if read == 0 || buffer[read - 1] == END {
                break;
            }
        }
    }
    Ok(bytes)
}
