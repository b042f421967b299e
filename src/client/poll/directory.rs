//! Joins what lies in the client's data directory to what it answered. A reading comes in; the snapshot is filled. It does not
//! know files.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

use super::assemble::cap;
use crate::client::capacity::Capacity;
use crate::client::collectors::Collector;
use crate::client::data_directory::{Activity, Directory, Failure, Moment, Reading, Slots, Task, Wanted};
use crate::client::limits::Limits;
use crate::client::poll_state::PollState;
use crate::client::reason::Reason;
use crate::client::snapshot::{self, Part, SlotsOfHost, Snapshot, sums};
use crate::client::target::Target;
use crate::clock::Clock;

/// A reading, or why there is none, and how long it took.
pub struct Read(Result<Reading, Failure>, Duration);

/// Reads the data directory of a target, beside the requests. It may take half of the time, so that a disk that hangs leaves
/// some for the answer.
pub async fn read(
    directory: Directory,
    target: &Target,
    capacity: &Capacity,
    clock: &Clock,
    deadline: Instant,
) -> Option<Read> {
    let now = Instant::now();
    let half = now + deadline.saturating_duration_since(now) / 2;
    let moment = Moment { instant: clock.instant(), time: clock.time() };
    // Most clients have none, and its future is large.
    let outcome = Box::pin(directory.read(&target.data_directory, wanted(target), moment, capacity, half)).await?;
    Some(Read(outcome, now.elapsed()))
}

fn wanted(target: &Target) -> Wanted {
    let collects = |collector| target.collectors.contains(collector);
    Wanted { slots: collects(Collector::Slots), files: collects(Collector::Files) }
}

/// Puts a reading into the snapshot.
pub fn assemble(
    snapshot: &mut Snapshot,
    poll_state: &mut PollState,
    Read(outcome, duration): Read,
    limits: &Limits,
    clock: &Clock,
) {
    let failure = outcome.as_ref().err().map(failure);
    let unreadable = outcome.as_ref().map_or(0, |reading| reading.slots.unreadable);
    for collector in [Collector::Slots, Collector::Files] {
        if snapshot.collectors.contains(collector) {
            let is_slots = collector == Collector::Slots;
            snapshot.parts.push(Part {
                error: failure.clone(),
                duration,
                unreadable: if is_slots { u32::try_from(unreadable).unwrap_or(u32::MAX) } else { 0 },
                succeeded: failure.is_none().then(|| clock.time()),
                ..Part::of(collector)
            });
        }
    }
    if snapshot.error.is_none() {
        snapshot.error = failure;
    }
    let Ok(Reading { projects, written, slots, completed, contacts }) = outcome else { return };
    // A client that never answered has told no names.
    for (url, name) in projects.values().filter(|(_, name)| !name.is_empty()) {
        poll_state.names.suggest(url, name);
    }
    if snapshot.collectors.contains(Collector::Slots) {
        join(snapshot, poll_state, (slots, written), &projects, limits);
    }
    let completed = completed.into_iter();
    snapshot.completed =
        completed.map(|(project, completed)| poll_state.of_project(url(&projects, &project), completed)).collect();
    let contacts = contacts.into_iter();
    snapshot.contacts =
        contacts.map(|(project, contact)| poll_state.of_project(url(&projects, &project), contact)).collect();
}

/// The URL of a project. Of one that the client has left, only the name of its files is known.
fn url<'a>(projects: &'a BTreeMap<String, (String, String)>, project: &'a str) -> &'a str {
    projects.get(project).map_or(project, |(url, _)| url)
}

fn failure(failure: &Failure) -> snapshot::Failure {
    let (reason, message) = match failure {
        Failure::Problem(sentence) => (Reason::DataDirectory, sentence),
        Failure::Late(sentence) => (Reason::Timeout, sentence),
    };
    snapshot::Failure { reason, message: message.clone() }
}

fn join(
    snapshot: &mut Snapshot,
    poll_state: &mut PollState,
    (slots, written): (Slots, Option<SystemTime>),
    projects: &BTreeMap<String, (String, String)>,
    limits: &Limits,
) {
    let Slots { mut tasks, empty, leftovers, left_out, restarts, .. } = slots;
    let in_slots = poll_state.in_slots.take();
    if let Some(in_slots) = &in_slots {
        tasks.iter_mut().for_each(|task| correct(task, in_slots));
    }
    let not_listed = not_listed(&tasks, in_slots.as_ref(), poll_state);
    snapshot.slots_of_host = Some(SlotsOfHost {
        occupied: tasks.len() - not_listed,
        empty,
        leftovers: leftovers + not_listed,
        memory_allowed: tasks
            .iter()
            .filter(|task| task.activity == Activity::Reporting)
            .find_map(|task| task.memory_allowed),
        written,
    });
    snapshot.count_dropped(Collector::Slots, left_out);
    let sums = sums(&tasks, &restarts).into_iter();
    snapshot.slots = sums.map(|(project, sums)| poll_state.of_project(url(projects, &project), sums)).collect();
    if snapshot.collectors.contains(Collector::Tasks) {
        tasks.retain(|task| !task.name.is_empty());
        cap(snapshot, Collector::Tasks, &mut tasks, limits.max_tasks);
        let row = |task: &Task| poll_state.of_project(url(projects, &task.project), task.clone());
        snapshot.slot_rows = tasks.iter().map(row).collect();
    }
}

/// The client knows which tasks run: what is silent because the client does not run it is no fault, and what has no channel
/// may run.
fn correct(task: &mut Task, in_slots: &HashMap<String, bool>) {
    match (in_slots.get(&task.name), task.activity) {
        (Some(false), Activity::Silent | Activity::Unproven) => {
            (task.activity, task.runs) = (Activity::Suspended, false);
        }
        (Some(true), Activity::NoChannel) => task.runs = true,
        // For a second or more at a time, to limit the CPU time.
        (Some(true), Activity::Suspended) => {
            (task.activity, task.runs) = (task.unless_suspended, task.unless_suspended != Activity::Silent);
        }
        _ => {}
    }
}

/// Tasks that the client does not list, now and at the reading before: one that began or ended meanwhile is none.
fn not_listed(tasks: &[Task], in_slots: Option<&HashMap<String, bool>>, poll_state: &mut PollState) -> usize {
    let Some(in_slots) = in_slots else { return 0 };
    let names = tasks.iter().map(|task| &task.name).filter(|name| !name.is_empty() && !in_slots.contains_key(*name));
    let before = std::mem::take(&mut poll_state.not_listed);
    poll_state.not_listed = names.cloned().collect();
    poll_state.not_listed.intersection(&before).count()
}
