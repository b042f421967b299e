//! `[probe]`: clients outside the configuration that may be probed by address, and how to log in to them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use super::error::Fault;
use super::{Config, client, value};
use crate::client::collectors::Collectors;
use crate::client::data_directory::Place;
use crate::client::gui_rpc::address::Address;
use crate::client::target::{Password, Target};

/// `[probe]`: which addresses may be probed although they are not configured. By default none, because a probe may send a
/// password.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Probe {
    /// The networks that may be probed.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<Network>,
    /// How to log in and what to ask, by the name of the module in the request.
    pub modules: BTreeMap<String, Module>,
}

/// `[probe.modules.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Module {
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// Collectors, instead of [`Scrape::collectors`](super::Scrape::collectors).
    #[serde(deserialize_with = "value::optional_list")]
    pub collectors: Option<Vec<String>>,
}

/// An IPv4 network. BOINC does not use IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: Ipv4Addr,
    length: u32,
}

impl Network {
    /// Whether the network contains the address.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask() == self.address.to_bits()
    }

    const fn mask(self) -> u32 {
        match self.length {
            0 => 0,
            length => u32::MAX << (32 - length),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (address, length) = text.split_once('/').unwrap_or((text, "32"));
        let length = length.parse().ok().filter(|length| *length <= 32);
        let (Ok(address), Some(length)) = (address.parse::<Ipv4Addr>(), length) else {
            return Err(format!(
                "{}, but must list IPv4 addresses or networks, such as \"192.168.1.20\" or \"192.168.1.0/24\"",
                value::shown("contains", text)
            ));
        };
        let network = Self { address, length };
        let first = Ipv4Addr::from_bits(address.to_bits() & network.mask());
        if first == address {
            return Ok(network);
        }
        // Either the whole network or one address is meant; the difference is who gets a password.
        Err(format!("contains \"{text}\", an address inside a network; write \"{first}/{length}\" or \"{address}\""))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    value::list(deserializer)?.iter().map(|text| Network::parse(text).map_err(D::Error::custom)).collect()
}

impl Probe {
    pub(super) fn check(&self) -> Result<(), Fault> {
        for (name, module) in &self.modules {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            if name.is_empty() || !name.bytes().all(plain) {
                let problem = format!(
                    "{}, but a module name may only contain letters, digits, _ and -",
                    value::shown("contains", name)
                );
                return Err(Fault::new("probe.modules", problem));
            }
            if let Some(Err(problem)) = module.collectors.as_ref().map(|names| Collectors::parse(names)) {
                let key = format!("probe.modules.{name}.collectors");
                return Err(Fault::new(&key, client::unknown(&problem)));
            }
        }
        Ok(())
    }

    /// Host and port of a target in a request.
    ///
    /// # Errors
    /// The end of a sentence that starts with the target.
    pub fn host_and_port(written: &str) -> Result<(String, u16), String> {
        match Address::parse(written)? {
            Address::Tcp { host, port } => Ok((host, port)),
            Address::Unix(_) => Err("is a Unix socket, which only a configured client can use".to_owned()),
        }
    }

    /// Whether this address may be probed.
    #[must_use]
    pub fn allows(&self, address: Ipv4Addr) -> bool {
        self.allow.iter().any(|network| network.contains(address))
    }
}

impl Module {
    /// The target of a probe: the address that was checked, not a name that would be resolved again.
    ///
    /// # Errors
    /// A collector is unknown, which [`Config::load`](super::Config::load) has checked.
    pub fn target(&self, config: &Config, written: &str, address: Ipv4Addr, port: u16) -> Result<Target, String> {
        let file = |file: &PathBuf| client::password_file(config.folder(), file);
        Ok(Target {
            name: written.to_owned(),
            address: Address::Tcp { host: address.to_string(), port },
            data_directory: Place::None,
            password: self.password_file.as_ref().map_or(Password::None, file),
            labels: BTreeMap::new(),
            collectors: Collectors::parse(self.collectors.as_ref().unwrap_or(&config.scrape.collectors))?,
            timeout: config.scrape.client_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_addresses_with_their_prefix() {
        for (network, inside, outside) in [
            ("192.168.1.0/24", "192.168.1.255", "192.168.2.0"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.0.0.4/30", "10.0.0.7", "10.0.0.8"),
            ("10.0.0.4", "10.0.0.4", "10.0.0.5"),
            ("128.0.0.0/1", "255.255.255.255", "127.255.255.255"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network} {outside}");
        }
        assert!(Network::parse("0.0.0.0/0").unwrap().contains(Ipv4Addr::BROADCAST));
    }
}
