//! Access to the pages: TLS, users and headers, as the web configuration file says. The file and the certificates that it
//! names are read again after they change; while they are invalid, what was valid before stays in force.
//!
//! Files are touched only on threads that may block: a network mount that hangs must not stop `/-/healthy` as well.
//!
//! | module | what it knows |
//! |---|---|
//! | `files` | reading files, and whether they have changed |
//! | `checks` | when to look, and how long to wait for it |

mod checks;
mod files;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::http::header::{AUTHORIZATION, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rustls::ServerConfig;
use secrecy::SecretSlice;

use self::checks::Checks;
use self::files::ReadFiles;
use super::auth::{Auth, Users};
use super::peer::Peer;
use super::rate_limit::RateLimit;
use super::tls;
use super::web_config::{self, WebConfigError};
use crate::config::Web;
use crate::self_metrics::WebReloads;

/// How often requests may make the exporter look whether files have changed. Looking takes microseconds on a local disk.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How long the request that starts a check waits for it. Short beside the 500 ms that a scrape keeps in reserve, long
/// enough for a network mount that works.
const CHECK_PATIENCE: Duration = Duration::from_millis(250);

/// The web configuration file, and what it says.
#[derive(Debug)]
pub struct WebAccess {
    file: PathBuf,
    auth: Arc<Auth>,
    checks: Checks,
    state: Mutex<State>,
    reloads: Arc<WebReloads>,
}

#[derive(Debug)]
struct State {
    rules: Arc<Rules>,
    /// What the last attempt has read, valid or not.
    files: Arc<ReadFiles>,
}

/// What a web configuration demands of connections and requests.
#[derive(Debug)]
pub struct Rules {
    tls: Option<Arc<ServerConfig>>,
    /// When the certificate ends.
    not_after: Option<SystemTime>,
    rate_limit: Option<RateLimit>,
    headers: Vec<(HeaderName, HeaderValue)>,
    users: Users,
}

/// A valid web configuration that is not in force yet.
#[derive(Debug)]
pub struct PreparedAccess(State);

impl WebAccess {
    /// Reads the web configuration file that the configuration names, if any.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_config(web: &Web) -> Result<Option<Self>, WebConfigError> {
        web.config_file.as_deref().map(Self::load).transpose()
    }

    /// Reads a web configuration file and the certificates that it names.
    ///
    /// # Errors
    /// A sentence that names the file, the key, and what is allowed.
    pub fn load(file: &Path) -> Result<Self, WebConfigError> {
        let auth = Auth::new()
            .map(Arc::new)
            .map_err(|_| WebConfigError::new(file, ": this system provides no random numbers"))?;
        let PreparedAccess(state) = read(file)?;
        let checks = Checks::new(CHECK_INTERVAL, CHECK_PATIENCE);
        let reloads = Arc::new(WebReloads::new(state.rules.not_after));
        Ok(Self { file: file.to_owned(), auth, checks, state: Mutex::new(state), reloads })
    }

    /// How reloads went, as metrics.
    pub fn reloads(&self) -> Arc<WebReloads> {
        Arc::clone(&self.reloads)
    }

    /// Looks for changed files at most every `interval`, and waits up to `patience` for that.
    #[must_use]
    pub fn with_checks(self, interval: Duration, patience: Duration) -> Self {
        Self { checks: Checks::new(interval, patience), ..self }
    }

    /// Reads everything again and puts nothing in force. Blocks.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn prepare(&self) -> Result<PreparedAccess, WebConfigError> {
        read(&self.file).inspect_err(|error| self.reloads.failed(error.to_string()))
    }

    /// The same for a reload that nobody asked for: unlike [`prepare`](Self::prepare), it refuses to switch TLS or
    /// authentication off, because the file may be half written.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn prepare_unattended(&self) -> Result<PreparedAccess, WebConfigError> {
        let prepared = self.prepare()?;
        self.refuse_weaker(&self.state().rules, &prepared.0.rules)
            .inspect_err(|error| self.reloads.failed(error.to_string()))?;
        Ok(prepared)
    }

    /// Puts what was read in force.
    pub fn commit(&self, PreparedAccess(state): PreparedAccess) {
        self.reloads.succeeded(state.rules.not_after);
        *self.state() = state;
    }

    /// What is in force for a new connection or request. Files that have changed are read again first, but no request
    /// waits for that longer than a moment.
    pub(super) async fn rules(self: &Arc<Self>) -> Arc<Rules> {
        let access = Arc::clone(self);
        self.checks.run(move || access.check_files()).await;
        self.in_force()
    }

    /// Checks the files now, for metrics that tell whether they are valid.
    pub(super) async fn refresh(self: &Arc<Self>) {
        let access = Arc::clone(self);
        self.checks.run_now(move || access.check_files()).await;
    }

    fn check_files(&self) {
        let before = Arc::clone(&self.state().files);
        if !before.have_changed() {
            return;
        }
        let mut files = ReadFiles::default();
        let rules = read_rules(&self.file, &mut files);
        let mut state = self.state();
        if !Arc::ptr_eq(&state.files, &before) {
            // Reloaded meanwhile. If that has read older files, the next check will tell.
            return;
        }
        state.files = Arc::new(files);
        match rules.and_then(|rules| self.refuse_weaker(&state.rules, &rules).map(|()| rules)) {
            Ok(rules) => {
                self.reloads.succeeded(rules.not_after);
                state.rules = Arc::new(rules);
                tracing::info!(file = %self.file.display(), "reloaded the web configuration because it has changed");
            }
            Err(error) => {
                self.reloads.failed(error.to_string());
                tracing::warn!(%error, "the web configuration has changed but is invalid; keeping the previous one");
            }
        }
    }

    /// Refuses what would open the pages to everybody.
    fn refuse_weaker(&self, old: &Rules, new: &Rules) -> Result<(), WebConfigError> {
        let lost = match (old.tls.is_some() && new.tls.is_none(), !old.users.is_empty() && new.users.is_empty()) {
            (false, false) => return Ok(()),
            (true, _) => "tls_server_config",
            (false, true) => "basic_auth_users",
        };
        let problem = format_args!(": `{lost}` has been removed; to confirm that, reload or restart the exporter");
        Err(WebConfigError::new(&self.file, problem))
    }

    fn in_force(&self) -> Arc<Rules> {
        Arc::clone(&self.state().rules)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the pages are served over TLS.
    pub fn has_tls(&self) -> bool {
        self.in_force().tls.is_some()
    }

    /// How many passwords have been compared, which is the expensive part of authentication.
    pub fn password_checks(&self) -> u64 {
        self.auth.password_checks()
    }

    /// One line for `--config.check`.
    pub fn summary(&self) -> String {
        let rules = self.in_force();
        let mut text = format!("{} is valid: ", self.file.display());
        text.push_str(if rules.tls.is_some() { "TLS" } else { "no TLS" });
        // Writing to a String cannot fail.
        let _ = match rules.users.len() {
            0 => write!(text, ", no authentication"),
            1 => write!(text, ", 1 user"),
            users => write!(text, ", {users} users"),
        };
        text
    }

    /// The response to a request from there that may not pass.
    pub(super) async fn refusal(&self, rules: &Rules, peer: Peer, headers: &HeaderMap) -> Option<Response> {
        if rules.rate_limit.as_ref().is_some_and(|limit| !limit.allows(Instant::now())) {
            let sentence = "Too many requests; `rate_limit` in the web configuration limits them.\n";
            return Some((StatusCode::TOO_MANY_REQUESTS, sentence).into_response());
        }
        if rules.users.is_empty() || self.auth.allows(&rules.users, peer, headers.get(AUTHORIZATION)).await {
            return None;
        }
        let sentence = "This exporter requires a user name and a password.\n";
        Some((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic")], sentence).into_response())
    }
}

impl Rules {
    /// For a new connection.
    pub(super) fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls.clone()
    }

    /// Adds the configured headers, except where a page sets its own.
    pub(super) fn add_headers(&self, response: &mut Response) {
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
}

fn read(file: &Path) -> Result<PreparedAccess, WebConfigError> {
    let mut files = ReadFiles::default();
    let rules = Arc::new(read_rules(file, &mut files)?);
    Ok(PreparedAccess(State { rules, files: Arc::new(files) }))
}

fn read_rules(file: &Path, files: &mut ReadFiles) -> Result<Rules, WebConfigError> {
    let text = files
        .read(file)
        .map_err(|problem| WebConfigError::new(file, format_args!(", the file of --web.config.file, {problem}")))?;
    let text = String::from_utf8(text).map_err(|_| WebConfigError::new(file, " is not valid UTF-8"))?;
    let config = web_config::parse(file, &text)?;
    let served = match &config.tls {
        Some(tls) => {
            let served = tls::server_config(tls, |path| files.read(path).map(SecretSlice::from));
            Some(served.map_err(|problem| WebConfigError::new(file, problem))?)
        }
        None => None,
    };
    Ok(Rules {
        not_after: served.as_ref().and_then(|served| served.not_after),
        tls: served.map(|served| Arc::new(served.config)),
        rate_limit: config.rate_limit,
        headers: config.headers,
        users: config.users,
    })
}
