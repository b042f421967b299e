//! systemd, if it started this process: sockets that it opened come in, how far this process is goes out. Without
//! systemd nothing happens here.

use tokio::net::TcpListener;

use listenfd::ListenFd;

/// Why no sockets were taken over. Shown, it says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// There are none.
    #[error(
        "systemd passed no socket (LISTEN_FDS); start the socket unit in place of the service, or leave \
         --web.systemd-socket out"
    )]
    None,
    /// There is one that HTTP cannot be served on.
    #[error(
        "socket {number} of those that systemd passed is not a listening TCP socket; the unit needs ListenStream=PORT: {source}"
    )]
    Unusable {
        /// Which of them, from 1.
        number: usize,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The sockets that systemd listens on for this process. Needs a tokio runtime.
///
/// # Errors
/// There are none, or one of another kind.
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

/// Says that requests are answered from now on, after a start or a reload.
pub fn ready() {
    #[cfg(unix)]
    notify(&[sd_notify::NotifyState::Ready]);
}

/// Says that the configuration is being read again; [`ready`] says that this is over.
pub fn reloading() {
    #[cfg(unix)]
    // `Type=notify-reload` takes a reload for begun only with the time.
    if let Ok(now) = sd_notify::NotifyState::monotonic_usec_now() {
        notify(&[sd_notify::NotifyState::Reloading, now]);
    }
}

/// Says that the end has begun.
pub fn stopping() {
    #[cfg(unix)]
    notify(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(unix)]
fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd cannot be told how far the exporter is (NOTIFY_SOCKET)");
    }
}
