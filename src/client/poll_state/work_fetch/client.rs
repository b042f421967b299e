//! Sentences of the client, as its releases 6.2 to 8.2 write them (`work_fetch.cpp`, `scheduler_op.cpp`, `cs_scheduler.cpp`,
//! `cs_files.cpp` and others in BOINC's `client/`).

use super::Said;
use crate::sentences::Class;

/// Beginnings of `Not requesting tasks: …` (7.0.31 and later).
const NOT_REQUESTING: [(&str, Class); 12] = [
    ("suspended via Manager", Class::Suspended),
    ("some task is suspended via Manager", Class::TaskSuspended),
    ("\"no new tasks\" requested via Manager", Class::NoNewTasks),
    ("some download is stalled", Class::DownloadsStalled),
    ("too many uploads in progress", Class::UploadsPending),
    ("master URL fetch pending", Class::Deferred),
    ("scheduler RPC backoff", Class::Deferred),
    ("project is not highest priority", Class::NotNeeded),
    // 7.2.1
    ("too many runnable tasks", Class::Limit),
    // 7.16
    ("at max_concurrent limit", Class::Limit),
    ("non CPU intensive", Class::NotRequested),
    ("unknown reason", Class::NotRequested),
];

/// Reasons inside of `don't need (…)` (7.3.6 and later), one for each resource. Of several the first in this list counts.
const NOT_NEEDED: [(&str, Class); 11] = [
    ("job cache full", Class::NotNeeded),
    ("not highest priority project", Class::NotNeeded),
    ("zero resource share", Class::NotNeeded),
    // 7.20
    ("max concurrent job limit", Class::Limit),
    ("project is backed off", Class::Deferred),
    ("a job is deferred", Class::Deferred),
    ("blocked by project preferences", Class::Preferences),
    ("account manager prefs", Class::Preferences),
    ("client configuration", Class::Preferences),
    ("GPUs not usable", Class::Gpu),
    ("no applications", Class::Platform),
];

/// Beginnings of sentences that say nothing about work.
const NOTHING: [&str; 46] = [
    "Project requested delay of ",
    "Sending trickle-up message",
    "Started download of ",
    "Started upload of ",
    "Finished download of ",
    "Finished upload of ",
    "Temporarily failed ",
    "Error reported by file upload server: ",
    "Backing off ",
    "Giving up on ",
    "MD5 check failed for ",
    "Signature verification failed for ",
    "Checksum or signature error for ",
    "File ",
    "Output file ",
    "Starting task ",
    "Restarting task ",
    "Starting ",
    "Restarting ",
    "Computation for task ",
    "Aborting task ",
    "task ",
    "Task ",
    "If this happens repeatedly ",
    "Message from account manager: ",
    "Message from task: ",
    "update requested by user",
    "work fetch suspended by user",
    "work fetch resumed by user",
    "project suspended by user",
    "project resumed by user",
    "suspended by user",
    "resumed by user",
    "Resetting project",
    "Detaching from project",
    "Fetching scheduler list",
    "Master file download succeeded",
    "New computer location: ",
    "Already attached to a project named ",
    "Not using ",
    "Your app_config.xml file refers ",
    "Project has ended - OK to detach",
    "Generated new computer cross-project ID",
    "Project URL changed from ",
    "Project communication failed",
    "Internet access OK",
];

/// What an error of HTTP, or of a reply that cannot be used, begins with. All other errors are the network's.
const REQUEST_FAILED: [&str; 7] = [
    "HTTP ",
    // Any status that has no name: 400, 401, 403, 429.
    "Error ",
    "permanent HTTP error",
    "transient HTTP error",
    "file not found",
    "unexpected XML",
    "This project requires",
];

/// Sentences about a reply that cannot be used: a login page in the way, typically.
const BAD_REPLY: [&str; 8] = [
    "Scheduler request initialization failed: ",
    "Couldn't start download of scheduler list",
    "No start tag in scheduler reply",
    "No close tag in scheduler reply",
    "Can't parse ",
    "Can't handle ",
    "No scheduler URLs found in master file",
    "Can't open scheduler list file",
];

/// What a sentence of the client says; `None` if it is none.
pub fn said(body: &str) -> Option<Said> {
    if let Some(rest) = body.strip_prefix("Sending scheduler request: ") {
        return Some(sending(rest));
    }
    if let Some(rest) = body.strip_prefix("Not requesting tasks") {
        return Some(Said::Asks(rest.strip_prefix(": ").map_or(Class::NotRequested, why_not)));
    }
    if body.starts_with("Requesting new tasks") {
        return Some(Said::Asks(Class::Asked));
    }
    if body.starts_with("Not reporting or requesting tasks") {
        return Some(Said::Asks(Class::NotRequested));
    }
    if let Some((_, rest)) = numbered(body, "Reporting ", " completed tasks") {
        return Some(match rest {
            _ if rest.starts_with(", requesting new tasks") => Said::Asks(Class::Asked),
            _ if rest.starts_with(", not requesting new tasks") => Said::Asks(Class::NotRequested),
            _ => Said::Begins,
        });
    }
    outcome(body).or_else(|| NOTHING.iter().any(|begin| body.starts_with(begin)).then_some(Said::Nothing))
}

/// Up to 6.6.2 the request for work stands here: `To fetch work.  Requesting 8640 seconds of work, reporting 1 …`.
fn sending(rest: &str) -> Said {
    let requested = rest.split_once(".  Requesting ").and_then(|(_, rest)| rest.split_once(" seconds of work"));
    match requested.map(|(seconds, _)| seconds.parse::<f64>().unwrap_or_default()) {
        None => Said::Begins,
        Some(seconds) if seconds > 0.0 => Said::Asks(Class::Asked),
        Some(_) => Said::Asks(Class::NotRequested),
    }
}

fn why_not(reason: &str) -> Class {
    if let Some(reasons) = reason.strip_prefix("don't need") {
        let reasons = reasons.trim_start().trim_start_matches('(').trim_end_matches(')');
        // Each begins with its resource where there are several.
        let inner: Vec<_> =
            reasons.split("; ").map(|part| part.split_once(": ").map_or(part, |(_, part)| part)).collect();
        return first(&NOT_NEEDED, |known| inner.contains(&known)).unwrap_or(Class::NotNeeded);
    }
    first(&NOT_REQUESTING, |known| reason.starts_with(known)).unwrap_or(Class::NotRequested)
}

/// How a contact ended.
fn outcome(body: &str) -> Option<Said> {
    for begin in ["Scheduler request completed", "Scheduler request succeeded"] {
        if let Some(rest) = body.strip_prefix(begin) {
            let tasks = numbered(rest, ": got ", " new task").map(|(tasks, _)| tasks);
            return Some(tasks.map_or(Said::Begins, Said::Completed));
        }
    }
    if BAD_REPLY.iter().any(|begin| body.starts_with(begin)) {
        return Some(Said::Failed(Class::RequestFailed));
    }
    // From 7.24 on the URL stands in the middle.
    let failed = ["Scheduler request", "Scheduler list fetch", "Master file fetch"].iter().find_map(|what| {
        let rest = body.strip_prefix(what)?;
        match rest.strip_prefix(" failed: ") {
            Some(error) => Some(error),
            None if rest.starts_with(" to ") || rest.starts_with(" from ") => Some(rest.rsplit_once(" failed: ")?.1),
            None => None,
        }
    });
    let class = |error: &str| {
        let http = REQUEST_FAILED.iter().any(|begin| error.starts_with(begin));
        if http { Class::RequestFailed } else { Class::Unreachable }
    };
    failed.map(|error| Said::Failed(class(error)))
}

/// The number between two fixed texts at the beginning, and what follows.
fn numbered<'a>(body: &'a str, before: &str, after: &str) -> Option<(u64, &'a str)> {
    let rest = body.strip_prefix(before)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest[..digits].parse().ok()?;
    Some((number, rest[digits..].strip_prefix(after)?))
}

fn first(table: &[(&str, Class)], is: impl Fn(&str) -> bool) -> Option<Class> {
    table.iter().find(|(known, _)| is(known)).map(|(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::{Class, Said, said};

    #[test]
    fn sentences_of_all_releases() {
        use Class::*;
        for (class, sentences) in [
            (
                Asked,
                vec![
                    "Sending scheduler request: To fetch work.  Requesting 8640 seconds of work, reporting 0 completed tasks",
                    "Requesting new tasks",
                    "Requesting new tasks for CPU and GPU",
                    "Requesting new tasks for CPU and NVIDIA GPU and Intel GPU",
                    "Requesting new tasks for CPU, sending trickle-up message",
                    "Reporting 3 completed tasks, requesting new tasks for CPU",
                ],
            ),
            (
                NotRequested,
                vec![
                    "Sending scheduler request: Requested by user.  Requesting 0 seconds of work, reporting 2 completed tasks",
                    "Reporting 3 completed tasks, not requesting new tasks",
                    "Not reporting or requesting tasks",
                    "Not requesting tasks",
                    "Not requesting tasks: non CPU intensive",
                    "Not requesting tasks: unknown reason",
                ],
            ),
            (Suspended, vec!["Not requesting tasks: suspended via Manager"]),
            (TaskSuspended, vec!["Not requesting tasks: some task is suspended via Manager"]),
            (NoNewTasks, vec!["Not requesting tasks: \"no new tasks\" requested via Manager"]),
            (DownloadsStalled, vec!["Not requesting tasks: some download is stalled"]),
            (UploadsPending, vec!["Not requesting tasks: too many uploads in progress"]),
            (
                Deferred,
                vec![
                    "Not requesting tasks: master URL fetch pending",
                    "Not requesting tasks: scheduler RPC backoff",
                    "Not requesting tasks: don't need (project is backed off)",
                    "Not requesting tasks: don't need (CPU: a job is deferred; NVIDIA GPU: GPUs not usable)",
                ],
            ),
            (
                NotNeeded,
                vec![
                    "Not requesting tasks: project is not highest priority",
                    "Not requesting tasks: don't need",
                    "Not requesting tasks: don't need ()",
                    "Not requesting tasks: don't need (job cache full)",
                    "Not requesting tasks: don't need (not highest priority project)",
                    "Not requesting tasks: don't need (unknown project reason)",
                    "Not requesting tasks: don't need (CPU: max concurrent job limit; NVIDIA GPU: job cache full)",
                    "Not requesting tasks: don't need (CPU: ; AMD/ATI GPU: )",
                ],
            ),
            (
                Limit,
                vec![
                    "Not requesting tasks: too many runnable tasks",
                    "Not requesting tasks: at max_concurrent limit",
                    "Not requesting tasks: don't need (CPU: max concurrent job limit; Intel GPU: no applications)",
                ],
            ),
            (
                Preferences,
                vec![
                    "Not requesting tasks: don't need (blocked by project preferences)",
                    "Not requesting tasks: don't need (CPU: account manager prefs; NVIDIA GPU: )",
                    "Not requesting tasks: don't need (client configuration)",
                ],
            ),
            (Gpu, vec!["Not requesting tasks: don't need (GPUs not usable)"]),
            (Platform, vec!["Not requesting tasks: don't need (CPU: no applications; NVIDIA GPU: no applications)"]),
        ] {
            sentences.iter().for_each(|body| assert_eq!(said(body), Some(Said::Asks(class)), "{body}"));
        }
        for (body, tasks) in [
            ("Scheduler request succeeded: got 4 new tasks", 4),
            ("Scheduler request completed: got 0 new tasks", 0),
            ("Scheduler request completed: got 1 new tasks", 1),
        ] {
            assert_eq!(said(body), Some(Said::Completed(tasks)), "{body}");
        }
    }

    #[test]
    fn failures_of_contacts() {
        for error in [
            "Couldn't connect to server",
            "Could not resolve hostname",
            "Timeout was reached",
            "SSL connect error",
            "Server returned nothing (no headers, no data)",
            "connect() failed",
            "no available network connection",
        ] {
            for begin in [
                "Scheduler request",
                "Scheduler request to https://a.example/cgi",
                "Scheduler list fetch",
                "Scheduler list fetch from https://a.example/",
                "Master file fetch",
            ] {
                let body = format!("{begin} failed: {error}");
                assert_eq!(said(&body), Some(Said::Failed(Class::Unreachable)), "{body}");
            }
        }
        for body in [
            "Scheduler request failed: HTTP internal server error",
            "Scheduler request failed: Error 403",
            "Scheduler request to https://a.example/ failed: failed: HTTP service unavailable",
            "Scheduler request initialization failed: fopen() failed",
            "No start tag in scheduler reply",
            "Can't parse workunit in scheduler reply: unexpected XML tag or syntax",
            "Couldn't start download of scheduler list from https://a.example/",
        ] {
            assert_eq!(said(body), Some(Said::Failed(Class::RequestFailed)), "{body}");
        }
    }

    #[test]
    fn most_sentences_say_nothing_about_work() {
        for body in
            ["Reporting 3 completed tasks", "Scheduler request completed", "Sending scheduler request: To fetch work."]
        {
            assert_eq!(said(body), Some(Said::Begins), "{body}");
        }
        for body in [
            "Starting task Requesting new tasks",
            "Finished download of No tasks sent (12 bytes)",
            "Computation for task quota finished",
            "Aborting task a; not started and deadline has passed",
        ] {
            assert_eq!(said(body), Some(Said::Nothing), "{body}");
        }
        assert_eq!(said("No tasks sent"), None);
    }
}
