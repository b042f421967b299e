//! What PHP prints for its operator into the page: before it, between its elements, inside of a number. The bytes of a page come in;
//! the same bytes without that go out. It does not know the page.

use std::borrow::Cow;

use memchr::{memchr, memmem};

/// The levels of PHP's messages.
const LEVELS: [&str; 9] = [
    "Deprecated",
    "Notice",
    "Warning",
    "Strict Standards",
    "Fatal error",
    "Parse error",
    "Catchable fatal error",
    "Recoverable fatal error",
    "Unknown error",
];

/// What PHP prints around them; the second up to PHP 4.2.
const BREAKS: [&[u8]; 2] = [b"<br />", b"<br>"];

/// A message is not longer: it names a file and a line, and a fatal one what was called. What is longer is text of the page.
const MAX_LENGTH: usize = 16 << 10;

/// A page without PHP's messages.
#[derive(Debug)]
pub struct Stripped<'a> {
    /// The page.
    pub text: Cow<'a, [u8]>,
    /// How many messages were in it.
    pub notices: u32,
    /// One of them says that PHP gave up.
    pub is_fatal: bool,
}

/// Removes PHP's messages.
pub fn strip(page: &[u8]) -> Stripped<'_> {
    let mut stripped = Stripped { text: Cow::Borrowed(page), notices: 0, is_fatal: false };
    // Most pages have none.
    if ![b" on line ".as_slice(), b"</line>", b"atal error"].iter().any(|mark| memmem::find(page, mark).is_some()) {
        return stripped;
    }
    let mut finder = Finder::default();
    let (mut kept, mut from) = (Vec::new(), 0);
    while let Some(found) = finder.next(page, from) {
        kept.extend_from_slice(&page[from..found.start.max(from)]);
        stripped.notices += 1;
        stripped.is_fatal |= found.is_fatal;
        from = found.end;
    }
    if stripped.notices > 0 {
        kept.extend_from_slice(&page[from..]);
        stripped.text = Cow::Owned(kept);
    }
    stripped
}

/// A message of PHP.
struct Notice {
    start: usize,
    end: usize,
    is_fatal: bool,
}

/// Finds messages by what stands in them: a page of nothing but beginnings is searched once.
#[derive(Default)]
struct Finder {
    bold: Next,
    error: Next,
    colon: Next,
    html: Next,
    element: Next,
    kind: Next,
}

impl Finder {
    /// The next message; what stands before `from` is used already.
    fn next(&mut self, page: &[u8], from: usize) -> Option<Notice> {
        let mut at = from;
        loop {
            let bold = self.bold.from(page, at, b"<b>");
            let error = self.error.from(page, at, b"<error>");
            let colon = self.colon.from(page, at, b": ");
            at = [bold, error, colon].into_iter().flatten().min()?;
            let found = if colon == Some(at) {
                plain(page, from, at)
            } else if bold == Some(at) {
                self.html(page, from, at)
            } else {
                self.element(page, at)
            };
            if found.is_some() {
                return found;
            }
            at += 1;
        }
    }

    /// `<br />⏎<b>Warning</b>:  text in <b>file</b> on line <b>25</b><br />⏎`
    fn html(&mut self, page: &[u8], from: usize, at: usize) -> Option<Notice> {
        let rest = page[at..].strip_prefix(b"<b>")?;
        let level = LEVELS.iter().find(|level| rest.starts_with(level.as_bytes()))?;
        rest[level.len()..].strip_prefix(b"</b>:")?;
        let end = self.html.after(page, at, b" on line <b>")?;
        let digits = page[end..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let rest = page[end + digits..].strip_prefix(b"</b>")?;
        let rest = BREAKS.iter().find_map(|tag| rest.strip_prefix(*tag)).unwrap_or(rest);
        let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        let before = page[from..at].trim_ascii_end();
        let start = BREAKS.iter().find_map(|tag| before.strip_suffix(*tag)).map_or(at, |before| from + before.len());
        Some(Notice { start, end: page.len() - rest.len(), is_fatal: is_fatal(level) })
    }

    /// The same as an element, as BOINC's own handler prints it where a project debugs its RPCs (`html/inc/xml.inc`).
    fn element(&mut self, page: &[u8], at: usize) -> Option<Notice> {
        page[at..].strip_prefix(b"<error>")?.trim_ascii_start().strip_prefix(b"<error_msg>")?;
        let end = self.element.after(page, at, b"</error>")?;
        let kind = self.kind.after(page, at, b"</error_msg>\n    <type>")?;
        let text = page[at..end - b"</error>".len()].trim_ascii_end();
        let is_notice = kind < end && text.ends_with(b"</line>");
        let rest = page[end..].strip_prefix(b"\n").unwrap_or(&page[end..]);
        is_notice.then_some(Notice { start: at, end: page.len() - rest.len(), is_fatal: false })
    }
}

/// `⏎Warning:  text in file on line 25⏎`, with a `PHP` before it where it goes to a log as well. `colon` is where the first one is.
fn plain(page: &[u8], from: usize, colon: usize) -> Option<Notice> {
    let level = LEVELS.iter().find(|level| page[from..colon].ends_with(level.as_bytes()))?;
    let start = colon - level.len();
    let start = if page[from..start].ends_with(b"PHP ") { start - b"PHP ".len() } else { start };
    if start > 0 && page[start - 1] != b'\n' {
        return None;
    }
    let rest = &page[colon..page.len().min(colon + MAX_LENGTH)];
    let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
    let fatal = is_fatal(level);
    // What was called before a fatal error follows on lines of its own; nothing of the page does.
    let number = memmem::rfind(line, b" on line ").map(|at| line[at + b" on line ".len()..].trim_ascii_end());
    let ends = number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit));
    let end = (colon + line.len() + 1).min(page.len());
    // PHP prints the line feed before it too.
    let start = if start > from && page[start - 1] == b'\n' { start - 1 } else { start };
    (ends || fatal).then_some(Notice { start, end, is_fatal: fatal })
}

fn is_fatal(level: &str) -> bool {
    level.ends_with("atal error") || level == "Parse error"
}

/// Where a mark comes next.
#[derive(Default)]
struct Next {
    /// The position that was found last.
    at: usize,
    /// It was searched for at all.
    is_known: bool,
    /// There is none any more.
    is_over: bool,
}

impl Next {
    /// The position of the next `mark` at or after `from`, which only grows.
    fn from(&mut self, page: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
        if !self.is_over && (!self.is_known || self.at < from) {
            let found = memmem::find(&page[from.min(page.len())..], mark);
            self.at = from + found.unwrap_or_default();
            self.is_over = found.is_none();
            self.is_known = true;
        }
        Some(self.at).filter(|_| !self.is_over)
    }

    /// Where the next `mark` after `from` ends, if a message can be that long.
    fn after(&mut self, page: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
        self.from(page, from, mark).map(|at| at + mark.len()).filter(|end| end - from <= MAX_LENGTH)
    }
}

#[cfg(test)]
mod tests {
    use super::strip;

    fn stripped(page: &str) -> (String, u32, bool) {
        let stripped = strip(page.as_bytes());
        (String::from_utf8_lossy(&stripped.text).into_owned(), stripped.notices, stripped.is_fatal)
    }

    #[test]
    fn messages_go_wherever_they_stand() {
        let html = "<br />\n<b>Deprecated</b>:  text <a> in <b>/srv/x.php</b> on line <b>25</b><br />\n";
        let plain = "\nWarning: text in /srv/x.php on line 3\n";
        let logged = "PHP Notice:  text in /srv/x.php on line 3\n";
        let old = html.replace("<br />", "<br>");
        let element = "<error>\n    <error_msg><![CDATA[text]]></error_msg>\n    <type>Warning</type>\n    <file>/srv/x.php</file>\n    <line>3</line>\n</error>\n";
        for notice in [html, &old, plain, element] {
            let (text, notices, fatal) =
                stripped(&format!("{notice}<?xml?>{notice}<a>\n<b>1{notice}</b>\n{notice}</a>"));
            assert_eq!(
                (text.replace('\n', "").as_str(), notices, fatal),
                ("<?xml?><a><b>1</b></a>", 4, false),
                "{notice}"
            );
        }
        assert_eq!(stripped(&format!("{logged}<a/>")), ("<a/>".to_owned(), 1, false));
        assert_eq!(stripped(&format!("<a>{html}{html}1</a>")), ("<a>1</a>".to_owned(), 2, false));
    }

    #[test]
    fn a_fatal_error_is_told() {
        let html = "<a>\n<br />\n<b>Fatal error</b>:  Uncaught x: y in /a.php:3\nStack trace:\n#0 {main}\n  thrown in <b>/a.php</b> on line <b>3</b><br />\n";
        assert_eq!(stripped(html), ("<a>\n".to_owned(), 1, true));
        let plain =
            "<a>\nPHP Fatal error:  Uncaught x: y in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3\n";
        assert_eq!(stripped(plain).1, 1);
        assert!(stripped(plain).2);
    }

    #[test]
    fn other_text_stays() {
        for text in [
            "<b>Warning</b>: free beer",
            "<b>Notice</b>:  text in <b>x</b> on line <b>many</b>",
            "<name>Warning: hot on line 3 of 5</name>",
            "Re: Warning: on line 3",
            "<error>\n<error_num>-1</error_num>\n<error_msg>x</error_msg>\n</error>",
            "<error>x</error>",
            ":",
            "<",
        ] {
            assert_eq!(stripped(text), (text.to_owned(), 0, false));
        }
        let long = format!("<b>Warning</b>: {} on line <b>3</b>", "x".repeat(super::MAX_LENGTH));
        assert_eq!(stripped(&long).1, 0);
    }
}
