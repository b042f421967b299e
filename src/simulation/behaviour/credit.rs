//! Credit, which projects grant to host and account some time after a task is reported.

use super::HiddenState;
use super::project_side::{ProjectSide, Verdict};
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::Credit;

/// Half-life of the recent average.
const HALF_LIFE: f64 = 7.0 * 86_400.0;

/// Credit of an account or a host, as stored by the project.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    total: f64,
    average: f64,
    /// When the average was computed.
    updated: f64,
}

impl Account {
    /// Creates an account with this total and average.
    #[must_use]
    pub const fn of(total: f64, average: f64, time: f64) -> Self {
        Self { total, average, updated: time }
    }

    /// Adds credit.
    pub fn add(&mut self, amount: f64, time: f64) {
        self.total += amount;
        // As in `update_average` of BOINC's server.
        let passed = (time - self.updated).max(0.0);
        let weight = (-passed * std::f64::consts::LN_2 / HALF_LIFE).exp();
        let per_day = std::f64::consts::LN_2 / HALF_LIFE * 86_400.0;
        self.average = self.average * weight + amount * per_day;
        self.updated = time;
    }

    /// Adds a host's credit to the account.
    pub fn join(&mut self, host: Self) {
        self.total += host.total;
        self.average += host.average;
    }

    /// The values that a scheduler sends.
    #[must_use]
    pub const fn credit(&self) -> Credit {
        Credit { total: self.total, average: self.average }
    }

    /// When the average was computed.
    #[must_use]
    pub const fn updated(&self) -> f64 {
        self.updated
    }
}

/// Validates the tasks that are due, and grants their credit. Projects do this whether the host is on or not.
pub fn grant(hidden: &mut HiddenState, sides: &mut [ProjectSide], time: f64) {
    for at in 0..hidden.memberships.len() {
        if hidden.has_fault(FaultKind::NoCredit, Some(at)) {
            continue;
        }
        let member = &mut hidden.memberships[at];
        let side = &mut sides[member.project];
        let mut granted = 0.0;
        let again = side.settings.validation.as_secs_f64();
        member.pending.retain_mut(|task| {
            if task.due > time {
                return true;
            }
            match side.validate(&task.name, member.hostid, task.amount) {
                Verdict::Valid(amount) => granted += amount,
                Verdict::Invalid => {}
                Verdict::Inconclusive => task.due = time + again,
                Verdict::Wait => return true,
            }
            task.due > time
        });
        if granted > 0.0 {
            member.credit.add(granted, time);
        }
    }
}
