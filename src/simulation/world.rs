//! All simulated clients, and the time that passes for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::behaviour::{self, Account, Life, Reachability, new_client};
use super::scenario::{self, Scenario};
use super::state::{App, Client, Site, TICK};
use crate::clock::Clock;

/// Clients of a scenario.
#[derive(Debug)]
pub struct World {
    clock: Clock,
    scenario: Scenario,
    sites: Vec<Arc<Site>>,
    members: Vec<Arc<Member>>,
    hidden: Mutex<Hidden>,
}

/// What nobody can see from outside.
#[derive(Debug)]
struct Hidden {
    lives: Vec<Life>,
    accounts: Vec<Account>,
    /// Up to when the clients have lived.
    time: f64,
    /// From when faults are counted.
    present: f64,
}

/// A client, and how it can be reached.
#[derive(Debug)]
pub struct Member {
    /// Name in the scenario.
    pub name: String,
    clock: Clock,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    line: Reachability,
    password: Option<String>,
    skew: f64,
}

impl World {
    /// The clients of a scenario, which have been at work for a while. The same seed and the same time make the same world.
    #[must_use]
    pub fn new(scenario: &Scenario, clock: Clock) -> Self {
        let seen = (clock.unix() / TICK).floor() * TICK;
        let present = scenario.present.unwrap_or(seen);
        let begins = (seen / TICK - (scenario.warm_up.as_secs_f64() / TICK).ceil()) * TICK;
        let sites: Vec<_> =
            (1..).zip(&scenario.projects).map(|(number, project)| site(number, project, begins)).collect();
        let named = scenario.hosts.iter().flat_map(|host| host.names().map(move |name| (host, name)));
        let (clients, lives): (Vec<_>, Vec<_>) =
            named.map(|(host, name)| new_client(scenario, &sites, host, name, begins)).unzip();
        let mut accounts: Vec<_> =
            scenario.projects.iter().map(|project| Account::of(project.earlier_credit, 0.0, begins)).collect();
        for member in lives.iter().flat_map(|life: &Life| &life.members) {
            accounts[member.project].join(member.credit);
        }
        let member = |(client, life): (Client, &Life)| {
            let inner =
                Inner { client, line: Reachability::Answers, password: behaviour::password(life, scenario), skew: 0.0 };
            Arc::new(Member { name: life.name.clone(), clock: clock.clone(), inner: Mutex::new(inner) })
        };
        let members: Vec<_> = clients.into_iter().zip(&lives).map(member).collect();
        let mut hidden = Hidden { lives, accounts, time: begins, present };
        for (member, life) in members.iter().zip(&mut hidden.lives) {
            behaviour::remember(&mut member.lock().client, life, scenario, &hidden.accounts, begins);
        }
        let world = Self { clock, scenario: scenario.clone(), sites, members, hidden: Mutex::new(hidden) };
        world.advance();
        world
    }

    /// Lets time pass for all clients until the clock's present, in whole ticks.
    pub fn advance(&self) {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let Hidden { lives, accounts, time, present } = &mut *hidden;
        let now = self.clock.unix();
        while *time + TICK <= now {
            *time += TICK;
            for (member, life) in self.members.iter().zip(&mut *lives) {
                let inner = &mut *member.lock();
                behaviour::tick(&mut inner.client, life, &self.scenario, accounts, *time, *present);
                inner.line = behaviour::line(life);
                inner.skew = life.skew;
                inner.password = behaviour::password(life, &self.scenario);
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
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// The time that it lives in.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The password that clients want, while none of them has changed it; empty: none.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.scenario.password
    }
}

impl Member {
    /// What the client is at this moment: as of the last tick, and the present time on its own clock.
    pub fn look<T>(&self, at: impl FnOnce(&Client, f64) -> T) -> T {
        let inner = self.lock();
        at(&inner.client, self.clock.unix() + inner.skew)
    }

    /// How it can be reached.
    #[must_use]
    pub fn line(&self) -> Reachability {
        self.lock().line
    }

    /// The password that it wants of others than its own computer. It asks for none if there is none.
    #[must_use]
    pub fn password(&self) -> Option<String> {
        self.lock().password.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn site(number: u32, project: &scenario::Project, time: f64) -> Arc<Site> {
    Arc::new(Site {
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
        fpops_est: app.takes.as_secs_f64() * reference,
        checkpoint: app.checkpoint.as_secs_f64(),
    }
}
