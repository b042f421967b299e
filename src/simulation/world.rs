//! All simulated clients, and the passing of time for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::behaviour::{self, HiddenState, ProjectSide, Reachability, new_client};
use super::scenario::{self, Scenario};
use super::state::{App, Client, ProjectServer, TICK};
use crate::clock::Clock;

/// The simulated clients and projects of a scenario.
#[derive(Debug)]
pub struct World {
    clock: Clock,
    scenario: Scenario,
    project_servers: Vec<Arc<ProjectServer>>,
    members: Vec<Arc<Member>>,
    state: Mutex<WorldState>,
}

/// State that is not visible from outside.
#[derive(Debug)]
struct WorldState {
    hidden_states: Vec<HiddenState>,
    /// What the projects' servers know, in the scenario's order.
    sides: Vec<ProjectSide>,
    /// The time up to which the clients are simulated.
    time: f64,
    /// The time that fault times are relative to.
    present: f64,
}

/// A client, and how it can be reached.
#[derive(Debug)]
pub struct Member {
    /// Name in the scenario.
    pub name: String,
    /// Group in the scenario.
    pub group: Option<String>,
    clock: Clock,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    reachability: Reachability,
    password: Option<String>,
    skew: f64,
}

impl World {
    /// Simulates the clients of a scenario, including their warm-up time. The same seed and time give the same world.
    #[must_use]
    pub fn new(scenario: &Scenario, clock: Clock) -> Self {
        let seen = (clock.unix() / TICK).floor() * TICK;
        let present = scenario.present.unwrap_or(seen);
        let begins = (seen / TICK - (scenario.warm_up.as_secs_f64() / TICK).ceil()) * TICK;
        let project_servers: Vec<_> =
            (1..).zip(&scenario.projects).map(|(number, project)| project_server(number, project, begins)).collect();
        let named = scenario.hosts.iter().flat_map(|host| host.names().map(move |name| (host, name)));
        let (clients, hidden_states): (Vec<_>, Vec<_>) =
            named.map(|(host, name)| new_client(scenario, &project_servers, host, name, begins)).unzip();
        let sides = project_servers.iter().zip(&scenario.projects);
        let mut sides: Vec<_> =
            sides.map(|(server, project)| ProjectSide::new(Arc::clone(server), project.clone(), begins)).collect();
        for member in hidden_states.iter().flat_map(|hidden: &HiddenState| &hidden.memberships) {
            sides[member.project].account.join(member.credit);
        }
        let member = |(client, hidden): (Client, &HiddenState)| {
            let inner = Inner {
                client,
                reachability: Reachability::Answers,
                password: behaviour::password(hidden, scenario),
                skew: 0.0,
            };
            let (name, group) = (hidden.name.clone(), hidden.host.group.clone());
            Arc::new(Member { name, group, clock: clock.clone(), inner: Mutex::new(inner) })
        };
        let members: Vec<_> = clients.into_iter().zip(&hidden_states).map(member).collect();
        let mut state = WorldState { hidden_states, sides, time: begins, present };
        for (member, hidden) in members.iter().zip(&mut state.hidden_states) {
            behaviour::add_history(&mut member.lock().client, hidden, scenario, &mut state.sides, begins);
        }
        let world = Self { clock, scenario: scenario.clone(), project_servers, members, state: Mutex::new(state) };
        world.advance();
        world
    }

    /// Advances all clients to the clock's current time, in whole ticks.
    pub fn advance(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let WorldState { hidden_states, sides, time, present } = &mut *state;
        let now = self.clock.unix();
        while *time + TICK <= now {
            *time += TICK;
            sides.iter_mut().for_each(|side| side.tick(&self.scenario, *time, *present));
            for (member, hidden) in self.members.iter().zip(&mut *hidden_states) {
                let inner = &mut *member.lock();
                behaviour::tick(&mut inner.client, hidden, &self.scenario, sides, *time, *present);
                inner.reachability = behaviour::reachability(hidden);
                inner.skew = hidden.skew;
                inner.password = behaviour::password(hidden, &self.scenario);
            }
        }
    }

    /// The clients, in the scenario's order.
    #[must_use]
    pub fn members(&self) -> &[Arc<Member>] {
        &self.members
    }

    /// The projects, in the scenario's order.
    #[must_use]
    pub fn project_servers(&self) -> &[Arc<ProjectServer>] {
        &self.project_servers
    }

    /// Passes what a project's server knows as of the last tick, and the current time, to `at`. By the project's position in
    /// the scenario.
    ///
    /// # Panics
    /// If there is no such project.
    pub fn look_at_project<T>(&self, project: usize, at: impl FnOnce(&ProjectSide, f64) -> T) -> T {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        at(&state.sides[project], self.clock.unix())
    }

    /// The clock of the simulation.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The password that clients require, unless a fault changes it. Empty: none.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.scenario.password
    }
}

impl Member {
    /// Passes the client's state as of the last tick, and the current time on its own clock, to `at`.
    pub fn look<T>(&self, at: impl FnOnce(&Client, f64) -> T) -> T {
        let inner = self.lock();
        at(&inner.client, self.clock.unix() + inner.skew)
    }

    /// Whether and how it can be reached.
    #[must_use]
    pub fn reachability(&self) -> Reachability {
        self.lock().reachability
    }

    /// The password that it requires from other computers; `None` if it requires none.
    #[must_use]
    pub fn password(&self) -> Option<String> {
        self.lock().password.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn project_server(number: u32, project: &scenario::Project, time: f64) -> Arc<ProjectServer> {
    Arc::new(ProjectServer {
        url: project.url.clone(),
        name: project.name.clone(),
        user_name: project.user.clone(),
        team_name: project.team.clone(),
        userid: 1000 + number * 37,
        teamid: if project.team.is_empty() { 0 } else { 10 + number },
        user_create_time: (time - 2000.0 * 86_400.0).floor(),
        apps: project.apps.iter().map(app).collect(),
    })
}

fn app(app: &scenario::App) -> App {
    const MEGABYTE: f64 = 1e6;
    let reference = app.gpu.map_or(5e9 * app.cpus, |gpu| 1e13 * gpu.count);
    App {
        name: app.name.clone(),
        user_friendly_name: app.title.clone(),
        non_cpu_intensive: app.non_cpu_intensive,
        version_num: app.version,
        plan_class: app.plan_class.clone(),
        avg_ncpus: app.cpus,
        coproc: app.gpu.map(|gpu| (gpu.vendor.into(), gpu.count)),
        memory: app.memory_mb * 1_048_576.0,
        input: app.input_mb * MEGABYTE,
        output: app.output_mb * MEGABYTE,
        disk: (app.input_mb + app.output_mb + app.disk_mb) * MEGABYTE,
        fpops_est: app.takes.as_secs_f64() * reference,
        checkpoint: app.checkpoint.as_secs_f64(),
    }
}
