//! What came of asking projects for work, read from the event log. The protocol has no field for it: the client says it to
//! its user, in sentences that have changed little in fifteen years.
//!
//! A message comes in, its class goes out. Fixed words are matched where they stand, and nowhere else: names of applications,
//! projects and files may hold any word.
//!
//! | module | what it knows |
//! |---|---|
//! | `client` | sentences of the client itself |

mod client;

use std::collections::HashMap;

use crate::client::gui_rpc::model::Message;
pub use crate::sentences::Class;
use crate::sentences::scheduler;

/// The client puts this before what a project tells its user; what a project tells with low priority comes without.
const FROM_SERVER: &str = "Message from server: ";

/// A contact is over, and all its messages are written, within this time, seconds.
const CONTACT: f64 = 2.0;

/// Projects whose last contact is remembered.
const MAX_PROJECTS: usize = 200;

/// What one sentence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It says nothing about work, and is not part of a contact.
    Nothing,
    /// It says nothing about work, and may stand inside of a contact.
    Remark,
    /// A contact begins.
    Begins,
    /// The client says why it asks for work, or does not.
    Asks(Class),
    /// The contact succeeded and brought so many tasks.
    Completed(u64),
    /// The contact failed.
    Failed(Class),
    /// The project says why it sent no work.
    Refused(Class),
}

/// What is known of the contact with a project that the log tells of.
#[derive(Debug, Clone, Copy, Default)]
struct Contact {
    asked: Option<bool>,
    /// How many tasks it brought, and when.
    brought: Option<(u64, f64)>,
}

/// The contacts of all projects, as the log tells of them.
#[derive(Debug, Default)]
pub struct WorkFetch(HashMap<String, Contact>);

impl WorkFetch {
    /// What a message says about work, if it says anything. Messages come in the order of the log.
    pub fn read(&mut self, message: &Message) -> Option<Class> {
        let project = &*message.project;
        if project.is_empty() {
            return None;
        }
        if self.0.len() >= MAX_PROJECTS && !self.0.contains_key(project) {
            self.0.clear();
        }
        let contact = self.0.entry(project.to_owned()).or_default();
        let time = message.time.unwrap_or_default();
        let Some(said) = said(&message.body) else {
            // Between the outcome of a contact and its end there are only the project's own sentences.
            let open = contact.brought.is_some_and(|(tasks, at)| tasks == 0 && (0.0..=CONTACT).contains(&(time - at)));
            return (open && message.pri == Some(1)).then_some(Class::Other);
        };
        match said {
            Said::Nothing => {
                contact.brought = None;
                None
            }
            Said::Remark => None,
            Said::Begins => {
                *contact = Contact::default();
                None
            }
            Said::Asks(class) => {
                *contact = Contact { asked: Some(class == Class::Asked), brought: None };
                Some(class)
            }
            Said::Completed(tasks) => {
                contact.brought = Some((tasks, time));
                match tasks {
                    // Clients up to 6.6.33 say so too when they only reported.
                    0 if contact.asked == Some(false) => None,
                    0 => Some(Class::NoneSent),
                    _ => Some(Class::Tasks),
                }
            }
            // Some of these sentences come with tasks too, as a remark on those that there were not.
            Said::Refused(_) if contact.brought.is_some_and(|(tasks, _)| tasks > 0) => None,
            Said::Failed(class) | Said::Refused(class) => Some(class),
        }
    }
}

/// What a sentence says; `None` if no rule knows it.
fn said(body: &str) -> Option<Said> {
    let body = body.trim();
    let body = body.strip_prefix("[error] ").unwrap_or(body);
    if is_debug(body) {
        return Some(Said::Remark);
    }
    match body.strip_prefix(FROM_SERVER) {
        Some(body) => Some(of_scheduler(body).unwrap_or(Said::Refused(Class::Other))),
        None => client::said(body).or_else(|| of_scheduler(body)),
    }
}

fn of_scheduler(body: &str) -> Option<Said> {
    Some(match scheduler::said(body)? {
        scheduler::Said::Remark => Said::Remark,
        scheduler::Said::Refused(class) => Said::Refused(class),
    })
}

/// Lines of log flags begin with the flag, `[sched_op]` say, and repeat what other lines say.
fn is_debug(body: &str) -> bool {
    let flag = body.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    flag.is_some_and(|(flag, _)| !flag.is_empty() && flag.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(log: &[(&str, i64, f64)]) -> Vec<&'static str> {
        let mut work_fetch = WorkFetch::default();
        let message = |&(body, pri, time): &(&str, i64, f64)| Message {
            project: "P".into(),
            body: body.into(),
            pri: Some(pri),
            time: Some(time),
            ..Message::default()
        };
        log.iter().filter_map(|line| Some(work_fetch.read(&message(line))?.name())).collect()
    }

    #[test]
    fn a_contact_is_read_as_a_whole() {
        let log = [
            ("Sending scheduler request: To fetch work.", 1, 1.0),
            ("Requesting new tasks for CPU and NVIDIA GPU", 1, 1.0),
            ("Scheduler request completed: got 0 new tasks", 1, 3.0),
            ("[sched_op] Server version 715", 1, 3.0),
            ("No tasks sent", 1, 3.0),
            ("No tasks are available for Quota of GPU VirtualBox", 1, 3.0),
            ("The moon stands wrong", 1, 3.0),
            ("Message from server: Feed the cat", 2, 3.0),
            ("Project requested delay of 31 seconds", 1, 3.0),
            ("Something that nobody knows", 1, 3.0),
        ];
        assert_eq!(read(&log), ["asked", "none_sent", "no_work", "other", "other"]);
    }

    #[test]
    fn what_comes_with_tasks_is_no_reason() {
        let log = [
            ("Requesting new tasks for CPU", 1, 1.0),
            ("Scheduler request completed: got 2 new tasks", 1, 3.0),
            ("No tasks are available for Sieve", 1, 3.0),
            ("Started download of input", 1, 4.0),
            ("Sending scheduler request: To report completed tasks.", 1, 9.0),
            ("Reporting 1 completed tasks, not requesting new tasks", 1, 9.0),
            ("Scheduler request completed: got 0 new tasks", 1, 10.0),
        ];
        assert_eq!(read(&log), ["asked", "tasks", "not_requested"]);
    }

    #[test]
    fn unknown_sentences_count_only_inside_of_a_contact() {
        let late = [("Scheduler request completed: got 0 new tasks", 1, 1.0), ("Odd", 1, 60.0), ("Odd", 1, 1.0)];
        assert_eq!(read(&late), ["none_sent", "other"]);
        let client =
            [("Scheduler request completed: got 0 new tasks", 1, 1.0), ("Starting task a", 1, 1.0), ("Odd", 1, 1.0)];
        assert_eq!(read(&client), ["none_sent"]);
        assert_eq!(read(&[("Odd", 1, 1.0), ("Message from account manager: Odd", 2, 1.0)]), [""; 0]);
    }
}
