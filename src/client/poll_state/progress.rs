//! Progress of each task with a slot, from poll to poll. Tasks come in; the time since each last made progress or a
//! checkpoint goes out. Time is the task's own run time, so a suspended task does not stall. It does not know which
//! metrics use it.

use foldhash::HashMap;

use crate::client::gui_rpc::model::{ActiveTask, Task};
use crate::client::snapshot::Standstill;

/// A task that ran this long without progress …
const STALLED_AFTER: f64 = 3600.0;
/// … and used less CPU time than this meanwhile is stalled. Both values come from BOINC's developers
/// (<https://github.com/BOINC/boinc/issues/5352>).
const STALLED_CPU: f64 = 10.0;

/// Tasks that are watched. A client has one with a slot for each CPU and GPU, and those that it keeps in memory meanwhile.
const MAX_TASKS: usize = 10_000;

/// The last observed changes of a task, and the run time at each.
#[derive(Debug, Clone, Copy)]
struct LastChange {
    elapsed: f64,
    fraction_done: f64,
    progress_at: f64,
    cpu_at_progress: f64,
    checkpoint: f64,
    checkpoint_at: f64,
}

/// Progress of the tasks with a slot. Bounded by the number of slots, and by `MAX_TASKS`.
#[derive(Debug, Default)]
pub struct Progress {
    tasks: HashMap<(String, String), LastChange>,
    /// The tasks seen in the current poll.
    present: HashMap<(String, String), LastChange>,
}

impl Progress {
    /// Records a task whose run time was estimated, in seconds, and returns how long it has stood still: zero for a task seen for the
    /// first time.
    pub fn observe(&mut self, task: &Task, estimate: Option<f64>) -> Standstill {
        let Some(active) = &task.active_task else { return Standstill::default() };
        let key = (task.project_url.to_string(), task.name.to_string());
        let seen = self.tasks.get(&key).copied();
        let (seen, standstill) = update(seen, active, estimate);
        if self.present.len() < MAX_TASKS {
            self.present.insert(key, seen);
        }
        standstill
    }

    /// Ends the poll and removes tasks that were not seen in it.
    pub fn end_poll(&mut self) {
        self.tasks = std::mem::take(&mut self.present);
    }
}

fn update(before: Option<LastChange>, active: &ActiveTask, estimate: Option<f64>) -> (LastChange, Standstill) {
    let elapsed = active.elapsed_time.unwrap_or_default();
    let cpu = active.current_cpu_time.unwrap_or_default();
    let fraction_done = if is_invented(active, estimate) { 0.0 } else { active.fraction_done.unwrap_or_default() };
    let checkpoint = active.checkpoint_cpu_time.unwrap_or_default();
    let initial = LastChange {
        elapsed,
        fraction_done,
        progress_at: elapsed,
        cpu_at_progress: cpu,
        checkpoint,
        checkpoint_at: elapsed,
    };
    // If the run time went back, the task restarted from its checkpoint.
    let mut seen = before.filter(|before| before.elapsed <= elapsed).unwrap_or(initial);
    seen.elapsed = elapsed;
    if differs(seen.fraction_done, fraction_done) {
        (seen.fraction_done, seen.progress_at, seen.cpu_at_progress) = (fraction_done, elapsed, cpu);
    }
    if differs(seen.checkpoint, checkpoint) {
        (seen.checkpoint, seen.checkpoint_at) = (checkpoint, elapsed);
    }
    let without_progress = elapsed - seen.progress_at;
    let standstill = Standstill {
        without_progress,
        without_checkpoint: elapsed - seen.checkpoint_at,
        stalled: without_progress >= STALLED_AFTER && cpu - seen.cpu_at_progress < STALLED_CPU,
    };
    (seen, standstill)
}

/// Whether the client made the progress up. Of an application that reports none, it prints `1 - exp(-elapsed / estimate)`, which always
/// grows (`ACTIVE_TASK::write_gui`).
fn is_invented(active: &ActiveTask, estimate: Option<f64>) -> bool {
    let Some((fraction, elapsed)) = active.fraction_done.zip(active.elapsed_time) else { return false };
    estimate.is_some_and(|estimate| (fraction - (1.0 - (-elapsed / estimate).exp())).abs() < 2e-6)
}

/// Values are printed with six decimals: a difference in print is a change.
fn differs(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-9
}

#[cfg(test)]
mod tests {
    use super::{Progress, Standstill};
    use crate::client::gui_rpc::model::{ActiveTask, Task};

    fn note(progress: &mut Progress, [elapsed, cpu, fraction, checkpoint]: [f64; 4]) -> (f64, f64, bool) {
        let active_task = Some(Box::new(ActiveTask {
            elapsed_time: Some(elapsed),
            current_cpu_time: Some(cpu),
            fraction_done: Some(fraction),
            checkpoint_cpu_time: Some(checkpoint),
            ..ActiveTask::default()
        }));
        let Standstill { without_progress, without_checkpoint, stalled } = progress
            .observe(&Task { name: "t".into(), project_url: "u".into(), active_task, ..Task::default() }, Some(9000.0));
        progress.end_poll();
        (without_progress, without_checkpoint, stalled)
    }

    #[test]
    fn a_task_stalls_after_an_hour_of_its_own_time_without_progress_and_cpu() {
        let mut progress = Progress::default();
        assert_eq!(note(&mut progress, [100.0, 90.0, 0.1, 80.0]), (0.0, 0.0, false));
        assert_eq!(note(&mut progress, [200.0, 190.0, 0.2, 80.0]), (0.0, 100.0, false));
        assert_eq!(note(&mut progress, [3700.0, 195.0, 0.2, 80.0]), (3500.0, 3600.0, false));
        // Suspended: neither run time nor standstill grows.
        assert_eq!(note(&mut progress, [3700.0, 195.0, 0.2, 80.0]), (3500.0, 3600.0, false));
        assert_eq!(note(&mut progress, [3800.0, 199.0, 0.2, 80.0]), (3600.0, 3700.0, true));
        // It computes but does not report progress.
        assert_eq!(note(&mut progress, [3900.0, 300.0, 0.2, 80.0]), (3700.0, 3800.0, false));
        assert_eq!(note(&mut progress, [4000.0, 400.0, 0.3, 390.0]), (0.0, 0.0, false));
        // The client restarts, and the task resumes from its checkpoint.
        assert_eq!(note(&mut progress, [3950.0, 390.0, 0.3, 390.0]), (0.0, 0.0, false));
        assert_eq!(note(&mut progress, [7550.0, 390.0, 0.3, 390.0]), (3600.0, 3600.0, true));
    }

    /// What a client prints of an application without BOINC's API: an estimate of 9000 s.
    #[test]
    fn progress_that_the_client_makes_up_is_none() {
        let mut progress = Progress::default();
        assert_eq!(note(&mut progress, [90.0, 0.0, 0.009_950, 0.0]), (0.0, 0.0, false));
        assert_eq!(note(&mut progress, [900.0, 1.0, 0.095_163, 0.0]), (810.0, 810.0, false));
        assert_eq!(note(&mut progress, [4500.0, 2.0, 0.393_469, 0.0]), (4410.0, 4410.0, true));
        assert_eq!(note(&mut progress, [5400.0, 2.0, 0.5, 0.0]), (0.0, 5310.0, false));
    }

    #[test]
    fn tasks_that_are_gone_are_removed() {
        let mut progress = Progress::default();
        note(&mut progress, [100.0, 0.0, 0.1, 0.0]);
        progress.end_poll();
        assert_eq!(note(&mut progress, [9000.0, 0.0, 0.1, 0.0]), (0.0, 0.0, false));
    }
}
