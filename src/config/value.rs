//! Single values: lists, listen addresses, paths of pages. Every message is the end of a sentence that
//! starts with the key.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;

use crate::duration;

/// A duration that may be left out.
pub fn optional_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration::deserialize(deserializer).map(Some)
}

/// Writes one that may be left out.
#[expect(clippy::ref_option, reason = "serde hands it over so")]
pub fn show_optional_duration<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => duration::serialize(duration, serializer),
        None => serializer.serialize_none(),
    }
}

/// A list of texts; one text is split at its commas, because an environment variable is written so.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(ListVisitor("text in quotes, or a list of such"))
}

/// A list that may be left out.
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
    let visitor = ListVisitor("an address such as \":31415\", or a list of such");
    deserializer.deserialize_any(visitor)?.iter().map(|text| listen_address(text).map_err(D::Error::custom)).collect()
}

/// `IP:PORT`, `[IPv6]:PORT`, `localhost:PORT`, or `:PORT` for all addresses of both families.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let port = |digits: &str| digits.parse::<u16>().ok();
    let address = match text.split_once(':') {
        Some(("", digits)) => port(digits).map(|port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))),
        Some(("localhost", digits)) => port(digits).map(|port| SocketAddr::from(([127, 0, 0, 1], port))),
        _ => text.parse().ok(),
    };
    address.ok_or_else(|| format!("is \"{text}\", but must be IP:PORT, [IPv6]:PORT, or :PORT for all addresses"))
}

/// Whether the metrics can be served at this path: it must be plain text to the router, and not be taken.
pub fn check_path(path: &str) -> Result<(), String> {
    if path.starts_with("/-/") {
        return Err(format!("is \"{path}\", but paths below /-/ are the exporter's own; \"/metrics\" is usual"));
    }
    if ["/probe", "/sd", "/config"].contains(&path) {
        return Err(format!("is \"{path}\", which is another page of the exporter; \"/metrics\" is usual"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.starts_with('/') || path.contains("//") || !path.bytes().all(plain) {
        return Err(format!(
            "is \"{path}\", but must start with / and hold letters, digits and - . _ ~ between single slashes"
        ));
    }
    Ok(())
}
