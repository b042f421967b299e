//! File transfers.

use super::View;
use super::text::{Text, push};
use crate::simulation::state::Transfer;

/// The reply to `get_file_transfers`.
pub(super) fn list(text: &mut Text, view: View<'_>) {
    text.element([0, 0], "file_transfers", |text| {
        view.client.transfers.iter().for_each(|transfer| one(text, view, transfer));
    });
}

fn one(text: &mut Text, view: View<'_>, transfer: &Transfer) {
    let on = if transfer.active { view.since } else { 0.0 };
    let done = (transfer.done + on * transfer.speed).min(transfer.nbytes);
    text.element([0, 4], "file_transfer", |text| {
        text.raw("project_url", &transfer.project_url);
        text.raw("project_name", &transfer.project_name);
        text.raw("name", &transfer.name);
        text.number("nbytes", transfer.nbytes);
        // Only uploads have a limit, which projects set well above the expected size.
        text.number("max_nbytes", if transfer.is_upload { transfer.nbytes * 4.0 } else { 0.0 });
        text.switch("status", transfer.is_upload);
        text.element([4, 8], "persistent_file_xfer", |text| {
            text.integer("num_retries", transfer.num_retries);
            text.number("first_request_time", transfer.first_request_time);
            text.number("next_request_time", transfer.next_request_time);
            text.number("time_so_far", transfer.time_so_far + on);
            text.number("last_bytes_xferred", done);
            text.switch("is_upload", transfer.is_upload);
        });
        if transfer.active {
            connection(text, view, transfer, done);
        }
        let backoff = view.client.projects.iter().find(|project| project.server.url == transfer.project_url);
        let until = backoff.map_or(0.0, |project| {
            if transfer.is_upload { project.upload_backoff_until } else { project.download_backoff_until }
        });
        if until > view.now {
            text.number("project_backoff", until - view.now);
        }
    });
}

fn connection(text: &mut Text, view: View<'_>, transfer: &Transfer, done: f64) {
    let newer = view.client.at_least(7, 22);
    text.element([4, 8], "file_xfer", |text| {
        if newer {
            let left = if transfer.speed > 0.0 { (transfer.nbytes - done) / transfer.speed } else { 0.0 };
            text.number("estimated_xfer_time_remaining", left);
        }
        text.number("bytes_xferred", done);
        text.number("file_offset", transfer.offset);
        text.number("xfer_speed", transfer.speed);
        text.leaf("url", |out| {
            let url = &transfer.project_url;
            if transfer.is_upload {
                push(out, format_args!("{url}cgi-bin/file_upload_handler"));
            } else {
                push(out, format_args!("{url}download/{}", transfer.name));
            }
        });
    });
    if newer {
        text.empty_line();
    }
}
