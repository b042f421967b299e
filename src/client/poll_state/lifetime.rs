//! Lifetime totals of a project. The client writes them to disk lazily, so after a crash they stand a little lower than
//! before; for Prometheus each such step would be a counter that began again at zero. A total is therefore shown as high
//! as it ever stood, until it is clear that it began anew.

use std::collections::HashMap;

use crate::client::gui_rpc::model::Project;
use crate::client::snapshot::Lifetime;

/// A total that fell below this part of its highest value, and by more than a crash can lose, began anew: the project was
/// detached and attached again between two looks. A crash loses what was not yet written, which is minutes of work.
const BEGAN_ANEW: f64 = 0.9;
/// Jobs and contacts of some minutes.
const LOST_EVENTS: f64 = 20.0;
/// Some minutes on each of a hundred CPUs, seconds.
const LOST_SECONDS: f64 = 36_000.0;

/// The highest totals of each project, of as many as the client has, and the id of the host that they are of.
#[derive(Debug, Default)]
pub struct LifetimeTotals(HashMap<String, (Option<i64>, Lifetime)>);

impl LifetimeTotals {
    /// Forgets projects that are gone: attached again, they begin anew.
    pub fn keep<'a>(&mut self, urls: impl Iterator<Item = &'a str>) {
        let urls: Vec<_> = urls.collect();
        self.0.retain(|url, _| urls.contains(&url.as_str()));
    }

    /// Takes a project's totals and returns what to show.
    pub fn update(&mut self, project: &Project) -> Lifetime {
        let (host, highest) = self.0.entry(project.master_url.to_string()).or_default();
        if *host != project.hostid {
            // Registered anew.
            (*host, *highest) = (project.hostid, Lifetime::default());
        }
        *highest = Lifetime {
            jobs_success: raise(highest.jobs_success, project.njobs_success, LOST_EVENTS),
            jobs_error: raise(highest.jobs_error, project.njobs_error, LOST_EVENTS),
            elapsed: raise(highest.elapsed, project.elapsed_time, LOST_SECONDS),
            scheduler_rpcs: raise(highest.scheduler_rpcs, project.rpc_seqno, LOST_EVENTS),
        };
        *highest
    }
}

fn raise(highest: Option<f64>, now: Option<f64>, lost: f64) -> Option<f64> {
    match (highest, now) {
        (Some(highest), Some(now)) if now < highest && (now >= highest * BEGAN_ANEW || highest - now <= lost) => {
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
    fn totals_do_not_step_back_after_a_crash_and_begin_anew_after_a_new_attach() {
        let mut totals = LifetimeTotals::default();
        let mut update = |hostid, jobs| {
            let project = Project { master_url: "u".into(), njobs_success: Some(jobs), hostid, ..Project::default() };
            totals.update(&project).jobs_success
        };
        let seen = [5.0, 4.0, 6.0, 1000.0, 1010.0, 1005.0, 1011.0, 3.0, 4.0].map(|jobs| update(Some(1), jobs));
        assert_eq!(seen, [5.0, 5.0, 6.0, 1000.0, 1010.0, 1010.0, 1011.0, 3.0, 4.0].map(Some));
        // Registered anew, as another host; then detached and attached.
        assert_eq!(update(Some(2), 2.0), Some(2.0));
        totals.keep(std::iter::empty());
        let project =
            Project { master_url: "u".into(), njobs_success: Some(1.0), hostid: Some(2), ..Project::default() };
        assert_eq!(totals.update(&project).jobs_success, Some(1.0));
    }
}
