//! What the deadlines of tasks look like: how many are due soon, and which will be missed if nothing changes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use foldhash::HashMap;

use super::jobs::{Job, is_suspended};
use super::resources::{Resource, availability, remaining, throttle};
use crate::client::gui_rpc::model::ClientState;

/// What the deadlines of a project's tasks look like.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Forecast {
    /// Tasks that are not late yet, and will be if nothing changes.
    pub at_risk: u32,
    /// The least time between a task's end, as it is expected, and its deadline; below zero it will be late.
    pub least_slack: Option<f64>,
}

/// When each task will be done if the client runs them in the order of their deadlines, and what that means for those of
/// each project, in the order of `jobs`.
#[must_use]
pub fn forecast(state: &ClientState, jobs: &[Vec<Job<'_>>], resources: &[Resource]) -> Vec<Forecast> {
    let mut forecasts = vec![Forecast::default(); jobs.len()];
    let Some(now) = state.time_stats.as_ref().and_then(|time| time.now) else { return forecasts };
    let throttle = throttle(state.global_preferences.as_ref());
    let mut waiting: Vec<(f64, usize, &Job<'_>)> = Vec::new();
    for (project, jobs) in jobs.iter().enumerate() {
        let unfinished = jobs.iter().filter(|job| job.is_unfinished());
        let urgent = unfinished.filter_map(|job| Some((job.task.report_deadline?, project, job)));
        waiting.extend(urgent.filter(|(deadline, ..)| *deadline > 0.0));
    }
    waiting.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
    let mut lines: HashMap<&str, Line> =
        resources.iter().map(|r| (r.name.as_str(), Line::new(r.usable.max(1.0)))).collect();
    for (deadline, project, job) in waiting {
        let takes = remaining(job, throttle);
        // A suspended task does not run: it would need all the time it takes once it does.
        let done = match lines.get_mut(job.usage.resource()) {
            Some(line) if !is_suspended(job.task) => line.add(takes, job.usage.share()),
            _ => takes,
        };
        let slack = deadline - (now + done / availability(job.usage.resource(), state.time_stats.as_ref()));
        let forecast = &mut forecasts[project];
        // One that is past its deadline is counted as overdue.
        forecast.at_risk += u32::from(slack < 0.0 && deadline >= now);
        forecast.least_slack = Some(forecast.least_slack.map_or(slack, |least| least.min(slack)));
    }
    forecasts
}

/// How soon tasks are due, in seconds, and the label for it.
pub const WITHIN: [(f64, &str); 5] =
    [(3600.0, "1h"), (21_600.0, "6h"), (86_400.0, "1d"), (259_200.0, "3d"), (604_800.0, "7d")];

/// How many unfinished tasks have their deadline within each of [`WITHIN`] or behind them; unknown without the client's clock.
#[must_use]
pub fn due(state: &ClientState, jobs: &[Vec<Job<'_>>]) -> Option<[u32; WITHIN.len()]> {
    let now = state.time_stats.as_ref()?.now?;
    let unfinished = jobs.iter().flatten().filter(|job| job.is_unfinished());
    let left: Vec<f64> = unfinished
        .filter_map(|job| job.task.report_deadline.filter(|deadline| *deadline > 0.0))
        .map(|deadline| deadline - now)
        .collect();
    Some(
        WITHIN
            .map(|(within, _)| u32::try_from(left.iter().filter(|left| **left <= within).count()).unwrap_or(u32::MAX)),
    )
}

/// Tasks that share a resource, one after another as there is room.
struct Line {
    capacity: f64,
    free: f64,
    now: f64,
    /// When each running task ends, and its share; the first to end is on top. Both are at least 0, and such numbers have
    /// the order of their bits.
    running: BinaryHeap<Reverse<(u64, u64)>>,
}

impl Line {
    const fn new(capacity: f64) -> Self {
        Self { capacity, free: capacity, now: 0.0, running: BinaryHeap::new() }
    }

    /// When a task that takes so long and needs such a share will be done.
    fn add(&mut self, takes: f64, share: f64) -> f64 {
        // A bigger one runs alone; crumbs of rounding shall not make one wait.
        let share = share.min(self.capacity);
        while self.free + 1e-9 < share {
            let Some(Reverse((end, freed))) = self.running.pop() else { break };
            self.now = f64::from_bits(end);
            self.free += f64::from_bits(freed);
        }
        let end = self.now + takes;
        if share <= 0.0 {
            return end;
        }
        self.free -= share;
        self.running.push(Reverse((end.to_bits(), share.to_bits())));
        end
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn tasks_wait_for_room() {
        let mut line = Line::new(2.0);
        let ends =
            [(10.0, 1.0), (4.0, 1.0), (3.0, 1.0), (5.0, 2.0), (1.0, 8.0), (1.0, 0.5)].map(|(t, s)| line.add(t, s));
        assert_eq!(ends.map(f64::to_bits), [10.0, 4.0, 7.0, 15.0, 16.0, 17.0_f64].map(f64::to_bits));
    }
}
