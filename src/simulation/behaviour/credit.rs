//! Credit, as projects grant it: some time after a task was reported, to the host and to the account.

use super::Life;
use crate::simulation::scenario::Trouble;
use crate::simulation::state::Credit;

/// Half-life of the recent average.
const HALF_LIFE: f64 = 7.0 * 86_400.0;

/// Credit of an account or a host, on the project's side.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    total: f64,
    average: f64,
    /// When the average was computed.
    updated: f64,
}

impl Account {
    /// With this total and average.
    #[must_use]
    pub const fn of(total: f64, average: f64, time: f64) -> Self {
        Self { total, average, updated: time }
    }

    /// Adds credit.
    pub fn add(&mut self, amount: f64, time: f64) {
        self.total += amount;
        // As `update_average` of BOINC's server.
        let passed = (time - self.updated).max(0.0);
        let weight = (-passed * std::f64::consts::LN_2 / HALF_LIFE).exp();
        let per_day = std::f64::consts::LN_2 / HALF_LIFE * 86_400.0;
        self.average = self.average * weight + amount * per_day;
        self.updated = time;
    }

    /// Joins a host to the account.
    pub fn join(&mut self, host: Self) {
        self.total += host.total;
        self.average += host.average;
    }

    /// What a scheduler tells.
    #[must_use]
    pub const fn credit(&self) -> Credit {
        Credit { total: self.total, average: self.average }
    }
}

/// Grants what is due. Projects do so whether the host is on or not.
pub fn grant(life: &mut Life, accounts: &mut [Account], time: f64) {
    for at in 0..life.members.len() {
        if life.suffers(Trouble::NoCredit, Some(at)) {
            continue;
        }
        let member = &mut life.members[at];
        let mut granted = 0.0;
        member.pending.retain(|(due, amount)| {
            let is_due = *due <= time;
            granted += if is_due { *amount } else { 0.0 };
            !is_due
        });
        if granted > 0.0 {
            member.credit.add(granted, time);
            accounts[member.project].add(granted, time);
        }
    }
}
