//! A real client that stands behind a scripted one, so that the latter sees all that is on the wire.

use std::io::{Error, ErrorKind};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to a real client.
pub struct Upstream(TcpStream);

impl Upstream {
    pub async fn connect(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Passes a request on. Returns the reply, with its final `0x03`, or an error if the client ends before it does.
    pub async fn ask(&mut self, request: &str) -> std::io::Result<Vec<u8>> {
        self.0.write_all(format!("{request}\u{3}").as_bytes()).await?;
        let mut reply = Vec::new();
        while reply.last() != Some(&3) {
            if self.0.read_buf(&mut reply).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        match reply.iter().position(|byte| *byte == 3) {
            Some(end) if end + 1 == reply.len() => Ok(reply),
            _ => Err(Error::other("a client sent more than one reply to a request")),
        }
    }
}
