//! Hosts that cannot be reached, or that want to be left alone. All pages of a project on such a host wait, so that a server that
//! is off is tried once in a while and not once a page. It does not know pages.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use super::Moment;
use crate::project::schedule::backoff;

/// Hosts of one project: one, or a few.
const MAX_HOSTS: usize = 20;

/// The hosts of one project, by name and port.
#[derive(Debug, Default)]
pub struct Hosts(BTreeMap<String, HostState>);

/// The state of one host.
#[derive(Debug)]
pub(super) struct HostState {
    /// Connections that failed in a row.
    pub failures: u32,
    /// Not to be asked before.
    pub closed_until: Instant,
    /// When that was said, and for how long, for the file.
    pub closed: (SystemTime, Duration),
}

impl Hosts {
    /// Until when a host is not to be asked; `None` if it may be.
    #[must_use]
    pub fn closed_until(&self, host: &str) -> Option<Instant> {
        self.0.get(host).map(|state| state.closed_until)
    }

    /// A connection failed.
    pub fn fail(&mut self, host: &str, dice: f64, now: Moment) {
        let failures = self.0.get(host).map_or(0, |state| state.failures).saturating_add(1);
        self.close(host, failures, backoff(failures).mul_f64(1.0 + 0.2 * dice), now);
    }

    /// The host answered; perhaps it wants to be left alone for some time.
    pub fn answer(&mut self, host: &str, wait: Option<Duration>, now: Moment) {
        match wait {
            None => {
                self.0.remove(host);
            }
            Some(wait) => self.close(host, 0, wait, now),
        }
    }

    fn close(&mut self, host: &str, failures: u32, wait: Duration, now: Moment) {
        if self.0.len() < MAX_HOSTS || self.0.contains_key(host) {
            let state = HostState { failures, closed_until: now.instant + wait, closed: (now.time, wait) };
            self.0.insert(host.to_owned(), state);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &HostState)> {
        self.0.iter().map(|(host, state)| (host.as_str(), state))
    }

    pub(super) fn restore(&mut self, host: &str, state: HostState) {
        if self.0.len() < MAX_HOSTS {
            self.0.insert(host.to_owned(), state);
        }
    }
}
