//! File transfers, counted by project and direction.

use std::collections::BTreeMap;

use super::OfProject;
use crate::client::gui_rpc::model::FileTransfer;

/// Up or down.
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

    /// Which way a file goes. Without a persistent part the client has yet to begin, and only downloads begin so.
    #[must_use]
    pub fn of(transfer: &FileTransfer) -> Self {
        let upload = transfer.persistent_file_xfer.as_ref().is_some_and(|p| p.is_upload);
        if upload { Self::Upload } else { Self::Download }
    }
}

/// Transfers of a project in one direction.
#[derive(Debug, Clone)]
pub struct TransferSums {
    /// Which way.
    pub direction: Direction,
    /// With a connection.
    pub active: u32,
    /// Waiting to try again.
    pub backoff: u32,
    /// Waiting for their turn.
    pub pending: u32,
    /// Bytes of the files.
    pub size: f64,
    /// Bytes done.
    pub transferred: f64,
    /// Bytes a second.
    pub speed: f64,
    /// Most retries of a file.
    pub retries: f64,
    /// When the oldest was first tried.
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

    fn add(&mut self, transfer: &FileTransfer, now: Option<f64>) {
        let persistent = transfer.persistent_file_xfer.as_ref();
        let until = persistent.and_then(|p| p.next_request_time).unwrap_or_default();
        let retries = persistent.and_then(|p| p.num_retries).unwrap_or_default();
        let project_waits = transfer.project_backoff.is_some_and(|seconds| seconds > 0.0);
        if let Some(active) = &transfer.file_xfer {
            self.active += 1;
            self.speed += active.xfer_speed.unwrap_or_default();
        // Without the client's clock, one that was tried before is thought to wait.
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

/// Bytes done: what the connection says, else what is remembered of the last one.
#[must_use]
pub fn transferred(transfer: &FileTransfer) -> Option<f64> {
    let active = transfer.file_xfer.as_ref().and_then(|x| x.bytes_xferred);
    active.or(transfer.persistent_file_xfer.as_ref().and_then(|p| p.last_bytes_xferred))
}

/// Counts transfers. `projects` are those that shall be shown without any, as URL and name.
#[must_use]
pub fn transfer_sums(
    transfers: &[FileTransfer],
    projects: impl Iterator<Item = (String, String)>,
    now: Option<f64>,
) -> Vec<OfProject<TransferSums>> {
    let mut names: BTreeMap<String, String> = projects.collect();
    let mut sums: BTreeMap<String, [TransferSums; 2]> = BTreeMap::new();
    let none = || [TransferSums::new(Direction::Upload), TransferSums::new(Direction::Download)];
    sums.extend(names.keys().map(|url| (url.clone(), none())));
    for transfer in transfers {
        let url = transfer.project_url.to_string();
        names.entry(url.clone()).or_insert_with(|| transfer.project_name.to_string());
        sums.entry(url).or_insert_with(none)[Direction::of(transfer) as usize].add(transfer, now);
    }
    sums.into_iter()
        .flat_map(|(url, both)| {
            let name = names.get(&url).filter(|name| !name.is_empty()).unwrap_or(&url).clone();
            both.map(|item| OfProject { url: url.clone(), name: name.clone(), item })
        })
        .collect()
}
