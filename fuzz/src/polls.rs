//! Two polls of one client, over a socket. The input is some of its replies, with a `0x1d` between them: of each operation, the
//! first replaces the recorded one at the first poll, and the second at the second. Each may be a template of a long reply.

use boinc_exporter::client::trouble::troubles;
use boinc_exporter::client::{Client as Subject, Limits};
use boinc_exporter::exposition::{Format, render};
use boinc_exporter::metric::Scrape;

use crate::cost::{assert_linear, filled};
use crate::support::{Offline, Replies, check, replies};

/// What separates replies.
const REPLY: u8 = 0x1d;

/// More than the recorded clients have.
const MAX_SERIES: usize = 5000;

/// What tells how many were dropped is not among them.
const DROPPED: usize = 20;

/// Of replies by a template.
const SHORT: usize = 4 << 10;

/// The same, where time is taken.
const MAX_LENGTH: usize = 512 << 10;

/// The root elements of replies, and the operations that they answer.
const OPERATIONS: [(&str, &str); 15] = [
    ("<server_version>", "exchange_versions"),
    ("<cc_status>", "get_cc_status"),
    ("<client_state>", "get_state"),
    ("<file_transfers>", "get_file_transfers"),
    ("<seqno>", "get_message_count"),
    ("<msgs>", "get_messages"),
    ("<notices>", "get_notices_public"),
    ("<handle_get_screensaver_tasks>", "get_screensaver_tasks"),
    ("<get_screensaver_tasks>", "get_screensaver_tasks"),
    ("<old_results>", "get_old_results"),
    ("<daily_xfers>", "get_daily_xfer_history"),
    ("<statistics>", "get_statistics"),
    ("<projects>", "get_all_projects_list"),
    ("<disk_usage_summary>", "get_disk_usage"),
    ("<results>", "get_results"),
];

thread_local! {
    static CLIENT: Client = Client::new();
}

/// What the client answers where the input says nothing.
struct Client {
    offline: Offline,
    /// It has tasks and GPUs.
    busy: Replies,
    /// It has nothing to do, so that its polls take no time themselves.
    fresh: Replies,
}

impl Client {
    fn new() -> Self {
        let recorded = |name| Replies::of(&replies(name), &[&replies("7.20.5_common")]);
        Self { offline: Offline::new(), busy: recorded("7.20.5_gpu"), fresh: recorded("7.20.5_fresh") }
    }

    /// Gives what two polls expose.
    fn polls(&self, recorded: &Replies, bytes: &[u8]) -> Vec<(String, bool)> {
        let fleet = self.offline.fleet(Limits { max_series: MAX_SERIES, ..Limits::default() });
        let mut texts = Vec::new();
        for replies in replaced(recorded, bytes) {
            let snapshots = self.offline.scrape(&fleet, &replies);
            // What is wrong with the client can be told of whatever it says.
            snapshots.iter().for_each(|snapshot| drop(troubles(snapshot)));
            for (format, openmetrics) in [(Format::OpenMetrics, true), (Format::Text, false)] {
                texts.push((render(None, Scrape::of::<Subject>(snapshots.clone()), format), openmetrics));
            }
        }
        texts
    }
}

/// The recorded replies at both polls, with those of the input in the place of some.
fn replaced(recorded: &Replies, bytes: &[u8]) -> [Replies; 2] {
    let mut polls = [recorded.clone(), recorded.clone()];
    let mut given = Vec::new();
    for reply in bytes.split(|byte| *byte == REPLY) {
        let Some(operation) = operation(reply) else { continue };
        let before = given.iter().filter(|known| **known == operation).count();
        if let Some(replies) = polls.get_mut(before) {
            // A terminator would be the next reply's beginning.
            *replies = replies.with(operation, reply.split(|byte| *byte == 3).next().unwrap_or_default());
        }
        given.push(operation);
    }
    polls
}

/// The operation that this answers: that of the first root element in it.
fn operation(reply: &[u8]) -> Option<&'static str> {
    let place = |root: &str| memchr::memmem::find(reply, root.as_bytes());
    let found = OPERATIONS.iter().filter_map(|(root, operation)| Some((place(root)?, *operation)));
    found.min().map(|(_, operation)| operation)
}

/// Polls twice, and reads what is exposed. Long replies take no longer than their length.
pub fn run(bytes: &[u8]) {
    CLIENT.with(|client| {
        for (text, openmetrics) in client.polls(&client.busy, &filled(bytes, SHORT)) {
            assert_eq!(check(&text, openmetrics), Ok(()));
            let series = text.lines().filter(|line| !line.starts_with('#')).count();
            assert!(series <= MAX_SERIES + DROPPED, "{series} series");
        }
        assert_linear(bytes, MAX_LENGTH, |bytes| drop(client.polls(&client.fresh, bytes)));
    });
}
