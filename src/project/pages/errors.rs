//! Errors that a project names: `<error>` with a number and a text, in several generations. The bytes of an element go in, a reason
//! comes out. The text is not kept: it can repeat the request, with its key.

use memchr::memmem;

use crate::project::reason::Reason;

/// Bytes of a text that are looked at. The sentences are short; what follows is SQL, or the request again.
const MAX_SENTENCE: usize = 200;

/// An error that a project names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// What it means.
    pub reason: Reason,
    /// Its number.
    pub number: Option<i64>,
}

impl Error {
    /// The first error of a page.
    pub fn first(page: &[u8]) -> Option<Self> {
        let mut rest = page;
        while let Some(at) = memmem::find(rest, b"<error>") {
            rest = &rest[at + b"<error>".len()..];
            // One that the page breaks off in counts too: a stopped server does not always close it.
            let end = memmem::find(rest, b"</error>").unwrap_or(rest.len());
            if let Some(error) = Self::of(&rest[..end]) {
                return Some(error);
            }
            rest = &rest[end..];
        }
        None
    }

    /// What stands in an element `error`; `None` if it is a message of PHP, which has no number.
    pub fn of(contents: &[u8]) -> Option<Self> {
        let number = between(contents, b"<error_num>", b"</error_num>").and_then(number);
        let text = between(contents, b"<error_msg>", b"</error_msg>")
            .or_else(|| between(contents, b"<error_string>", b"</error_string>"))
            .or_else(|| between(contents, b"<message>", b"</message>"));
        if number.is_none() && between(contents, b"<type>", b"</type>").is_some() {
            return None;
        }
        let text = text.unwrap_or(contents);
        let reason = number.and_then(of_number).or_else(|| reason_of_text(text)).unwrap_or(Reason::ProjectError);
        Some(Self { reason, number })
    }
}

/// What stands between the first of these tags and the next of those.
fn between<'a>(text: &'a [u8], open: &[u8], close: &[u8]) -> Option<&'a [u8]> {
    let rest = &text[memmem::find(text, open)? + open.len()..];
    Some(&rest[..memmem::find(rest, close).unwrap_or(rest.len())])
}

/// Not every number is one: `bad token` occurs.
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// Numbers that always mean the same (`lib/error_numbers.h`, `html/inc/util_basic.inc`).
const fn of_number(number: i64) -> Option<Reason> {
    Some(match number {
        -112 => Reason::Rejected,
        -136 | -161 => Reason::UnknownId,
        -138 => Reason::Database,
        -155 | -206 => Reason::BadKey,
        -183 => Reason::Maintenance,
        _ => return None,
    })
}

/// What sentences mean that come without a number of their own, by their beginning.
const BEGINS: [(&str, Reason); 29] = [
    // These repeat the request.
    ("can't parse request", Reason::Rejected),
    ("missing or bad parameter", Reason::Rejected),
    ("bad command", Reason::Rejected),
    ("bad url", Reason::Rejected),
    ("batch not specified", Reason::Rejected),
    ("not supported", Reason::Rejected),
    ("no authenticator", Reason::BadKey),
    ("bad authenticator", Reason::BadKey),
    ("invalid authenticator", Reason::BadKey),
    ("invalid account key", Reason::BadKey),
    ("bad password", Reason::BadKey),
    ("no submit access", Reason::AccessDenied),
    ("no file access", Reason::AccessDenied),
    ("no access", Reason::AccessDenied),
    ("not owner", Reason::AccessDenied),
    ("access denied", Reason::AccessDenied),
    ("no such", Reason::UnknownId),
    ("no batch", Reason::UnknownId),
    ("no user", Reason::UnknownId),
    ("no team", Reason::UnknownId),
    ("not found", Reason::UnknownId),
    ("user not found", Reason::UnknownId),
    ("team not found", Reason::UnknownId),
    ("job not found", Reason::UnknownId),
    ("app not found", Reason::UnknownId),
    ("can't parse config", Reason::ServerError),
    ("batch->update() failed", Reason::Database),
    ("database error", Reason::Database),
    ("mysql", Reason::Database),
];

/// The same by words in them.
const CONTAINS: [(&str, Reason); 9] = [
    ("down for maintenance", Reason::Maintenance),
    ("temporarily offline", Reason::Maintenance),
    ("temporarily shut down", Reason::Maintenance),
    ("project is down", Reason::Maintenance),
    ("connect to database", Reason::Database),
    ("open database", Reason::Database),
    ("database is down", Reason::Database),
    ("database is not available", Reason::Database),
    ("database unavailable", Reason::Database),
];

/// What a sentence means.
pub fn reason_of_text(text: &[u8]) -> Option<Reason> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"<![CDATA[").unwrap_or(text).trim_ascii_start();
    let text = String::from_utf8_lossy(&text[..text.len().min(MAX_SENTENCE)]).to_lowercase();
    let begins = BEGINS.iter().find(|(begin, _)| text.starts_with(begin));
    let found = begins.or_else(|| CONTAINS.iter().find(|(words, _)| text.contains(words)));
    found.map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::{Error, Reason};

    #[test]
    fn errors_of_all_generations() {
        for (contents, number, reason) in [
            ("<error_num>-136</error_num><error_msg>Not found</error_msg>", Some(-136), Reason::UnknownId),
            ("<error_num>-138</error_num><error_msg>x</error_msg>", Some(-138), Reason::Database),
            ("\n <error_num> -183 </error_num>\n", Some(-183), Reason::Maintenance),
            ("<error_num>-155</error_num><error_string>x</error_string>", Some(-155), Reason::BadKey),
            ("<error_num>-1</error_num><error_msg>bad authenticator</error_msg>", Some(-1), Reason::BadKey),
            ("<error_num>-1</error_num><error_msg>no file access</error_msg>", Some(-1), Reason::AccessDenied),
            ("<error_num>-1</error_num><error_msg>not owner of batch</error_msg>", Some(-1), Reason::AccessDenied),
            ("<error_num>-1</error_num><error_msg>no batch named x</error_msg>", Some(-1), Reason::UnknownId),
            (
                "<error_num>-1</error_num><error_msg>can't parse request message: no such batch</error_msg>",
                Some(-1),
                Reason::Rejected,
            ),
            ("<error_num>-1</error_num><error_msg>missing or bad parameter: x</error_msg>", Some(-1), Reason::Rejected),
            ("<error_num>-1</error_num>", Some(-1), Reason::ProjectError),
            ("<error_num>-240</error_num><error_msg>x</error_msg>", Some(-240), Reason::ProjectError),
            ("<error_num>bad token</error_num><error_msg>x</error_msg>", None, Reason::ProjectError),
            ("<message>no such batch</message>", None, Reason::UnknownId),
            ("<message>X</message>", None, Reason::ProjectError),
            ("Not found", None, Reason::UnknownId),
            ("Invalid authenticator", None, Reason::BadKey),
            ("Project is temporarily shut down", None, Reason::Maintenance),
            ("<error_msg><![CDATA[Can't connect to database]]></error_msg>", None, Reason::Database),
            ("", None, Reason::ProjectError),
        ] {
            assert_eq!(Error::of(contents.as_bytes()), Some(Error { reason, number }), "{contents}");
        }
        let notice = "<error_msg>Undefined x</error_msg><type>Notice</type><file>x.php</file><line>3</line>";
        assert_eq!(Error::of(notice.as_bytes()), None);
    }
}
