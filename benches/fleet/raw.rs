//! The floor: sends the exporter's requests again, and discards the replies.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

const END: u8 = 3;

/// The requests of one connection, in order.
pub type Requests = Arc<[Vec<u8>]>;

/// A proxy between the exporter and a client that records requests.
pub struct Tap {
    /// The address that it listens on.
    pub address: String,
    /// The requests of the last connection.
    last: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Tap {
    /// Starts a proxy for the client at this address.
    pub async fn before(client: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let last = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&last);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                taken.lock().await.clear();
                // The exporter notices if a connection breaks off.
                let _ = relay(stream, &client, &taken).await;
            }
        });
        Self { address, last }
    }

    /// The requests of the last connection.
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

/// Reads up to the end of a request or reply; empty if the peer has closed the connection.
async fn read(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    while text.last() != Some(&END) && stream.read_buf(&mut text).await? > 0 {}
    Ok(text)
}

/// Sends these requests to each client, `at_a_time` clients at a time. Returns the time taken and the bytes received.
pub async fn exchange(addresses: &[String], requests: &Requests, at_a_time: usize) -> (Duration, usize) {
    let started = Instant::now();
    let permits = Arc::new(Semaphore::new(at_a_time));
    let mut conversations = JoinSet::new();
    for address in addresses {
        let (permits, requests, address) = (Arc::clone(&permits), Arc::clone(requests), address.clone());
        conversations.spawn(async move {
            let _permit = permits.acquire().await.expect("the semaphore is never closed");
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
