//! One lock per address, shared by all who poll it: scrapes, probes, and the clients of a configuration that has been
//! replaced meanwhile. Addresses come in, locks go out. There is never more than one connection to an address as
//! written; a host name and its IP address count as two addresses. It does not know what is done under a lock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::client::gui_rpc::address::Address;

/// Held during a poll.
pub type AddressLock = Arc<tokio::sync::Mutex<()>>;

/// The locks of all addresses in use.
#[derive(Debug, Default)]
pub struct AddressLocks(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl AddressLocks {
    /// The lock for this address.
    pub fn get(&self, address: &Address) -> AddressLock {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = locks.entry(address.to_string()).or_default();
        lock.upgrade().unwrap_or_else(|| {
            let new = AddressLock::default();
            *lock = Arc::downgrade(&new);
            new
        })
    }

    /// Removes locks that nobody holds a reference to.
    pub fn forget_unused(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, lock| lock.strong_count() > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_lock_while_anyone_refers_to_it() {
        let locks = AddressLocks::default();
        let address = |port| Address::Tcp { host: "attic".to_owned(), port };
        let first = locks.get(&address(1));
        assert!(Arc::ptr_eq(&first, &locks.get(&address(1))));
        assert!(!Arc::ptr_eq(&first, &locks.get(&address(2))));
        locks.forget_unused();
        assert!(Arc::ptr_eq(&first, &locks.get(&address(1))));
        drop(first);
        locks.forget_unused();
        assert_eq!(locks.0.lock().unwrap().len(), 0);
    }
}
