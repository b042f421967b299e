//! Signals.

use std::io;

use tokio::signal;
use tokio::signal::unix::{Signal, SignalKind, signal as listen};

/// What makes the exporter read its configuration anew.
#[derive(Debug)]
pub struct ReloadRequests(Signal);

impl ReloadRequests {
    /// Listens for SIGHUP from now on.
    ///
    /// # Errors
    /// Those of the system.
    pub fn listen() -> io::Result<Self> {
        listen(SignalKind::hangup()).map(Self)
    }

    /// Waits for the next; `None` if there will be none.
    pub async fn next(&mut self) -> Option<()> {
        self.0.recv().await
    }
}

/// Completes when this process is told to stop: by SIGTERM, or by Ctrl-C. Listens for signals from the call on, not from the first
/// poll: the exporter may be stopped as soon as it has said that it is ready.
pub fn stop() -> impl Future<Output = ()> {
    let terminate = listen(SignalKind::terminate());
    let interrupt = listen(SignalKind::interrupt());
    async move {
        if let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
