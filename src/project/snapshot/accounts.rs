//! Accounts, their computers, and teams. Average credit falls while nobody looks: what is shown is its worth at the moment of the
//! scrape.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::project::pages::Rows;
use crate::project::pages::members::Members;
use crate::project::pages::team::Team;
use crate::project::pages::user::{self, User};

/// A computer that has not been heard of for so long is not looked for: accounts list all that they ever had.
const FORGOTTEN: f64 = 90.0 * 86_400.0;

/// A computer that has been heard of within this time is active.
const ACTIVE: f64 = 7.0 * 86_400.0;

/// What the page of an account said.
#[derive(Debug, Clone, Default)]
pub struct AccountReading {
    /// The label `user_id`.
    pub id: String,
    /// The account, without its computers.
    pub user: User,
    /// Whether the page lists the computers.
    pub has_hosts: bool,
    /// All computers.
    pub all_hosts: u64,
    /// Those that were heard of within a week; `None` if the server does not say when.
    pub active_hosts: Option<u64>,
    /// Those with series of their own, the latest contact first.
    pub hosts: Vec<Arc<Host>>,
    /// How many were left out because of the limit.
    pub left_out: u64,
}

/// A computer of an account.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// The label `host_id`.
    pub id: String,
    /// What the page says.
    pub host: user::Host,
}

/// An account at the moment of a scrape.
#[derive(Debug, Clone)]
pub struct Account {
    /// What the page said.
    pub reading: Arc<AccountReading>,
    /// Average credit now, cobblestones a day.
    pub average: Option<f64>,
}

/// A computer at the moment of a scrape.
#[derive(Debug, Clone)]
pub struct HostView {
    /// What the page said.
    pub host: Arc<Host>,
    /// Average credit now, cobblestones a day.
    pub average: Option<f64>,
}

/// A team at the moment of a scrape.
#[derive(Debug, Clone)]
pub struct TeamView {
    /// The label `team_id`.
    pub id: String,
    /// What the page said.
    pub team: Option<Arc<Team>>,
    /// Average credit now, cobblestones a day.
    pub average: Option<f64>,
    /// Its members.
    pub members: Option<Members>,
}

impl AccountReading {
    /// Sorts out the computers of an account. `by_key` says whether the page was asked for with the key: without it, servers
    /// list none.
    #[must_use]
    pub fn new(mut user: User, by_key: bool, max_hosts: usize, now: f64) -> Self {
        let hosts = if by_key { std::mem::take(&mut user.hosts).into_vec() } else { Vec::new() };
        user.hosts = Rows::default();
        let all_hosts = hosts.len() as u64;
        let contacts = || hosts.iter().filter_map(user::Host::last_contact);
        let active = contacts().filter(|time| now - time <= ACTIVE).count() as u64;
        let active_hosts = (hosts.is_empty() || contacts().next().is_some()).then_some(active);
        // Without the time of the last contact, credit tells that a computer was there.
        let seen = |host: &user::Host| host.last_contact().or(host.expavg_time).unwrap_or_default();
        let mut shown: Vec<_> = hosts.into_iter().filter(|host| now - seen(host) <= FORGOTTEN).collect();
        shown.sort_by(|a, b| seen(b).total_cmp(&seen(a)).then_with(|| Reverse(a.id).cmp(&Reverse(b.id))));
        let left_out = shown.len().saturating_sub(max_hosts) as u64;
        shown.truncate(max_hosts);
        let host = |host: user::Host| Arc::new(Host { id: id(host.id), host });
        Self {
            id: id(user.id),
            user,
            has_hosts: by_key,
            all_hosts,
            active_hosts: active_hosts.filter(|_| by_key),
            hosts: shown.into_iter().map(host).collect(),
            left_out,
        }
    }
}

impl Account {
    /// The account at this time.
    #[must_use]
    pub fn at(reading: &Arc<AccountReading>, now: f64) -> Self {
        Self { average: reading.user.average_now(now), reading: Arc::clone(reading) }
    }
}

impl HostView {
    /// The computer at this time.
    #[must_use]
    pub fn at(host: &Arc<Host>, now: f64) -> Self {
        Self { average: host.host.average_now(now), host: Arc::clone(host) }
    }
}

fn id(id: Option<i64>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
