//! Single values: lists, listen addresses, paths of pages. Each message is the end of a sentence that starts with the key.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::http::Uri;
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
    address
        .ok_or_else(|| format!("{}, but must be IP:PORT, [IPv6]:PORT, or :PORT for all addresses", shown("is", text)))
}

/// `is "text"`. A text with an `@` may contain a password.
pub fn shown(verb: &str, text: &str) -> String {
    if text.contains('@') { format!("{verb} something with an `@`") } else { format!("{verb} \"{text}\"") }
}

/// Whether metrics can be exposed under this path: it must not be in use, nor mean something to the router.
pub fn check_path(path: &str) -> Result<(), String> {
    if path.starts_with("/-/") {
        return Err(format!("is \"{path}\", but paths below /-/ are reserved; the usual path is \"/metrics\""));
    }
    if ["/probe", "/projects", "/sd", "/config", "/runbooks"].contains(&path) {
        return Err(format!("is \"{path}\", which is another page of the exporter; the usual path is \"/metrics\""));
    }
    if !path.starts_with('/') || path.contains("//") || !is_plain(path) {
        return Err(format!(
            "{}, but must start with / and contain only letters, digits and - . _ ~ between single slashes",
            shown("is", path)
        ));
    }
    Ok(())
}

fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte))
}

/// Whether all pages can be below this path. Slashes at its ends do not matter.
pub fn check_prefix(prefix: &str) -> Result<(), String> {
    let mut parts = prefix.trim_matches('/').split('/');
    let is_root = prefix.trim_matches('/').is_empty();
    if !is_plain(prefix) || !is_root && parts.any(|part| ["", ".", ".."].contains(&part)) {
        return Err(format!(
            "{}, but must be a path such as \"/boinc\", with only letters, digits and - . _ ~ between single slashes",
            shown("is", prefix)
        ));
    }
    Ok(())
}

/// Whether this can be the URL of the pages: it is sent to browsers, and its path may be the prefix of all pages.
pub fn check_url(url: &str) -> Result<(), String> {
    // A URL may contain a password, so it is not repeated.
    let problem =
        "must be a URL such as \"https://example.org/boinc/\", with neither a user name nor a query".to_owned();
    let is_path = url.starts_with('/') && !url.starts_with("//");
    let has_host = url.parse::<Uri>().is_ok_and(|uri| {
        let host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        host && matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none()
    });
    match path_of_url(url) {
        Some(path) if (is_path || has_host) && check_prefix(path).is_ok() => Ok(()),
        _ => Err(problem),
    }
}

/// The path of a URL, which may be nothing else.
pub fn path_of_url(url: &str) -> Option<&str> {
    match url.split_once("://") {
        Some((_, rest)) => Some(rest.find('/').map_or("", |start| &rest[start..])),
        None => url.starts_with('/').then_some(url),
    }
}
