//! File transfers.

use super::MAX_TASKS;
use crate::markup::element::element;
use crate::markup::text::Raw;

element! {
    /// Reply to `get_file_transfers`.
    FileTransfers {
        /// One a file.
        transfers as "file_transfer": Vec<FileTransfer>,
    }
}

element! {
    /// `file_transfer`.
    FileTransfer [at most MAX_TASKS] {
        /// Master URL of the project.
        project_url: Raw,
        /// Name of the project.
        project_name: Raw,
        /// Name of the file.
        name: Raw,
        /// Bytes; 0 unknown.
        nbytes: Option<f64>,
        /// Most bytes that an upload may have.
        max_nbytes: Option<f64>,
        /// Code of the file's state; negative is an error number.
        status: Option<i64>,
        /// What is remembered over retries.
        persistent_file_xfer: Option<PersistentFileXfer>,
        /// Present while connected.
        file_xfer: Option<FileXfer>,
        /// Seconds that the whole project still waits.
        project_backoff: Option<f64>,
    }
}

element! {
    /// `persistent_file_xfer`.
    PersistentFileXfer {
        /// Retries so far.
        num_retries: Option<f64>,
        /// When it was first tried.
        first_request_time: Option<f64>,
        /// When it will be tried again.
        next_request_time: Option<f64>,
        /// Seconds with a connection, over all tries.
        time_so_far: Option<f64>,
        /// Bytes done.
        last_bytes_xferred: Option<f64>,
        /// Upload.
        is_upload: bool,
    }
}

element! {
    /// `file_xfer`.
    FileXfer {
        /// Bytes done.
        bytes_xferred: Option<f64>,
        /// Byte at which this try began.
        file_offset: Option<f64>,
        /// Bytes a second of this try.
        xfer_speed: Option<f64>,
        /// Seconds left; 0 unknown; 7.22 and later.
        estimated_xfer_time_remaining: Option<f64>,
    }
    not_read { "url" }
}
