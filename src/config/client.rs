//! From one `[[clients]]` to one [`Target`]: address, password, labels, collectors, name.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use super::error::Fault;
use super::list::CLIENTS;
use super::{Client, Config};
use crate::client::collectors::Collectors;
use crate::client::data_directory::Place;
use crate::client::gui_rpc::address::{Address, PORT};
use crate::client::local;
use crate::client::target::{Password, Target};
use crate::platform::folder::Folder;

/// The directory in which systemd puts the credentials of a unit.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// What a label may have before it is shortened: the name is in every series, and by it a client is found.
const MAX_NAME_CHARS: usize = 200;

/// All clients, or the one on this computer if nothing is configured to be watched.
pub fn targets(config: &Config) -> Result<Vec<Target>, Fault> {
    let local = [Client::local()];
    let clients = if config.means_local_client() { &local[..] } else { &config.clients[..] };
    let mut targets: Vec<Target> = Vec::with_capacity(clients.len());
    let (mut names, mut addresses) = (BTreeMap::new(), BTreeMap::new());
    for (index, client) in clients.iter().enumerate() {
        let target =
            target(config, client).map_err(|(key, problem)| Fault::entry(&CLIENTS, index, Some(key), problem))?;
        if let Some(first) = names.insert(target.name.clone(), index) {
            let problem =
                format!("has the same name as number {}, `{}`; give each its own `name`", first + 1, target.name);
            return Err(Fault::entry(&CLIENTS, index, None, problem));
        }
        // Two entries would open two connections to one client, and count it twice in every sum.
        if let Some(first) = addresses.insert(target.address.to_string(), index) {
            let problem = format!("is the same client as number {}, at {}; remove one", first + 1, target.address);
            return Err(Fault::entry(&CLIENTS, index, None, problem));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// The end of a sentence about a list with an unknown collector.
pub fn unknown(problem: &str) -> String {
    format!("contains an unknown name: {problem}")
}

impl Client {
    /// The one on this computer.
    pub(super) fn local() -> Self {
        Self {
            name: None,
            address: "localhost".to_owned(),
            password_file: None,
            password_credential: None,
            data_directory: None,
            labels: BTreeMap::new(),
            collectors: None,
            timeout: None,
        }
    }
}

/// The error is the key and what is wrong with it.
fn target(config: &Config, client: &Client) -> Result<Target, (&'static str, String)> {
    let address = Address::parse(&client.address).map_err(|problem| ("address", problem))?;
    let name = client.name.as_ref().unwrap_or(&client.address);
    if name.chars().nth(MAX_NAME_CHARS).is_some() {
        let what = if client.name.is_some() { "name" } else { "address" };
        let problem = format!("has {} characters, but a name may have at most {MAX_NAME_CHARS}", name.chars().count());
        let remedy = if client.name.is_some() { "" } else { "; give the client a shorter `name`" };
        return Err((what, problem + remedy));
    }
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(("name", "is empty or contains control characters, but must be readable text".to_owned()));
    }
    if let Some(problem) = client.labels.keys().find_map(|label| label_problem(label)) {
        return Err(("labels", problem));
    }
    let collectors = client.collectors.as_ref().unwrap_or(&config.scrape.collectors);
    let timeout = client.timeout.unwrap_or(config.scrape.client_timeout);
    if timeout.is_zero() {
        return Err(("timeout", "must be greater than zero".to_owned()));
    }
    Ok(Target {
        name: name.clone(),
        password: password(config.folder(), client, &address)?,
        data_directory: data_directory(client, &address)?,
        address,
        labels: client.labels.clone(),
        collectors: Collectors::parse(collectors).map_err(|problem| ("collectors", unknown(&problem)))?,
        timeout,
    })
}

fn password(folder: Option<&Path>, client: &Client, address: &Address) -> Result<Password, (&'static str, String)> {
    match (&client.password_file, &client.password_credential) {
        (Some(_), Some(_)) => {
            Err(("password_credential", "cannot be combined with `password_file`; remove one of them".to_owned()))
        }
        (Some(file), None) => Ok(password_file(folder, file)),
        (None, Some(name)) => credential(name).map_err(|problem| ("password_credential", problem)),
        (None, None) => Ok(default_password(address)),
    }
}

/// A client answers queries from its own computer without a password, but not after a wrong one. So the usual files are
/// tried only where the usual client listens.
fn default_password(address: &Address) -> Password {
    match address {
        Address::Tcp { host, port } if host == "127.0.0.1" && *port == PORT => {
            Password::FirstOf(local::password_files(address))
        }
        Address::Unix(_) => Password::FirstOf(local::password_files(address)),
        Address::Tcp { .. } => Password::None,
    }
}

/// A directory that is not configured is looked for where the usual client listens, as its password is.
fn data_directory(client: &Client, address: &Address) -> Result<Place, (&'static str, String)> {
    match (&client.data_directory, address) {
        (Some(_), _) if !Folder::READS => {
            Err(("data_directory", "can be read on Unix systems only; remove it".to_owned()))
        }
        (Some(path), _) if path.as_os_str().is_empty() => {
            Err(("data_directory", "is empty, but must be the directory in which the client runs".to_owned()))
        }
        (Some(path), _) => Ok(Place::Named(path.clone())),
        (None, Address::Tcp { host, port }) if host != "127.0.0.1" || *port != PORT => Ok(Place::None),
        (None, _) if !Folder::READS => Ok(Place::None),
        (None, _) => Ok(Place::FirstOf(local::data_directories(address))),
    }
}

/// The file, with what was written in the configuration apart from its folder.
pub fn password_file(folder: Option<&Path>, file: &Path) -> Password {
    match folder.and_then(|folder| Some((folder, file.strip_prefix(folder).ok()?))) {
        Some((folder, name)) => Password::InFolder { folder: folder.to_owned(), name: name.to_owned() },
        None => Password::File(file.to_owned()),
    }
}

fn credential(name: &str) -> Result<Password, String> {
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err("must be the name of a systemd credential, without slashes".to_owned());
    }
    match env::var_os(CREDENTIALS) {
        Some(folder) => Ok(Password::InFolder { folder: folder.into(), name: name.into() }),
        // The name is not repeated: it could be the password itself.
        None => Err(format!(
            "is a systemd credential, but ${CREDENTIALS} is not set: start the exporter as a unit with \
             LoadCredential=NAME:FILE, or use `password_file`"
        )),
    }
}

/// What is wrong with the name of a label.
fn label_problem(label: &str) -> Option<String> {
    if label.len() > MAX_NAME_CHARS {
        return Some(format!("contains a name of {} bytes, but it may have at most {MAX_NAME_CHARS}", label.len()));
    }
    let mut bytes = label.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !starts || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Some(format!(
            "contains `{label}`, but a label name may only contain letters, digits and _, and must not start with a digit"
        ));
    }
    if label.starts_with("__") {
        return Some(format!("contains `{label}`, but Prometheus reserves names that start with __"));
    }
    // The other labels of `boinc_client_info`.
    if ["client", "version", "platform"].contains(&label) {
        return Some(format!("contains `{label}`, which the exporter sets itself; choose another name"));
    }
    None
}
