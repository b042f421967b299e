//! Where a BOINC client on this computer keeps its password: `gui_rpc_auth.cfg` in its data directory.

use std::fs;
use std::path::{Path, PathBuf};

use super::gui_rpc::address::Address;

const FILE: &str = "gui_rpc_auth.cfg";

/// Names the data directory on Linux. Read by BOINC's own tools too; packages write it.
const PROPERTIES: &str = "/etc/boinc-client/config.properties";

/// The files to try for a client at this address, best first.
#[must_use]
pub fn password_files(address: &Address) -> Vec<PathBuf> {
    let properties = if cfg!(target_os = "linux") { fs::read_to_string(PROPERTIES).ok() } else { None };
    folders(address, properties.as_deref()).into_iter().map(|folder| folder.join(FILE)).collect()
}

fn folders(address: &Address, properties: Option<&str>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    // The client puts its socket into its data directory.
    if let Address::Unix(socket) = address {
        folders.extend(socket.parent().map(Path::to_owned));
    }
    folders.extend(properties.and_then(data_dir).map(PathBuf::from));
    folders.extend(usual().iter().map(PathBuf::from));
    let mut seen = std::collections::BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

/// The value of `data_dir=` in `config.properties`.
fn data_dir(properties: &str) -> Option<&str> {
    let value = properties.lines().find_map(|line| line.trim().strip_prefix("data_dir="))?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

fn usual() -> &'static [&'static str] {
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

    fn shown(address: &Address, properties: Option<&str>) -> String {
        folders(address, properties).iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_named_data_directory_comes_before_the_usual_ones() {
        let tcp = Address::Tcp { host: "127.0.0.1".to_owned(), port: 31416 };
        let unix = Address::Unix("/srv/boinc/boinc_socket".into());
        let usual = "/etc/boinc-client /var/lib/boinc-client /var/lib/boinc";
        assert_eq!(shown(&tcp, None), usual);
        assert_eq!(shown(&tcp, Some("# where\n data_dir=/data/boinc \r\n")), format!("/data/boinc {usual}"));
        assert_eq!(shown(&unix, Some("data_dir=")), format!("/srv/boinc {usual}"));
        assert_eq!(
            shown(&tcp, Some("data_dir=/var/lib/boinc")),
            "/var/lib/boinc /etc/boinc-client /var/lib/boinc-client"
        );
    }
}
