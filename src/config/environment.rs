//! Environment variables with the exporter's prefix: which of them are settings, and which belong to others.

use std::collections::BTreeSet;
use std::env;

use figment::providers::Env;

use super::depth::{MAX_DEPTH, brackets};
use super::list::List;

pub const PREFIX: &str = "BOINC_EXPORTER_";

/// Tables below `[projects]`; what else has keys of its own is a project.
const TABLES_OF_PROJECTS: [&str; 1] = ["intervals"];

/// A variable: its name without the prefix, in lower case, and its value.
type Variable = (String, String);

/// A key of one client or project: `BOINC_EXPORTER_CLIENTS__0__ADDRESS`.
#[derive(Debug)]
pub struct EntryVariable {
    /// Its whole name.
    pub name: String,
    /// The number or the name of the client or project.
    pub entry: String,
    /// The key, and the name of a label as written.
    pub keys: Vec<String>,
    pub value: String,
}

/// As much of a name as a message shows.
const MAX_SHOWN_CHARS: usize = 100;

/// Refuses variables that would take the reader of values too deep.
///
/// # Errors
/// A sentence.
pub fn check() -> Result<(), String> {
    let too_deep = |(name, value): &Variable| {
        name.matches("__").count() + name.matches('.').count() > MAX_DEPTH || brackets(value) > MAX_DEPTH
    };
    match variables().find(too_deep) {
        // It may be as long as the operating system allows.
        Some((name, _)) => {
            let name: String = name.chars().take(MAX_SHOWN_CHARS).collect();
            Err(format!(
                "environment variable {PREFIX}{name} is nested more than {MAX_DEPTH} levels deep, which no setting is"
            ))
        }
        None => Ok(()),
    }
}

/// The settings in the environment, without those of single clients and projects.
pub fn settings() -> Env {
    let is_other = |(name, value): &Variable| is_foreign(name, value) || is_of_entry(name);
    let variables = variables().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let others: BTreeSet<_> = variables.filter(is_other).map(|(name, _)| name).collect();
    Env::prefixed(PREFIX).filter(move |key| !others.contains(&key.as_str().to_ascii_lowercase())).split("__")
}

/// The variables of single entries of a list: by number, then by name.
pub fn of_entries(list: &List) -> Vec<EntryVariable> {
    let mut found: Vec<_> = variables().filter_map(|(name, value)| of_entry(list, &name, value)).collect();
    // All numbers come before all words; the name makes the order of keys the same everywhere.
    found.sort_by_cached_key(|variable| {
        (variable.entry.parse::<usize>().unwrap_or(usize::MAX), variable.entry.clone(), variable.name.clone())
    });
    found
}

/// Whether a variable, in lower case, sets a key of a single client or project.
fn is_of_entry(name: &str) -> bool {
    name.starts_with("clients__")
        || name
            .strip_prefix("projects__")
            .and_then(|rest| rest.split_once("__"))
            .is_some_and(|(entry, _)| !TABLES_OF_PROJECTS.contains(&entry))
}

fn of_entry(list: &List, name: &str, value: String) -> Option<EntryVariable> {
    let lower = name.to_ascii_lowercase();
    let length = lower.strip_prefix(list.table)?.strip_prefix("__").filter(|_| is_of_entry(&lower))?.len();
    let mut parts = name[name.len() - length..].split("__");
    let entry = parts.next().unwrap_or_default().to_owned();
    // Names of labels may be in upper case, those of keys are not.
    let key = parts.next().unwrap_or_default().to_ascii_lowercase();
    let keys = [key].into_iter().chain(parts.map(str::to_owned)).collect();
    Some(EntryVariable { name: format!("{PREFIX}{name}"), entry, keys, value })
}

/// The variables with the prefix, without it.
fn variables() -> impl Iterator<Item = Variable> {
    env::vars_os().filter_map(|(name, value)| {
        let name = name.to_string_lossy();
        let prefix = name.get(..PREFIX.len())?;
        let rest = prefix.eq_ignore_ascii_case(PREFIX).then(|| name[PREFIX.len()..].to_owned())?;
        Some((rest, value.to_string_lossy().into_owned()))
    })
}

/// Whether a variable is none of the exporter's settings, although it has the prefix.
fn is_foreign(name: &str, value: &str) -> bool {
    // Cargo passes what the build script found to every program that it starts.
    let build = ["revision", "rustc", "target"].contains(&name);
    // Read with the flags, because it names the file to read.
    build || name.starts_with("config__") || is_service_link(name, value)
}

/// Whether Kubernetes sets this for a service: `boinc-exporter` or `boinc-exporter-0`, but also another service whose name
/// starts so. It sets them for every service of the namespace.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
fn is_service_link(name: &str, value: &str) -> bool {
    // Two underscores follow the section of a setting.
    if name.contains("__") {
        return false;
    }
    // A service that is called exactly like the prefix leaves only the end.
    let name = format!("_{name}");
    let is_url = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let after = |part: &str, fits: fn(&str) -> bool| {
        let mut found = name.match_indices(part);
        found.any(|(start, part)| fits(&name[start + part.len()..]))
    };
    name.ends_with("_service_host")
        || name.ends_with("_service_port")
        || after("_service_port_", |port_name| !port_name.is_empty())
        || name.ends_with("_port") && is_url
        || after("_port_", is_port)
}

/// `31415_tcp`, and what may follow.
fn is_port(text: &str) -> bool {
    let mut words = text.split('_');
    let number = words.next().is_some_and(|number| number.parse::<u16>().is_ok());
    let protocol = words.next().is_some_and(|protocol| ["tcp", "udp", "sctp"].contains(&protocol));
    let rest = words.next().is_none_or(|rest| ["proto", "port", "addr"].contains(&rest));
    number && protocol && rest && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Kubernetes sets for a service with this name and a named port.
    fn links(service: &str, protocol: &str) -> Vec<Variable> {
        let name = |rest: &str| {
            let name = format!("{}_{rest}", service.replace('-', "_"));
            name["boinc_exporter_".len()..].to_ascii_lowercase()
        };
        let url = format!("{protocol}://10.96.0.7:31415");
        let port = format!("PORT_31415_{}", protocol.to_uppercase());
        [
            (name("SERVICE_HOST"), "10.96.0.7".to_owned()),
            (name("SERVICE_PORT"), "31415".to_owned()),
            (name("SERVICE_PORT_METRICS_PORT"), "31415".to_owned()),
            (name("PORT"), url.clone()),
            (name(&port), url),
            (name(&format!("{port}_PROTO")), protocol.to_owned()),
            (name(&format!("{port}_PORT")), "31415".to_owned()),
            (name(&format!("{port}_ADDR")), "10.96.0.7".to_owned()),
        ]
        .into()
    }

    #[test]
    fn service_links_are_no_settings() {
        for service in ["boinc-exporter", "boinc-exporter-0", "boinc-exporter-web", "boinc-exporter-port-1-tcp"] {
            for protocol in ["tcp", "udp", "sctp"] {
                for (name, value) in links(service, protocol) {
                    assert!(is_foreign(&name, &value), "{name}={value}");
                }
            }
        }
    }

    #[test]
    fn mistyped_settings_are_not_taken_for_service_links() {
        for (name, value) in [
            ("port", "31415"),
            ("web_port", ":31415"),
            ("web__port", "tcp://10.0.0.1:31415"),
            ("web__service_host", "10.0.0.1"),
            ("web__service_port_http", "80"),
            ("port_31415_tpc", "x"),
            ("port_http_tcp", "x"),
            ("port_31415_tcp_name", "x"),
            ("web_listen_address", ":31415"),
            ("service_port_", "1"),
        ] {
            assert!(!is_foreign(name, value), "{name}={value}");
        }
    }
}
