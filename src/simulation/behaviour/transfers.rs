//! File transfers: at most eight at a time and two per project; failed ones are retried with exponential back-off.

use std::collections::BTreeMap;

use super::{HiddenState, log};
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::{Client, DailyTransfer, TICK, Transfer};

const MOST: usize = 8;
const MOST_OF_A_PROJECT: u32 = 2;
/// Shortest and longest back-off in seconds.
const RETRY: (f64, f64) = (60.0, 4.0 * 3600.0);
/// Consecutive failures after which all transfers of the project wait.
const FAILURES: u32 = 3;

/// Advances transfers by a tick.
pub fn tick(client: &mut Client, hidden: &mut HiddenState) {
    if client.transfers.is_empty() {
        return;
    }
    let mut transfers = std::mem::take(&mut client.transfers);
    if client.network.suspend_reason != 0 {
        transfers.iter_mut().for_each(|transfer| transfer.active = false);
        client.transfers = transfers;
        return;
    }
    begin(client, hidden, &mut transfers);
    let mut done = Vec::new();
    for transfer in transfers.iter_mut().filter(|transfer| transfer.active) {
        let at = position(client, &transfer.project_url);
        let trouble = if transfer.is_upload { FaultKind::Uploads } else { FaultKind::Downloads };
        if hidden.has_fault(trouble, Some(at)) || hidden.random.f64() < 0.002 {
            fail(client, hidden, at, transfer);
        } else if go_on(client, hidden, transfer) {
            done.push((at, transfer.clone()));
        }
    }
    transfers.retain(|transfer| transfer.done < transfer.nbytes);
    client.transfers = transfers;
    for (at, transfer) in done {
        finish(client, at, &transfer);
        hidden.reschedule = true;
    }
}

fn position(client: &Client, url: &str) -> usize {
    client.projects.iter().position(|project| project.server.url == url).unwrap_or_default()
}

fn begin(client: &mut Client, hidden: &mut HiddenState, transfers: &mut [Transfer]) {
    let mut active: BTreeMap<String, u32> = BTreeMap::new();
    for transfer in transfers.iter().filter(|transfer| transfer.active) {
        *active.entry(transfer.project_url.clone()).or_default() += 1;
    }
    let mut total = active.values().sum::<u32>() as usize;
    for transfer in transfers.iter_mut().filter(|transfer| !transfer.active) {
        let project = &client.projects[position(client, &transfer.project_url)];
        let backoff = if transfer.is_upload { project.upload_backoff_until } else { project.download_backoff_until };
        let of_project = active.entry(transfer.project_url.clone()).or_default();
        if total >= MOST
            || *of_project >= MOST_OF_A_PROJECT
            || transfer.next_request_time > client.clock
            || backoff > client.clock
        {
            continue;
        }
        total += 1;
        *of_project += 1;
        (transfer.active, transfer.offset) = (true, transfer.done);
        let bandwidth = hidden.host.network_mbit[usize::from(!transfer.is_upload)] * 125_000.0;
        transfer.speed = bandwidth * (0.1 + 0.3 * hidden.random.f64());
        let what = if transfer.is_upload { "upload" } else { "download" };
        let text = format!("Started {what} of {}", transfer.name);
        log::info(client, &transfer.project_name, text);
    }
}

/// Advances a transfer by a tick. Returns whether it is complete.
fn go_on(client: &mut Client, hidden: &mut HiddenState, transfer: &mut Transfer) -> bool {
    transfer.speed *= 0.9 + 0.2 * hidden.random.f64();
    let bytes = (transfer.speed * TICK).min(transfer.nbytes - transfer.done);
    transfer.done += bytes;
    transfer.time_so_far += bytes / transfer.speed;
    count(client, transfer.is_upload, bytes);
    transfer.done >= transfer.nbytes
}

/// Adds to today's traffic.
pub fn count(client: &mut Client, is_upload: bool, bytes: f64) {
    #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
    let day = ((client.clock + f64::from(client.host.timezone)) / 86_400.0).floor() as i64;
    if client.daily_transfers.back().is_none_or(|last| last.day < day) {
        client.daily_transfers.push_back(DailyTransfer { day, up: 0.0, down: 0.0 });
        if client.daily_transfers.len() > 365 {
            client.daily_transfers.pop_front();
        }
    }
    if let Some(today) = client.daily_transfers.back_mut() {
        *(if is_upload { &mut today.up } else { &mut today.down }) += bytes;
    }
    let way = usize::from(!is_upload);
    let passed = (client.clock - client.net.average_time[way]).max(0.0);
    let week = 7.0 * 86_400.0;
    let per_day = std::f64::consts::LN_2 / 7.0;
    client.net.average[way] =
        client.net.average[way] * (-passed * std::f64::consts::LN_2 / week).exp() + bytes * per_day;
    client.net.average_time[way] = client.clock;
}

fn fail(client: &mut Client, hidden: &mut HiddenState, at: usize, transfer: &mut Transfer) {
    transfer.active = false;
    transfer.num_retries += 1;
    let wait = (RETRY.0 * f64::from(1 << transfer.num_retries.min(8))).min(RETRY.1) * (0.5 + hidden.random.f64());
    transfer.next_request_time = client.clock + wait;
    if transfer.num_retries >= FAILURES {
        let project = &mut client.projects[at];
        let backoff =
            if transfer.is_upload { &mut project.upload_backoff_until } else { &mut project.download_backoff_until };
        *backoff = client.clock + wait;
    }
    let what = if transfer.is_upload { "upload" } else { "download" };
    let text = format!("Temporarily failed {what} of {}: transient HTTP error", transfer.name);
    log::info(client, &transfer.project_name, text);
    let text = format!("Backing off {} on {what} of {}", length(wait), transfer.name);
    log::info(client, &transfer.project_name, text);
}

/// A duration as the client formats it.
pub fn length(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds until a new try")]
    let seconds = seconds as u64;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn finish(client: &mut Client, at: usize, transfer: &Transfer) {
    let way = usize::from(!transfer.is_upload);
    // Larger transfers have more weight.
    let weight = transfer.nbytes.max(2.0).ln() / 500.0;
    client.net.bandwidth[way] = client.net.bandwidth[way] * (1.0 - weight) + transfer.speed * weight;
    let project = &mut client.projects[at];
    *(if transfer.is_upload { &mut project.upload_backoff_until } else { &mut project.download_backoff_until }) = 0.0;
    if let Some(task) = project.tasks.iter_mut().find(|task| task.workunit == transfer.workunit) {
        if transfer.is_upload {
            (task.state, task.ready_to_report) = (5, true);
        } else {
            task.state = 2;
        }
    }
    let what = if transfer.is_upload { "upload" } else { "download" };
    log::info(client, &transfer.project_name, format!("Finished {what} of {}", transfer.name));
}
