//! systemd: socket activation and readiness notification. Without systemd, nothing happens here.

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

/// Reports that the exporter is ready, after startup or a reload.
pub fn ready() {
    #[cfg(unix)]
    notify(&[sd_notify::NotifyState::Ready]);
}

/// Reports that a reload has begun; [`ready`] ends it.
pub fn reloading() {
    #[cfg(unix)]
    // `Type=notify-reload` requires the time.
    if let Ok(now) = sd_notify::NotifyState::monotonic_usec_now() {
        notify(&[sd_notify::NotifyState::Reloading, now]);
    }
}

/// Reports that the shutdown has begun.
pub fn stopping() {
    #[cfg(unix)]
    notify(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(unix)]
fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "cannot notify systemd (NOTIFY_SOCKET)");
    }
}
