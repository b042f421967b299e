//! The event log and the notices. Their texts are never exported as labels.

use super::client::{number, time};
use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::PRIORITY;
use crate::client::snapshot::{MessageCounts, NoticeGroup, ProjectMessages, Snapshot};

/// One row per client.
pub const MESSAGES: Table<MessageCounts> = Table {
    title: "Event log",
    collector: Collector::Messages,
    origin: "get_messages msg",
    labels: &[],
    rows: |snapshot| snapshot.messages.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_messages_total",
            &["priority"],
            "Event log messages since the client started, as far as the exporter could read them, by priority.",
            "pri",
            |m, emit| m.priorities.iter().for_each(|(code, count)| emit.count(&[&PRIORITY.name(*code)], *count)),
        ),
        details(Metric::one(
            "boinc_messages_sequence",
            "Number of the latest event log message; restarts from 1 with the client.",
            "get_message_count: seqno",
            |m| number(m.sequence),
        )),
        details(Metric::one(
            "boinc_messages_lost_total",
            "Event log messages since the client started that were gone before the exporter could read them; the client keeps 2000.",
            "seqno",
            |m| Some(m.lost as f64),
        )),
        Metric::many(
            "boinc_message_last_timestamp_seconds",
            &["priority"],
            "When the latest message of this priority was written.",
            "time",
            |m, emit| m.newest.iter().for_each(|(priority, at)| emit.sample(&[&PRIORITY.name(*priority)], *at)),
        ),
    ],
};

/// One row per project.
pub const PROJECTS: Table<ProjectMessages> = Table {
    title: "Event log by project",
    collector: Collector::Messages,
    origin: "get_messages msg",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.messages.iter().flat_map(|messages| &messages.projects).map(super::row).collect(),
    metrics: &[
        details(Metric::many(
            "boinc_project_messages_total",
            &["priority"],
            "Event log messages about the project since the client started, by priority; project is empty for the client's own.",
            "project, pri",
            |m, emit| m.priorities.iter().for_each(|(code, count)| emit.count(&[&PRIORITY.name(*code)], *count)),
        )),
        Metric::many(
            "boinc_work_fetch_replies_total",
            &["reason"],
            "Event log messages since the client started that tell the outcome of a work request: asked, tasks, none_sent, or a reason for none. One contact causes several, so their sum is no count of contacts.",
            "project, body",
            |m, emit| m.work_fetch.iter().for_each(|(reason, count)| emit.count(&[reason], *count)),
        ),
        Metric::one(
            "boinc_project_last_contact_failure_timestamp_seconds",
            "When the client last failed to contact the project's scheduler, or to fetch its master page; absent if it did not since its event log began.",
            "time, body",
            |m| m.last_failure,
        ),
        Metric::one(
            "boinc_tasks_premature_exits_total",
            "Times that an application ended without an error and without having finished, since the client started; the client starts the task again. Absent if there was none.",
            "body",
            |m| m.premature_exits.map(|count| count as f64),
        ),
    ],
};

/// One row per client.
pub const NOTICES: Table<Snapshot> = Table {
    title: "Notices",
    collector: Collector::Notices,
    origin: "get_notices_public notice",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[details(Metric::one(
        "boinc_notices_sequence",
        "Highest notice number, or 0 if there are no notices; renumbered when the client restarts.",
        "seqno",
        |s| number(s.notice_sequence),
    ))],
};

/// One row per category and project.
pub const NOTICE_GROUPS: Table<NoticeGroup> = Table {
    title: "Notices by category and project",
    collector: Collector::Notices,
    origin: "get_notices_public notice",
    labels: &["project", "project_url", "category"],
    rows: |snapshot| {
        let rows = snapshot.notices.iter();
        rows.map(|of| Row { labels: vec![&of.name, &of.url, &of.item.category], item: &of.item }).collect()
    },
    metrics: &[
        Metric::one(
            "boinc_notices",
            "Number of notices by origin: the client (client), a scheduler (scheduler) or a project's feed (feed, or the feed's own category); project is empty for the client's own.",
            "category, project_name",
            |n| Some(f64::from(n.count)),
        ),
        Metric::one(
            "boinc_notice_last_arrival_timestamp_seconds",
            "When the latest notice of this category and project arrived.",
            "arrival_time",
            |n| time(n.last_arrival),
        ),
        details(Metric::one(
            "boinc_notice_last_created_timestamp_seconds",
            "When the latest notice was written.",
            "create_time",
            |n| time(n.last_created),
        )),
    ],
};
