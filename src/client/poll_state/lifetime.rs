//! Lifetime totals of a project. Totals come in as the client sends them and go out without small steps back. The
//! client writes them to disk lazily, so after a crash they are a little lower than before; Prometheus would take each
//! such step for a counter reset. So the highest value seen is exported until it is clear that the total was reset. It
//! does not know which metrics use it.

use std::collections::{HashMap, HashSet};

use crate::client::gui_rpc::model::Project;
use crate::client::snapshot::Lifetime;

/// A total below this fraction of its highest value, and lower by more than a crash can lose, was reset: the project
/// was detached and attached again between two polls. A crash loses what was not yet written, which is minutes of work.
const RESET_FRACTION: f64 = 0.9;
/// Jobs and scheduler requests in some minutes.
const MAX_LOST_EVENTS: f64 = 20.0;
/// Some minutes on each of a hundred CPUs, in seconds.
const MAX_LOST_SECONDS: f64 = 36_000.0;

/// The highest totals of each attached project, with the host ID they belong to. Bounded by the number of attached
/// projects.
#[derive(Debug, Default)]
pub struct LifetimeTotals(HashMap<String, (Option<i64>, Lifetime)>);

impl LifetimeTotals {
    /// Removes detached projects: attached again, they start from zero.
    pub fn retain<'a>(&mut self, urls: impl Iterator<Item = &'a str>) {
        let urls: HashSet<_> = urls.collect();
        self.0.retain(|url, _| urls.contains(url.as_str()));
    }

    /// Records a project's totals and returns the totals to export.
    pub fn update(&mut self, project: &Project) -> Lifetime {
        let (host, highest) = self.0.entry(project.master_url.to_string()).or_default();
        if *host != project.hostid {
            // Registered as a new host.
            (*host, *highest) = (project.hostid, Lifetime::default());
        }
        *highest = Lifetime {
            jobs_success: ignore_small_drop(highest.jobs_success, project.njobs_success, MAX_LOST_EVENTS),
            jobs_error: ignore_small_drop(highest.jobs_error, project.njobs_error, MAX_LOST_EVENTS),
            elapsed: ignore_small_drop(highest.elapsed, project.elapsed_time, MAX_LOST_SECONDS),
            scheduler_rpcs: ignore_small_drop(highest.scheduler_rpcs, project.rpc_seqno, MAX_LOST_EVENTS),
        };
        *highest
    }
}

fn ignore_small_drop(highest: Option<f64>, now: Option<f64>, max_lost: f64) -> Option<f64> {
    match (highest, now) {
        (Some(highest), Some(now))
            if now < highest && (now >= highest * RESET_FRACTION || highest - now <= max_lost) =>
        {
            Some(highest)
        }
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::LifetimeTotals;
    use crate::client::gui_rpc::model::Project;

    #[test]
    fn totals_do_not_fall_after_a_crash_and_are_reset_by_a_new_attach() {
        let mut totals = LifetimeTotals::default();
        let mut update = |hostid, jobs| {
            let project = Project { master_url: "u".into(), njobs_success: Some(jobs), hostid, ..Project::default() };
            totals.update(&project).jobs_success
        };
        let seen = [5.0, 4.0, 6.0, 1000.0, 1010.0, 1005.0, 1011.0, 3.0, 4.0].map(|jobs| update(Some(1), jobs));
        assert_eq!(seen, [5.0, 5.0, 6.0, 1000.0, 1010.0, 1010.0, 1011.0, 3.0, 4.0].map(Some));
        // Registered as a new host; then detached and attached again.
        assert_eq!(update(Some(2), 2.0), Some(2.0));
        totals.retain(std::iter::empty());
        let project =
            Project { master_url: "u".into(), njobs_success: Some(1.0), hostid: Some(2), ..Project::default() };
        assert_eq!(totals.update(&project).jobs_success, Some(1.0));
    }
}
