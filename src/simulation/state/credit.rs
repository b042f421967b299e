//! Credit of an account or a computer, as a project's database has it.

use super::Credit;

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
