//! Basic authentication against bcrypt hashes.
//!
//! Correct, wrong and unknown credentials take the same work, and only one thread does it at a time: guessing slows down
//! neither scrapes nor this computer. Who guesses waits behind everybody else: see `turns`.

mod turns;

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bcrypt::HashParts;
use ring::hmac;
use ring::rand::SystemRandom;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use self::turns::{Call, Tag, Turns};
use super::peer::Peer;

/// Outcomes that are cached. Each user of the exporter needs one; the others are guesses.
const CACHE_SIZE: usize = 128;

/// Each step doubles the time. 18 takes some ten seconds, longer than most scrapes may take; 31 takes a day.
pub const COSTS: std::ops::RangeInclusive<u32> = 4..=18;

/// bcrypt silently ignores the rest. It uses 72 bytes, one of which marks the end.
const MAX_PASSWORD_BYTES: usize = 71;

/// The users who may see the pages.
#[derive(Debug, Default)]
pub struct Users {
    users: Vec<(String, SecretString)>,
    /// The highest cost of their hashes.
    cost: u32,
}

impl Users {
    /// Validates the hashes.
    ///
    /// # Errors
    /// A user, and the end of a sentence about the hash that does not repeat it.
    pub fn new(users: BTreeMap<String, SecretString>) -> Result<Self, (String, String)> {
        let mut most = *COSTS.start();
        for (user, hash) in &users {
            if user.contains(':') {
                return Err((
                    user.clone(),
                    "has a colon in the user name, which basic authentication does not allow".to_owned(),
                ));
            }
            let Ok(parts) = HashParts::from_str(hash.expose_secret()) else {
                let problem = "is not a bcrypt hash; create one with `boinc_exporter hash-password`";
                return Err((user.clone(), problem.to_owned()));
            };
            let cost = parts.get_cost();
            if !COSTS.contains(&cost) {
                let problem =
                    format!("has cost {cost}, but the cost must be between {} and {}", COSTS.start(), COSTS.end());
                return Err((user.clone(), problem));
            }
            most = most.max(cost);
        }
        Ok(Self { users: users.into_iter().collect(), cost: most })
    }

    /// The number of users. Without users, the pages are open to everybody.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether the pages are open to everybody.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }
}

/// A hash of this cost: an arbitrary salt, and a digest for which nobody knows a password.
fn nobody(cost: u32) -> String {
    format!("$2b${cost:02}${}{}", "nobodynobodynobodynobO", "nobodynobodynobodynobodynobodyO")
}

/// What a password is compared with.
#[derive(Debug)]
struct Comparison {
    /// The hash of the user, if there is such a user.
    hash: Option<SecretString>,
    /// What comparing costs, whoever it is.
    cost: u32,
}

impl Comparison {
    /// Compares. Each step of the cost doubles the work, so that a cheaper hash, and then one of each cost from there to the
    /// highest, are as much work as the dearest hash: 2^c + (2^c + 2^(c+1) + … + 2^(n-1)) = 2^n.
    fn is_right(&self, password: &[u8]) -> bool {
        let hash = self.hash.as_ref().map(ExposeSecret::expose_secret);
        let own_cost = hash.and_then(|hash| HashParts::from_str(hash).ok()).map_or(self.cost, |parts| parts.get_cost());
        let nobody_has_it = |cost| bcrypt::verify(password, &nobody(cost));
        let right = match hash {
            Some(hash) => bcrypt::verify(password, hash),
            None => nobody_has_it(self.cost).map(|_| false),
        };
        for cost in own_cost..self.cost {
            let _ = std::hint::black_box(nobody_has_it(cost));
        }
        right.unwrap_or(false)
    }
}

/// Checks credentials, and caches the outcomes.
#[derive(Debug)]
pub struct Auth {
    /// Generated at startup, so that the cache is of no use elsewhere.
    key: hmac::Key,
    outcomes: Mutex<HashMap<Tag, bool>>,
    turns: Arc<Turns>,
    password_checks: AtomicU64,
}

impl Auth {
    /// With an empty cache.
    ///
    /// # Errors
    /// The system provides no random numbers.
    pub fn new() -> Result<Self, ring::error::Unspecified> {
        Ok(Self {
            key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())?,
            outcomes: Mutex::default(),
            turns: Arc::default(),
            password_checks: AtomicU64::new(0),
        })
    }

    /// How many passwords have been compared.
    pub fn password_checks(&self) -> u64 {
        self.password_checks.load(Ordering::Relaxed)
    }

    /// Whether a request from there with this `Authorization` header may pass.
    pub async fn allows(self: &Arc<Self>, users: &Users, peer: Peer, header: Option<&HeaderValue>) -> bool {
        let Some((name, password)) = header.and_then(credentials) else { return false };
        let hash = self.find(users, &name);
        let written = hash.map(ExposeSecret::expose_secret).unwrap_or_default();
        let tag = self.tag(&[&name, written.as_bytes(), password.expose_secret()]);
        if let Some(allowed) = self.cached(&tag) {
            return allowed;
        }
        let turn = match self.turns.wait(peer, &tag).await {
            Call::Turn(turn) => turn,
            Call::Outcome(allowed) => return allowed,
        };
        // Whoever had the turn before may have checked the same.
        if let Some(allowed) = self.cached(&tag) {
            return allowed;
        }
        self.password_checks.fetch_add(1, Ordering::Relaxed);
        let (auth, comparison) = (Arc::clone(self), Comparison { hash: hash.cloned(), cost: users.cost });
        let compared = tokio::task::spawn_blocking(move || {
            // The turn moves along: a request that is cancelled must not let a second thread start, and what was begun counts.
            let allowed = comparison.is_right(password.expose_secret());
            auth.cache(tag.clone(), allowed);
            turn.compared(peer, &tag, allowed);
            allowed
        });
        compared.await.unwrap_or(false)
    }

    /// The hash of the user, if there is such a user. Takes the same time for every name.
    fn find<'a>(&self, users: &'a Users, name: &[u8]) -> Option<&'a SecretString> {
        let wanted = self.tag(&[name]);
        let mut found = u64::MAX;
        for (index, (user, _)) in (0..).zip(&users.users) {
            found.conditional_assign(&index, self.tag(&[user.as_bytes()]).ct_eq(&wanted));
        }
        let user = usize::try_from(found).ok().and_then(|index| users.users.get(index));
        user.map(|(_, hash)| hash)
    }

    /// A keyed hash of `parts`.
    fn tag(&self, parts: &[&[u8]]) -> Tag {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(&part.len().to_le_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    fn cached(&self, credentials: &[u8]) -> Option<bool> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).get(credentials).copied()
    }

    fn cache(&self, credentials: Tag, allowed: bool) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        if outcomes.len() >= CACHE_SIZE {
            // Drop the wrong guesses first: they must not evict valid users.
            outcomes.retain(|_, allowed| *allowed);
        }
        if outcomes.len() >= CACHE_SIZE {
            outcomes.clear();
        }
        outcomes.insert(credentials, allowed);
    }
}

/// Name and password from `Basic bmFtZTpwYXNzd29yZA==`.
fn credentials(header: &HeaderValue) -> Option<(Vec<u8>, SecretSlice<u8>)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let mut name = STANDARD.decode(encoded.trim()).ok()?;
    let colon = name.iter().position(|byte| *byte == b':')?;
    let password = SecretSlice::from(name.split_off(colon + 1));
    name.truncate(colon);
    Some((name, password))
}

/// Why a password cannot be hashed. Does not repeat it.
#[derive(Debug, thiserror::Error)]
pub enum HashPasswordError {
    /// There is none.
    #[error("the password is empty")]
    Empty,
    /// The end of it would not count.
    #[error("the password has {0} bytes, but bcrypt uses at most {MAX_PASSWORD_BYTES}")]
    TooLong(usize),
    /// Anything else.
    #[error("cannot hash the password")]
    Bcrypt(#[from] bcrypt::BcryptError),
}

/// The hash of a password, for `basic_auth_users` in the web configuration file.
///
/// # Errors
/// The password is empty or too long.
pub fn hash_password(password: &SecretString, cost: u32) -> Result<String, HashPasswordError> {
    let password = password.expose_secret();
    match password.len() {
        0 => Err(HashPasswordError::Empty),
        1..=MAX_PASSWORD_BYTES => Ok(bcrypt::non_truncating_hash(password, cost)?),
        length => Err(HashPasswordError::TooLong(length)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn header(name: &str, password: &str) -> HeaderValue {
        HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))).unwrap()
    }

    fn auth() -> Arc<Auth> {
        Arc::new(Auth::new().unwrap())
    }

    fn peer() -> Peer {
        IpAddr::from(Ipv4Addr::LOCALHOST).into()
    }

    fn users(users: &[(&str, &str)]) -> Users {
        let hash = |password: &str| SecretString::from(bcrypt::hash(password, 4).unwrap());
        Users::new(users.iter().map(|(user, password)| ((*user).to_owned(), hash(password))).collect()).unwrap()
    }

    #[tokio::test]
    async fn correct_wrong_and_unknown_credentials_take_the_same_work_once() {
        let (auth, users) = (auth(), users(&[("alice", "hunter2"), ("bob", "swordfish")]));
        for (name, password, allowed) in
            [("alice", "hunter2", true), ("alice", "swordfish", false), ("carol", "hunter2", false), ("", "", false)]
        {
            let before = auth.password_checks();
            for _ in 0..2 {
                assert_eq!(auth.allows(&users, peer(), Some(&header(name, password))).await, allowed, "{name}");
            }
            assert_eq!(auth.password_checks() - before, 1, "{name}");
        }
    }

    #[tokio::test]
    async fn concurrent_requests_with_the_same_credentials_share_the_work() {
        let (auth, users) = (auth(), users(&[("alice", "hunter2")]));
        let header = header("alice", "hunter2");
        let ask = || auth.allows(&users, peer(), Some(&header));
        assert_eq!(tokio::join!(ask(), ask(), ask()), (true, true, true));
        assert_eq!(auth.password_checks(), 1);
    }

    #[tokio::test]
    async fn other_headers_cost_nothing() {
        let (auth, users) = (auth(), users(&[("alice", "hunter2")]));
        for text in ["", "Basic", "Basic ", "Basic !", "Basic YWxpY2U=", "Bearer YWxpY2U6aHVudGVyMg=="] {
            assert!(!auth.allows(&users, peer(), Some(&HeaderValue::from_static(text))).await, "{text}");
        }
        assert!(!auth.allows(&users, peer(), None).await);
        assert_eq!(auth.password_checks(), 0);
        assert!(auth.allows(&users, peer(), Some(&HeaderValue::from_static("basic YWxpY2U6aHVudGVyMg=="))).await);
    }

    #[tokio::test]
    async fn guesses_do_not_evict_valid_users() {
        let (auth, users) = (auth(), users(&[("alice", "hunter2")]));
        assert!(auth.allows(&users, peer(), Some(&header("alice", "hunter2"))).await);
        for guess in 0..CACHE_SIZE {
            assert!(!auth.allows(&users, peer(), Some(&header("alice", &guess.to_string()))).await);
        }
        let before = auth.password_checks();
        assert!(auth.allows(&users, peer(), Some(&header("alice", "hunter2"))).await);
        assert_eq!(auth.password_checks(), before);
        assert!(auth.outcomes.lock().unwrap().len() <= CACHE_SIZE);
    }

    // rustix has no such clock on Windows.
    #[cfg(unix)]
    #[test]
    fn every_user_costs_what_the_dearest_hash_costs() {
        // Processor time of this thread, the least of many tries by turns: what else the computer does is no part of it.
        let users = users_with_costs(&[("cheap", 4), ("dear", 7)]);
        let auth = Auth::new().unwrap();
        let cost = |name: &str, password: &str| {
            let hash = auth.find(&users, name.as_bytes()).cloned();
            let comparison = Comparison { hash, cost: users.cost };
            let before = thread_time();
            assert_eq!(comparison.is_right(password.as_bytes()), name != "nobody" && password == "hunter2");
            thread_time().saturating_sub(before)
        };
        let cases =
            [("dear", "wrong"), ("dear", "hunter2"), ("cheap", "wrong"), ("cheap", "hunter2"), ("nobody", "hunter2")];
        let mut least = cases.map(|(name, password)| cost(name, password));
        for _ in 0..10 {
            for (least, (name, password)) in least.iter_mut().zip(cases) {
                *least = cost(name, password).min(*least);
            }
        }
        for ((name, password), time) in cases.into_iter().zip(least) {
            // The two hashes differ by a factor of eight.
            let ratio = time.as_secs_f64() / least[0].as_secs_f64();
            assert!((0.5..2.0).contains(&ratio), "{name} with {password}: {ratio}");
        }
    }

    #[cfg(unix)]
    fn thread_time() -> std::time::Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        time.try_into().unwrap()
    }

    #[cfg(unix)]
    fn users_with_costs(users: &[(&str, u32)]) -> Users {
        let hash = |cost| SecretString::from(bcrypt::hash("hunter2", cost).unwrap());
        Users::new(users.iter().map(|(user, cost)| ((*user).to_owned(), hash(*cost))).collect()).unwrap()
    }

    #[test]
    fn the_hashes_of_nobody_are_compared_not_refused() {
        for cost in [4, 5] {
            assert!(!bcrypt::verify("nobody", &nobody(cost)).unwrap());
        }
    }

    #[test]
    fn debug_output_has_no_secrets() {
        let text = format!("{:?} {:?}", users(&[("alice", "hunter2")]), Auth::new().unwrap());
        assert!(!text.contains("$2") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn passwords_that_cannot_be_hashed() {
        let hash = |password: &str| hash_password(&SecretString::from(password), 4);
        assert_eq!(hash("").unwrap_err().to_string(), "the password is empty");
        let too_long = hash(&"x".repeat(72)).unwrap_err().to_string();
        assert_eq!(too_long, "the password has 72 bytes, but bcrypt uses at most 71");
        assert!(bcrypt::verify("x".repeat(71), &hash(&"x".repeat(71)).unwrap()).unwrap());
    }
}
