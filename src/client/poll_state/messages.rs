//! The event log, counted as it grows.
//!
//! Messages are numbered from 1 at each start of the client, which keeps the newest 2 000. The counts are those of the
//! client's present process: an exporter that restarts while the log still begins at 1 counts the same again, so its
//! counters go on where they stood; one that meets a log that lost its beginning starts from zero and counts what comes.
//! Either way a rate over the counters never counts a message twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::counters::{Counters, Readers};
use super::names::ProjectNames;
use super::work_fetch::{Class, WorkFetch};
use crate::client::gui_rpc::codes::PRIORITY;
use crate::client::gui_rpc::model::Message;
use crate::client::snapshot::{MessageCounts, OfProject, ProjectMessages};

/// Messages name any project they like; more names than this are counted as `other`.
const MAX_PROJECTS: usize = 200;

/// The same of what they answer: a project gives some five answers of thirty.
const MAX_REPLIES: usize = 1000;

/// Priorities whose newest message is remembered: BOINC has four (`lib/common_defs.h`).
const MAX_PRIORITIES: usize = 8;

/// The highest that is counted apart among the messages of `other` projects.
const MAX_PRIORITY: i64 = 8;

/// What the client says of an application that ended without an error and without having finished (`client/app_control.cpp`). It
/// starts the task again.
fn is_premature_exit(message: &Message) -> bool {
    let task = message.body.trim_end().strip_suffix(" exited with zero status but no 'finished' file");
    task.is_some_and(|task| task.starts_with("Task "))
}

/// How far the log was read.
#[derive(Debug, Default)]
pub struct MessageLog {
    cursor: i64,
    /// The client was watched before this process of it: nobody else counted the beginning of its log.
    watched: bool,
    readers: Readers,
    counts: Counters<(String, i64)>,
    contacts: WorkFetch,
    work_fetch: Counters<(String, Class)>,
    premature_exits: Counters<String>,
    /// When the last contact with a project failed.
    failures: BTreeMap<String, f64>,
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
        let Self { readers, mut counts, mut work_fetch, mut premature_exits, failures, .. } = std::mem::take(self);
        counts.restart();
        work_fetch.restart();
        premature_exits.restart();
        *self = Self { watched: true, readers, counts, work_fetch, premature_exits, failures, ..Self::default() };
    }

    /// Passes over messages that cannot be read, up to the newest. They are counted as lost.
    pub fn pass_over(&mut self, newest: i64) {
        self.lost += u64::try_from(newest - self.cursor).unwrap_or(0);
        self.cursor = newest;
    }

    /// Counts messages that came after the cursor.
    pub fn add(&mut self, messages: &[Message]) {
        let Some(first) = messages.iter().filter_map(|m| m.seqno).min() else { return };
        let first_contact = self.cursor == 0 && !self.watched;
        let gap = first.saturating_sub(self.cursor).saturating_sub(1);
        // A log that lost its beginning was, in part, counted before by an exporter that is gone.
        let count = !(first_contact && gap > 0);
        if count {
            self.lost += u64::try_from(gap).unwrap_or(0);
        }
        for message in messages.iter().filter(|m| m.seqno.is_some_and(|n| n > self.cursor)) {
            let priority = message.pri.unwrap_or_default();
            let mut key = (message.project.to_string(), priority);
            if !self.counts.has_room(&key, MAX_PROJECTS) {
                key = (String::from("other"), priority.clamp(0, MAX_PRIORITY));
            }
            self.counts.add(key, u64::from(count));
            if is_premature_exit(message) {
                let mut project = message.project.to_string();
                if !self.premature_exits.has_room(&project, MAX_PROJECTS) {
                    project = String::from("other");
                }
                self.premature_exits.add(project, u64::from(count));
            }
            if let Some(class) = self.contacts.read(message) {
                note_failure(&mut self.failures, message, class);
                let mut key = (message.project.to_string(), class);
                if !self.work_fetch.has_room(&key, MAX_REPLIES) {
                    key.0 = String::from("other");
                }
                self.work_fetch.add(key, u64::from(count));
            }
            if let Some(time) = message.time
                && (self.newest.len() < MAX_PRIORITIES || self.newest.contains_key(&priority))
            {
                self.newest.insert(priority, time);
            }
        }
        if first_contact {
            // An exporter that is gone may have shown them.
            self.counts.show_at_once();
            self.work_fetch.show_at_once();
            self.premature_exits.show_at_once();
        }
        self.cursor = messages.iter().filter_map(|m| m.seqno).max().unwrap_or(first).max(self.cursor);
    }

    /// What to show in a poll that began at `now`. `names` tells which project a message is about.
    pub fn counts(&mut self, names: &ProjectNames, now: Instant) -> MessageCounts {
        self.readers.come(now);
        // The first alert is an increase only after a 0. Before the log was read, nothing is known.
        let known = PRIORITY.0.iter().filter(|_| self.sequence.is_some());
        let mut priorities: BTreeMap<i64, u64> = known.map(|(code, _)| (*code, 0)).collect();
        let mut projects: BTreeMap<Arc<str>, OfProject<ProjectMessages>> = BTreeMap::new();
        let mut add = |text: &str, add: &dyn Fn(&mut ProjectMessages)| {
            let of = names.of_text(text, ProjectMessages::default());
            // What the client calls now by its name, now by its URL is one project.
            let key = if of.url.is_empty() { &of.name } else { &of.url };
            add(&mut projects.entry(Arc::clone(key)).or_insert(of).item);
        };
        for ((project, priority), count) in self.counts.show(&self.readers) {
            *priorities.entry(*priority).or_default() += count;
            add(project, &|of| *of.priorities.entry(*priority).or_default() += count);
        }
        for ((project, class), count) in self.work_fetch.show(&self.readers) {
            add(project, &|of| *of.work_fetch.entry(class.name()).or_default() += count);
        }
        for (project, count) in self.premature_exits.show(&self.readers) {
            add(project, &|of| *of.premature_exits.get_or_insert_default() += count);
        }
        for (project, time) in &self.failures {
            add(project, &|of| of.last_failure = [of.last_failure, Some(*time)].into_iter().flatten().reduce(f64::max));
        }
        MessageCounts {
            sequence: self.sequence,
            priorities,
            projects: projects.into_values().collect(),
            lost: self.lost,
            newest: self.newest.clone(),
        }
    }
}

/// Notes when a contact failed.
fn note_failure(failures: &mut BTreeMap<String, f64>, message: &Message, class: Class) {
    let project = &*message.project;
    if matches!(class, Class::Unreachable | Class::RequestFailed)
        && let Some(time) = message.time
        && (failures.len() < MAX_PROJECTS || failures.contains_key(project))
    {
        failures.insert(project.to_owned(), time);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::time::Instant;

    use super::{MessageLog, ProjectNames};
    use crate::client::gui_rpc::model::Message;

    /// Of all polls: each reader came.
    static NOW: LazyLock<Instant> = LazyLock::new(Instant::now);

    fn log(numbers: std::ops::RangeInclusive<i64>) -> Vec<Message> {
        numbers.map(|n| Message { seqno: Some(n), pri: Some(1), project: "".into(), ..Message::default() }).collect()
    }

    fn read(memory: &mut MessageLog, oldest: i64, newest: i64) -> (u64, u64) {
        if let Some(after) = memory.next(newest) {
            memory.add(&log((after + 1).max(oldest)..=newest));
        }
        let counts = memory.counts(&ProjectNames::default(), *NOW);
        (counts.priorities.values().sum(), counts.lost)
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

    #[test]
    fn premature_exits_are_counted_by_project() {
        let said = |seqno, body: &str| Message {
            seqno: Some(seqno),
            pri: Some(1),
            project: "Alpha".into(),
            body: body.into(),
            ..Message::default()
        };
        let mut memory = MessageLog::default();
        let exits = |memory: &mut MessageLog| {
            let projects = memory.counts(&ProjectNames::default(), *NOW).projects;
            projects.first().and_then(|of| of.item.premature_exits)
        };
        memory.add(&[said(1, "Starting task a_0")]);
        assert_eq!(exits(&mut memory), None);
        memory.add(&[
            said(2, "Task a_0 exited with zero status but no 'finished' file"),
            said(3, "If this happens repeatedly you may need to reset the project."),
            said(4, "Restarting task a exited with zero status but no 'finished' file now"),
        ]);
        // A count that is new is shown as 0 first.
        assert_eq!((exits(&mut memory), exits(&mut memory)), (Some(0), Some(1)));
        memory.restart();
        assert_eq!(exits(&mut memory), Some(0));
    }

    #[test]
    fn numbers_at_the_ends_of_their_range_are_read_as_any_others() {
        let mut memory = MessageLog::default();
        assert_eq!(read(&mut memory, 1, 2), (2, 0));
        memory.add(&log(i64::MIN..=i64::MIN));
        memory.add(&log(i64::MAX..=i64::MAX));
        let counts = memory.counts(&ProjectNames::default(), *NOW);
        assert_eq!((counts.priorities.values().sum::<u64>(), counts.lost), (3, i64::MAX as u64 - 3));
        assert_eq!(memory.next(i64::MIN), None);
    }
}
