//! Linux, macOS and the BSDs.

mod files;
mod owners;
mod signals;
mod sockets;
mod systemd;

use std::env;
use std::path::{Path, PathBuf};

pub use files::{Identity, create_folders, create_like, create_private, kind, open, written_by_others};
pub use owners::{HOW_TO_HAND_OVER, HOW_TO_KEEP_PRIVATE, HOW_TO_PROTECT, cannot_read, remedy};
pub use signals::{ReloadRequests, stop};
pub use sockets::{
    HAS_UNIX_SOCKETS, REUSES_ADDRESSES, connect_unix, is_out_of_files, limit_unsent, max_open_files, want_many_files,
};
pub use systemd::{ready, reloading, stopping};

/// A file that reads as if it were empty, and is named by who wants no file.
pub const NOTHING: &str = "/dev/null";

/// The command of the system that copies a file.
pub const COPY: &str = "cp";

/// Where Grafana's package for this system looks for files that name dashboards, and one there.
pub const GRAFANA_DASHBOARDS: &str = "/etc/grafana/provisioning/dashboards/boinc.yml";

/// The configuration file that is read if none is named, as a person would name it.
pub const DEFAULT_CONFIG_FILE: &str = "/etc/boinc_exporter/config.toml";

/// The same as a path.
#[must_use]
pub fn default_config_file() -> PathBuf {
    DEFAULT_CONFIG_FILE.into()
}

/// Where what must outlive this process is kept: the directory that systemd gives a unit, else that of this user's programs.
#[must_use]
pub fn state_folder() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    // systemd lists several directories with colons between them.
    if let Some(directories) = variable("STATE_DIRECTORY") {
        return env::split_paths(&directories).next();
    }
    let home = || variable("HOME").map(|home| Path::new(&home).join(".local/state"));
    let state = variable("XDG_STATE_HOME").map(PathBuf::from).or_else(home)?;
    Some(state.join("boinc_exporter"))
}
