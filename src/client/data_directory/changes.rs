//! What changes in slots from one reading to the next. A slot says what was written last; only a change proves that something
//! runs. Slots come in; tasks with what earlier readings tell go out. Bounded by the slots of one reading and, for restarts, by
//! `MAX_APPS`. It does not know files or metrics.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

use super::channel::Request;
use super::slot::Slot;

/// An application that says nothing for so long has stopped reporting. Most report each second, `vboxwrapper` at times only
/// each 90 s.
const SILENT_AFTER: Duration = Duration::from_secs(300);

/// A request that is not taken for so long is pending: applications look ten times a second, containers each 10 s.
const PENDING_AFTER: Duration = Duration::from_secs(30);

/// A task that says so many times in a row that it has just saved everything only claims it: `docker_wrapper` does so each
/// 10 s, although nothing is saved.
const CLAIMS: u32 = 3;

/// Applications whose restarts are counted.
const MAX_APPS: usize = 500;

/// How far a file's time may lie ahead of the clock: file systems round.
const ROUNDING: Duration = Duration::from_secs(2);

/// What a task does, as far as its slot tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// Its messages change.
    Reporting,
    /// It was first seen a while ago, and no message of it has changed yet.
    Unproven,
    /// It should run, and its last message is old.
    Silent,
    /// The client told it to pause.
    Suspended,
    /// The client told it to end; what it said last was left behind.
    Stopped,
    /// It ended for a while, to be started again.
    Postponed,
    /// It has no channel that can be read.
    NoChannel,
}

impl Activity {
    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reporting => "reporting",
            Self::Unproven => "unproven",
            Self::Silent => "silent",
            Self::Suspended => "suspended",
            Self::Stopped => "stopped",
            Self::Postponed => "postponed",
            Self::NoChannel => "no_channel",
        }
    }
}

/// How a task saves its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checkpoints {
    /// It has saved some.
    Seen,
    /// It has saved none so far, and may never.
    Never,
    /// It says at each moment that all is saved.
    Claimed,
}

impl Checkpoints {
    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Never => "never",
            Self::Claimed => "claimed",
        }
    }
}

/// A task in a slot.
#[derive(Debug, Clone)]
pub struct Task {
    /// Number of the slot.
    pub slot: u32,
    /// The project in names of files.
    pub project: String,
    /// Short name of the application.
    pub app: String,
    /// Name; empty before 6.12.
    pub name: String,
    /// What it does.
    pub activity: Activity,
    /// What it does if it is suspended for moments only.
    pub unless_suspended: Activity,
    /// Whether it has a process that computes, as far as is known.
    pub runs: bool,
    /// How it saves its work.
    pub checkpoints: Checkpoints,
    /// When the client noted its last checkpoint; `None` if there was none, or if that lies in the future.
    pub checkpoint: Option<SystemTime>,
    /// Since when its work is not saved: its last checkpoint, or its start if that came later.
    pub unsaved_since: Option<SystemTime>,
    /// CPU time since its last checkpoint, in seconds.
    pub unsaved_cpu: Option<f64>,
    /// When its last message came.
    pub reported: Option<SystemTime>,
    /// Progress from 0 to 1, if it reports any.
    pub fraction_done: Option<f64>,
    /// Bytes in RAM.
    pub working_set: Option<f64>,
    /// Bytes that its application says it sent.
    pub sent: Option<f64>,
    /// Bytes that its application says it received.
    pub received: Option<f64>,
    /// Bytes of RAM that all tasks may have.
    pub memory_allowed: Option<f64>,
    /// Most bytes in RAM, up to the last checkpoint.
    pub peak_working_set: Option<f64>,
    /// Most bytes on disk, up to the last checkpoint.
    pub peak_disk: Option<f64>,
    /// Bytes on disk at which the client aborts it.
    pub disk_bound: Option<f64>,
    /// A request of the client that it has not taken for long.
    pub pending: Option<Request>,
    /// Vendor and number of its GPU.
    pub device: Option<(String, i64)>,
}

/// What was seen of a slot.
#[derive(Debug)]
struct Seen {
    name: String,
    text: Vec<u8>,
    /// When the text last changed; `None` as long as it is what was found at first.
    changed: Option<Moment>,
    first: Instant,
    claims: u32,
    told: SystemTime,
    started: SystemTime,
    request: Option<Request>,
    pending_since: Option<Instant>,
}

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// For durations.
    pub instant: Instant,
    /// For comparing with times of files.
    pub time: SystemTime,
}

/// What was seen of all slots.
#[derive(Debug, Default)]
pub struct Changes {
    slots: HashMap<u32, Seen>,
    /// The slots of the present reading.
    present: HashMap<u32, Seen>,
    /// Starts of a task's process after its first, by project and application.
    restarts: BTreeMap<(String, String), u64>,
}

impl Changes {
    /// Compares a slot with what was seen of it before.
    pub fn observe(&mut self, slot: &Slot, now: Moment) -> Task {
        let (project, app) = (project(slot), slot.init_data.app_name.to_string());
        let before = self.slots.remove(&slot.number).filter(|seen| is_same(seen, slot));
        let known = self.restarts.len() < MAX_APPS || self.restarts.contains_key(&(project.clone(), app.clone()));
        if known {
            *self.restarts.entry((project.clone(), app.clone())).or_default() +=
                u64::from(before.as_ref().is_some_and(|seen| has_restarted(seen, slot)));
        }
        let seen = update(before, slot, now);
        let task = task(slot, &seen, (project, app), now);
        self.present.insert(slot.number, seen);
        task
    }

    /// Ends a reading: what was not seen in it is forgotten.
    pub fn end(&mut self) {
        self.slots = std::mem::take(&mut self.present);
    }

    /// Starts of processes after a task's first, by project and application, since the first reading.
    #[must_use]
    pub const fn restarts(&self) -> &BTreeMap<(String, String), u64> {
        &self.restarts
    }
}

/// The project in names of files: the last part of its folder's path, which on Windows has other separators.
fn project(slot: &Slot) -> String {
    slot.init_data.project_dir.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default().to_owned()
}

fn name(slot: &Slot) -> &str {
    if slot.init_data.result_name.is_empty() { &slot.init_data.wu_name } else { &slot.init_data.result_name }
}

fn is_same(seen: &Seen, slot: &Slot) -> bool {
    seen.name == name(slot)
}

/// Whether the process was started again. The file is also written when preferences change: then the application is asked to
/// read it. At a start the channels are emptied.
fn has_restarted(seen: &Seen, slot: &Slot) -> bool {
    let asked = slot.channel.as_ref().and_then(|channel| channel.request);
    seen.told != slot.told && asked != Some(Request::Reread) && !(asked.is_none() && slot.channel.is_none())
}

fn update(before: Option<Seen>, slot: &Slot, now: Moment) -> Seen {
    let channel = slot.channel.as_ref();
    let text = channel.map(|channel| channel.text.clone()).unwrap_or_default();
    let request = channel.filter(|channel| channel.is_pending).and_then(|channel| channel.request);
    let restarted = before.as_ref().is_some_and(|seen| has_restarted(seen, slot));
    let mut seen = before.unwrap_or_else(|| Seen {
        name: name(slot).to_owned(),
        text: text.clone(),
        changed: None,
        first: now.instant,
        claims: u32::from(is_claim(slot)),
        told: slot.told,
        started: slot.told,
        request: None,
        pending_since: None,
    });
    if restarted {
        (seen.started, seen.claims) = (slot.told, 0);
    }
    seen.told = slot.told;
    if seen.text != text {
        seen.claims = if is_claim(slot) { seen.claims.saturating_add(1) } else { 0 };
        (seen.text, seen.changed) = (text, Some(now));
    }
    if seen.request != request || request.is_none() {
        seen.pending_since = request.map(|_| now.instant);
    }
    seen.request = request;
    seen
}

/// Whether it says that all of its work is saved.
fn is_claim(slot: &Slot) -> bool {
    let status = slot.channel.as_ref().map(|channel| &channel.status);
    let times = status.and_then(|status| Some((status.current_cpu_time?, status.checkpoint_cpu_time?)));
    times.is_some_and(|(now, saved)| saved > 0.0 && saved >= now)
}

fn task(slot: &Slot, seen: &Seen, (project, app): (String, String), now: Moment) -> Task {
    let (init_data, channel) = (&slot.init_data, slot.channel.as_ref());
    let status = channel.map(|channel| &channel.status);
    let state = slot.checkpoint.as_ref().map(|(state, _)| state);
    let positive = |number: Option<f64>| number.filter(|number| *number >= 0.0);
    let saved = positive(status.and_then(|status| status.checkpoint_cpu_time))
        .or(positive(state.and_then(|state| state.checkpoint_cpu_time)));
    let is_past = |time: &SystemTime| *time <= now.time + ROUNDING;
    let checkpoint = slot.checkpoint.as_ref().map(|(_, time)| *time);
    let checkpoints = match (seen.claims >= CLAIMS, checkpoint.is_some() || saved.is_some_and(|cpu| cpu > 0.0)) {
        (true, _) => Checkpoints::Claimed,
        (false, true) => Checkpoints::Seen,
        (false, false) => Checkpoints::Never,
    };
    // A checkpoint without the file that says when is one of an unknown time.
    let since =
        if checkpoints == Checkpoints::Never { Some(seen.started) } else { checkpoint.map(|t| t.max(seen.started)) };
    let cpu = positive(status.and_then(|status| status.current_cpu_time));
    let activity = activity(slot, seen, now.instant);
    Task {
        slot: slot.number,
        name: init_data.result_name.to_string(),
        activity,
        unless_suspended: unless_suspended(seen, now.instant),
        runs: matches!(activity, Activity::Reporting | Activity::Unproven),
        checkpoints,
        checkpoint: checkpoint.filter(is_past),
        unsaved_since: since.filter(is_past),
        unsaved_cpu: cpu.map(|cpu| (cpu - saved.unwrap_or_default()).max(0.0)),
        reported: seen.changed.map(|moment| moment.time),
        // The client takes 0 for "never reported", too.
        fraction_done: positive(status.and_then(|s| s.fraction_done)).filter(|f| *f > 0.0).map(|f| f.min(1.0)),
        working_set: positive(status.and_then(|s| s.wss)).or(positive(channel.and_then(|c| c.heartbeat.wss))),
        sent: positive(status.and_then(|s| s.bytes_sent)),
        received: positive(status.and_then(|s| s.bytes_received)),
        memory_allowed: positive(channel.and_then(|c| c.heartbeat.max_wss)).filter(|bytes| *bytes > 0.0),
        peak_working_set: positive(state.and_then(|state| state.peak_working_set_size)).filter(|bytes| *bytes > 0.0),
        peak_disk: positive(state.and_then(|state| state.peak_disk_usage)).filter(|bytes| *bytes > 0.0),
        disk_bound: positive(init_data.rsc_disk_bound).filter(|bytes| *bytes > 0.0),
        pending: seen.request.filter(|_| is_older(seen.pending_since, now.instant, PENDING_AFTER)),
        device: init_data
            .gpu_device_num
            .filter(|n| *n >= 0 && !init_data.gpu_type.is_empty())
            .map(|number| (init_data.gpu_type.to_string(), number)),
        project,
        app,
    }
}

fn is_older(since: Option<Instant>, now: Instant, than: Duration) -> bool {
    since.is_some_and(|since| now.saturating_duration_since(since) >= than)
}

fn activity(slot: &Slot, seen: &Seen, now: Instant) -> Activity {
    let Some(channel) = &slot.channel else {
        return if slot.is_postponed { Activity::Postponed } else { Activity::NoChannel };
    };
    match channel.request {
        _ if slot.is_postponed => Activity::Postponed,
        Some(Request::Quit | Request::Abort) => Activity::Stopped,
        // It may still be on its way.
        Some(Request::Suspend) if !channel.is_pending => Activity::Suspended,
        _ => unless_suspended(seen, now),
    }
}

fn unless_suspended(seen: &Seen, now: Instant) -> Activity {
    let quiet_since = seen.changed.map_or(seen.first, |moment| moment.instant);
    match seen.changed {
        _ if is_older(Some(quiet_since), now, SILENT_AFTER) => Activity::Silent,
        Some(_) => Activity::Reporting,
        None => Activity::Unproven,
    }
}
