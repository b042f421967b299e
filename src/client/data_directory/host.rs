//! The computer, with which `client_state.xml` begins. A folder comes in; what is needed to understand other files goes out.

use super::text::whole;
use crate::markup::element::element;
use crate::platform::folder::Folder;

/// Bytes of `client_state.xml` that are read.
const MAX_BYTES: u64 = 64 << 10;

/// CPUs of a computer that does not say. None that runs BOINC has more.
const MOST_CPUS: f64 = 1024.0;

element! {
    /// `host_info`, with which `client_state.xml` begins.
    Host {
        /// Seconds of the computer's standard time ahead of UTC.
        timezone: Option<f64>,
        /// CPUs of the computer.
        p_ncpus: Option<f64>,
    }
}

impl Host {
    /// What the client wrote; nothing, if it wrote nothing yet, or the file is closed to us.
    pub fn read(folder: &Folder) -> Self {
        let content = folder.read("client_state.xml", 0, MAX_BYTES).ok();
        content.and_then(|content| whole(&content.bytes, "host_info")).unwrap_or_default()
    }

    /// CPUs of the computer. This process can be limited to fewer.
    pub fn cpus(&self) -> f64 {
        self.p_ncpus.filter(|cpus| *cpus >= 1.0).unwrap_or(MOST_CPUS)
    }
}
