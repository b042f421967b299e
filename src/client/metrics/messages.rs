//! The event log and the notices. Their texts never become labels.

use super::client::{number, time};
use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::PRIORITY;
use crate::client::snapshot::{MessageCounts, NoticeGroup, Snapshot};

/// The event log.
pub const MESSAGES: Table<MessageCounts> = Table {
    title: "Event log",
    collector: Collector::Messages,
    origin: "get_messages msg",
    labels: &[],
    rows: |snapshot| snapshot.messages.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_messages_total",
            &["project", "priority"],
            "Messages since the client started, as far as the exporter could read them; empty project for the client's own.",
            "project, pri",
            |m, emit| {
                for count in &m.counts {
                    emit.count(&[&count.project, &PRIORITY.name(count.priority)], count.count);
                }
            },
        ),
        Metric::many(
            "boinc_work_fetch_replies_total",
            &["project", "reason"],
            "Messages since the client started that say what came of asking a project for work: tasks, or why not. One reply can bring several.",
            "project, body",
            |m, emit| m.work_fetch.iter().for_each(|(project, reason, count)| emit.count(&[project, reason], *count)),
        ),
        Metric::one(
            "boinc_messages_sequence",
            "Number of the newest message; the client counts from 1 at each start.",
            "get_message_count: seqno",
            |m| number(m.sequence),
        ),
        Metric::one(
            "boinc_messages_lost_total",
            "Messages that were gone between two looks of the exporter, since the client started: it keeps 2000.",
            "seqno",
            |m| Some(m.lost as f64),
        ),
        Metric::many(
            "boinc_message_last_timestamp_seconds",
            &["priority"],
            "When the newest message of a priority was written.",
            "time",
            |m, emit| m.newest.iter().for_each(|(priority, at)| emit.sample(&[&PRIORITY.name(*priority)], *at)),
        ),
    ],
};

/// Notices of a client.
pub const NOTICES: Table<Snapshot> = Table {
    title: "Notices",
    collector: Collector::Notices,
    origin: "get_notices_public notice",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[Metric::one(
        "boinc_notices_sequence",
        "Highest number of a notice, 0 if there is none; the client numbers them anew at each start.",
        "seqno",
        |s| number(s.notice_sequence),
    )],
};

/// Notices of a category and project.
pub const NOTICE_GROUPS: Table<NoticeGroup> = Table {
    title: "Notices, by category and project",
    collector: Collector::Notices,
    origin: "get_notices_public notice",
    labels: &["category", "project"],
    rows: |snapshot| {
        let rows = snapshot.notices.iter();
        rows.map(|group| Row { labels: vec![&*group.category, &*group.project], item: group }).collect()
    },
    metrics: &[
        Metric::one(
            "boinc_notices",
            "Notices that the client shows: its own (client), of schedulers (scheduler), of projects' feeds (feed, or the feed's category).",
            "category, project_name",
            |n| Some(f64::from(n.count)),
        ),
        Metric::one(
            "boinc_notice_last_arrival_timestamp_seconds",
            "When the newest of them came.",
            "arrival_time",
            |n| time(n.last_arrival),
        ),
        Metric::one(
            "boinc_notice_last_created_timestamp_seconds",
            "When the newest of them was written.",
            "create_time",
            |n| time(n.last_created),
        ),
    ],
};
