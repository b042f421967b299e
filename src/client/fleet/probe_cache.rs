//! Clients that are not configured and were probed by address. They are remembered like the configured ones, but not
//! forever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::Member;
use super::address_locks::AddressLocks;
use crate::client::limits::Limits;
use crate::client::target::Target;
use crate::clock::Clock;

/// The most that are remembered: whoever may probe chooses the names, and each costs as much as a configured client.
const MOST: usize = 1000;

/// By the target as written, the address that it stands for, and the module.
type Key = (String, String, String);

/// The clients, and when each was last asked for.
#[derive(Debug, Default)]
pub struct ProbeCache(Mutex<HashMap<Key, (Instant, Arc<Member>)>>);

impl ProbeCache {
    /// The client of this target, remembered if it was there before.
    pub fn client(
        &self,
        target: Target,
        module: &str,
        limits: &Limits,
        clock: &Clock,
        locks: &AddressLocks,
    ) -> Arc<Member> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (target.name.clone(), target.address.to_string(), module.to_owned());
        let before = clients.get(&key).map(|(_, client)| client);
        if before.is_none() && clients.len() >= MOST {
            let oldest = clients.iter().min_by_key(|(_, (asked, _))| *asked).map(|(key, _)| key.clone());
            oldest.and_then(|key| clients.remove(&key));
            locks.forget_unused();
        }
        let before = clients.get(&key).map(|(_, client)| client);
        let client = Member::after(before, target, limits, clock, locks);
        clients.insert(key, (Instant::now(), Arc::clone(&client)));
        client
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::client::collectors::Collectors;
    use crate::client::gui_rpc::address::Address;
    use crate::client::target::Password;

    fn target(name: &str, timeout: u64) -> Target {
        Target {
            name: name.to_owned(),
            address: Address::Tcp { host: name.to_owned(), port: 1 },
            password: Password::None,
            labels: BTreeMap::new(),
            collectors: Collectors::default(),
            timeout: Duration::from_secs(timeout),
        }
    }

    #[test]
    fn the_one_that_was_not_asked_for_longest_goes() {
        let (probed, locks) = (ProbeCache::default(), AddressLocks::default());
        let (limits, clock) = (Limits::default(), Clock::default());
        let client = |name: &str| probed.client(target(name, 1), "", &limits, &clock, &locks);
        let (first, second) = (client("0"), client("1"));
        (2..MOST).for_each(|number| drop(client(&number.to_string())));
        assert!(Arc::ptr_eq(&first, &client("0")));
        client("new");
        assert_eq!(probed.0.lock().unwrap().len(), MOST);
        assert!(Arc::ptr_eq(&first, &client("0")));
        let again = client("1");
        assert!(!Arc::ptr_eq(&second, &again));
        // Somebody still polls the forgotten one: there is one lock nevertheless.
        assert!(Arc::ptr_eq(&second.lock, &again.lock));
    }

    #[test]
    fn modules_have_memories_of_their_own_and_one_lock() {
        let (probed, locks) = (ProbeCache::default(), AddressLocks::default());
        let (limits, clock) = (Limits::default(), Clock::default());
        let client = |module, timeout| probed.client(target("attic", timeout), module, &limits, &clock, &locks);
        let (bare, lab) = (client("", 1), client("lab", 1));
        assert!(!Arc::ptr_eq(&bare.kept, &lab.kept) && Arc::ptr_eq(&bare.lock, &lab.lock));
        let changed = client("lab", 2);
        assert!(!Arc::ptr_eq(&lab, &changed) && Arc::ptr_eq(&lab.kept, &changed.kept));
    }
}
