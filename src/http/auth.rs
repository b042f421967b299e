//! Basic authentication: users with bcrypt hashes, and the header of a request, come in; whether it may pass goes out.
//!
//! A name and password that are right, wrong or unknown cost the same work, and that work is done by one thread at a
//! time: guessing slows neither scrapes nor this computer down.

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

/// Answers that are remembered. Each user of this exporter needs one; the rest is guesses.
const REMEMBERED: usize = 128;

/// Each step doubles the time. 18 takes some ten seconds, longer than a scrape may; 31 takes a day.
pub const COSTS: std::ops::RangeInclusive<u32> = 4..=18;

/// More is cut off by bcrypt, without a word. One byte marks the end.
const LONGEST: usize = 71;

/// Who may see the pages.
#[derive(Debug, Default)]
pub struct Users {
    users: Vec<(String, SecretString)>,
    /// What a password of an unknown user is compared with. Costs as much as those of the known ones.
    nobody: String,
}

impl Users {
    /// Checks the hashes.
    ///
    /// # Errors
    /// A user, and the end of a sentence about the hash, without the hash.
    pub fn new(users: BTreeMap<String, SecretString>) -> Result<Self, (String, String)> {
        let mut most = *COSTS.start();
        for (user, hash) in &users {
            if user.contains(':') {
                return Err((user.clone(), "has a colon in the user's name, which no client can send".to_owned()));
            }
            let Ok(parts) = HashParts::from_str(hash.expose_secret()) else {
                let problem = "is not a bcrypt hash; let `boinc_exporter hash-password` make one";
                return Err((user.clone(), problem.to_owned()));
            };
            let cost = parts.get_cost();
            if !COSTS.contains(&cost) {
                let problem = format!("has cost {cost}, but it must be from {} to {}", COSTS.start(), COSTS.end());
                return Err((user.clone(), problem));
            }
            most = most.max(cost);
        }
        // Any salt, and a digest that belongs to no password that anyone could find.
        let nobody = format!("$2b${most:02}${}{}", "nobodynobodynobodynobO", "nobodynobodynobodynobodynobodyO");
        Ok(Self { users: users.into_iter().collect(), nobody })
    }

    /// How many there are. None means that everybody may see the pages.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether everybody may see the pages.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }
}

/// What is known of earlier answers.
#[derive(Debug)]
pub struct Auth {
    /// Made at start, so that what is remembered is of no use elsewhere.
    key: hmac::Key,
    answers: Mutex<HashMap<Vec<u8>, bool>>,
    permits: Arc<Semaphore>,
    password_checks: AtomicU64,
}

impl Auth {
    /// Remembers nothing yet.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new() -> Result<Self, ring::error::Unspecified> {
        Ok(Self {
            key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())?,
            answers: Mutex::default(),
            permits: Arc::new(Semaphore::new(1)),
            password_checks: AtomicU64::new(0),
        })
    }

    /// How many passwords were compared.
    pub fn password_checks(&self) -> u64 {
        self.password_checks.load(Ordering::Relaxed)
    }

    /// Whether a request with this `Authorization` header may pass.
    pub async fn allows(&self, users: &Users, header: Option<&HeaderValue>) -> bool {
        let Some((name, password)) = header.and_then(credentials) else { return false };
        let (known, hash) = self.find(users, &name);
        let answer = self.tag(&[&name, hash.as_bytes(), password.expose_secret()]);
        if let Some(allowed) = self.remembered(&answer) {
            return allowed;
        }
        // Closed is not what this semaphore ever becomes.
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return false };
        // Whoever had the permit before may have asked the same.
        if let Some(allowed) = self.remembered(&answer) {
            return allowed;
        }
        self.password_checks.fetch_add(1, Ordering::Relaxed);
        let hash = SecretString::from(hash);
        let compared = tokio::task::spawn_blocking(move || {
            // It travels along, so that a request that goes away does not let a second thread begin.
            (bcrypt::verify(password.expose_secret(), hash.expose_secret()), permit)
        });
        let Ok((equal, _turn)) = compared.await else { return false };
        let allowed = known && equal.unwrap_or(false);
        self.remember(answer, allowed);
        allowed
    }

    /// Whether there is such a user, and the hash to compare with. Takes the same time for each.
    fn find<'a>(&self, users: &'a Users, name: &[u8]) -> (bool, &'a str) {
        let wanted = self.tag(&[name]);
        let mut found = u64::MAX;
        for (index, (user, _)) in (0..).zip(&users.users) {
            found.conditional_assign(&index, self.tag(&[user.as_bytes()]).ct_eq(&wanted));
        }
        let user = usize::try_from(found).ok().and_then(|index| users.users.get(index));
        (user.is_some(), user.map_or(&users.nobody, |(_, hash)| hash.expose_secret()))
    }

    /// Stands for `parts` without telling them.
    fn tag(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(&part.len().to_le_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    fn remembered(&self, answer: &[u8]) -> Option<bool> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(answer).copied()
    }

    fn remember(&self, answer: Vec<u8>, allowed: bool) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            // Guesses go first: they must not make those who are right wait.
            answers.retain(|_, allowed| *allowed);
        }
        if answers.len() >= REMEMBERED {
            answers.clear();
        }
        answers.insert(answer, allowed);
    }
}

/// Name and password out of `Basic bmFtZTpwYXNzd29yZA==`.
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

/// The hash of a password, as it stands in the web configuration file.
///
/// # Errors
/// A sentence that says what is wrong with the password, without it.
pub fn hash_password(password: &SecretString, cost: u32) -> Result<String, String> {
    let password = password.expose_secret();
    if password.is_empty() {
        return Err("the password is empty".to_owned());
    }
    if password.len() > LONGEST {
        let length = password.len();
        return Err(format!("the password has {length} bytes, but bcrypt reads no more than {LONGEST}"));
    }
    bcrypt::non_truncating_hash(password, cost).map_err(|error| format!("the password cannot be hashed: {error}"))
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
    async fn right_wrong_and_unknown_take_the_same_work_once() {
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
    async fn those_who_ask_the_same_at_the_same_time_share_the_work() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2")]));
        let header = header("alice", "hunter2");
        let ask = || auth.allows(&users, Some(&header));
        assert_eq!(tokio::join!(ask(), ask(), ask()), (true, true, true));
        assert_eq!(auth.password_checks(), 1);
    }

    #[tokio::test]
    async fn what_is_no_basic_authentication_costs_nothing() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2")]));
        for text in ["", "Basic", "Basic ", "Basic !", "Basic YWxpY2U=", "Bearer YWxpY2U6aHVudGVyMg=="] {
            assert!(!auth.allows(&users, Some(&HeaderValue::from_static(text))).await, "{text}");
        }
        assert!(!auth.allows(&users, None).await);
        assert_eq!(auth.password_checks(), 0);
        assert!(auth.allows(&users, Some(&HeaderValue::from_static("basic YWxpY2U6aHVudGVyMg=="))).await);
    }

    #[tokio::test]
    async fn guesses_do_not_push_out_those_who_are_right() {
        let (auth, users) = (Auth::new().unwrap(), users(&[("alice", "hunter2")]));
        assert!(auth.allows(&users, Some(&header("alice", "hunter2"))).await);
        for guess in 0..REMEMBERED {
            assert!(!auth.allows(&users, Some(&header("alice", &guess.to_string()))).await);
        }
        let before = auth.password_checks();
        assert!(auth.allows(&users, Some(&header("alice", "hunter2"))).await);
        assert_eq!(auth.password_checks(), before);
        assert!(auth.answers.lock().unwrap().len() <= REMEMBERED);
    }

    #[test]
    fn the_hash_for_nobody_costs_as_much_as_the_dearest() {
        let hash = |cost| SecretString::from(bcrypt::hash("hunter2", cost).unwrap());
        let users = Users::new([("a".to_owned(), hash(4)), ("b".to_owned(), hash(6))].into()).unwrap();
        assert_eq!(HashParts::from_str(&users.nobody).unwrap().get_cost(), 6);
        // Well-formed, so that it is compared and not refused at once.
        assert!(!bcrypt::verify("nobody", &users.nobody).unwrap());
    }

    #[test]
    fn nothing_of_it_shows() {
        let text = format!("{:?} {:?}", users(&[("alice", "hunter2")]), Auth::new().unwrap());
        let without_nobody = text.replacen("$2b$04$nobody", "", 1);
        assert!(!without_nobody.contains("$2") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn passwords_that_cannot_be_hashed() {
        let hash = |password: &str| hash_password(&SecretString::from(password), 4);
        assert_eq!(hash("").unwrap_err(), "the password is empty");
        assert_eq!(hash(&"x".repeat(72)).unwrap_err(), "the password has 72 bytes, but bcrypt reads no more than 71");
        assert!(bcrypt::verify("x".repeat(71), &hash(&"x".repeat(71)).unwrap()).unwrap());
    }
}
