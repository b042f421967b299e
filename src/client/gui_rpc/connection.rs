//! One connection to one client: it connects, authorizes, and exchanges one request for one reply at a time. Requests
//! go out and the bytes of their replies come back; it knows sockets and framing, but not what replies mean.
//!
//! The client serves all connections from one thread and sends with a blocking call, so a peer that does not read its
//! reply stalls the client. For that reason replies are drained as they arrive, and a connection in an uncertain state
//! is closed at once.

use bytes::{Buf, BytesMut};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::error::Error;
use super::reply;
use super::request::Request;
use crate::client::gui_rpc::address::Endpoint;

/// Terminates each request and reply.
const TERMINATOR: u8 = 0x03;

/// How each reply begins.
const ENVELOPE: &[u8] = b"<boinc_gui_rpc_reply>";

/// Initial capacity of the buffer. Most replies are smaller; larger ones double it.
const INITIAL_CAPACITY: usize = 16 * 1024;

/// Size of the chunks in which a long reply is consumed while it arrives: a chunk fits into the processor's cache.
const CHUNK_SIZE: usize = 64 * 1024;

/// Consumes nothing: the reply is returned in one piece.
#[must_use]
pub const fn keep_all(_: &[u8]) -> usize {
    0
}

/// One reply, without its terminator.
#[derive(Debug)]
pub struct RawReply {
    /// The bytes that were not consumed while the reply arrived.
    pub rest: BytesMut,
    consumed: usize,
}

impl RawReply {
    /// The size of the reply in bytes, including what was consumed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.consumed + self.rest.len()
    }

    /// Whether the reply is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for T {}

/// An open connection.
pub struct Connection {
    stream: Box<dyn Stream>,
    /// The bytes of the current reply that were not consumed.
    buffer: BytesMut,
    consumed: usize,
    max_reply_bytes: usize,
    /// Whether any reply was received on this connection.
    answered: bool,
    /// Whether the last exchange completed; only then can there be another.
    in_sync: bool,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("answered", &self.answered).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to a client.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`] or [`Error::FileDescriptors`].
    pub async fn open(endpoint: &Endpoint, max_reply_bytes: usize) -> Result<Self, Error> {
        let stream = connect(endpoint).await?;
        Ok(Self { stream, buffer: BytesMut::new(), consumed: 0, max_reply_bytes, answered: false, in_sync: true })
    }

    /// Authorizes with a password.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], or the error that ended the exchange.
    pub async fn authorize(&mut self, password: &SecretString) -> Result<(), Error> {
        let raw = self.exchange("auth1", "<auth1/>", keep_all).await?;
        let nonce = reply::leaf(&raw.rest, "nonce").ok_or(Error::Parse { expected: "nonce", bytes: raw.len() })?;
        let hash = md5::compute([nonce.as_bytes(), password.expose_secret().as_bytes()].concat());
        let body = format!("<auth2>\n<nonce_hash>{hash:x}</nonce_hash>\n</auth2>");
        match reply::leaf(&self.exchange("auth2", &body, keep_all).await?.rest, "authorized") {
            Some(_) => Ok(()),
            None => Err(Error::WrongPassword),
        }
    }

    /// Sends a request and returns the reply, without its terminator. While a long reply arrives, `consume` is called
    /// with the bytes so far and returns how many it has processed; these are dropped, and the returned reply starts
    /// after them.
    ///
    /// # Errors
    /// The exchange failed. The connection cannot be used again.
    pub async fn ask(&mut self, request: Request, consume: impl FnMut(&[u8]) -> usize) -> Result<RawReply, Error> {
        self.exchange(request.name(), &request.body(), consume).await
    }

    /// Whether another request may be sent.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.in_sync
    }

    /// The number of bytes received of the last reply, complete or not.
    #[must_use]
    pub fn received(&self) -> usize {
        self.consumed + self.buffer.len()
    }

    async fn exchange(
        &mut self,
        what: &'static str,
        body: &str,
        consume: impl FnMut(&[u8]) -> usize,
    ) -> Result<RawReply, Error> {
        self.buffer.clear();
        self.consumed = 0;
        // If this future is dropped in the middle, the next reply would be taken for the answer to another request.
        self.in_sync = false;
        let request = format!("<boinc_gui_rpc_request>\n{body}\n</boinc_gui_rpc_request>\n\u{3}");
        if self.stream.write_all(request.as_bytes()).await.is_err() {
            return Err(self.closed(what));
        }
        let end = self.receive(what, consume).await?;
        let text = self.buffer[..end].trim_ascii_end();
        let complete = text.ends_with(b"</boinc_gui_rpc_reply>");
        self.answered = true;
        // A terminator inside a text: the bytes after it would be taken for the next reply.
        if !complete && (self.consumed > 0 || text.starts_with(b"<boinc_gui_rpc_reply>")) {
            return Err(Error::StrayTerminator { what, bytes: self.consumed + end });
        }
        self.in_sync = complete && end + 1 == self.buffer.len();
        Ok(RawReply { rest: self.buffer.split_to(end), consumed: self.consumed })
    }

    /// Receives a reply up to its terminator and returns the terminator's position in the buffer.
    async fn receive(&mut self, what: &'static str, mut consume: impl FnMut(&[u8]) -> usize) -> Result<usize, Error> {
        let (mut seen, mut next_chunk) = (0, CHUNK_SIZE);
        loop {
            if self.buffer.len() == self.buffer.capacity() {
                self.buffer.reserve(self.buffer.len().max(INITIAL_CAPACITY));
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return Err(self.closed(what)),
                Ok(_) => {}
            }
            if !self.may_be_a_reply() {
                return Err(self.not_boinc());
            }
            // The first terminator ends the reply, as in BOINC's own programs.
            if let Some(offset) = memchr::memchr(TERMINATOR, &self.buffer[seen..]) {
                return Ok(seen + offset);
            }
            if self.buffer.len() >= next_chunk {
                let consumed = consume(&self.buffer);
                self.buffer.advance(consumed);
                self.consumed += consumed;
                // Bytes that are not consumed are passed again only when there are twice as many, so that each byte is
                // examined a few times at most.
                next_chunk = CHUNK_SIZE.max(2 * self.buffer.len());
            }
            seen = self.buffer.len();
            if self.received() > self.max_reply_bytes {
                return Err(Error::TooLarge { what, limit: self.max_reply_bytes });
            }
        }
    }

    /// Whether what arrived so far can be the beginning of a reply. Servers of other protocols answer with a status line or
    /// a banner.
    fn may_be_a_reply(&self) -> bool {
        self.consumed > 0
            || self.buffer.trim_ascii_start().first().is_none_or(|byte| matches!(byte, b'<' | &TERMINATOR))
    }

    fn not_boinc(&self) -> Error {
        Error::Parse { expected: "boinc_gui_rpc_reply", bytes: self.received() }
    }

    fn closed(&self, what: &'static str) -> Error {
        let begins = self.buffer.trim_ascii_start();
        let common = begins.len().min(ENVELOPE.len());
        if self.received() == 0 && !self.answered {
            Error::HostDenied
        } else if self.consumed == 0 && !self.buffer.is_empty() && begins[..common] != ENVELOPE[..common] {
            self.not_boinc()
        } else {
            Error::Truncated { what, bytes: self.received() }
        }
    }
}

async fn connect(endpoint: &Endpoint) -> Result<Box<dyn Stream>, Error> {
    let failed = |error: std::io::Error| Error::connecting(endpoint, &error);
    match endpoint {
        Endpoint::Tcp { ip, port, .. } => {
            let stream = TcpStream::connect((*ip, *port)).await.map_err(failed)?;
            // A request is one small segment: waiting for more data to send would only add delay.
            stream.set_nodelay(true).map_err(failed)?;
            Ok(Box::new(stream))
        }
        #[cfg(unix)]
        Endpoint::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await.map_err(failed)?)),
        #[cfg(not(unix))]
        Endpoint::Unix(_) => Err(failed(std::io::ErrorKind::Unsupported.into())),
    }
}
