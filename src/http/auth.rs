//! Basic authentication against bcrypt hashes.
//!
//! Correct, wrong and unknown credentials take the same work, and only one thread does it at a time: guessing slows down
//! neither scrapes nor this computer.

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
use tokio::sync::Semaphore;

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
    /// The hash to compare an unknown user's password with. Takes as long as the slowest hash of a known user.
    nobody: String,
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
        // An arbitrary salt, and a digest for which nobody knows a password.
        let nobody = format!("$2b${most:02}${}{}", "nobodynobodynobodynobO", "nobodynobodynobodynobodynobodyO");
        Ok(Self { users: users.into_iter().collect(), nobody })
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

/// Checks credentials, and caches the outcomes.
#[derive(Debug)]
pub struct Auth {
    /// Generated at startup, so that the cache is of no use elsewhere.
    key: hmac::Key,
    outcomes: Mutex<HashMap<Vec<u8>, bool>>,
    permits: Arc<Semaphore>,
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
            permits: Arc::new(Semaphore::new(1)),
            password_checks: AtomicU64::new(0),
        })
    }

    /// How many passwords have been compared.
    pub fn password_checks(&self) -> u64 {
        self.password_checks.load(Ordering::Relaxed)
    }

    /// Whether a request with this `Authorization` header may pass.
    pub async fn allows(&self, users: &Users, header: Option<&HeaderValue>) -> bool {
        let Some((name, password)) = header.and_then(credentials) else { return false };
        let (known, hash) = self.find(users, &name);
        let tag = self.tag(&[&name, hash.as_bytes(), password.expose_secret()]);
        if let Some(allowed) = self.cached(&tag) {
            return allowed;
        }
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return false };
        // The previous holder of the permit may have checked the same.
        if let Some(allowed) = self.cached(&tag) {
            return allowed;
        }
        self.password_checks.fetch_add(1, Ordering::Relaxed);
        let hash = SecretString::from(hash);
        let compared = tokio::task::spawn_blocking(move || {
            // The permit moves along: a request that is cancelled must not let a second thread start.
            (bcrypt::verify(password.expose_secret(), hash.expose_secret()), permit)
        });
        let Ok((equal, _turn)) = compared.await else { return false };
        let allowed = known && equal.unwrap_or(false);
        self.cache(tag, allowed);
        allowed
    }

    /// Whether there is such a user, and the hash to compare with. Takes the same time for every name.
    fn find<'a>(&self, users: &'a Users, name: &[u8]) -> (bool, &'a str) {
        let wanted = self.tag(&[name]);
        let mut found = u64::MAX;
        for (index, (user, _)) in (0..).zip(&users.users) {
            found.conditional_assign(&index, self.tag(&[user.as_bytes()]).ct_eq(&wanted));
        }
        let user = usize::try_from(found).ok().and_then(|index| users.users.get(index));
        (user.is_some(), user.map_or(&users.nobody, |(_, hash)| hash.expose_secret()))
    }

    /// A keyed hash of `parts`.
    fn tag(&self, parts: &[&[u8]]) -> Vec<u8> {
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

    fn cache(&self, credentials: Vec<u8>, allowed: bool) {
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
    use super::*;

    fn header(name: &str, password: &str) -> HeaderValue {
        HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))).unwrap()
    }

    fn users(users: &[(&str, &str)]) -> Users {
        let hash = |password: &str| SecretString::from(bcrypt::hash(password, 4).unwrap());
        Users::new(users.iter().map(|(user, password)| ((*user).to_owned(), hash(password))).collect()).unwrap()
    }

    #[tokio::test]
    async fn correct_wrong_and_unknown_credentials_take_the_same_work_once() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2"), ("bob", "swordfish")]));
        for (name, password, allowed) in
            [("alice", "hunter2", true), ("alice", "swordfish", false), ("carol", "hunter2", false), ("", "", false)]
        {
            let before = auth.password_checks();
            for _ in 0..2 {
                assert_eq!(auth.allows(&users, Some(&header(name, password))).await, allowed, "{name}");
            }
            assert_eq!(auth.password_checks() - before, 1, "{name}");
        }
    }

    #[tokio::test]
    async fn concurrent_requests_with_the_same_credentials_share_the_work() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2")]));
        let header = header("alice", "hunter2");
        let ask = || auth.allows(&users, Some(&header));
        assert_eq!(tokio::join!(ask(), ask(), ask()), (true, true, true));
        assert_eq!(auth.password_checks(), 1);
    }

    #[tokio::test]
    async fn other_headers_cost_nothing() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2")]));
        for text in ["", "Basic", "Basic ", "Basic !", "Basic YWxpY2U=", "Bearer YWxpY2U6aHVudGVyMg=="] {
            assert!(!auth.allows(&users, Some(&HeaderValue::from_static(text))).await, "{text}");
        }
        assert!(!auth.allows(&users, None).await);
        assert_eq!(auth.password_checks(), 0);
        assert!(auth.allows(&users, Some(&HeaderValue::from_static("basic YWxpY2U6aHVudGVyMg=="))).await);
    }

    #[tokio::test]
    async fn guesses_do_not_evict_valid_users() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2")]));
        assert!(auth.allows(&users, Some(&header("alice", "hunter2"))).await);
        for guess in 0..CACHE_SIZE {
            assert!(!auth.allows(&users, Some(&header("alice", &guess.to_string()))).await);
        }
        let before = auth.password_checks();
        assert!(auth.allows(&users, Some(&header("alice", "hunter2"))).await);
        assert_eq!(auth.password_checks(), before);
        assert!(auth.outcomes.lock().unwrap().len() <= CACHE_SIZE);
    }

    #[test]
    fn the_hash_for_unknown_users_is_as_slow_as_the_slowest() {
        let hash = |cost| SecretString::from(bcrypt::hash("hunter2", cost).unwrap());
        let users = Users::new([("a".to_owned(), hash(4)), ("b".to_owned(), hash(6))].into()).unwrap();
        assert_eq!(HashParts::from_str(&users.nobody).unwrap().get_cost(), 6);
        // Well-formed: it is compared, not refused at once.
        assert!(!bcrypt::verify("nobody", &users.nobody).unwrap());
    }

    #[test]
    fn debug_output_has_no_secrets() {
        let text = format!("{:?} {:?}", users(&[("alice", "hunter2")]), Auth::new().unwrap());
        let without_nobody = text.replacen("$2b$04$nobody", "", 1);
        assert!(!without_nobody.contains("$2") && !text.contains("hunter2"), "{text}");
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
