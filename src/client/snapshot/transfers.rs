//! Counts file transfers by project and direction. Transfers and the client's time come in, sums go out. It does not
//! know which metrics use them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::OfProject;
use crate::client::gui_rpc::model::{FileTransfer, MAX_PROJECTS};

/// The direction of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the project.
    Upload,
    /// From the project.
    Download,
}

impl Direction {
    /// The label `direction`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }

    /// The direction of a transfer. Without a persistent part the client has not started it, and only downloads exist
    /// in that state.
    #[must_use]
    pub fn of(transfer: &FileTransfer) -> Self {
        let upload = transfer.persistent_file_xfer.as_ref().is_some_and(|p| p.is_upload);
        if upload { Self::Upload } else { Self::Download }
    }
}

/// The transfers of one project in one direction.
#[derive(Debug, Clone)]
pub struct TransferSums {
    /// Which way.
    pub direction: Direction,
    /// Transfers with a connection.
    pub active: u32,
    /// Transfers that wait before a retry.
    pub backoff: u32,
    /// Transfers that wait for a connection.
    pub pending: u32,
    /// Size of the files in bytes.
    pub size: f64,
    /// Bytes transferred.
    pub transferred: f64,
    /// Bytes per second.
    pub speed: f64,
    /// Highest number of retries of a file.
    pub retries: f64,
    /// When the oldest transfer was first tried.
    pub oldest_request: Option<f64>,
}

impl TransferSums {
    const fn new(direction: Direction) -> Self {
        Self {
            direction,
            active: 0,
            backoff: 0,
            pending: 0,
            size: 0.0,
            transferred: 0.0,
            speed: 0.0,
            retries: 0.0,
            oldest_request: None,
        }
    }

    /// Whether there is any transfer.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.active > 0 || self.backoff > 0 || self.pending > 0
    }

    fn add(&mut self, transfer: &FileTransfer, now: Option<f64>) {
        let persistent = transfer.persistent_file_xfer.as_ref();
        let until = persistent.and_then(|p| p.next_request_time).unwrap_or_default();
        let retries = persistent.and_then(|p| p.num_retries).unwrap_or_default();
        let project_waits = transfer.project_backoff.is_some_and(|seconds| seconds > 0.0);
        if let Some(active) = &transfer.file_xfer {
            self.active += 1;
            self.speed += active.xfer_speed.unwrap_or_default();
        // Without the client's clock, a transfer with retries is taken to be waiting.
        } else if project_waits || now.map_or(retries > 0.0, |now| until > now) {
            self.backoff += 1;
        } else {
            self.pending += 1;
        }
        self.size += transfer.nbytes.unwrap_or_default();
        self.transferred += transferred(transfer).unwrap_or_default();
        self.retries = self.retries.max(retries);
        let first = persistent.and_then(|p| p.first_request_time).filter(|time| *time > 0.0);
        self.oldest_request = [self.oldest_request, first].into_iter().flatten().reduce(f64::min);
    }
}

/// Bytes transferred, as the open connection reports it, or as last recorded.
#[must_use]
pub fn transferred(transfer: &FileTransfer) -> Option<f64> {
    let active = transfer.file_xfer.as_ref().and_then(|x| x.bytes_xferred);
    active.or(transfer.persistent_file_xfer.as_ref().and_then(|p| p.last_bytes_xferred))
}

/// Counts transfers. `projects` (URL and name) are included even if they have none. Transfers of more projects than there can be
/// are left out; their number is returned too.
#[must_use]
pub fn transfer_sums(
    transfers: &[FileTransfer],
    projects: impl Iterator<Item = (Arc<str>, Arc<str>)>,
    now: Option<f64>,
) -> (Vec<OfProject<TransferSums>>, usize) {
    let mut names: BTreeMap<Arc<str>, Arc<str>> = projects.collect();
    let mut sums: BTreeMap<Arc<str>, [TransferSums; 2]> = BTreeMap::new();
    let none = || [TransferSums::new(Direction::Upload), TransferSums::new(Direction::Download)];
    sums.extend(names.keys().map(|url| (Arc::clone(url), none())));
    let mut left_out = 0;
    for transfer in transfers {
        let direction = Direction::of(transfer) as usize;
        if let Some(both) = sums.get_mut(&*transfer.project_url) {
            both[direction].add(transfer, now);
            continue;
        }
        if sums.len() >= MAX_PROJECTS {
            left_out += 1;
            continue;
        }
        let url: Arc<str> = Arc::from(&*transfer.project_url);
        names.entry(Arc::clone(&url)).or_insert_with(|| Arc::from(&*transfer.project_name));
        sums.entry(url).or_insert_with(none)[direction].add(transfer, now);
    }
    let rows = sums.into_iter().flat_map(|(url, both)| {
        let name = names.get(&url).filter(|name| !name.is_empty()).unwrap_or(&url).clone();
        both.map(|item| OfProject { url: Arc::clone(&url), name: Arc::clone(&name), item })
    });
    (rows.collect(), left_out)
}
