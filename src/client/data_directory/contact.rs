//! `sched_request_*.xml` and `sched_reply_*.xml`: the last talk of the client with each project's scheduler. Folders come in; what
//! was asked and answered goes out. Both files may have some MB, so they are read only when they have changed. Bounded by
//! `MAX_PROJECTS`. It does not know projects or metrics.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::text::{Messages, Reply, Request, whole};
use crate::platform::folder::{Facts, Folder};

/// Projects with which the client talks.
const MAX_PROJECTS: usize = 1000;

/// Bytes of a file that are read. With the output of reported tasks, a request may have 64 kB for each.
const MAX_BYTES: u64 = 32 << 20;

/// How a talk ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outcome {
    /// There is no answer yet, or none came.
    #[default]
    Unanswered,
    /// The answer lacks its end, or is none of a scheduler.
    Incomplete,
    /// The project says that it is down.
    ProjectDown,
    /// It was answered.
    Answered,
}

impl Outcome {
    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Incomplete => "incomplete",
            Self::ProjectDown => "project_down",
            Self::Answered => "answered",
        }
    }
}

/// A talk with a scheduler.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contact {
    /// When the client asked.
    pub asked: Option<SystemTime>,
    /// Bytes of the request.
    pub request_bytes: Option<u64>,
    /// Seconds of work asked for, by BOINC's name of what is to do it.
    pub work: Vec<(&'static str, f64)>,
    /// Tasks that were reported.
    pub reported: Option<usize>,
    /// How it ended.
    pub outcome: Outcome,
    /// When the answer came.
    pub answered: Option<SystemTime>,
    /// Bytes of the answer.
    pub reply_bytes: Option<u64>,
    /// Tasks that were received.
    pub received: Option<usize>,
    /// Reported tasks that the server has noted.
    pub acknowledged: Option<usize>,
    /// Why it sent no tasks, or no more, in its own words.
    pub messages: Messages,
    /// Seconds that the project wants not to be asked.
    pub request_delay: Option<f64>,
}

/// The last talks of a client.
#[derive(Debug, Default)]
pub struct Contacts {
    contacts: BTreeMap<String, (Option<Facts>, Option<Facts>, Contact)>,
}

impl Contacts {
    /// Reads what has changed among these files.
    pub fn read(&mut self, folder: &Folder, files: &[String]) {
        let projects = files.iter().filter_map(|file| file.strip_prefix("sched_request_")?.strip_suffix(".xml"));
        let mut before = std::mem::take(&mut self.contacts);
        for project in projects.take(MAX_PROJECTS) {
            let names = ["request", "reply"].map(|kind| format!("sched_{kind}_{project}.xml"));
            let [request, reply] = names.each_ref().map(|name| folder.facts(name).ok());
            let known = before.remove(project).filter(|(a, b, _)| (*a, *b) == (request, reply));
            let contact = known.unwrap_or_else(|| (request, reply, read(folder, &names, request, reply)));
            self.contacts.insert(project.to_owned(), contact);
        }
    }

    /// The last talks, by project in names of files.
    pub fn by_project(&self) -> impl Iterator<Item = (&str, &Contact)> {
        self.contacts.iter().map(|(project, (.., contact))| (&**project, contact))
    }
}

fn read(folder: &Folder, [request, reply]: &[String; 2], asked: Option<Facts>, answered: Option<Facts>) -> Contact {
    let mut contact = Contact {
        asked: asked.map(|facts| facts.modified),
        request_bytes: asked.map(|facts| facts.length),
        ..Contact::default()
    };
    let content = |name| folder.read(name, 0, MAX_BYTES).ok().map(|content| content.bytes);
    if let Some(request) = content(request).and_then(|bytes| whole::<Request>(&bytes, "scheduler_request")) {
        contact.work = work(&request);
        contact.reported = Some(request.results.len());
    }
    // The answer is written while it comes, into a file that is emptied at the request. That of the talk before may still lie there.
    let is_answer = |facts: &Facts| facts.length > 0 && asked.is_none_or(|asked| facts.modified >= asked.modified);
    let Some(facts) = answered.filter(is_answer) else {
        return contact;
    };
    contact.reply_bytes = Some(facts.length);
    let Some(reply) = content(reply).and_then(|bytes| whole::<Reply>(&bytes, "scheduler_reply")) else {
        return Contact { outcome: Outcome::Incomplete, ..contact };
    };
    Contact {
        outcome: if reply.project_is_down { Outcome::ProjectDown } else { Outcome::Answered },
        answered: Some(facts.modified),
        received: Some(reply.results.len()),
        acknowledged: Some(reply.acks.len()),
        messages: reply.messages,
        request_delay: reply.request_delay.filter(|delay| *delay >= 0.0),
        ..contact
    }
}

/// Work asked for. The first versions knew one number, which was for CPUs.
fn work(request: &Request) -> Vec<(&'static str, f64)> {
    let coprocs = request.coprocs.as_ref();
    let gpu = |coproc: Option<&super::text::Coproc>| coproc.and_then(|coproc| coproc.req_secs);
    let all = [
        ("CPU", request.cpu_req_secs.or(request.work_req_seconds)),
        ("NVIDIA", gpu(coprocs.and_then(|coprocs| coprocs.nvidia.as_ref()))),
        ("ATI", gpu(coprocs.and_then(|coprocs| coprocs.amd.as_ref()))),
        ("intel_gpu", gpu(coprocs.and_then(|coprocs| coprocs.intel.as_ref()))),
        ("apple_gpu", gpu(coprocs.and_then(|coprocs| coprocs.apple.as_ref()))),
    ];
    all.into_iter()
        .filter_map(|(resource, seconds)| Some((resource, seconds.filter(|seconds| *seconds >= 0.0)?)))
        .collect()
}
