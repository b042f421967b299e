//! Commands of `service`.

use clap::Subcommand;

/// What to do with the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Service {
    /// Install the service, which starts with Windows, and start it.
    Install,
    /// Make the running service reload its configuration. What comes of it is in its log.
    Reload,
    /// Stop the service and remove it. Its configuration stays.
    Uninstall,
    /// Run as the service: Windows does this.
    Run,
    /// Make the folders of the service, and keep others from writing there: the installer does this.
    #[command(hide = true)]
    Folders,
}
