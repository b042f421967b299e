//! File transfers.

use super::client::{number, time};
use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::{FileTransfer, FileXfer, PersistentFileXfer};
use crate::client::snapshot::{Direction, TransferSums, transferred};

/// Transfers of a project in one direction.
pub const SUMS: Table<TransferSums> = Table {
    title: "File transfers, by project",
    collector: Collector::FileTransfers,
    origin: "get_file_transfers file_transfer",
    labels: &["project", "project_url", "direction"],
    rows: |snapshot| {
        let rows = snapshot.transfers.iter();
        rows.map(|of| Row { labels: vec![&of.name, &of.url, of.item.direction.name()], item: &of.item }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_transfers",
            &["state"],
            "Files being transferred (active), waiting to be tried again (backoff), or waiting for their turn (pending).",
            "file_xfer, next_request_time, project_backoff",
            |t, emit| {
                emit.count(&["active"], t.active);
                emit.count(&["backoff"], t.backoff);
                emit.count(&["pending"], t.pending);
            },
        ),
        Metric::one("boinc_transfers_size_bytes", "Size of these files.", "nbytes", |t| Some(t.size)),
        Metric::one(
            "boinc_transfers_transferred_bytes",
            "Of that, what is transferred.",
            "bytes_xferred, last_bytes_xferred",
            |t| Some(t.transferred),
        ),
        Metric::one("boinc_transfers_speed_bytes_per_second", "Speed of all active transfers.", "xfer_speed", |t| {
            Some(t.speed)
        }),
        Metric::one("boinc_transfers_retries", "Most retries of any of these files.", "num_retries", |t| {
            Some(t.retries)
        }),
        Metric::one(
            "boinc_transfers_oldest_request_timestamp_seconds",
            "When the oldest of these transfers was first tried; absent if there is none.",
            "first_request_time",
            |t| t.oldest_request,
        ),
    ],
};

fn persistent(transfer: &FileTransfer, value: fn(&PersistentFileXfer) -> Option<f64>) -> Option<f64> {
    transfer.persistent_file_xfer.as_ref().and_then(value)
}

fn active(transfer: &FileTransfer, value: fn(&FileXfer) -> Option<f64>) -> Option<f64> {
    transfer.file_xfer.as_ref().and_then(value)
}

/// Single transfers.
pub const TRANSFERS: Table<FileTransfer> = Table {
    title: "File transfers, one by one",
    collector: Collector::Transfers,
    origin: "get_file_transfers file_transfer",
    labels: &["project", "project_url", "file", "direction"],
    rows: |snapshot| {
        let rows = snapshot.transfer_rows.iter();
        rows.map(|of| {
            let labels = vec![&*of.name, &*of.url, &*of.item.name, Direction::of(&of.item).name()];
            Row { labels, item: &of.item }
        })
        .collect()
    },
    metrics: &[
        Metric::one("boinc_transfer_size_bytes", "Size of the file; absent where it is not known.", "nbytes", |t| {
            t.nbytes.filter(|bytes| *bytes > 0.0)
        }),
        Metric::one("boinc_transfer_max_size_bytes", "Most size that an upload may have.", "max_nbytes", |t| {
            t.max_nbytes.filter(|bytes| *bytes > 0.0)
        }),
        Metric::one(
            "boinc_transfer_transferred_bytes",
            "What is transferred of it.",
            "bytes_xferred, last_bytes_xferred",
            transferred,
        ),
        Metric::one("boinc_transfer_offset_bytes", "Where the present try began.", "file_offset", |t| {
            active(t, |x| x.file_offset)
        }),
        Metric::one("boinc_transfer_speed_bytes_per_second", "Speed of the present try.", "xfer_speed", |t| {
            active(t, |x| x.xfer_speed)
        }),
        Metric::one(
            "boinc_transfer_remaining_seconds",
            "Time left by the client's estimate; told by 7.22 and later, absent where it is not known.",
            "estimated_xfer_time_remaining",
            |t| active(t, |x| x.estimated_xfer_time_remaining).filter(|seconds| *seconds > 0.0),
        ),
        Metric::one("boinc_transfer_active_seconds", "Time with a connection, over all tries.", "time_so_far", |t| {
            persistent(t, |p| p.time_so_far)
        }),
        Metric::one("boinc_transfer_retries", "Retries so far.", "num_retries", |t| persistent(t, |p| p.num_retries)),
        Metric::one(
            "boinc_transfer_first_request_timestamp_seconds",
            "When it was first tried.",
            "first_request_time",
            |t| time(persistent(t, |p| p.first_request_time)),
        ),
        Metric::one(
            "boinc_transfer_next_request_timestamp_seconds",
            "When it is tried again.",
            "next_request_time",
            |t| time(persistent(t, |p| p.next_request_time)),
        ),
        Metric::one(
            "boinc_transfer_project_backoff_seconds",
            "How long all transfers of the project still wait; absent if they don't.",
            "project_backoff",
            |t| t.project_backoff,
        ),
        Metric::one(
            "boinc_transfer_status_code",
            "State of the file as BOINC's number: 0 not present, 1 present, 2 to be verified, negative an error.",
            "status",
            |t| number(t.status),
        ),
    ],
};
