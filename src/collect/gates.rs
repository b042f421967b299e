//! One lock for each address, whoever asks there: a scrape, a probe, the clients of a configuration that was replaced
//! meanwhile. So there is never more than one connection to an address as it is written; a host name and its IP address are
//! two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::target::Address;

/// Held while a client is polled.
pub type Gate = Arc<tokio::sync::Mutex<()>>;

/// The gates of all addresses that somebody knows. One that nobody holds any more is forgotten.
#[derive(Debug, Default)]
pub struct Gates(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Gates {
    /// The gate of this address.
    pub fn of(&self, address: &Address) -> Gate {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(address.to_string()).or_default();
        gate.upgrade().unwrap_or_else(|| {
            let new = Gate::default();
            *gate = Arc::downgrade(&new);
            new
        })
    }

    /// Makes room.
    pub fn forget_unused(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, gate| gate.strong_count() > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_place_for_as_long_as_anybody_has_it() {
        let gates = Gates::default();
        let address = |port| Address::Tcp { host: "attic".to_owned(), port };
        let first = gates.of(&address(1));
        assert!(Arc::ptr_eq(&first, &gates.of(&address(1))));
        assert!(!Arc::ptr_eq(&first, &gates.of(&address(2))));
        gates.forget_unused();
        assert!(Arc::ptr_eq(&first, &gates.of(&address(1))));
        drop(first);
        gates.forget_unused();
        assert_eq!(gates.0.lock().unwrap().len(), 0);
    }
}
