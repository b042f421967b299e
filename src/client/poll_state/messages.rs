//! The event log, counted as it grows.
//!
//! Messages are numbered from 1 at each start of the client, which keeps the newest 2 000. The counts are those of the
//! client's present process: an exporter that restarts while the log still begins at 1 counts the same again, so its
//! counters go on where they stood; one that meets a log that lost its beginning starts from zero and counts what comes.
//! Either way a rate over the counters never counts a message twice.

use std::collections::BTreeMap;

use super::work_fetch;
use crate::client::gui_rpc::model::Message;
use crate::client::snapshot::{MessageCount, MessageCounts};

/// Messages name any project they like; more names than this are counted as `other`.
const MAX_PROJECTS: usize = 200;

/// How far the log was read.
#[derive(Debug, Default)]
pub struct MessageLog {
    cursor: i64,
    /// The client was watched before this process of it: nobody else counted the beginning of its log.
    watched: bool,
    counts: BTreeMap<(String, i64), u64>,
    work_fetch: BTreeMap<(String, &'static str), u64>,
    lost: u64,
    newest: BTreeMap<i64, f64>,
    sequence: Option<i64>,
}

impl MessageLog {
    /// The number after which to ask, given the newest number; `None` if there is nothing new. A newest number below what
    /// was read means that the client restarted.
    pub fn next(&mut self, newest: i64) -> Option<i64> {
        if newest < self.cursor {
            self.restart();
        }
        self.sequence = Some(newest);
        (newest > self.cursor).then_some(self.cursor)
    }

    /// Begins anew: the client is another process, whatever its numbers say.
    pub fn restart(&mut self) {
        *self = Self { watched: true, ..Self::default() };
    }

    /// Counts messages that came after the cursor.
    pub fn add(&mut self, messages: &[Message]) {
        let Some(first) = messages.iter().filter_map(|m| m.seqno).min() else { return };
        let first_contact = self.cursor == 0 && !self.watched;
        let gap = first - self.cursor - 1;
        // A log that lost its beginning was, in part, counted before by an exporter that is gone.
        let count = !(first_contact && gap > 0);
        if count {
            self.lost += u64::try_from(gap).unwrap_or(0);
        }
        for message in messages.iter().filter(|m| m.seqno.is_some_and(|n| n > self.cursor)) {
            let priority = message.pri.unwrap_or_default();
            let mut key = (message.project.to_string(), priority);
            if self.counts.len() >= MAX_PROJECTS && !self.counts.contains_key(&key) {
                key.0 = String::from("other");
            }
            *self.counts.entry(key).or_default() += u64::from(count);
            if let Some(reason) = work_fetch::reply(&message.body)
                && !message.project.is_empty()
            {
                let mut key = (message.project.to_string(), reason);
                if self.work_fetch.len() >= MAX_PROJECTS && !self.work_fetch.contains_key(&key) {
                    key.0 = String::from("other");
                }
                *self.work_fetch.entry(key).or_default() += u64::from(count);
            }
            if let Some(time) = message.time {
                self.newest.insert(priority, time);
            }
        }
        self.cursor = messages.iter().filter_map(|m| m.seqno).max().unwrap_or(first).max(self.cursor);
    }

    /// What to show.
    #[must_use]
    pub fn counts(&self) -> MessageCounts {
        let counts = self.counts.iter().map(|((project, priority), count)| MessageCount {
            project: project.clone(),
            priority: *priority,
            count: *count,
        });
        let work_fetch = self.work_fetch.iter().map(|((project, reason), count)| (project.clone(), *reason, *count));
        MessageCounts {
            sequence: self.sequence,
            counts: counts.collect(),
            work_fetch: work_fetch.collect(),
            lost: self.lost,
            newest: self.newest.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MessageLog;
    use crate::client::gui_rpc::model::Message;

    fn log(numbers: std::ops::RangeInclusive<i64>) -> Vec<Message> {
        numbers.map(|n| Message { seqno: Some(n), pri: Some(1), project: "".into(), ..Message::default() }).collect()
    }

    fn read(memory: &mut MessageLog, oldest: i64, newest: i64) -> (u64, u64) {
        if let Some(after) = memory.next(newest) {
            memory.add(&log((after + 1).max(oldest)..=newest));
        }
        let counts = memory.counts();
        (counts.counts.iter().map(|c| c.count).sum(), counts.lost)
    }

    #[test]
    fn counts_go_on_over_polls_gaps_and_restarts() {
        let mut memory = MessageLog::default();
        assert_eq!(read(&mut memory, 1, 30), (30, 0));
        assert_eq!(read(&mut memory, 1, 30), (30, 0));
        assert_eq!(read(&mut memory, 1, 42), (42, 0));
        // 5 000 messages between two polls: 3 000 of them are gone.
        assert_eq!(read(&mut memory, 3043, 5042), (2042, 3000));
        // The client restarts.
        assert_eq!(read(&mut memory, 1, 7), (7, 0));
        // The exporter restarts: the same again, or from zero if the log lost its beginning.
        assert_eq!(read(&mut MessageLog::default(), 1, 7), (7, 0));
        let mut memory = MessageLog::default();
        assert_eq!(read(&mut memory, 3001, 5000), (0, 0));
        assert_eq!(read(&mut memory, 3001, 5003), (3, 0));
    }
}
