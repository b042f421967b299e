//! Tasks in the slots of a data directory, summed by project and application. Tasks come in; sums go out.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::client::data_directory::{Activity, Checkpoints, Request, Task};

/// The slots of a host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotsOfHost {
    /// Slots with a task of the client.
    pub occupied: usize,
    /// Slots without anything.
    pub empty: usize,
    /// Slots with files of no task, or of one that the client does not list.
    pub leftovers: usize,
    /// Bytes of RAM that all tasks together may have at the moment.
    pub memory_allowed: Option<f64>,
    /// When the client last wrote to its directory.
    pub written: Option<SystemTime>,
}

/// The tasks of an application.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotSums {
    /// Short name of the application.
    pub app: String,
    /// Tasks by what they do.
    pub activities: BTreeMap<Activity, u32>,
    /// Since when the running task that last saved its work the longest ago has not, by how they save it.
    pub unsaved_since: BTreeMap<Checkpoints, SystemTime>,
    /// CPU seconds since the last checkpoints, by how they save their work.
    pub unsaved_cpu: BTreeMap<Checkpoints, f64>,
    /// Sum and number of the fractions done.
    fractions: (f64, u32),
    /// Bytes in RAM, of those that tell.
    pub working_set: Option<f64>,
    /// Bytes that applications say they sent, of those that tell.
    pub sent: Option<f64>,
    /// Bytes that applications say they received, of those that tell.
    pub received: Option<f64>,
    /// Largest part of its disk bound that a task has used.
    pub disk_use: Option<f64>,
    /// Requests of the client that tasks have not taken for long.
    pub pending: BTreeMap<Request, u32>,
    /// Starts of a task's process after its first.
    pub restarts: u64,
}

impl SlotSums {
    /// Mean of the fractions done, of those tasks that report one.
    #[must_use]
    pub fn fraction_done(&self) -> Option<f64> {
        let (sum, count) = self.fractions;
        (count > 0).then(|| sum / f64::from(count))
    }

    fn add(&mut self, task: &Task) {
        *self.activities.entry(task.activity).or_default() += 1;
        if task.runs
            && let Some(since) = task.unsaved_since
        {
            let oldest = self.unsaved_since.entry(task.checkpoints).or_insert(since);
            *oldest = since.min(*oldest);
        }
        // A task that is paused may still be in memory, and loses its work as well. One that has ended has lost it already.
        let has_process = task.runs || matches!(task.activity, Activity::Suspended | Activity::Silent);
        if has_process && let Some(cpu) = task.unsaved_cpu {
            *self.unsaved_cpu.entry(task.checkpoints).or_default() += cpu;
        }
        if has_process && let Some(bytes) = task.working_set {
            *self.working_set.get_or_insert_default() += bytes;
        }
        if let Some(bytes) = task.sent {
            *self.sent.get_or_insert_default() += bytes;
        }
        if let Some(bytes) = task.received {
            *self.received.get_or_insert_default() += bytes;
        }
        if let Some(fraction) = task.fraction_done {
            self.fractions = (self.fractions.0 + fraction, self.fractions.1 + 1);
        }
        if let (Some(used), Some(bound)) = (task.peak_disk, task.disk_bound) {
            self.disk_use = Some(self.disk_use.unwrap_or_default().max(used / bound));
        }
        // Whoever has stopped takes no requests.
        if let Some(request) = task.pending.filter(|_| task.runs || task.activity == Activity::Silent) {
            *self.pending.entry(request).or_default() += 1;
        }
    }
}

/// The sums, with the name of the project in names of files.
#[must_use]
pub fn sums(tasks: &[Task], restarts: &BTreeMap<(String, String), u64>) -> Vec<(String, SlotSums)> {
    let mut sums: BTreeMap<(&str, &str), SlotSums> = BTreeMap::new();
    for ((project, app), count) in restarts {
        sums.entry((project, app)).or_default().restarts = *count;
    }
    for task in tasks {
        sums.entry((&task.project, &task.app)).or_default().add(task);
    }
    let named = |((project, app), sums): ((&str, &str), SlotSums)| {
        (project.to_owned(), SlotSums { app: app.to_owned(), ..sums })
    };
    sums.into_iter().map(named).collect()
}
