//! One slot: the folder in which an application runs. A folder comes in; what stands in it about one task goes out. All of it
//! is what was written last: whether anything runs, `changes` finds out. It does not know projects or metrics.

use std::time::SystemTime;

use super::channel::{Channel, SIZE};
use super::text::{InitData, TaskState, old_status, whole};
use crate::platform::folder::{Folder, Unreadable};

/// Bytes of `init_data.xml` that are read. Preferences of a project stand in it, which may be long.
const MAX_INIT_DATA: u64 = 256 << 10;

/// Bytes of the other files. The client itself reads 4096 of `boinc_task_state.xml`.
const MAX_SMALL: u64 = 8 << 10;

/// A task in a slot.
#[derive(Debug)]
pub struct Slot {
    /// Number of the slot.
    pub number: u32,
    /// What the client told the application.
    pub init_data: InitData,
    /// When it did: at the start of its process, or when preferences changed.
    pub told: SystemTime,
    /// The channel between them; `None` if there is none, as with old applications.
    pub channel: Option<Channel>,
    /// The last checkpoint that the client noted, and when.
    pub checkpoint: Option<(TaskState, SystemTime)>,
    /// Whether the application ended for a while, to be started again.
    pub is_postponed: bool,
}

/// What a folder in `slots` turned out to be.
#[derive(Debug)]
pub enum Found {
    /// A task.
    Task(Box<Slot>),
    /// Nothing is in it.
    Empty,
    /// Files, but not the one that says of which task.
    Leftovers,
    /// It changed while it was read, is being written, or cannot be read.
    Unreadable,
}

/// Reads a slot. The client may give it to another task within a second, so what it says is read first and last.
#[must_use]
pub fn read(slots: &Folder, number: u32) -> Found {
    let folder = match slots.folder(&number.to_string()) {
        Ok(folder) => folder,
        Err(Unreadable::Absent) => return Found::Empty,
        Err(_) => return Found::Unreadable,
    };
    let Ok(first) = folder.read("init_data.xml", 0, MAX_INIT_DATA) else {
        return if folder.has("init_data.xml") { Found::Unreadable } else { without_task(&folder) };
    };
    let Some(init_data) = whole::<InitData>(&first.bytes, "app_init_data") else { return Found::Unreadable };
    let channel = folder.read("boinc_mmap_file", 0, SIZE as u64 + 1).ok();
    let mut channel = channel.and_then(|content| Channel::read(&content.bytes));
    if channel.is_none() {
        channel = old_files(&folder);
    }
    let checkpoint = folder.read("boinc_task_state.xml", 0, MAX_SMALL).ok().and_then(|content| {
        let state = whole::<TaskState>(&content.bytes, "active_task")?;
        belongs(&state, &init_data).then_some((state, content.facts.modified))
    });
    let is_postponed = folder.read("boinc_temporary_exit", 0, MAX_SMALL).is_ok_and(|content| {
        // The client takes no notice of one without a reason in the second line.
        content.bytes.split(|byte| *byte == b'\n').nth(1).is_some_and(|line| !line.trim_ascii().is_empty())
    });
    let is_same = folder.read("init_data.xml", 0, MAX_INIT_DATA).is_ok_and(|again| again.bytes == first.bytes);
    if !is_same {
        return Found::Unreadable;
    }
    let told = first.facts.modified;
    Found::Task(Box::new(Slot { number, init_data, told, channel, checkpoint, is_postponed }))
}

/// A folder without `init_data.xml`. Who may not list it takes it for empty.
fn without_task(folder: &Folder) -> Found {
    // The client empties a slot when its task is over, and does not remove the folder while it runs.
    match folder.names() {
        Ok(names) if !names.is_empty() => Found::Leftovers,
        _ => Found::Empty,
    }
}

/// Whether a state is of this task. A slot is used again, and the state of the task before may still lie there. Without the
/// task's name, as before 6.12, it must be one of the workunit.
fn belongs(state: &TaskState, init_data: &InitData) -> bool {
    let (result, name) = (&*state.result_name, &*init_data.result_name);
    if !name.is_empty() {
        return result == name;
    }
    let number = result.strip_prefix(&*init_data.wu_name).and_then(|rest| rest.strip_prefix('_'));
    !init_data.wu_name.is_empty() && number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// What applications of 2002 wrote in place of the channel. The oldest swapped the two values of the first file.
fn old_files(folder: &Folder) -> Option<Channel> {
    let read = |name| folder.read(name, 0, MAX_SMALL).ok();
    let (fraction, checkpoint) = (read("fraction_done.xml"), read("checkpoint_cpu.xml"));
    if fraction.is_none() && checkpoint.is_none() {
        return None;
    }
    let text = fraction.map(|content| content.bytes).unwrap_or_default();
    let mut status = old_status(&text);
    if status.fraction_done.is_some_and(|fraction| fraction > 1.0) && status.cpu_time.is_some_and(|cpu| cpu <= 1.0) {
        std::mem::swap(&mut status.fraction_done, &mut status.cpu_time);
    }
    let checkpoint_cpu_time = checkpoint.and_then(|content| old_status(&content.bytes).checkpoint_cpu_time);
    let mut channel = Channel { text, ..Channel::default() };
    channel.status.current_cpu_time = status.cpu_time;
    channel.status.fraction_done = status.fraction_done;
    channel.status.checkpoint_cpu_time = checkpoint_cpu_time;
    Some(channel)
}
