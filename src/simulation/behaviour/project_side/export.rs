//! The statistics that a project exports once a day.

use super::ProjectSide;
use crate::simulation::scenario::FaultKind;

const DAY: f64 = 86_400.0;
/// The second of the day at which the export runs.
const AT: f64 = 4.0 * 3600.0;
/// Of so many computers that ever had credit, one still computes.
const HOSTS_EVER: f64 = 9.0;
/// Computers per user.
const HOSTS_PER_USER: f64 = 1.6;
/// Cobblestones a day that a computer earns.
const CREDIT: f64 = 2_500.0;
/// Days that a project has existed.
const AGE: f64 = 3_000.0;

/// What is exported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Export {
    /// When.
    pub update_time: f64,
    /// Cobblestones of all users.
    pub total_credit: f64,
}

impl ProjectSide {
    /// Other people's computers that compute.
    #[must_use]
    pub fn recent_hosts(&self) -> f64 {
        f64::from(self.settings.population)
    }

    /// Computers that have ever had credit. A few come each day.
    #[must_use]
    pub fn hosts_with_credit(&self) -> f64 {
        let grown = (self.time - self.begun) / DAY * self.registered_hosts() * 0.4;
        (self.recent_hosts() * HOSTS_EVER + grown).floor() + self.hosts.len() as f64
    }

    /// Computers that came within a day.
    #[must_use]
    pub fn registered_hosts(&self) -> f64 {
        (self.recent_hosts() / 80.0).ceil()
    }

    /// Users for so many computers.
    #[must_use]
    pub fn users(hosts: f64) -> f64 {
        (hosts / HOSTS_PER_USER).ceil()
    }

    /// Cobblestones a day of everybody.
    #[must_use]
    pub fn daily_credit(&self) -> f64 {
        self.recent_hosts() * CREDIT + self.account.credit().average
    }

    fn total_credit(&self) -> f64 {
        let days = AGE + (self.time - self.begun) / DAY;
        self.account.credit().total + self.recent_hosts() * CREDIT * days
    }
}

pub(super) fn tick(side: &mut ProjectSide) {
    let stuck =
        side.has(FaultKind::ExportStuck) || side.has(FaultKind::Maintenance) || side.has(FaultKind::DatabaseDown);
    let due = ((side.time - AT) / DAY).floor() * DAY + AT;
    if due > side.export.update_time && !stuck {
        side.export = Export { update_time: due, total_credit: side.total_credit() };
    }
}
