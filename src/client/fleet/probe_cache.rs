//! Clients that are not configured but were probed by address. Targets come in; members go out, with their state from
//! earlier probes. It keeps a limited number of them and does not know how they are polled.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::member::{Common, Member};
use crate::client::target::Target;

/// The maximum number of clients to keep. Anyone who may probe can choose the names, and each client costs as much
/// memory as a configured one.
const MAX_CLIENTS: usize = 1000;

/// The target as written, the address it resolves to, and the module.
type Key = (String, String, String);

/// The clients, and when each was last requested.
#[derive(Debug, Default)]
pub struct ProbeCache(Mutex<HashMap<Key, (Instant, Arc<Member>)>>);

impl ProbeCache {
    /// The client for this target, with its earlier state if it is known.
    pub fn client(&self, target: Target, module: &str, common: Common<'_>) -> Arc<Member> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (target.name.clone(), target.address.to_string(), module.to_owned());
        let before = clients.get(&key).map(|(_, client)| client);
        if before.is_none() && clients.len() >= MAX_CLIENTS {
            let oldest = clients.iter().min_by_key(|(_, (requested, _))| *requested).map(|(key, _)| key.clone());
            oldest.and_then(|key| clients.remove(&key));
            common.3.forget_unused();
        }
        let before = clients.get(&key).map(|(_, client)| client);
        let client = Member::replacing(before, target, common);
        clients.insert(key, (Instant::now(), Arc::clone(&client)));
        client
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::client::access::Lookups;
    use crate::client::capacity::Capacity;
    use crate::client::collectors::Collectors;
    use crate::client::data_directory::Place;
    use crate::client::fleet::address_locks::AddressLocks;
    use crate::client::gui_rpc::address::Address;
    use crate::client::limits::Limits;
    use crate::client::target::Password;
    use crate::clock::Clock;

    fn target(name: &str, timeout: u64) -> Target {
        Target {
            name: name.to_owned(),
            address: Address::Tcp { host: name.to_owned(), port: 1 },
            password: Password::None,
            data_directory: Place::None,
            labels: BTreeMap::new(),
            collectors: Collectors::default(),
            timeout: Duration::from_secs(timeout),
        }
    }

    #[test]
    fn the_least_recently_requested_is_evicted() {
        let (cache, locks) = (ProbeCache::default(), AddressLocks::default());
        let (limits, clock, lookups) = (Limits::default(), Clock::default(), Lookups::default());
        let capacity = Arc::new(Capacity::new(&limits));
        let client = |name: &str| cache.client(target(name, 1), "", (&limits, &capacity, &clock, &locks, &lookups));
        let (first, second) = (client("0"), client("1"));
        (2..MAX_CLIENTS).for_each(|number| drop(client(&number.to_string())));
        assert!(Arc::ptr_eq(&first, &client("0")));
        client("new");
        assert_eq!(cache.0.lock().unwrap().len(), MAX_CLIENTS);
        assert!(Arc::ptr_eq(&first, &client("0")));
        let again = client("1");
        assert!(!Arc::ptr_eq(&second, &again));
        // The evicted client may still be polled: both share one lock.
        assert!(Arc::ptr_eq(&second.lock, &again.lock));
    }

    #[test]
    fn modules_have_separate_state_and_one_lock() {
        let (cache, locks) = (ProbeCache::default(), AddressLocks::default());
        let (limits, clock, lookups) = (Limits::default(), Clock::default(), Lookups::default());
        let capacity = Arc::new(Capacity::new(&limits));
        let common = (&limits, &capacity, &clock, &locks, &lookups);
        let client = |module, timeout| cache.client(target("attic", timeout), module, common);
        let (bare, lab) = (client("", 1), client("lab", 1));
        assert!(!Arc::ptr_eq(&bare.poll_state, &lab.poll_state) && Arc::ptr_eq(&bare.lock, &lab.lock));
        let changed = client("lab", 2);
        assert!(!Arc::ptr_eq(&lab, &changed) && Arc::ptr_eq(&lab.poll_state, &changed.poll_state));
    }
}
