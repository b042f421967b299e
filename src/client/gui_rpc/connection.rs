//! One connection to one client: connect, log in, exchange one request for one reply at a time. It knows sockets and
//! framing and not what replies mean.
//!
//! The client serves everybody from one thread and sends with a blocking call: whoever does not read its reply stops the
//! client. So a reply is drained as it comes, and a connection that is in doubt is closed at once.

use std::net::SocketAddr;

use bytes::{Buf, BytesMut};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::error::Error;
use super::reply;
use super::request::Request;
use crate::client::gui_rpc::address::Address;

/// Ends each request and each reply.
const TERMINATOR: u8 = 0x03;

/// Room for the first read. Most replies are smaller; larger ones double it.
const FIRST_READ: usize = 16 * 1024;

/// So much of a reply is read at a time while it comes: it fits the processor's cache.
const PIECE: usize = 64 * 1024;

/// Takes nothing early.
#[must_use]
pub const fn whole(_: &[u8]) -> usize {
    0
}

/// One reply, without its terminator.
#[derive(Debug)]
pub struct RawReply {
    /// What nobody took early.
    pub rest: BytesMut,
    taken: usize,
}

impl RawReply {
    /// How many bytes came in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.taken + self.rest.len()
    }

    /// Whether nothing came.
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
    /// Of the last reply, what nobody took early.
    buffer: BytesMut,
    taken: usize,
    max_reply_bytes: usize,
    /// Whether any reply came on it.
    answered: bool,
    /// Whether the last exchange ended as it should; only then may there be another.
    in_step: bool,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("answered", &self.answered).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects. BOINC listens on IPv4 only, so `localhost` means 127.0.0.1.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unreachable`].
    pub async fn open(address: &Address, max_reply_bytes: usize) -> Result<Self, Error> {
        let stream = connect(address).await?;
        Ok(Self { stream, buffer: BytesMut::new(), taken: 0, max_reply_bytes, answered: false, in_step: true })
    }

    /// Logs in.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], or whatever stopped the exchange.
    pub async fn authorize(&mut self, password: &SecretString) -> Result<(), Error> {
        let raw = self.exchange("auth1", "<auth1/>", whole).await?;
        let nonce = reply::leaf(&raw.rest, "nonce").ok_or(Error::Parse { expected: "nonce", bytes: raw.len() })?;
        let hash = md5::compute([nonce.as_bytes(), password.expose_secret().as_bytes()].concat());
        let body = format!("<auth2>\n<nonce_hash>{hash:x}</nonce_hash>\n</auth2>");
        match reply::leaf(&self.exchange("auth2", &body, whole).await?.rest, "authorized") {
            Some(_) => Ok(()),
            None => Err(Error::WrongPassword),
        }
    }

    /// Sends a request and returns the reply, without its terminator. Of a long one `early` is shown what has come so far,
    /// and says how many bytes it needs no more: what is returned begins behind these.
    ///
    /// # Errors
    /// The connection failed; it cannot be used again.
    pub async fn ask(&mut self, request: Request, early: impl FnMut(&[u8]) -> usize) -> Result<RawReply, Error> {
        self.exchange(request.name(), &request.body(), early).await
    }

    /// Whether another request may be sent.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.in_step
    }

    /// How many bytes of the last reply came, whether it is complete or not.
    #[must_use]
    pub fn received(&self) -> usize {
        self.taken + self.buffer.len()
    }

    async fn exchange(
        &mut self,
        what: &'static str,
        body: &str,
        early: impl FnMut(&[u8]) -> usize,
    ) -> Result<RawReply, Error> {
        self.buffer.clear();
        self.taken = 0;
        // If this is dropped half-way, the next reply would be taken for an answer to something else.
        self.in_step = false;
        let request = format!("<boinc_gui_rpc_request>\n{body}\n</boinc_gui_rpc_request>\n\u{3}");
        if self.stream.write_all(request.as_bytes()).await.is_err() {
            return Err(self.ended(what));
        }
        let end = self.receive(what, early).await?;
        let text = self.buffer[..end].trim_ascii_end();
        let complete = text.ends_with(b"</boinc_gui_rpc_reply>");
        self.answered = true;
        // A terminator inside a text: what follows would be taken for the next reply.
        if !complete && (self.taken > 0 || text.starts_with(b"<boinc_gui_rpc_reply>")) {
            return Err(Error::Truncated { what, bytes: self.taken + end });
        }
        self.in_step = complete && end + 1 == self.buffer.len();
        Ok(RawReply { rest: self.buffer.split_to(end), taken: self.taken })
    }

    /// Receives up to the terminator. Where in the buffer it is.
    async fn receive(&mut self, what: &'static str, mut early: impl FnMut(&[u8]) -> usize) -> Result<usize, Error> {
        let (mut seen, mut piece) = (0, PIECE);
        loop {
            if self.buffer.len() == self.buffer.capacity() {
                self.buffer.reserve(self.buffer.len().max(FIRST_READ));
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return Err(self.ended(what)),
                Ok(_) => {}
            }
            // The first terminator is the end, as for BOINC's own programs.
            if let Some(offset) = memchr::memchr(TERMINATOR, &self.buffer[seen..]) {
                return Ok(seen + offset);
            }
            if self.buffer.len() >= piece {
                let taken = early(&self.buffer);
                self.buffer.advance(taken);
                self.taken += taken;
                // What nobody takes is shown again when there is twice as much, so that each byte is looked at few times.
                piece = PIECE.max(2 * self.buffer.len());
            }
            seen = self.buffer.len();
            if self.received() > self.max_reply_bytes {
                return Err(Error::TooLarge { what, limit: self.max_reply_bytes });
            }
        }
    }

    fn ended(&self, what: &'static str) -> Error {
        if self.received() == 0 && !self.answered {
            Error::HostDenied
        } else {
            Error::Truncated { what, bytes: self.received() }
        }
    }
}

async fn connect(address: &Address) -> Result<Box<dyn Stream>, Error> {
    let failed = |error: &std::io::Error| Error::connecting(address, error);
    match address {
        Address::Tcp { host, port } => {
            let stream = TcpStream::connect(resolve(host, *port).await.map_err(|e| failed(&e))?)
                .await
                .map_err(|e| failed(&e))?;
            // Requests are one small segment each: waiting for more to send only costs time.
            stream.set_nodelay(true).map_err(|e| failed(&e))?;
            Ok(Box::new(stream))
        }
        #[cfg(unix)]
        Address::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await.map_err(|e| failed(&e))?)),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(failed(&std::io::ErrorKind::Unsupported.into())),
    }
}

async fn resolve(host: &str, port: u16) -> std::io::Result<SocketAddr> {
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    let found = tokio::net::lookup_host((host, port)).await?.find(SocketAddr::is_ipv4);
    found.ok_or_else(|| std::io::Error::other("the name has no IPv4 address, and BOINC clients speak IPv4 only"))
}
