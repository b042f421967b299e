//! Sockets from systemd.

use tokio::net::TcpListener;

use listenfd::ListenFd;

/// Why socket activation failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// No sockets were passed.
    #[error(
        "systemd passed no sockets (LISTEN_FDS); start the socket unit instead of the service, or remove \
         --web.systemd-socket"
    )]
    None,
    /// A socket cannot be used for HTTP.
    #[error("socket {number} from systemd is not a listening TCP socket; the socket unit needs ListenStream=PORT")]
    Unusable {
        /// Its number, from 1.
        number: usize,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The sockets that systemd passed to this process. Needs a tokio runtime.
///
/// # Errors
/// There are none, or one of another type.
pub fn listeners() -> Result<Vec<TcpListener>, SocketError> {
    let mut passed = ListenFd::from_env();
    let mut listeners = Vec::new();
    for index in 0..passed.len() {
        let unusable = |source| SocketError::Unusable { number: index + 1, source };
        let Some(listener) = passed.take_tcp_listener(index).map_err(unusable)? else { continue };
        listener.set_nonblocking(true).map_err(unusable)?;
        listeners.push(TcpListener::from_std(listener).map_err(unusable)?);
    }
    if listeners.is_empty() { Err(SocketError::None) } else { Ok(listeners) }
}
