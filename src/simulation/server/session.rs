//! Access of a connection: where it comes from, the challenge, the password, and what happens without one.

use super::request::{leaf, parse};
use crate::simulation::replies::ParsedRequest;

/// Operations that require the password: those that change something, and those that return more than every user of the
/// computer may know.
const PASSWORD_REQUIRED: [&str; 49] = [
    "abort_file_transfer",
    "abort_result",
    "acct_mgr_info",
    "acct_mgr_rpc",
    "acct_mgr_rpc_poll",
    "create_account",
    "create_account_poll",
    "get_app_config",
    "get_cc_config",
    "get_global_prefs_file",
    "get_global_prefs_override",
    "get_global_prefs_working",
    "get_notices",
    "get_project_config",
    "get_project_config_poll",
    "get_project_init_status",
    "get_proxy_settings",
    "lookup_account",
    "lookup_account_poll",
    "network_available",
    "project_allowmorework",
    "project_attach",
    "project_attach_poll",
    "project_detach",
    "project_detach_when_done",
    "project_dont_detach_when_done",
    "project_nomorework",
    "project_reset",
    "project_resume",
    "project_suspend",
    "project_update",
    "quit",
    "read_cc_config",
    "read_global_prefs_override",
    "report_device_status",
    "reset_host_info",
    "resume_result",
    "retry_file_transfer",
    "run_benchmarks",
    "set_app_config",
    "set_cc_config",
    "set_global_prefs_override",
    "set_gpu_mode",
    "set_host_info",
    "set_language",
    "set_network_mode",
    "set_proxy_settings",
    "set_run_mode",
    "suspend_result",
];

/// The access state of one connection.
#[derive(Debug)]
pub struct Session {
    /// Whether the peer is on the client's computer, from which reading is always allowed.
    local: bool,
    /// The password that the client requires; `None` if it requires none.
    password: Option<String>,
    /// Whether the peer has authenticated.
    authorized: bool,
    /// The challenge, once requested.
    nonce: Option<String>,
    /// Whether a request was already refused.
    refused: bool,
}

/// The body of a reply, and whether the connection stays open.
pub type Reply = (String, bool);

impl Session {
    /// The state of a new connection.
    pub const fn new(local: bool, password: Option<String>) -> Self {
        Self { local, password, authorized: false, nonce: None, refused: false }
    }

    /// The reply to a request. `now` is the time on the client's clock; `read` produces the replies about the client's state.
    pub fn answer(
        &mut self,
        request: &str,
        now: f64,
        read: impl FnOnce(&ParsedRequest<'_>) -> Option<String>,
    ) -> Reply {
        // A client searches for these two anywhere in the request, before it looks for an operation.
        if request.contains("<auth1") {
            return self.auth1(now);
        }
        if request.contains("<auth2") {
            return self.auth2(request);
        }
        if self.is_locked() && !self.local {
            return self.refuse();
        }
        let (parsed, tag) = match parse(request) {
            Ok(parsed) => parsed,
            Err(problem) => return (error(problem), true),
        };
        if PASSWORD_REQUIRED.contains(&parsed.operation) && self.is_locked() {
            return self.refuse();
        }
        // No notice is private.
        let operation = if parsed.operation == "get_notices" { "get_notices_public" } else { parsed.operation };
        let parsed = ParsedRequest { operation, ..parsed };
        // A simulated client cannot be changed: it does not know operations that would change it.
        (read(&parsed).unwrap_or_else(|| error(&format!("unrecognized op: {tag}"))), true)
    }

    const fn is_locked(&self) -> bool {
        self.password.is_some() && !self.authorized
    }

    fn auth1(&mut self, now: f64) -> Reply {
        if self.is_locked() && self.nonce.is_some() {
            return (String::new(), false);
        }
        let nonce = format!("{now:.6}");
        let body = format!("<nonce>{nonce}</nonce>\n");
        self.nonce = Some(nonce);
        (body, true)
    }

    fn auth2(&mut self, request: &str) -> Reply {
        let Some(nonce) = &self.nonce else { return (String::new(), false) };
        let secret = format!("{nonce}{}", self.password.as_deref().unwrap_or_default());
        if leaf(request, "nonce_hash") != Some(&format!("{:x}", md5::compute(secret))) {
            return ("<unauthorized/>\n".to_owned(), false);
        }
        self.authorized = true;
        ("<authorized/>\n".to_owned(), true)
    }

    /// Refuses a request. The first refusal leaves the connection open.
    fn refuse(&mut self) -> Reply {
        let stays = !std::mem::replace(&mut self.refused, true);
        ("<unauthorized/>\n".to_owned(), stays)
    }
}

fn error(problem: &str) -> String {
    format!("<error>{problem}</error>\n")
}
