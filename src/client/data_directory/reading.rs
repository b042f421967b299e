//! One reading of a data directory: all slots, and which projects there are. An open directory and what is kept of earlier
//! readings come in; plain data goes out. It blocks: `directory` runs it apart. It does not know metrics.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::changes::{Changes, Moment, Task};
use super::contact::{Contact, Contacts};
use super::job_log::{Completed, JobLogs};
use super::place::{Opened, Problem};
use super::slot::{self, Found};
use super::text::{Account, whole};
use crate::platform::folder::{Folder, Unreadable};
use crate::platform::remedy;

/// Slots that are read. A client has one for each CPU and GPU, and one for each task that waits in memory.
const MAX_SLOTS: usize = 1000;

/// Numbers that are tried where `slots` may be entered, but not listed.
const MAX_TRIED: u32 = 256;

/// Projects that are told apart. Users attach dozens at most.
const MAX_PROJECTS: usize = 1000;

/// Bytes of an account file: preferences of a project stand in it.
const MAX_ACCOUNT: u64 = 256 << 10;

/// Files that the client writes whatever it does; the newest tells when it last did anything.
const WRITTEN: [&str; 3] = ["client_state.xml", "client_state_prev.xml", "daily_xfer_history.xml"];

/// What is wanted of a reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Slots.
    pub slots: bool,
    /// The client's files.
    pub files: bool,
}

/// What is kept from one reading to the next.
#[derive(Debug, Default)]
pub struct Memory {
    changes: Changes,
    job_logs: JobLogs,
    contacts: Contacts,
}

/// What a data directory says.
#[derive(Debug, Default)]
pub struct Reading {
    /// URL and name of projects, by their name in names of files.
    pub projects: BTreeMap<String, (String, String)>,
    /// When the client last wrote anything.
    pub written: Option<SystemTime>,
    /// Slots; empty unless wanted.
    pub slots: Slots,
    /// Tasks that were computed, by project in names of files; empty unless files are wanted.
    pub completed: Vec<(String, Completed)>,
    /// The last talk with each project, by its name in names of files; empty unless files are wanted.
    pub contacts: Vec<(String, Contact)>,
}

/// All slots.
#[derive(Debug, Default)]
pub struct Slots {
    /// The tasks in them.
    pub tasks: Vec<Task>,
    /// Folders without anything.
    pub empty: usize,
    /// Folders with files of no task.
    pub leftovers: usize,
    /// Folders that could not be read.
    pub unreadable: usize,
    /// Folders that were not looked at, because there are too many.
    pub left_out: usize,
    /// Starts of a task's process after its first, by project and application.
    pub restarts: BTreeMap<(String, String), u64>,
}

impl Memory {
    /// Reads a directory.
    ///
    /// # Errors
    /// It may not be read at all.
    pub fn read(&mut self, opened: &Opened, wanted: Wanted, now: Moment) -> Result<Reading, Problem> {
        let names = opened.folder.names().unwrap_or_default();
        let mut reading = Reading {
            projects: projects(&opened.folder, &names),
            written: written(&opened.folder),
            ..Reading::default()
        };
        if wanted.slots
            && let Some(slots) = &opened.slots
        {
            reading.slots = self.slots(slots, now);
            let Slots { tasks, unreadable, .. } = &reading.slots;
            if tasks.is_empty() && *unreadable > 0 && is_denied(slots) {
                let path = opened.path.join("slots");
                let shown = path.display();
                return Err(Problem(format!(
                    "the exporter's user may not read the slots in {shown}: {}",
                    remedy(&path)
                )));
            }
            let checkpoints = reading.slots.tasks.iter().filter_map(|task| task.checkpoint);
            reading.written = checkpoints.chain(reading.written).max();
        }
        if wanted.files {
            self.files(&opened.folder, &names, &mut reading);
        }
        Ok(reading)
    }

    fn files(&mut self, folder: &Folder, names: &[String], reading: &mut Reading) {
        self.job_logs.read(folder, names);
        self.contacts.read(folder, names);
        let completed = self.job_logs.completed();
        reading.completed = completed.map(|(project, completed)| (project.to_owned(), completed.clone())).collect();
        let contacts = self.contacts.by_project();
        reading.contacts = contacts.map(|(project, contact)| (project.to_owned(), contact.clone())).collect();
        let asked = reading.contacts.iter().filter_map(|(_, contact)| contact.asked);
        reading.written = asked.chain(reading.written).max();
    }

    fn slots(&mut self, folder: &Folder, now: Moment) -> Slots {
        let mut numbers: Vec<u32> = match folder.names() {
            Ok(names) => names.iter().filter_map(|name| number(name)).collect(),
            Err(_) => (0..MAX_TRIED).filter(|number| folder.has(&number.to_string())).collect(),
        };
        numbers.sort_unstable();
        let mut slots = Slots { left_out: numbers.len().saturating_sub(MAX_SLOTS), ..Slots::default() };
        for number in numbers.into_iter().take(MAX_SLOTS) {
            match slot::read(folder, number) {
                Found::Task(slot) => slots.tasks.push(self.changes.observe(&slot, now)),
                Found::Empty => slots.empty += 1,
                Found::Leftovers => slots.leftovers += 1,
                Found::Unreadable => slots.unreadable += 1,
            }
        }
        self.changes.end();
        slots.restarts.clone_from(self.changes.restarts());
        slots
    }
}

/// When the client last wrote one of its own files.
#[must_use]
pub fn written(folder: &Folder) -> Option<SystemTime> {
    WRITTEN.iter().filter_map(|name| Some(folder.facts(name).ok()?.modified)).max()
}

/// The number of a slot, as the client writes it. Other folders there, such as `app_test`, are no slots.
fn number(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok()?;
    (number.to_string() == name).then_some(number)
}

/// Whether a slot is closed to the exporter's user.
fn is_denied(slots: &Folder) -> bool {
    let denied = |number: u32| {
        let folder = slots.folder(&number.to_string());
        matches!(folder.and_then(|folder| folder.facts("init_data.xml")), Err(Unreadable::Denied))
    };
    (0..MAX_TRIED).any(denied)
}

/// URLs and names of the projects that the client is attached to, by their name in names of files. These names do not say which: one may mean several URLs.
#[must_use]
pub fn projects(folder: &Folder, names: &[String]) -> BTreeMap<String, (String, String)> {
    let accounts = names.iter().filter_map(|name| Some((name, name.strip_prefix("account_")?.strip_suffix(".xml")?)));
    let read = |(file, project): (&String, &str)| {
        let content = folder.read(file, 0, MAX_ACCOUNT).ok()?;
        let account = whole::<Account>(&content.bytes, "account")?;
        let url = account.master_url.to_string();
        (!url.is_empty()).then(|| (project.to_owned(), (url, account.project_name.to_string())))
    };
    accounts.take(MAX_PROJECTS).filter_map(read).collect()
}
