//! Packages of distributions, and sandboxes. The BSDs' ports use the same directories.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Names the data directory. Packages of distributions write it, and BOINC's own tools read it too.
const PROPERTIES: &str = "/etc/boinc-client/config.properties";

/// Debian links the password file from the data directory to /etc; other packages have only /var/lib/boinc.
const USUAL: [&str; 3] = ["/etc/boinc-client", "/var/lib/boinc-client", "/var/lib/boinc"];

/// Data directories of sandboxed clients, in the home of their user. The snap runs the client in its own `$HOME`, of which `current`
/// is the revision in use (BOINC's `snap/snapcraft.yaml`: `boinc --dir $HOME`). The Flatpak runs it in the user's home, which is this
/// folder inside the sandbox (`--persist=.` in <https://github.com/flathub/edu.berkeley.BOINC>).
const SANDBOXES: [&str; 2] = ["snap/boinc/current", ".var/app/edu.berkeley.BOINC"];

/// The directories in which a client of this computer may run, the most likely first.
#[must_use]
pub fn directories() -> Vec<PathBuf> {
    let home = env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    likely(fs::read_to_string(PROPERTIES).ok().as_deref(), home.as_deref())
}

fn likely(properties: Option<&str>, home: Option<&Path>) -> Vec<PathBuf> {
    let named = properties.and_then(data_dir).map(PathBuf::from);
    let sandboxes = home.into_iter().flat_map(|home| SANDBOXES.map(|sandbox| home.join(sandbox)));
    named.into_iter().chain(USUAL.map(PathBuf::from)).chain(sandboxes).collect()
}

/// The value of `data_dir=` in `config.properties`.
fn data_dir(properties: &str) -> Option<&str> {
    let value = properties.lines().find_map(|line| line.trim().strip_prefix("data_dir="))?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_data_directory_comes_before_the_usual_ones() {
        let shown = |properties, home: Option<&str>| {
            let likely = likely(properties, home.map(Path::new));
            likely.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(" ")
        };
        let usual = "/etc/boinc-client /var/lib/boinc-client /var/lib/boinc";
        assert_eq!(shown(None, None), usual);
        assert_eq!(shown(Some("# where\n data_dir=/data/boinc \r\n"), None), format!("/data/boinc {usual}"));
        assert_eq!(shown(Some("data_dir="), None), usual);
        let sandboxes = "/home/marta/snap/boinc/current /home/marta/.var/app/edu.berkeley.BOINC";
        assert_eq!(shown(None, Some("/home/marta")), format!("{usual} {sandboxes}"));
    }
}
