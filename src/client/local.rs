//! Finds the data directory of a BOINC client on this computer, and its password file, `gui_rpc_auth.cfg` in it. An address
//! comes in, paths to try go out. It does not open these files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::gui_rpc::address::Address;
use crate::platform::boinc;

const FILE: &str = "gui_rpc_auth.cfg";

/// The files to try for a client at this address, the most likely first.
#[must_use]
pub fn password_files(address: &Address) -> Vec<PathBuf> {
    own_first(address, boinc::directories()).into_iter().map(|dir| dir.join(FILE)).collect()
}

/// The data directories to try for a client at this address, the most likely first. A socket lies in the directory of its own
/// client: the usual ones belong to others.
#[must_use]
pub fn data_directories(address: &Address) -> Vec<PathBuf> {
    let usual = if matches!(address, Address::Unix(_)) { Vec::new() } else { boinc::directories() };
    own_first(address, usual)
}

/// Each once.
fn own_first(address: &Address, usual: Vec<PathBuf>) -> Vec<PathBuf> {
    // The client creates its socket in its data directory.
    let own = match address {
        Address::Unix(socket) => socket.parent().map(Path::to_owned),
        Address::Tcp { .. } => None,
    };
    let mut seen = BTreeSet::new();
    own.into_iter().chain(usual).filter(|dir| seen.insert(dir.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_the_socket_comes_first_and_each_once() {
        let tcp = Address::Tcp { host: "127.0.0.1".to_owned(), port: 31416 };
        let unix = Address::Unix("/srv/boinc/boinc_socket".into());
        let shown = |address| {
            let usual = ["/var/lib/boinc", "/srv/boinc", "/var/lib/boinc"].map(PathBuf::from).to_vec();
            own_first(address, usual).iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&tcp), "/var/lib/boinc /srv/boinc");
        assert_eq!(shown(&unix), "/srv/boinc /var/lib/boinc");
    }
}
