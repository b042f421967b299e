//! What simulated clients do, tick by tick. Each module simulates one aspect of a client; all of them change
//! [`super::state::Client`], and keep in [`HiddenState`] what a real client would not know about itself.

mod activity;
mod attachments;
mod contact;
mod credit;
mod disk;
mod fetch;
mod log;
mod new_client;
mod power;
mod project_side;
mod running;
mod schedule;
mod transfers;

use std::collections::HashSet;

pub use new_client::new_client;
pub use project_side::{Batch, HostRecord, ProjectSide, ResultRecord, chance};

use super::scenario::{self, FaultKind, Scenario};
use super::state::{Account, Client, Gpu, Traffic};

/// State of the simulation of one client that the client itself does not know.
#[derive(Debug)]
pub struct HiddenState {
    /// Name in the scenario.
    pub name: String,
    /// The only source of randomness.
    pub random: fastrand::Rng,
    /// Its computer in the scenario.
    pub host: scenario::Host,
    /// Its GPUs when none is missing.
    pub gpus: Vec<Gpu>,
    /// Bytes that would be free on its disk without BOINC.
    pub disk_free: f64,
    /// Its state at each of its projects, in the client's order.
    pub memberships: Vec<Membership>,
    /// Active faults: of the client, or of one of its projects by position.
    pub faults: HashSet<(FaultKind, Option<usize>)>,
    /// Projects of the scenario, by position, that it is not to be attached to: those that it left, and those that it left for
    /// good.
    pub not_attached: HashSet<usize>,
    /// Of these, those that it left for good.
    pub detached: HashSet<usize>,
    /// `Reinstalled` was active at the last tick.
    pub reinstalled: bool,
    /// Seconds that its clock is ahead.
    pub skew: f64,
    /// The computer and the client are running.
    pub on: bool,
    /// Exit status that `Failing` gives tasks.
    pub failing_with: i32,
    /// Factor by which `Slow` lengthens tasks.
    pub slower: f64,
    /// Seconds after which `Crashes` stops the client.
    pub crashes_after: f64,
    /// Seconds for which `Delayed` makes projects defer contact.
    pub delay: f64,
    /// The scheduler has to choose again which tasks run.
    pub reschedule: bool,
    /// When it last did.
    pub scheduled: f64,
    /// Number of the next workunit and the next process.
    pub next: u32,
}

/// What a project's server knows about a host.
#[derive(Debug)]
pub struct Membership {
    /// Position of the project in the scenario.
    pub project: usize,
    /// Credit of the host.
    pub credit: Account,
    /// The host's id.
    pub hostid: u32,
    /// Tasks that were reported and not yet validated.
    pub pending: Vec<PendingTask>,
    /// The user mistyped the project's URL, or its server is gone for good.
    pub never_reached: bool,
}

/// A task that was reported and not yet validated.
#[derive(Debug)]
pub struct PendingTask {
    /// Its name.
    pub name: String,
    /// When it will be validated.
    pub due: f64,
    /// Credit that it will earn if it is valid.
    pub amount: f64,
}

impl HiddenState {
    /// Whether a fault affects the client, or this project of the client.
    fn has_fault(&self, trouble: FaultKind, project: Option<usize>) -> bool {
        !self.faults.is_empty() && (self.faults.contains(&(trouble, None)) || self.faults.contains(&(trouble, project)))
    }

    fn update_faults(&mut self, scenario: &Scenario, time: f64, present: f64) {
        self.faults.clear();
        self.not_attached.clone_from(&self.detached);
        self.skew = 0.0;
        let of_this =
            scenario.faults.iter().filter(|fault| fault.affects_client(&self.name) && fault.is_active(time, present));
        for fault in of_this {
            match fault.kind {
                FaultKind::Clock => self.skew = fault.value,
                #[expect(clippy::cast_possible_truncation, reason = "scenarios give exit statuses")]
                FaultKind::Failing => self.failing_with = fault.value as i32,
                FaultKind::Slow => self.slower = fault.value,
                FaultKind::Crashes => self.crashes_after = fault.value,
                FaultKind::Delayed => self.delay = fault.value,
                FaultKind::Detached | FaultKind::Away => {
                    let projects = scenario.projects.iter().enumerate();
                    let affected =
                        projects.filter(|(_, project)| fault.affects_project(&project.name)).map(|(at, _)| at);
                    let affected: Vec<_> = affected.collect();
                    self.not_attached.extend(&affected);
                    if fault.kind == FaultKind::Detached {
                        self.detached.extend(affected);
                    }
                }
                _ => {}
            }
            if fault.project.is_none() {
                self.faults.insert((fault.kind, None));
                continue;
            }
            let members = self.memberships.iter().enumerate();
            let affected = members.filter(|(_, member)| fault.affects_project(&scenario.projects[member.project].name));
            self.faults.extend(affected.map(|(at, _)| (fault.kind, Some(at))));
        }
    }
}

/// Simulates the tick that ends at `time`. `sides` are the servers of the scenario's projects.
pub fn tick(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    sides: &mut [ProjectSide],
    time: f64,
    present: f64,
) {
    hidden.update_faults(scenario, time, present);
    credit::grant(hidden, sides, time);
    if !power::tick(client, hidden, time) {
        return;
    }
    client.clock = time + hidden.skew;
    client.traffic = match [FaultKind::OldClient, FaultKind::Refuses].map(|kind| hidden.has_fault(kind, None)) {
        [true, _] => Traffic::Unknown,
        [_, true] => Traffic::Refused,
        [false, false] => Traffic::Told,
    };
    client.leaves_files = hidden.has_fault(FaultKind::Leftovers, None);
    if attachments::tick(client, hidden, scenario, sides) {
        // Faults refer to projects by position.
        hidden.update_faults(scenario, time, present);
    }
    disk::tick(client, hidden);
    activity::tick(client, hidden);
    running::tick(client, hidden);
    transfers::tick(client, hidden);
    contact::tick(client, hidden, scenario, sides, time);
    schedule::tick(client, hidden);
    power::averages(client);
}

/// Gives a new client a history: the credit and the tasks that it got from its projects before the simulation starts.
pub fn add_history(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    sides: &mut [ProjectSide],
    time: f64,
) {
    for (project, member) in client.projects.iter_mut().zip(&hidden.memberships).filter(|(project, _)| project.known) {
        project.user = sides[member.project].account.credit();
        project.days = new_client::past_days(project.user, project.host, time, &mut hidden.random);
    }
    fetch::add_initial_tasks(client, hidden, scenario);
    for (project, member) in client.projects.iter().zip(&hidden.memberships).filter(|(project, _)| project.known) {
        let side = &mut sides[member.project];
        side.contact(client, project, member.credit);
        project.tasks.iter().for_each(|task| side.send(member.hostid, task));
    }
}

/// What happens when a peer connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachability {
    /// The client answers.
    Answers,
    /// Nothing listens: the client or its computer is off.
    Closed,
    /// The client hangs: it accepts connections but does not answer.
    Hangs,
}

/// How the client can be reached.
#[must_use]
pub fn reachability(hidden: &HiddenState) -> Reachability {
    match () {
        () if !hidden.on => Reachability::Closed,
        () if hidden.has_fault(FaultKind::Hangs, None) => Reachability::Hangs,
        () => Reachability::Answers,
    }
}

/// The password that the client requires; `None` if it requires none.
#[must_use]
pub fn password(hidden: &HiddenState, scenario: &Scenario) -> Option<String> {
    let changed = if hidden.has_fault(FaultKind::Password, None) { "changed " } else { "" };
    (!scenario.password.is_empty()).then(|| format!("{changed}{}", scenario.password))
}
