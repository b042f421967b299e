//! Lifetime totals of a project. The client writes them to disk lazily, so after a crash they stand a little lower than
//! before; for Prometheus each such step would be a counter that began again at zero. A total is therefore shown as high
//! as it ever stood, until it is clear that it began anew.

use std::collections::HashMap;

use crate::gui_rpc::model::Project;

/// A total that fell below this part of its highest value began anew: the project was detached and attached again, or
/// the host registered again. A crash loses minutes, not a tenth of a lifetime.
const BEGAN_ANEW: f64 = 0.9;

/// Lifetime totals of a project, none lower than before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Lifetime {
    /// `njobs_success`.
    pub jobs_success: Option<f64>,
    /// `njobs_error`.
    pub jobs_error: Option<f64>,
    /// `elapsed_time`.
    pub elapsed: Option<f64>,
    /// `rpc_seqno`.
    pub scheduler_rpcs: Option<f64>,
}

/// The highest totals of each project, of as many as the client has.
#[derive(Debug, Default)]
pub struct LifetimeTotals(HashMap<String, Lifetime>);

impl LifetimeTotals {
    /// Forgets projects that are gone: attached again, they begin anew.
    pub fn keep<'a>(&mut self, urls: impl Iterator<Item = &'a str>) {
        let urls: Vec<_> = urls.collect();
        self.0.retain(|url, _| urls.contains(&url.as_str()));
    }

    /// Takes a project's totals and returns what to show.
    pub fn update(&mut self, project: &Project) -> Lifetime {
        let highest = self.0.entry(project.master_url.to_string()).or_default();
        *highest = Lifetime {
            jobs_success: raise(highest.jobs_success, project.njobs_success),
            jobs_error: raise(highest.jobs_error, project.njobs_error),
            elapsed: raise(highest.elapsed, project.elapsed_time),
            scheduler_rpcs: raise(highest.scheduler_rpcs, project.rpc_seqno),
        };
        *highest
    }
}

fn raise(highest: Option<f64>, now: Option<f64>) -> Option<f64> {
    match (highest, now) {
        (Some(highest), Some(now)) if now < highest && now >= highest * BEGAN_ANEW => Some(highest),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::LifetimeTotals;
    use crate::gui_rpc::model::Project;

    #[test]
    fn totals_do_not_step_back_after_a_crash_and_begin_anew_after_a_new_attach() {
        let mut totals = LifetimeTotals::default();
        let seen = [1000.0, 1010.0, 1005.0, 1011.0, 3.0, 4.0].map(|elapsed| {
            let project = Project { master_url: "u".into(), elapsed_time: Some(elapsed), ..Project::default() };
            totals.update(&project).elapsed
        });
        assert_eq!(seen, [1000.0, 1010.0, 1010.0, 1011.0, 3.0, 4.0].map(Some));
        totals.keep(std::iter::empty());
        let project = Project { master_url: "u".into(), elapsed_time: Some(3.9), ..Project::default() };
        assert_eq!(totals.update(&project).elapsed, Some(3.9));
    }
}
