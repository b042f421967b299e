//! What clients tell about projects. A client that is down tells nothing, and what it told before still holds. It does not know
//! clients.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::project::collectors::Collectors;
use crate::project::poll_state::validation::ReportedTask;
use crate::project::target::{MasterUrl, Target};

/// Projects that are watched because a client is attached. BOINC's list has thirty; a client that claims to have thousands must
/// not make the exporter ask thousands of servers.
const MAX_ATTACHED: usize = 200;

/// Different projects of one client within [`DAY`], for which it is believed. The most diligent people attach to thirty. Without
/// this limit, a client that tells of others each time could send the exporter to any number of servers.
const MAX_OF_CLIENT: usize = 50;

const DAY: Duration = Duration::from_secs(86_400);

/// Accounts at one project, of all clients together.
const MAX_ACCOUNTS: usize = 10;

/// What one client tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The client.
    pub client: String,
    /// The projects that it is attached to; `None` if it is down.
    pub attachments: Option<Vec<Attachment>>,
}

/// What a client tells about a project that it is attached to.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// The master URL, as the client says it.
    pub url: String,
    /// The name, as the client says it.
    pub name: String,
    /// The id of the account.
    pub account: Option<u64>,
    /// Tasks that it reported lately.
    pub reported: Vec<ReportedTask>,
}

/// What clients told last.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    clients: BTreeMap<String, Client>,
}

/// What one client told last.
#[derive(Debug, Clone, Default)]
struct Client {
    attachments: Vec<Known>,
    /// When it last told of a project, by key. No older than [`DAY`].
    told: BTreeMap<String, Instant>,
}

/// An attachment to what can be a project.
#[derive(Debug, Clone)]
struct Known {
    url: MasterUrl,
    /// The URL without the scheme.
    key: String,
    attachment: Attachment,
}

impl Memory {
    /// Takes note of what all clients tell now.
    pub fn hear(&mut self, told: Vec<Told>, now: Instant) {
        let mut before = std::mem::take(&mut self.clients);
        for Told { client, attachments } in told {
            let mut known = before.remove(&client).unwrap_or_default();
            if let Some(attachments) = attachments {
                known.hear(attachments, now);
            }
            self.clients.insert(client, known);
        }
    }

    /// What is told about each project, by its URL without the scheme.
    pub fn by_project(&self) -> BTreeMap<&str, Vec<&Attachment>> {
        let mut projects: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for known in self.clients.values().flat_map(|client| &client.attachments) {
            projects.entry(&known.key).or_default().push(&known.attachment);
        }
        projects
    }

    /// The projects to watch: those that are configured, and with these collectors all others that clients are attached to.
    pub fn targets(&self, configured: &[Target], attached: Option<Collectors>) -> Vec<Target> {
        let mut targets = configured.to_vec();
        let Some(collectors) = attached else { return targets };
        let mut accounts: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for known in self.clients.values().flat_map(|client| &client.attachments) {
            accounts.entry(&known.key).or_default().extend(known.attachment.account);
        }
        let mut configured = BTreeSet::new();
        for target in &mut targets {
            let key = target.url.key();
            // The account of a project that is configured without one is the one that clients have there.
            if target.accounts.is_empty() && target.account_key.is_none() {
                target.accounts = of_account(&accounts, &key);
            }
            configured.insert(key);
        }
        targets.extend(
            self.others(&configured).into_iter().map(|(key, url)| Target {
                accounts: of_account(&accounts, key),
                ..Target::new(url.clone(), collectors)
            }),
        );
        targets
    }

    /// The projects that are not configured, by key. Clients take turns, so that one with very many leaves room for the others'.
    fn others(&self, configured: &BTreeSet<String>) -> BTreeMap<&str, &MasterUrl> {
        let mut others: BTreeMap<&str, &MasterUrl> = BTreeMap::new();
        for turn in 0..MAX_OF_CLIENT {
            for known in self.clients.values().filter_map(|client| client.attachments.get(turn)) {
                if !configured.contains(&known.key) && others.len() < MAX_ATTACHED {
                    others.entry(&known.key).or_insert(&known.url);
                }
            }
        }
        others
    }
}

impl Client {
    fn hear(&mut self, attachments: Vec<Attachment>, now: Instant) {
        self.told.retain(|_, told| now.saturating_duration_since(*told) < DAY);
        self.attachments.clear();
        for attachment in attachments {
            let Ok(url) = MasterUrl::parse(&attachment.url) else { continue };
            let key = url.key();
            if self.told.len() < MAX_OF_CLIENT || self.told.contains_key(&key) {
                self.told.insert(key.clone(), now);
                self.attachments.push(Known { url, key, attachment });
            }
        }
    }
}

fn of_account(accounts: &BTreeMap<&str, BTreeSet<u64>>, key: &str) -> Vec<u64> {
    accounts.get(key).into_iter().flatten().take(MAX_ACCOUNTS).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(client: &str, hosts: impl IntoIterator<Item = String>) -> Told {
        let attachment = |host| Attachment {
            url: format!("https://{host}/"),
            name: String::new(),
            account: Some(7),
            reported: Vec::new(),
        };
        Told { client: client.to_owned(), attachments: Some(hosts.into_iter().map(attachment).collect()) }
    }

    fn targets(memory: &Memory) -> Vec<String> {
        let targets = memory.targets(&[], Some(Collectors::default()));
        targets.into_iter().map(|target| target.url.key()).collect()
    }

    #[test]
    fn clients_with_very_many_projects_leave_room_for_others() {
        let greedy = (0..9).map(|client| {
            told(&format!("a{client}"), (0..500).map(move |project| format!("a{client}-{project}.example")))
        });
        let mut memory = Memory::default();
        memory.hear(greedy.chain([told("z", ["z.example".to_owned()])]).collect(), Instant::now());
        let targets = targets(&memory);
        assert_eq!(targets.len(), MAX_ATTACHED);
        assert!(targets.contains(&"z.example".to_owned()), "{targets:?}");
    }

    #[test]
    fn a_client_that_tells_of_others_each_time_is_believed_up_to_a_limit_a_day() {
        let (mut memory, start) = (Memory::default(), Instant::now());
        let mut hear = |round: u32, after: Duration| {
            let now = (0..20).map(|project| format!("{round}-{project}.example"));
            memory.hear(vec![told("a", now)], start + after);
            targets(&memory).len()
        };
        assert_eq!([0, 1, 2, 3].map(|round| hear(round, Duration::ZERO)), [20, 20, 10, 0]);
        // What it told first stays.
        assert_eq!(hear(1, DAY / 2), 20);
        // The others are forgotten by then.
        assert_eq!(hear(4, DAY), 20);
        assert_eq!(hear(5, DAY), 10);
    }
}
