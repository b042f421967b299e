//! What a well-behaved client answers: the challenge, who may ask, and the recorded replies.

use std::path::Path;

use super::fault::envelope;
use super::wire::Request;

/// Who the visitor is, and what it may ask: one a connection.
pub struct Session {
    nonce: String,
    password: Option<&'static str>,
    remote: bool,
    challenged: bool,
    authorized: bool,
    refused: usize,
}

impl Session {
    /// A conversation that has just begun; `number` makes its challenge unlike any other's.
    pub fn new(number: usize, password: Option<&'static str>, remote: bool) -> Self {
        let nonce = format!("1795321572.{number:06}");
        Self { nonce, password, remote, challenged: false, authorized: false, refused: 0 }
    }

    /// The reply, with its final `0x03`, and whether the connection stays.
    pub fn answer(&mut self, request: &Request, folder: &Path) -> (Vec<u8>, bool) {
        match request.operation() {
            "auth1" if self.challenged && !self.authorized => (envelope(""), false),
            "auth1" => {
                self.challenged = true;
                (envelope(&format!("<nonce>{}</nonce>\n", self.nonce)), true)
            }
            "auth2" if !self.challenged => (envelope(""), false),
            "auth2" => {
                let secret = format!("{}{}", self.nonce, self.password.unwrap_or_default());
                let right = format!("<nonce_hash>{:x}</nonce_hash>", md5::compute(secret));
                self.authorized = request.text.contains(&right);
                (envelope(if self.authorized { "<authorized/>\n" } else { "<unauthorized/>\n" }), self.authorized)
            }
            _ if self.remote && self.password.is_some() && !self.authorized => {
                self.refused += 1;
                (envelope("<unauthorized/>\n"), self.refused < 2)
            }
            operation => (recorded(folder, operation, &request.text), true),
        }
    }
}

/// The recorded reply, from the folder or else from what its version's clients have in common.
fn recorded(folder: &Path, operation: &str, request: &str) -> Vec<u8> {
    let active = operation == "get_results" && request.contains("<active_only>1</active_only>");
    let file = if active { "get_results_active.xml".to_owned() } else { format!("{operation}.xml") };
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let version = name.split('_').next().unwrap_or_default();
    let common = folder.with_file_name(format!("{version}_common"));
    let Ok(mut reply) = std::fs::read(folder.join(&file)).or_else(|_| std::fs::read(common.join(&file))) else {
        return envelope(&format!("<error>unrecognized op: {operation}/</error>\n"));
    };
    if operation == "get_messages" {
        let seen = value(request, "seqno").unwrap_or_default();
        reply = newer_than(seen, &reply);
    }
    reply.push(3);
    reply
}

/// Leaves the messages out whose number is at most `seen`.
fn newer_than(seen: i64, reply: &[u8]) -> Vec<u8> {
    const START: &[u8] = b"<msg>\n";
    const END: &[u8] = b"</msg>\n";
    let mut kept = Vec::with_capacity(reply.len());
    let mut rest = reply;
    while let Some(start) = find(rest, START) {
        let end = start + find(&rest[start..], END).expect("a recorded message ends") + END.len();
        kept.extend_from_slice(&rest[..start]);
        let message = &rest[start..end];
        if value(&String::from_utf8_lossy(message), "seqno").is_none_or(|number| number > seen) {
            kept.extend_from_slice(message);
        }
        rest = &rest[end..];
    }
    kept.extend_from_slice(rest);
    kept
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The number in the first `<tag>`.
fn value(text: &str, tag: &str) -> Option<i64> {
    let rest = text.split_once(&format!("<{tag}>"))?.1;
    rest.split_once('<')?.0.trim().parse().ok()
}
