//! File transfers.

use super::client::{number, time};
use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::{FileTransfer, FileXfer, PersistentFileXfer};
use crate::client::snapshot::{Direction, TransferSums, transferred};

/// One row per project and direction.
pub const SUMS: Table<TransferSums> = Table {
    title: "File transfers by project",
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
            "File transfers that are active, waiting to be retried (backoff) or waiting for their turn (pending); absent for a direction without any.",
            "file_xfer, next_request_time, project_backoff",
            |t, emit| {
                if t.any() {
                    emit.count(&["active"], t.active);
                    emit.count(&["backoff"], t.backoff);
                    emit.count(&["pending"], t.pending);
                }
            },
        ),
        details(Metric::one("boinc_transfers_size_bytes", "Total size of the files in transfer.", "nbytes", |t| {
            Some(t.size)
        })),
        details(Metric::one(
            "boinc_transfers_transferred_bytes",
            "Bytes already transferred of the files in transfer.",
            "bytes_xferred, last_bytes_xferred",
            |t| Some(t.transferred),
        )),
        Metric::one(
            "boinc_transfers_speed_bytes_per_second",
            "Combined speed of all active file transfers.",
            "xfer_speed",
            |t| Some(t.speed),
        ),
        Metric::one(
            "boinc_transfers_most_retries",
            "Highest number of retries of any file in transfer; absent if there is none.",
            "num_retries",
            |t| t.any().then_some(t.retries),
        ),
        Metric::one(
            "boinc_transfers_oldest_request_timestamp_seconds",
            "When the oldest file transfer was first attempted; absent if there is none.",
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

/// One row per transfer.
pub const TRANSFERS: Table<FileTransfer> = Table {
    title: "Individual file transfers",
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
        Metric::one("boinc_transfer_size_bytes", "Size of the file; absent if unknown.", "nbytes", |t| {
            t.nbytes.filter(|bytes| *bytes > 0.0)
        }),
        Metric::one("boinc_transfer_max_size_bytes", "Maximum allowed size of the uploaded file.", "max_nbytes", |t| {
            t.max_nbytes.filter(|bytes| *bytes > 0.0)
        }),
        Metric::one(
            "boinc_transfer_transferred_bytes",
            "Bytes of the file transferred so far.",
            "bytes_xferred, last_bytes_xferred",
            transferred,
        ),
        Metric::one(
            "boinc_transfer_offset_bytes",
            "Offset in the file at which the current attempt started.",
            "file_offset",
            |t| active(t, |x| x.file_offset),
        ),
        Metric::one("boinc_transfer_speed_bytes_per_second", "Speed of the current attempt.", "xfer_speed", |t| {
            active(t, |x| x.xfer_speed)
        }),
        Metric::one(
            "boinc_transfer_remaining_seconds",
            "Remaining time as estimated by the client; reported by BOINC 7.22 and later only, absent if unknown.",
            "estimated_xfer_time_remaining",
            |t| active(t, |x| x.estimated_xfer_time_remaining).filter(|seconds| *seconds > 0.0),
        ),
        Metric::one(
            "boinc_transfer_active_seconds",
            "Time with an open connection, over all attempts.",
            "time_so_far",
            |t| persistent(t, |p| p.time_so_far),
        ),
        Metric::one("boinc_transfer_retries", "Number of retries so far.", "num_retries", |t| {
            persistent(t, |p| p.num_retries)
        }),
        Metric::one(
            "boinc_transfer_first_request_timestamp_seconds",
            "When the transfer was first attempted.",
            "first_request_time",
            |t| time(persistent(t, |p| p.first_request_time)),
        ),
        Metric::one(
            "boinc_transfer_next_request_timestamp_seconds",
            "When the transfer will next be attempted.",
            "next_request_time",
            |t| time(persistent(t, |p| p.next_request_time)),
        ),
        Metric::one(
            "boinc_transfer_project_backoff_seconds",
            "Remaining backoff of all the project's file transfers; absent if there is none.",
            "project_backoff",
            |t| t.project_backoff,
        ),
        Metric::one(
            "boinc_transfer_status_code",
            "File status as BOINC's code: 0 not present, 1 present, 2 verification pending, negative for an error.",
            "status",
            |t| number(t.status),
        ),
    ],
};
