//! Single values: lists, listen addresses, paths of pages. Each message is the end of a sentence that starts with the key.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;

use crate::duration;

/// An optional duration.
pub fn optional_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration::deserialize(deserializer).map(Some)
}

/// Writes an optional duration.
#[expect(clippy::ref_option, reason = "the signature that serde calls")]
pub fn show_optional_duration<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => duration::serialize(duration, serializer),
        None => serializer.serialize_none(),
    }
}

/// A list of strings. A single string is split at its commas, for environment variables.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(ListVisitor("a string or a list of strings"))
}

/// An optional list.
pub fn optional_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    list(deserializer).map(Some)
}

struct ListVisitor(&'static str);

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

/// One listen address or a list of them.
pub fn listen_addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    let visitor = ListVisitor("an address such as \":31415\", or a list of addresses");
    deserializer.deserialize_any(visitor)?.iter().map(|text| listen_address(text).map_err(D::Error::custom)).collect()
}

/// `IP:PORT`, `[IPv6]:PORT`, `localhost:PORT`, or `:PORT` for all addresses, IPv4 and IPv6.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let port = |digits: &str| digits.parse::<u16>().ok();
    let address = match text.split_once(':') {
        Some(("", digits)) => port(digits).map(|port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))),
        Some(("localhost", digits)) => port(digits).map(|port| SocketAddr::from(([127, 0, 0, 1], port))),
        _ => text.parse().ok(),
    };
    address.ok_or_else(|| format!("is \"{text}\", but must be IP:PORT, [IPv6]:PORT, or :PORT for all addresses"))
}

/// Whether metrics can be exposed under this path: it must not be in use, nor mean something to the router.
pub fn check_path(path: &str) -> Result<(), String> {
    if path.starts_with("/-/") {
        return Err(format!("is \"{path}\", but paths below /-/ are reserved; the usual path is \"/metrics\""));
    }
    if ["/probe", "/sd", "/config"].contains(&path) {
        return Err(format!("is \"{path}\", which is another page of the exporter; the usual path is \"/metrics\""));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.starts_with('/') || path.contains("//") || !path.bytes().all(plain) {
        return Err(format!(
            "is \"{path}\", but must start with / and contain only letters, digits and - . _ ~ between single slashes"
        ));
    }
    Ok(())
}
