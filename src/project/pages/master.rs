//! The page at a project's master URL: HTML for people that names the project's schedulers, in a comment and in a link.

use memchr::memmem;

use super::answer::{Answer, Page};
use super::fault::{self, Fault};
use super::notices::strip;
use super::values::Text;
use crate::project::reason::Reason;

/// Bytes of an answer. Front pages have 10 to 200 kB; the addresses stand at the beginning.
pub const MAX_BODY: usize = 1 << 20;

/// Schedulers that are kept. A client chooses one.
pub const MAX_SCHEDULERS: usize = 10;

/// Bytes of a tag, or of an address.
const MAX_LENGTH: usize = 1_000;

/// Reads an answer: the addresses of the schedulers, as they are written, each once. At least one. Some projects redirect the page:
/// the answer is the one at the end.
///
/// # Errors
/// Fails if it names none.
pub fn read(answer: &Answer<'_>) -> Result<Page<Vec<Text>>, Fault> {
    let stripped = strip(answer.body);
    let mut urls = Vec::new();
    let found = comments(&stripped.text).into_iter().chain(links(&stripped.text));
    for url in found.map(Text::decode).filter(|url| !url.is_empty()) {
        if urls.len() < MAX_SCHEDULERS && !urls.contains(&url) {
            urls.push(url);
        }
    }
    if urls.is_empty() || !answer.is_success() {
        let fault = fault::instead(answer, &stripped.text, stripped.is_fatal);
        let reason = if fault.reason == Reason::Html { Reason::NoScheduler } else { fault.reason };
        return Err(Fault { reason, ..fault });
    }
    Ok(Page { content: urls, ..Page::default() })
}

/// `<scheduler>URL</scheduler>`, inside of a comment since it disturbs browsers.
fn comments(page: &[u8]) -> Vec<&[u8]> {
    let starts = memmem::find_iter(page, b"<scheduler>").take(MAX_SCHEDULERS);
    starts
        .filter_map(|at| {
            let rest = &page[at + b"<scheduler>".len()..];
            let rest = &rest[..rest.len().min(MAX_LENGTH)];
            Some(&rest[..memmem::find(rest, b"</scheduler>")?])
        })
        .collect()
}

/// `<link rel="boinc_scheduler" href="URL">`
fn links(page: &[u8]) -> Vec<&[u8]> {
    let names = memmem::find_iter(page, b"boinc_scheduler").take(MAX_SCHEDULERS);
    names
        .filter_map(|at| {
            let before = &page[at.saturating_sub(MAX_LENGTH)..at];
            let start = at - before.len() + memchr::memrchr(b'<', before)?;
            let rest = &page[at..page.len().min(at + MAX_LENGTH)];
            let tag = &page[start..at + memchr::memchr(b'>', rest)?];
            let is_link = tag.get(1..6).is_some_and(|name| name.eq_ignore_ascii_case(b"link "));
            attribute(tag, b"href").filter(|_| is_link)
        })
        .collect()
}

/// The value of an attribute, with or without quotes.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let equals = memmem::find_iter(tag, b"=").find(|at| {
        let before = tag[..*at].trim_ascii_end();
        before.len() > name.len() && before[before.len() - name.len()..].eq_ignore_ascii_case(name)
    })?;
    let value = tag[equals + 1..].trim_ascii_start();
    match value.first()? {
        quote @ (b'"' | b'\'') => value[1..].split(|byte| byte == quote).next(),
        _ => value.split(u8::is_ascii_whitespace).next(),
    }
}
