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
use crate::platform;

/// Terminates each request and reply.
const TERMINATOR: u8 = 0x03;

/// How each reply begins.
const ENVELOPE: &[u8] = b"<boinc_gui_rpc_reply>";

/// Initial capacity of the buffer. Most replies are smaller; larger ones double it.
const INITIAL_CAPACITY: usize = 16 * 1024;

/// How much of a long reply arrives before it is offered: a segment of it and a row, so that it is still in the processor's
/// cache when it is read.
const CHUNK_SIZE: usize = 80 * 1024;

/// What was not taken is offered again when there is twice as much, but at most so much more.
const MAX_CHUNK_SIZE: usize = 1 << 20;

/// What came of a reply.
#[derive(Debug)]
pub enum Received {
    /// There is more of it than before.
    More,
    /// All of it.
    All(RawReply),
}

/// One reply, without its terminator.
#[derive(Debug)]
pub struct RawReply {
    /// The bytes that were not taken while the reply arrived.
    pub rest: BytesMut,
    taken: usize,
}

impl RawReply {
    /// The size of the reply in bytes, including what was taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.taken + self.rest.len()
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
    /// The bytes of the current reply that were not taken.
    buffer: BytesMut,
    current: Exchange,
    max_reply_bytes: usize,
    /// Whether any reply was received on this connection.
    answered: bool,
    /// Whether the last exchange completed; only then can there be another.
    in_sync: bool,
}

/// One request and its reply.
#[derive(Debug, Clone, Copy, Default)]
struct Exchange {
    what: &'static str,
    /// How many bytes of the reply were taken.
    taken: usize,
    /// How much of the buffer was searched for the terminator.
    searched: usize,
    /// How much is in the buffer when it is offered next.
    offer_at: usize,
    /// How many blanks the reply begins with.
    blanks: usize,
    /// Whether it goes on as one does. Bytes that were taken cannot be asked again.
    enveloped: bool,
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
        Ok(Self {
            stream,
            buffer: BytesMut::new(),
            current: Exchange::default(),
            max_reply_bytes,
            answered: false,
            in_sync: true,
        })
    }

    /// Authorizes with a password.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], or the error that ended the exchange.
    pub async fn authorize(&mut self, password: &SecretString) -> Result<(), Error> {
        let raw = self.exchange("auth1", "<auth1/>").await?;
        let nonce = reply::leaf(&raw.rest, "nonce").ok_or(Error::Parse { expected: "nonce", bytes: raw.len() })?;
        let hash = md5::compute([nonce.as_bytes(), password.expose_secret().as_bytes()].concat());
        let body = format!("<auth2>\n<nonce_hash>{hash:x}</nonce_hash>\n</auth2>");
        match reply::leaf(&self.exchange("auth2", &body).await?.rest, "authorized") {
            Some(_) => Ok(()),
            None => Err(Error::WrongPassword),
        }
    }

    /// Sends a request and returns the reply, without its terminator.
    ///
    /// # Errors
    /// The exchange failed. The connection cannot be used again.
    pub async fn ask(&mut self, request: Request) -> Result<RawReply, Error> {
        self.exchange(request.name(), &request.body()).await
    }

    /// Sends a request, whose reply has to be received.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn send(&mut self, request: Request) -> Result<(), Error> {
        self.write(request.name(), &request.body()).await
    }

    /// From now on, replies may be as large as this.
    pub const fn limit(&mut self, max_reply_bytes: usize) {
        self.max_reply_bytes = max_reply_bytes;
    }

    /// Whether another request may be sent.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.in_sync
    }

    /// The number of bytes received of the last reply, complete or not.
    #[must_use]
    pub fn received(&self) -> usize {
        self.current.taken + self.buffer.len()
    }

    /// What arrived of the reply and was not taken.
    #[must_use]
    pub fn arrived(&self) -> &[u8] {
        &self.buffer
    }

    /// Drops the first bytes of what arrived.
    pub fn take(&mut self, bytes: usize) {
        self.buffer.advance(bytes);
        self.current.taken += bytes;
        self.current.searched -= bytes;
        // What stays is offered again only when there is much more, so that each byte is looked at a few times at most.
        let left = self.buffer.len();
        self.current.offer_at = CHUNK_SIZE.max(left + left.min(MAX_CHUNK_SIZE));
    }

    async fn exchange(&mut self, what: &'static str, body: &str) -> Result<RawReply, Error> {
        self.write(what, body).await?;
        loop {
            match self.receive().await? {
                Received::All(reply) => return Ok(reply),
                Received::More => self.take(0),
            }
        }
    }

    async fn write(&mut self, what: &'static str, body: &str) -> Result<(), Error> {
        self.buffer.clear();
        self.current = Exchange { what, offer_at: CHUNK_SIZE, ..Exchange::default() };
        // If this future is dropped in the middle, the next reply would be taken for the answer to another request.
        self.in_sync = false;
        let request = format!("<boinc_gui_rpc_request>\n{body}\n</boinc_gui_rpc_request>\n\u{3}");
        self.stream.write_all(request.as_bytes()).await.map_err(|_| self.closed())
    }

    /// Receives a reply: all of it, or, if it is long, another chunk of it.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn receive(&mut self) -> Result<Received, Error> {
        loop {
            // The first terminator ends the reply, as in BOINC's own programs.
            if let Some(offset) = memchr::memchr(TERMINATOR, &self.buffer[self.current.searched..]) {
                return self.complete(self.current.searched + offset).map(Received::All);
            }
            self.current.searched = self.buffer.len();
            self.check_size(self.received())?;
            if self.buffer.len() >= self.current.offer_at {
                return Ok(Received::More);
            }
            if self.buffer.len() == self.buffer.capacity() {
                self.buffer.reserve(self.buffer.len().max(INITIAL_CAPACITY));
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return Err(self.closed()),
                Ok(_) => {}
            }
            if !self.may_be_a_reply() {
                return Err(self.not_boinc());
            }
        }
    }

    /// The reply that ends with the terminator at this position of the buffer.
    fn complete(&mut self, end: usize) -> Result<RawReply, Error> {
        let Exchange { what, taken, enveloped, .. } = self.current;
        self.check_size(taken + end)?;
        let complete = self.buffer[..end].trim_ascii_end().ends_with(b"</boinc_gui_rpc_reply>");
        self.answered = true;
        // A terminator inside a text: the bytes after it would be taken for the next reply.
        if !complete && enveloped {
            return Err(Error::StrayTerminator { what, bytes: taken + end });
        }
        self.in_sync = complete && end + 1 == self.buffer.len();
        Ok(RawReply { rest: self.buffer.split_to(end), taken })
    }

    const fn check_size(&self, size: usize) -> Result<(), Error> {
        if size > self.max_reply_bytes {
            return Err(Error::TooLarge { what: self.current.what, limit: self.max_reply_bytes });
        }
        Ok(())
    }

    /// Whether what arrived so far can be the beginning of a reply. Servers of other protocols answer with a status line or
    /// a banner.
    fn may_be_a_reply(&mut self) -> bool {
        let Exchange { taken, blanks, enveloped, .. } = &mut self.current;
        let Some(begins) = blanks.checked_sub(*taken).and_then(|at| self.buffer.get(at..)) else { return true };
        // Each blank is passed once, in however many pieces they come.
        let begins_text = begins.trim_ascii_start();
        *blanks += begins.len() - begins_text.len();
        *enveloped |= begins_text.starts_with(ENVELOPE);
        begins_text.first().is_none_or(|byte| matches!(byte, b'<' | &TERMINATOR))
    }

    fn not_boinc(&self) -> Error {
        Error::Parse { expected: "boinc_gui_rpc_reply", bytes: self.received() }
    }

    fn closed(&self) -> Error {
        let begins = self.current.blanks.checked_sub(self.current.taken).and_then(|at| self.buffer.get(at..));
        let begins = begins.unwrap_or_default();
        let common = begins.len().min(ENVELOPE.len());
        if self.received() == 0 && !self.answered {
            Error::HostDenied
        } else if self.current.enveloped || begins[..common] == ENVELOPE[..common] {
            Error::Truncated { what: self.current.what, bytes: self.received() }
        } else {
            self.not_boinc()
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
        Endpoint::Unix(path) => Ok(Box::new(platform::connect_unix(path).await.map_err(failed)?)),
    }
}
