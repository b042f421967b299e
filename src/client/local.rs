//! Finds the data directory of a BOINC client on this computer, and its password file, `gui_rpc_auth.cfg` in it. An address
//! comes in, paths to try go out. It does not open these files.

use std::fs;
use std::path::{Path, PathBuf};

use super::gui_rpc::address::Address;

const FILE: &str = "gui_rpc_auth.cfg";

/// Names the data directory on Linux. Distribution packages write it, and BOINC's own tools read it too.
const PROPERTIES: &str = "/etc/boinc-client/config.properties";

/// Homes of sandboxed clients, in the home of their user: <https://snapcraft.io/boinc>, of which `current` is the revision in use,
/// and <https://flathub.org/apps/edu.berkeley.BOINC>.
const SANDBOXES: [&str; 2] = ["snap/boinc/current", ".var/app/edu.berkeley.BOINC"];

/// The files to try for a client at this address, the most likely first.
#[must_use]
pub fn password_files(address: &Address) -> Vec<PathBuf> {
    data_dirs(address, properties().as_deref(), home().as_deref()).into_iter().map(|dir| dir.join(FILE)).collect()
}

/// The data directories to try for a client at this address, the most likely first. A socket lies in the directory of its own
/// client: the usual ones belong to others.
#[must_use]
pub fn data_directories(address: &Address) -> Vec<PathBuf> {
    match address {
        Address::Unix(socket) => socket.parent().map(Path::to_owned).into_iter().collect(),
        Address::Tcp { .. } => data_dirs(address, properties().as_deref(), home().as_deref()),
    }
}

fn properties() -> Option<String> {
    if cfg!(target_os = "linux") { fs::read_to_string(PROPERTIES).ok() } else { None }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

fn data_dirs(address: &Address, properties: Option<&str>, home: Option<&Path>) -> Vec<PathBuf> {
    let mut data_dirs = Vec::new();
    // The client creates its socket in its data directory.
    if let Address::Unix(socket) = address {
        data_dirs.extend(socket.parent().map(Path::to_owned));
    }
    data_dirs.extend(properties.and_then(data_dir).map(PathBuf::from));
    data_dirs.extend(default_dirs().iter().map(PathBuf::from));
    if cfg!(target_os = "linux") {
        // Clients in a sandbox have their user's home to themselves, and run in it.
        data_dirs.extend(home.into_iter().flat_map(|home| SANDBOXES.map(|sandbox| home.join(sandbox))));
    }
    let mut seen = std::collections::BTreeSet::new();
    data_dirs.retain(|dir| seen.insert(dir.clone()));
    data_dirs
}

/// The value of `data_dir=` in `config.properties`.
fn data_dir(properties: &str) -> Option<&str> {
    let value = properties.lines().find_map(|line| line.trim().strip_prefix("data_dir="))?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

fn default_dirs() -> &'static [&'static str] {
    if cfg!(target_os = "macos") {
        &["/Library/Application Support/BOINC Data"]
    } else if cfg!(windows) {
        &[r"C:\ProgramData\BOINC"]
    } else {
        // Debian links its password file from the data directory to /etc; other packages have only /var/lib/boinc.
        &["/etc/boinc-client", "/var/lib/boinc-client", "/var/lib/boinc"]
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn shown(address: &Address, properties: Option<&str>, home: Option<&str>) -> String {
        let dirs = data_dirs(address, properties, home.map(Path::new));
        dirs.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_named_data_directory_comes_before_the_usual_ones() {
        let tcp = Address::Tcp { host: "127.0.0.1".to_owned(), port: 31416 };
        let unix = Address::Unix("/srv/boinc/boinc_socket".into());
        let usual = "/etc/boinc-client /var/lib/boinc-client /var/lib/boinc";
        assert_eq!(shown(&tcp, None, None), usual);
        assert_eq!(shown(&tcp, Some("# where\n data_dir=/data/boinc \r\n"), None), format!("/data/boinc {usual}"));
        assert_eq!(shown(&unix, Some("data_dir="), None), format!("/srv/boinc {usual}"));
        assert_eq!(
            shown(&tcp, Some("data_dir=/var/lib/boinc"), None),
            "/var/lib/boinc /etc/boinc-client /var/lib/boinc-client"
        );
        let sandboxes = "/home/marta/snap/boinc/current /home/marta/.var/app/edu.berkeley.BOINC";
        assert_eq!(shown(&tcp, None, Some("/home/marta")), format!("{usual} {sandboxes}"));
    }
}
