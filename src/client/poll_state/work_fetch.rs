//! What came of asking a project for work, read from the event log. The protocol has no field for it: the client says it
//! to its user, in sentences that have hardly changed in fifteen years.

/// Beginnings or parts of sentences, and what they mean. The first that fits counts: the more telling ones come first.
/// Those that begin with `Not requesting` are the client's own (`client/work_fetch.cpp`), most others are the project's.
const SENTENCES: [(&str, &str); 33] = [
    ("Not requesting tasks: \"no new tasks\" requested", "no_new_tasks"),
    ("Not requesting tasks: project suspended", "suspended"),
    ("Not requesting tasks: some task is suspended", "task_suspended"),
    ("Not requesting tasks: some download is stalled", "downloads_stalled"),
    ("Not requesting tasks: too many uploads", "uploads_pending"),
    ("Not requesting tasks: too many runnable tasks", "limit"),
    ("Not requesting tasks: don't need", "not_needed"),
    ("Not requesting tasks: can't fetch work", "deferred"),
    ("Not requesting tasks: scheduler RPC backoff", "deferred"),
    ("Not requesting tasks: not highest priority project", "not_needed"),
    ("Not requesting tasks", "not_requested"),
    ("Not sending work - last request too recent", "deferred"),
    ("This computer has reached a limit on tasks in progress", "limit"),
    ("reached a limit on tasks", "limit"),
    ("daily quota", "quota"),
    ("more disk space", "disk"),
    ("not enough disk space", "disk"),
    ("MB RAM but only", "memory"),
    ("VirtualBox is not installed", "virtualbox"),
    ("Docker is not", "docker"),
    ("GPU driver", "gpu_driver"),
    ("doesn't support computers of type", "platform"),
    ("software is too old", "client_too_old"),
    ("Invalid or missing account key", "account_key"),
    ("Project is temporarily shut down for maintenance", "maintenance"),
    ("Server error: feeder not running", "server_down"),
    ("Server can't open database", "server_down"),
    ("Scheduler request failed: Couldn't connect", "unreachable"),
    ("Scheduler request failed: Couldn't resolve", "unreachable"),
    ("Scheduler request failed", "request_failed"),
    ("No tasks are available", "no_work"),
    ("No tasks sent", "no_work"),
    ("Scheduler request completed: got", "tasks"),
];

/// What a message says about work, if it says anything.
#[must_use]
pub fn reply(body: &str) -> Option<&'static str> {
    if body.starts_with("Scheduler request completed: got 0 new tasks") {
        // Why is said in the messages that follow; if it is not, there is nothing to say.
        return Some("none_sent");
    }
    SENTENCES.iter().find(|(part, _)| body.contains(part)).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::reply;

    #[test]
    fn sentences_of_real_clients_are_understood() {
        for (body, reason) in [
            ("Scheduler request completed: got 12 new tasks", Some("tasks")),
            ("Scheduler request completed: got 0 new tasks", Some("none_sent")),
            ("Scheduler request completed", None),
            ("No tasks sent", Some("no_work")),
            ("No tasks are available for Sieve", Some("no_work")),
            ("Not requesting tasks: don't need (job cache full)", Some("not_needed")),
            ("Not requesting tasks: \"no new tasks\" requested via Manager", Some("no_new_tasks")),
            ("Not requesting tasks: some task is suspended via Manager", Some("task_suspended")),
            ("This computer has reached a limit on tasks in progress", Some("limit")),
            ("This computer has finished a daily quota of 8 tasks", Some("quota")),
            ("Project is temporarily shut down for maintenance", Some("maintenance")),
            ("Server error: feeder not running", Some("server_down")),
            ("Scheduler request failed: Couldn't connect to server", Some("unreachable")),
            ("Scheduler request failed: HTTP internal server error", Some("request_failed")),
            ("Message from server: VirtualBox is not installed", Some("virtualbox")),
            ("Starting task wu_1_0", None),
        ] {
            assert_eq!(reply(body), reason, "{body}");
        }
    }
}
