//! What stands before the pages: TLS, users and headers, as the web configuration file says at this moment. The file and
//! the certificates are read again when they have changed; while they are wrong, what was right before stays in force.

use std::fmt::Write as _;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::http::header::{AUTHORIZATION, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rustls::ServerConfig;
use secrecy::SecretSlice;

use super::auth::{Auth, Users};
use super::tls;
use super::web_config::{self, WebConfigError};
use crate::config::Web;

/// A hundred times the longest chain of certificates. Longer files are something else.
const LONGEST: u64 = 1 << 20;

/// The web configuration file, and what it said.
#[derive(Debug)]
pub struct WebAccess {
    file: PathBuf,
    auth: Auth,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rules: Arc<Rules>,
    /// The files of the last attempt, right or wrong, as they were before they were read.
    seen: Vec<(PathBuf, Option<Stamp>)>,
}

/// What is in force.
#[derive(Debug)]
pub struct Rules {
    tls: Option<Arc<ServerConfig>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    users: Users,
}

/// Changes whenever a file is written or replaced.
#[derive(Debug, PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// A file that was put in place of another may be as long and as old.
    place: [u64; 2],
    changed: [i64; 2],
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let (place, changed) = unix(&metadata);
        Some(Self { length: metadata.len(), modified: metadata.modified().ok(), place, changed })
    }
}

#[cfg(unix)]
fn unix(metadata: &Metadata) -> ([u64; 2], [i64; 2]) {
    use std::os::unix::fs::MetadataExt as _;
    ([metadata.dev(), metadata.ino()], [metadata.ctime(), metadata.ctime_nsec()])
}

#[cfg(not(unix))]
fn unix(_: &Metadata) -> ([u64; 2], [i64; 2]) {
    ([0; 2], [0; 2])
}

impl WebAccess {
    /// What stands before the pages, if anything.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn configured(web: &Web) -> Result<Option<Self>, WebConfigError> {
        web.config_file.as_deref().map(Self::load).transpose()
    }

    /// Reads a web configuration file and the certificates that it names.
    ///
    /// # Errors
    /// A sentence that names the file, the key, and what is allowed.
    pub fn load(file: &Path) -> Result<Self, WebConfigError> {
        let auth = Auth::new().map_err(|_| WebConfigError::new(file, ": this system gives no random numbers"))?;
        let mut seen = Vec::new();
        let rules = Arc::new(read(file, &mut seen)?);
        Ok(Self { file: file.to_owned(), auth, state: Mutex::new(State { rules, seen }) })
    }

    /// Reads everything again at once. Unlike what happens by itself when a file changes, this can switch TLS and
    /// authentication off.
    ///
    /// # Errors
    /// As [`load`](Self::load); what was in force stays so.
    pub fn reload(&self) -> Result<(), WebConfigError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seen.clear();
        let rules = read(&self.file, &mut state.seen)?;
        state.rules = Arc::new(rules);
        Ok(())
    }

    /// What is in force now.
    pub(super) fn rules(&self) -> Arc<Rules> {
        // Looking at a few files takes microseconds, and the lock is held longer only while they are read again.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.seen.iter().any(|(path, stamp)| Stamp::of(path) != *stamp) {
            state.seen.clear();
            let read = read(&self.file, &mut state.seen).and_then(|rules| self.no_less(&state.rules, rules));
            match read {
                Ok(rules) => {
                    state.rules = Arc::new(rules);
                    tracing::info!(file = %self.file.display(), "the web configuration has changed and was read again");
                }
                Err(error) => {
                    tracing::warn!(%error, "the web configuration has changed and is wrong; the old one stays");
                }
            }
        }
        Arc::clone(&state.rules)
    }

    /// Refuses what opens the pages to everybody: it may be a file that is half written.
    fn no_less(&self, old: &Rules, new: Rules) -> Result<Rules, WebConfigError> {
        let lost = match (old.tls.is_some() && new.tls.is_none(), !old.users.is_empty() && new.users.is_empty()) {
            (false, false) => return Ok(new),
            (true, _) => "tls_server_config",
            (false, true) => "basic_auth_users",
        };
        let problem = format_args!(": `{lost}` is gone; reload or restart the exporter if that is what you want");
        Err(WebConfigError::new(&self.file, problem))
    }

    /// Whether the pages are served over TLS.
    pub fn has_tls(&self) -> bool {
        self.rules().tls.is_some()
    }

    /// How many passwords were compared, which is the expensive part of authentication.
    pub fn password_checks(&self) -> u64 {
        self.auth.runs()
    }

    /// What it does, in words.
    pub fn summary(&self) -> String {
        let rules = self.rules();
        let mut text = format!("{} is right: ", self.file.display());
        text.push_str(if rules.tls.is_some() { "TLS" } else { "no TLS" });
        // Memory takes all that is written.
        let _ = match rules.users.len() {
            0 => write!(text, ", no authentication"),
            1 => write!(text, ", 1 user"),
            users => write!(text, ", {users} users"),
        };
        text
    }

    /// Whether a request may pass: nothing if so, else the answer.
    pub(super) async fn refuses(&self, rules: &Rules, headers: &HeaderMap) -> Option<Response> {
        if rules.users.is_empty() || self.auth.allows(&rules.users, headers.get(AUTHORIZATION)).await {
            return None;
        }
        let sentence = "This exporter asks for a user name and a password.\n";
        Some((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic")], sentence).into_response())
    }
}

impl Rules {
    /// For a new connection.
    pub(super) fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls.clone()
    }

    /// Adds the configured headers. What a page says of itself stays: it knows better.
    pub(super) fn add_headers(&self, response: &mut Response) {
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
}

fn read(file: &Path, seen: &mut Vec<(PathBuf, Option<Stamp>)>) -> Result<Rules, WebConfigError> {
    let mut open = |path: &Path| {
        seen.push((path.to_owned(), Stamp::of(path)));
        content(path)
    };
    let text = open(file)
        .map_err(|problem| WebConfigError::new(file, format_args!(", which --web.config.file names, {problem}")))?;
    let text = String::from_utf8(text).map_err(|_| WebConfigError::new(file, " is not text in UTF-8"))?;
    let config = web_config::parse(file, &text)?;
    let tls = match &config.tls {
        Some(tls) => {
            let tls = tls::server_config(tls, |path| open(path).map(SecretSlice::from));
            Some(Arc::new(tls.map_err(|problem| WebConfigError::new(file, problem))?))
        }
        None => None,
    };
    Ok(Rules { tls, headers: config.headers, users: config.users })
}

/// The bytes of a file, or the end of a sentence.
fn content(path: &Path) -> Result<Vec<u8>, String> {
    let read = fs::metadata(path).and_then(|metadata| {
        // A pipe would be waited for without end.
        let usable = metadata.is_file() && metadata.len() <= LONGEST;
        if usable { fs::read(path).map(Some) } else { Ok(None) }
    });
    match read {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(format!("is not a file of at most {LONGEST} bytes")),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => "does not exist".to_owned(),
            ErrorKind::PermissionDenied => {
                "may not be read by the exporter's user; change its owner or mode".to_owned()
            }
            _ => format!("cannot be read: {error}"),
        }),
    }
}
