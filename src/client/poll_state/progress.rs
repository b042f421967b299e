//! Progress of each task with a slot, from poll to poll: how long it has run without getting on, and without a checkpoint.
//! Time is counted as the task's own run time: a task that is suspended does not stall.

use std::collections::HashMap;

use crate::client::gui_rpc::model::{ActiveTask, Task};
use crate::client::snapshot::Standstill;

/// A task that ran so long without progress …
const STALLED_AFTER: f64 = 3600.0;
/// … and used so little CPU time meanwhile is stalled. Both figures are those of BOINC's own developers
/// (<https://github.com/BOINC/boinc/issues/5352>).
const STALLED_CPU: f64 = 10.0;

/// What was last seen to change, and at which run time.
#[derive(Debug, Clone, Copy)]
struct Seen {
    elapsed: f64,
    fraction_done: f64,
    progress_at: f64,
    cpu_at_progress: f64,
    checkpoint: f64,
    checkpoint_at: f64,
}

/// Progress of the tasks with a slot: as many as there are slots.
#[derive(Debug, Default)]
pub struct Progress {
    tasks: HashMap<(String, String), Seen>,
    /// Which of them were there in the present poll.
    present: HashMap<(String, String), Seen>,
}

impl Progress {
    /// Takes note of a task; what comes back is zero for one that is seen for the first time.
    pub fn note(&mut self, task: &Task) -> Standstill {
        let Some(active) = &task.active_task else { return Standstill::default() };
        let key = (task.project_url.to_string(), task.name.to_string());
        let seen = self.tasks.get(&key).copied();
        let (seen, standstill) = step(seen, active);
        self.present.insert(key, seen);
        standstill
    }

    /// Ends the poll: tasks that were not there are forgotten.
    pub fn end(&mut self) {
        self.tasks = std::mem::take(&mut self.present);
    }
}

fn step(before: Option<Seen>, active: &ActiveTask) -> (Seen, Standstill) {
    let elapsed = active.elapsed_time.unwrap_or_default();
    let cpu = active.current_cpu_time.unwrap_or_default();
    let fraction_done = active.fraction_done.unwrap_or_default();
    let checkpoint = active.checkpoint_cpu_time.unwrap_or_default();
    let fresh =
        Seen { elapsed, fraction_done, progress_at: elapsed, cpu_at_progress: cpu, checkpoint, checkpoint_at: elapsed };
    // Run time that went back: the task began again from its checkpoint.
    let mut seen = before.filter(|before| before.elapsed <= elapsed).unwrap_or(fresh);
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

/// Numbers arrive with six decimals: what is printed differently is different.
fn differs(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-9
}

#[cfg(test)]
mod tests {
    use super::{Progress, Standstill};
    use crate::client::gui_rpc::model::{ActiveTask, Task};

    fn note(progress: &mut Progress, [elapsed, cpu, fraction, checkpoint]: [f64; 4]) -> (f64, f64, bool) {
        let active_task = Some(ActiveTask {
            elapsed_time: Some(elapsed),
            current_cpu_time: Some(cpu),
            fraction_done: Some(fraction),
            checkpoint_cpu_time: Some(checkpoint),
            ..ActiveTask::default()
        });
        let Standstill { without_progress, without_checkpoint, stalled } =
            progress.note(&Task { name: "t".into(), project_url: "u".into(), active_task, ..Task::default() });
        progress.end();
        (without_progress, without_checkpoint, stalled)
    }

    #[test]
    fn a_task_stalls_after_an_hour_of_its_own_time_without_progress_and_cpu() {
        let mut progress = Progress::default();
        assert_eq!(note(&mut progress, [100.0, 90.0, 0.1, 80.0]), (0.0, 0.0, false));
        assert_eq!(note(&mut progress, [200.0, 190.0, 0.2, 80.0]), (0.0, 100.0, false));
        assert_eq!(note(&mut progress, [3700.0, 195.0, 0.2, 80.0]), (3500.0, 3600.0, false));
        // It was suspended: no run time, no standstill.
        assert_eq!(note(&mut progress, [3700.0, 195.0, 0.2, 80.0]), (3500.0, 3600.0, false));
        assert_eq!(note(&mut progress, [3800.0, 199.0, 0.2, 80.0]), (3600.0, 3700.0, true));
        // It computes, though it does not say how far.
        assert_eq!(note(&mut progress, [3900.0, 300.0, 0.2, 80.0]), (3700.0, 3800.0, false));
        assert_eq!(note(&mut progress, [4000.0, 400.0, 0.3, 390.0]), (0.0, 0.0, false));
        // The client restarts: back to the checkpoint.
        assert_eq!(note(&mut progress, [3950.0, 390.0, 0.3, 390.0]), (0.0, 0.0, false));
        assert_eq!(note(&mut progress, [7550.0, 390.0, 0.3, 390.0]), (3600.0, 3600.0, true));
    }

    #[test]
    fn a_task_that_is_gone_is_forgotten() {
        let mut progress = Progress::default();
        note(&mut progress, [100.0, 0.0, 0.1, 0.0]);
        progress.end();
        assert_eq!(note(&mut progress, [9000.0, 0.0, 0.1, 0.0]), (0.0, 0.0, false));
    }
}
