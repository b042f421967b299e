//! What the exporter tells systemd. Without systemd, nothing happens here.

use sd_notify::NotifyState;

/// Reports that the exporter is ready, after startup or a reload.
pub fn ready() {
    notify(&[NotifyState::Ready]);
}

/// Reports that a reload has begun; [`ready`] ends it.
pub fn reloading() {
    // `Type=notify-reload` requires the time.
    if let Ok(now) = NotifyState::monotonic_usec_now() {
        notify(&[NotifyState::Reloading, now]);
    }
}

/// Reports that the shutdown has begun.
pub fn stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "cannot notify systemd (NOTIFY_SOCKET)");
    }
}
