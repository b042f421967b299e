//! One lock for each address, whoever asks there: a scrape, a probe, the clients of a configuration that was replaced
//! meanwhile. So there is never more than one connection to an address as it is written; a host name and its IP address are
//! two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::client::gui_rpc::address::Address;

/// Held while a client is polled.
pub type AddressLock = Arc<tokio::sync::Mutex<()>>;

/// The locks of all addresses that somebody knows. One that nobody holds any more is forgotten.
#[derive(Debug, Default)]
pub struct AddressLocks(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl AddressLocks {
    /// The lock of this address.
    pub fn of(&self, address: &Address) -> AddressLock {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = locks.entry(address.to_string()).or_default();
        lock.upgrade().unwrap_or_else(|| {
            let new = AddressLock::default();
            *lock = Arc::downgrade(&new);
            new
        })
    }

    /// Makes room.
    pub fn forget_unused(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, lock| lock.strong_count() > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_an_address_for_as_long_as_anybody_has_it() {
        let locks = AddressLocks::default();
        let address = |port| Address::Tcp { host: "attic".to_owned(), port };
        let first = locks.of(&address(1));
        assert!(Arc::ptr_eq(&first, &locks.of(&address(1))));
        assert!(!Arc::ptr_eq(&first, &locks.of(&address(2))));
        locks.forget_unused();
        assert!(Arc::ptr_eq(&first, &locks.of(&address(1))));
        drop(first);
        locks.forget_unused();
        assert_eq!(locks.0.lock().unwrap().len(), 0);
    }
}
