//! What a poll needs from this computer before it can speak to a client: the IP address behind a host name, and the password in
//! a file. A target comes in; an [`Access`] goes out. While name servers are silent, or the disk of a password, what was
//! learnt last is used; only the client concerned waits, and no longer than its poll may take. It sends nothing to a client.

mod calls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use self::calls::{Call, Calls, PROMPT};
use super::gui_rpc::address::{Address, Endpoint};
use super::gui_rpc::error::Error;
use super::limits::Limits;
use super::target::{Password, Target};
use crate::platform::is_out_of_files;

/// How long an address is used whose name cannot be resolved. Routers lend addresses for an hour and more (dnsmasq's default),
/// so until then no other computer has it, whose values would be shown under the wrong name.
const ADDRESS_AGE: Duration = Duration::from_secs(3600);

const NO_IPV4: &str = "it has no IPv4 address, and BOINC clients speak IPv4 only";

/// A password does not age: a client reads its own only when it starts.
const PASSWORD_AGE: Duration = Duration::MAX;

/// Finds the addresses of a host name. Blocks.
pub type Resolver = Arc<dyn Fn(&str) -> io::Result<Vec<Ipv4Addr>> + Send + Sync>;

/// A way into a client.
#[derive(Debug, Clone)]
pub struct Access {
    /// Where to connect.
    pub endpoint: Endpoint,
    /// The password, if one is configured.
    pub password: Option<SecretString>,
}

/// Finds ways into clients.
#[derive(Debug, Clone)]
pub struct Lookups {
    names: Arc<Calls<String, Vec<Ipv4Addr>>>,
    passwords: Arc<Calls<Password, Option<SecretString>>>,
}

/// The way into one client. What was learnt is known for as long as this exists.
#[derive(Debug, Clone)]
pub struct Entrance {
    name: Option<Arc<Call<String, Vec<Ipv4Addr>>>>,
    password: Option<Arc<Call<Password, Option<SecretString>>>>,
    address: Address,
}

impl Default for Lookups {
    fn default() -> Self {
        Self::new(Limits::default().lookups)
    }
}

impl Lookups {
    /// With the resolver of the operating system, which also knows /etc/hosts and names in `.local`.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self::with_resolver(threads, Arc::new(resolve))
    }

    /// With this resolver. So many names, and as many password files, are looked up at a time.
    #[must_use]
    pub fn with_resolver(threads: usize, resolver: Resolver) -> Self {
        let names = Calls::new(threads, move |host: &String| match resolver(host) {
            Ok(addresses) if addresses.is_empty() => Err(unresolved(host, NO_IPV4)),
            Ok(addresses) => Ok(addresses),
            Err(error) if is_out_of_files(&error) => {
                Err(Error::FileDescriptors { what: format!("looking up the host name {host}") })
            }
            Err(error) => Err(unresolved(host, &without_prefix(&error.to_string()))),
        });
        Self { names, passwords: Calls::new(threads, Password::read) }
    }

    /// The way into this client.
    #[must_use]
    pub fn entrance(&self, target: &Target) -> Entrance {
        let name = match &target.address {
            Address::Tcp { host, .. } if host.parse::<Ipv4Addr>().is_err() => Some(self.names.about(host.clone())),
            _ => None,
        };
        let password = match &target.password {
            Password::None => None,
            password => Some(self.passwords.about(password.clone())),
        };
        Entrance { name, password, address: target.address.clone() }
    }

    /// The IPv4 addresses of a host.
    ///
    /// # Errors
    /// [`Error::Unresolved`], also if it takes longer than this.
    pub async fn addresses(&self, host: &str, deadline: Instant) -> Result<Vec<Ipv4Addr>, Error> {
        match host.parse() {
            Ok(address) => Ok(vec![address]),
            Err(_) => addresses(&self.names.about(host.to_owned()), host, deadline).await,
        }
    }
}

impl Entrance {
    /// Finds the way. The password and the name have half of the time that is left each, so that one that stalls leaves some for
    /// the rest.
    ///
    /// # Errors
    /// As [`Self::password`] and [`Self::endpoint`].
    pub async fn find(&self, deadline: Instant) -> Result<Access, Error> {
        let password = self.password(half(deadline)).await?;
        let endpoint = self.endpoint(half(deadline)).await?;
        Ok(Access { endpoint, password })
    }

    /// The password, if one is configured.
    ///
    /// # Errors
    /// [`Error::PasswordFile`], also if it takes longer than this; [`Error::FileDescriptors`].
    pub async fn password(&self, deadline: Instant) -> Result<Option<SecretString>, Error> {
        match &self.password {
            Some(call) => password(call, deadline).await,
            None => Ok(None),
        }
    }

    /// Where to connect.
    ///
    /// # Errors
    /// [`Error::Unresolved`], also if it takes longer than this; [`Error::FileDescriptors`].
    pub async fn endpoint(&self, deadline: Instant) -> Result<Endpoint, Error> {
        let (host, port) = match &self.address {
            Address::Unix(path) => return Ok(Endpoint::Unix(path.clone())),
            Address::Tcp { host, port } => (host, *port),
        };
        let found = match &self.name {
            Some(call) => addresses(call, host, deadline).await?.first().copied(),
            None => host.parse().ok(),
        };
        let ip = found.ok_or_else(|| unresolved(host, NO_IPV4))?;
        Ok(Endpoint::Tcp { ip, port, written: self.address.to_string() })
    }
}

fn half(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 2
}

/// How long to wait for an answer if there is an old one: not at all while answers are late.
fn patience(is_prompt: bool, has_old: bool, deadline: Instant) -> Instant {
    match (has_old, is_prompt) {
        (false, _) => deadline,
        (true, true) => deadline.min(Instant::now() + PROMPT),
        (true, false) => Instant::now(),
    }
}

async fn addresses(
    call: &Arc<Call<String, Vec<Ipv4Addr>>>,
    host: &str,
    deadline: Instant,
) -> Result<Vec<Ipv4Addr>, Error> {
    let old = call.kept(ADDRESS_AGE);
    let error = match call.answer(patience(call.is_prompt(), old.is_some(), deadline)).await {
        Some(Ok(addresses)) => {
            if call.use_stale(false) {
                tracing::info!(host, "the host name can be resolved again");
            }
            return Ok(addresses);
        }
        Some(Err(error)) => error,
        None => unresolved(host, "the name servers did not answer in time"),
    };
    let old = old.ok_or_else(|| error.clone())?;
    if call.use_stale(true) {
        let age = ADDRESS_AGE.as_secs() / 60;
        tracing::warn!(host, address = ?old[0], "{error}; its last known address is used for up to {age} minutes");
    }
    Ok(old)
}

async fn password(
    call: &Arc<Call<Password, Option<SecretString>>>,
    deadline: Instant,
) -> Result<Option<SecretString>, Error> {
    let old = call.kept(PASSWORD_AGE);
    if let Some(answer) = call.answer(patience(call.is_prompt(), old.is_some(), deadline)).await {
        call.use_stale(false);
        return answer;
    }
    let file = call.subject();
    let error = Error::PasswordFile(format!(
        "the password file {file} could not be read in time: check the disk or network mount it is on"
    ));
    let old = old.ok_or_else(|| error.clone())?;
    if call.use_stale(true) {
        tracing::warn!("{error}; the password read last is used");
    }
    Ok(old)
}

fn unresolved(host: &str, problem: &str) -> Error {
    Error::Unresolved { host: host.to_owned(), problem: problem.to_owned() }
}

/// Rust's library puts what every message here says before the system's own text.
fn without_prefix(problem: &str) -> String {
    problem.strip_prefix("failed to lookup address information: ").unwrap_or(problem).to_owned()
}

/// As every other program on this computer resolves names. BOINC clients listen on IPv4 only.
fn resolve(host: &str) -> io::Result<Vec<Ipv4Addr>> {
    let ipv4 = |address: std::net::SocketAddr| match address.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    };
    Ok((host, 0).to_socket_addrs()?.filter_map(ipv4).collect())
}
