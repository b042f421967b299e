//! Windows.

mod access;
mod events;
mod files;
pub mod service;
mod sockets;

use std::path::PathBuf;

use known_folders::{KnownFolder, get_known_folder_path};

pub use access::{
    HOW_TO_HAND_OVER, HOW_TO_KEEP_PRIVATE, HOW_TO_PROTECT, cannot_read, protect, remedy, written_by_others,
};
pub use events::{ReloadRequests, stop};
pub use files::{Identity, create_folders, create_like, create_private, kind, open};
pub use service::{ready, reloading, stopping};
pub use sockets::{
    HAS_UNIX_SOCKETS, REUSES_ADDRESSES, connect_unix, is_out_of_files, limit_unsent, max_open_files, want_many_files,
};

/// A file that reads as if it were empty, and is named by who wants no file.
pub const NOTHING: &str = "NUL";

/// The command of the system that copies a file.
pub const COPY: &str = "copy";

/// Where Grafana's package for this system looks for files that name dashboards, and one there.
pub const GRAFANA_DASHBOARDS: &str =
    "\"C:\\Program Files\\GrafanaLabs\\grafana\\conf\\provisioning\\dashboards\\boinc.yml\"";

/// The configuration file that is read if none is named, as a person would name it.
pub const DEFAULT_CONFIG_FILE: &str = r"%ProgramData%\boinc_exporter\config.toml";

/// The same as a path.
#[must_use]
pub fn default_config_file() -> PathBuf {
    own_folder().join("config.toml")
}

/// The folder of this program's configuration and logs.
#[must_use]
pub fn own_folder() -> PathBuf {
    program_data().join("boinc_exporter")
}

/// Where programs keep what belongs to no user. Not from the environment, in which a user may set what an administrator gets.
#[must_use]
pub fn program_data() -> PathBuf {
    get_known_folder_path(KnownFolder::ProgramData).unwrap_or_else(|| PathBuf::from(r"C:\ProgramData"))
}

/// Where what must outlive this process is kept: its user's folder for data of programs, which LocalService has too.
#[must_use]
pub fn state_folder() -> Option<PathBuf> {
    Some(get_known_folder_path(KnownFolder::LocalAppData)?.join("boinc_exporter"))
}
