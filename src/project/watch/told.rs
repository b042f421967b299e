//! What clients tell about projects. A client that is down tells nothing, and what it told before still holds. It does not know
//! clients.

use std::collections::{BTreeMap, BTreeSet};

use crate::project::collectors::Collectors;
use crate::project::poll_state::validation::ReportedTask;
use crate::project::target::{MasterUrl, Target};

/// Projects that are watched because a client is attached. BOINC's list has thirty; a client that claims to have thousands must
/// not make the exporter ask thousands of servers.
const MAX_ATTACHED: usize = 200;

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
    clients: BTreeMap<String, Vec<(MasterUrl, Attachment)>>,
}

impl Memory {
    /// Takes note of what all clients tell now.
    pub fn hear(&mut self, told: Vec<Told>) {
        let mut before = std::mem::take(&mut self.clients);
        for Told { client, attachments } in told {
            let read = |attachment: Attachment| Some((MasterUrl::parse(&attachment.url).ok()?, attachment));
            let attachments = match attachments {
                Some(attachments) => attachments.into_iter().filter_map(read).collect(),
                None => before.remove(&client).unwrap_or_default(),
            };
            self.clients.insert(client, attachments);
        }
    }

    /// What is told about a project, by its URL without the scheme.
    pub fn about(&self, key: &str) -> impl Iterator<Item = &Attachment> {
        let all = self.clients.values().flatten();
        all.filter(move |(url, _)| url.key() == key).map(|(_, attachment)| attachment)
    }

    /// The projects to watch: those that are configured, and with these collectors all others that clients are attached to.
    pub fn targets(&self, configured: &[Target], attached: Option<Collectors>) -> Vec<Target> {
        let mut targets = configured.to_vec();
        let Some(collectors) = attached else { return targets };
        let mut accounts: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        let mut urls: BTreeMap<String, &MasterUrl> = BTreeMap::new();
        for (url, attachment) in self.clients.values().flatten() {
            let key = url.key();
            accounts.entry(key.clone()).or_default().extend(attachment.account);
            urls.entry(key).or_insert(url);
        }
        for target in &mut targets {
            // The account of a project that is configured without one is the one that clients have there.
            let told = accounts.remove(&target.url.key());
            urls.remove(&target.url.key());
            if target.accounts.is_empty() && target.account_key.is_none() {
                target.accounts = told.into_iter().flatten().take(MAX_ACCOUNTS).collect();
            }
        }
        targets.extend(urls.into_iter().take(MAX_ATTACHED).map(|(key, url)| {
            let accounts = accounts.remove(&key).into_iter().flatten().take(MAX_ACCOUNTS).collect();
            Target { accounts, ..Target::new(url.clone(), collectors) }
        }));
        targets
    }
}
