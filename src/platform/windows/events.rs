//! What tells this process to stop or to read its configuration anew: the keyboard, the console, the service control manager.

use std::io;

use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

use super::service::{RELOAD, STOP};

/// What makes the exporter read its configuration anew.
#[derive(Debug)]
pub struct ReloadRequests(());

impl ReloadRequests {
    /// Listens for `boinc_exporter service reload`, and for `sc.exe control boinc_exporter paramchange`.
    ///
    /// # Errors
    /// None here.
    pub const fn listen() -> io::Result<Self> {
        Ok(Self(()))
    }

    /// Waits for the next; `None` if there will be none.
    pub async fn next(&mut self) -> Option<()> {
        RELOAD.notified().await;
        Some(())
    }
}

/// Completes when this process is told to stop: by Ctrl-C or Ctrl-Break, because its window is closed or the computer shuts down, or
/// as a service. Listens from the call on.
pub fn stop() -> impl Future<Output = ()> {
    let (c, break_, close, shutdown) = (ctrl_c(), ctrl_break(), ctrl_close(), ctrl_shutdown());
    async move {
        // A process without a console is told otherwise.
        let console = async {
            if let (Ok(mut c), Ok(mut break_), Ok(mut close), Ok(mut shutdown)) = (c, break_, close, shutdown) {
                tokio::select! {
                    _ = c.recv() => {}
                    _ = break_.recv() => {}
                    _ = close.recv() => {}
                    _ = shutdown.recv() => {}
                }
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = console => {}
            () = STOP.notified() => {}
        }
    }
}
