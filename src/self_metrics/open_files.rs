//! How many files this process may have open, and so how much it may do at a time. Without this, clients would seem to fail
//! when only the exporter is out of file descriptors.

use crate::platform::max_open_files;

/// Held all the time, or for a moment now and then: standard streams, the runtime's own, sockets that listen, a file of the
/// configuration.
const RESERVED: usize = 16;

/// A name is looked up with two sockets, and a password is in one file.
const FILES_OF_LOOKUP: usize = 3;

/// Each takes a thread. With a silent name server, which is given up after ten seconds, six names are tried each second.
const MAX_LOOKUPS: usize = 64;

/// What the limit on open files allows at a time. Half of it is for clients, half for those who ask for metrics: a connection
/// each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFiles {
    /// Connections to clients.
    pub clients: usize,
    /// Host names that are looked up, and password files that are read: of each so many.
    pub lookups: usize,
    /// Connections to the exporter.
    pub connections: usize,
}

impl OpenFiles {
    /// For the limit of this process; `None` if there is none or it is unknown.
    #[must_use]
    pub fn of_process() -> Option<Self> {
        Some(Self::within(usize::try_from(max_open_files()?).unwrap_or(usize::MAX)))
    }

    fn within(limit: usize) -> Self {
        let half = (limit.saturating_sub(RESERVED) / 2).max(1);
        let lookups = (limit / 16).clamp(1, MAX_LOOKUPS);
        Self { clients: half.saturating_sub(FILES_OF_LOOKUP * lookups).max(1), lookups, connections: half }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fit_into_the_limit() {
        for limit in [20, 40, 64, 1024, 1_048_576] {
            let OpenFiles { clients, lookups, connections } = OpenFiles::within(limit);
            assert!(clients >= 1 && lookups >= 1 && connections >= 1, "{limit}");
            let most = clients + FILES_OF_LOOKUP * lookups + connections + RESERVED;
            assert!(most <= limit.max(RESERVED + 6), "{limit}");
        }
        // The default limit of many systems allows the default concurrency.
        assert!(OpenFiles::within(1024).clients > 100);
        assert_eq!(OpenFiles::within(0), OpenFiles { clients: 1, lookups: 1, connections: 1 });
    }
}
