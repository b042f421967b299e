//! What simulated clients do, tick by tick. Each file is a part of a client's life; all of them change
//! [`super::state::Client`], and keep in [`Life`] what a client does not know of itself.

mod activity;
mod birth;
mod contact;
mod credit;
mod detach;
mod disk;
mod fetch;
mod log;
mod power;
mod running;
mod schedule;
mod transfers;

use std::collections::HashSet;

pub use birth::new_client;
pub use credit::Account;

use super::scenario::{self, Scenario, Trouble};
use super::state::{Client, Gpu};

/// What a client does not know of itself.
#[derive(Debug)]
pub struct Life {
    /// Name in the scenario.
    pub name: String,
    /// All chance comes from here.
    pub random: fastrand::Rng,
    /// What the scenario says of its computer.
    pub host: scenario::Host,
    /// Its GPUs, while none is lost.
    pub gpus: Vec<Gpu>,
    /// Bytes free on its disk without BOINC.
    pub disk_free: f64,
    /// What it is at each of its projects, in the client's order.
    pub members: Vec<Membership>,
    /// What is wrong now: with the client, or with one of its projects.
    pub troubles: HashSet<(Trouble, Option<usize>)>,
    /// How far the clock is ahead.
    pub skew: f64,
    /// The client, and its computer, runs.
    pub on: bool,
    /// Exit status with which `Failing` makes tasks end.
    pub failing_with: i32,
    /// How many times as long `Slow` makes tasks take.
    pub slower: f64,
    /// Seconds after which `Crashes` ends the client.
    pub crashes_after: f64,
    /// Seconds for which projects want no contact because of `Delayed`.
    pub delay: f64,
    /// Which tasks run must be decided anew.
    pub reschedule: bool,
    /// When that was decided last.
    pub scheduled: f64,
    /// Number of the next workunit and the next process.
    pub next: u32,
}

/// What the project knows of a host.
#[derive(Debug)]
pub struct Membership {
    /// Which of the scenario's projects.
    pub project: usize,
    /// Cobblestones of the host.
    pub credit: Account,
    /// Credit to come: when, and how much.
    pub pending: Vec<(f64, f64)>,
    /// The user attached the project with this URL mistyped or its server gone for good.
    pub never_reached: bool,
}

impl Life {
    /// Whether this is wrong, with the client or with this project of it.
    fn suffers(&self, trouble: Trouble, project: Option<usize>) -> bool {
        !self.troubles.is_empty()
            && (self.troubles.contains(&(trouble, None)) || self.troubles.contains(&(trouble, project)))
    }

    fn look_for_trouble(&mut self, scenario: &Scenario, time: f64, present: f64) {
        self.troubles.clear();
        self.skew = 0.0;
        let of_this = scenario.faults.iter().filter(|fault| fault.is_of(&self.name) && fault.is_on(time, present));
        for fault in of_this {
            match fault.trouble {
                Trouble::Clock => self.skew = fault.value,
                #[expect(clippy::cast_possible_truncation, reason = "scenarios give exit statuses")]
                Trouble::Failing => self.failing_with = fault.value as i32,
                Trouble::Slow => self.slower = fault.value,
                Trouble::Crashes => self.crashes_after = fault.value,
                Trouble::Delayed => self.delay = fault.value,
                _ => {}
            }
            if fault.project.is_none() {
                self.troubles.insert((fault.trouble, None));
                continue;
            }
            let members = self.members.iter().enumerate();
            let affected = members.filter(|(_, member)| fault.is_in(&scenario.projects[member.project].name));
            self.troubles.extend(affected.map(|(at, _)| (fault.trouble, Some(at))));
        }
    }
}

/// Lets a tick pass, which ends at `time`. `accounts` are those of the scenario's projects.
pub fn tick(
    client: &mut Client,
    life: &mut Life,
    scenario: &Scenario,
    accounts: &mut [Account],
    time: f64,
    present: f64,
) {
    life.look_for_trouble(scenario, time, present);
    credit::grant(life, accounts, time);
    if !power::tick(client, life, time) {
        return;
    }
    client.clock = time + life.skew;
    client.knows_traffic = !life.suffers(Trouble::OldClient, None);
    if detach::tick(client, life) {
        // Troubles know projects by their position.
        life.look_for_trouble(scenario, time, present);
    }
    disk::tick(client, life);
    activity::tick(client, life);
    running::tick(client, life);
    transfers::tick(client, life);
    contact::tick(client, life, scenario, accounts, time);
    schedule::tick(client, life);
    power::averages(client);
}

/// Gives a new client its past: what projects told it and sent it before its time began.
pub fn remember(client: &mut Client, life: &mut Life, scenario: &Scenario, accounts: &[Account], time: f64) {
    for (project, member) in client.projects.iter_mut().zip(&life.members).filter(|(project, _)| project.known) {
        project.user = accounts[member.project].credit();
        project.days = birth::past_days(project.user, project.host, time, &mut life.random);
    }
    fetch::stock(client, life, scenario);
}

/// What happens to who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachability {
    /// The client answers.
    Answers,
    /// Nothing listens: the client, or its computer, is off.
    Closed,
    /// The client accepts and says nothing: it hangs.
    Hangs,
}

/// How the client can be reached.
#[must_use]
pub fn line(life: &Life) -> Reachability {
    match () {
        () if !life.on => Reachability::Closed,
        () if life.suffers(Trouble::Hangs, None) => Reachability::Hangs,
        () => Reachability::Answers,
    }
}

/// The password that it wants; `None` if it wants none.
#[must_use]
pub fn password(life: &Life, scenario: &Scenario) -> Option<String> {
    let changed = if life.suffers(Trouble::Password, None) { "changed " } else { "" };
    (!scenario.password.is_empty()).then(|| format!("{changed}{}", scenario.password))
}
