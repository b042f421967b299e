//! What an answer can be instead of the page that was asked for. An answer goes in, a reason comes out. Nothing of what a project
//! says is kept: its errors repeat the request, with its key.

use std::fmt;

use memchr::memmem;

use super::answer::Answer;
use super::errors::Error;
use super::html;
use crate::project::reason::Reason;

/// Why a page could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The reason.
    pub reason: Reason,
    /// The status of HTTP, unless it is a success.
    pub status: Option<u16>,
    /// BOINC's error number, if the project gave one.
    pub error_num: Option<i64>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.sentence())?;
        match (self.status, self.error_num) {
            (Some(status), _) => write!(f, " (HTTP status {status})"),
            (None, Some(number)) => write!(f, " (BOINC error {number})"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// A fault of an answer.
    pub(super) fn new(answer: &Answer<'_>, reason: Reason) -> Self {
        Self { reason, status: Some(answer.status).filter(|_| !answer.is_success()), error_num: None }
    }

    /// An error that stands in a page.
    pub(super) fn error(answer: &Answer<'_>, error: &Error) -> Self {
        Self { error_num: error.number, ..Self::new(answer, error.reason) }
    }
}

/// What an answer is that has not got the page in it. `page` is its body without PHP's messages, `is_fatal` whether one of those
/// says that PHP gave up.
pub(super) fn instead(answer: &Answer<'_>, page: &[u8], is_fatal: bool) -> Fault {
    if let Some(reason) = redirect(answer) {
        return Fault::new(answer, reason);
    }
    if let Some(error) = Error::first(page) {
        return Fault::error(answer, &error);
    }
    let html = html::kind(page);
    let reason = html
        .and_then(html::Kind::reason)
        .or_else(|| is_fatal.then_some(Reason::ServerError))
        .or_else(|| of_status(answer.status))
        .or_else(|| html.map(|kind| if kind == html::Kind::Boinc { Reason::Html } else { Reason::Portal }))
        .unwrap_or_else(|| of_text(page));
    Fault::new(answer, reason)
}

/// Where an answer sends to instead. The keys in a target are left where they are.
fn redirect(answer: &Answer<'_>) -> Option<Reason> {
    let location = answer.location;
    if !(300..400).contains(&answer.status) || location.is_empty() {
        return None;
    }
    let path = location.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let file = path.rsplit('/').next().unwrap_or_default();
    // Arguments that a page does not take (`html/inc/util_basic.inc`).
    let wrong_argument = ["missing_arg_", "non_num_arg", "extra_arg_"].iter().any(|begin| file.starts_with(begin));
    let portal = ["captive", "hotspot", "//10.", "//192.168.", "//1.1.1.1"].iter().any(|mark| path.contains(mark));
    Some(if wrong_argument {
        Reason::Rejected
    } else if portal {
        Reason::Portal
    } else if ["login", "log_in", "signin", "sign_in", "sign-in"].iter().any(|word| path.contains(word)) {
        Reason::Login
    } else if path.contains("maintenance") {
        Reason::Maintenance
    } else {
        Reason::Redirect
    })
}

/// What the status of HTTP says.
const fn of_status(status: u16) -> Option<Reason> {
    Some(match status {
        200..=299 => return None,
        300..=399 => Reason::Redirect,
        401 => Reason::Unauthorized,
        // 406 is what mod_security answers, 451 and 423 are walls too.
        403 | 406 | 423 | 451 => Reason::Blocked,
        404 | 410 => Reason::MissingPage,
        429 => Reason::TooManyRequests,
        500 => Reason::ServerError,
        // From 520 on, Cloudflare has no answer of the server (developers.cloudflare.com/support, 5xx errors).
        502..=504 | 520..=527 | 530 => Reason::Unavailable,
        // Network Authentication Required
        511 => Reason::Portal,
        _ => Reason::HttpError,
    })
}

/// What a text is that has neither a page nor an error nor HTML in it.
fn of_text(page: &[u8]) -> Reason {
    let page = page.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(page).trim_ascii();
    let text = match memmem::find(page, b"?>") {
        Some(end) if page.starts_with(b"<?xml") => page[end + 2..].trim_ascii(),
        _ => page,
    };
    let last = memchr::memrchr(b'<', text);
    if text.is_empty() {
        Reason::Empty
    } else if last.is_some_and(|at| memchr::memchr(b'>', &text[at..]).is_none()) {
        Reason::Truncated
    } else if let Some(reason) = super::errors::reason_of_text(text) {
        reason
    } else {
        Reason::Unknown
    }
}
