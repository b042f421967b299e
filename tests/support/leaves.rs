//! Finds the leaves of a reply: a second reader, of another kind than the one under test. It goes by lines, as the client
//! writes them, and fails at a line that it does not understand.

use std::ops::Range;

/// What a leaf holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `<x/>`
    Flag,
    /// A number.
    Number,
    /// Anything else.
    Text,
}

/// One leaf of a reply.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Names of the elements below the reply's own, joined by `/`, the leaf's last.
    pub path: String,
    pub kind: Kind,
    /// Where its text stands; a flag's whole line.
    pub place: Range<usize>,
}

/// All leaves of a reply, in order.
///
/// # Panics
/// At a line that is none of the client's.
pub fn leaves(reply: &[u8]) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while at < reply.len() {
        let end = at + line_length(&reply[at..]);
        let indent = reply[at..end].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let line = reply[at + indent..end].trim_ascii_end();
        let start = at + indent;
        at = end;
        if line.is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let name = text.trim_start_matches(['<', '/']).split(['>', '/']).next().unwrap_or_default().to_owned();
        let path = || open.iter().skip(2).chain([&name]).map(String::as_str).collect::<Vec<_>>().join("/");
        let inside = start + name.len() + 2;
        if text == format!("</{name}>") {
            assert_eq!(open.pop().as_ref(), Some(&name), "an element ends that did not begin last");
        } else if text == format!("<{name}/>") {
            found.push(Leaf { path: path(), kind: Kind::Flag, place: start..end });
        } else if let Some(cdata) = text.strip_prefix(&format!("<{name}><![CDATA[")) {
            let close = format!("]]></{name}>");
            let from = inside + "<![CDATA[".len();
            let length = position(&reply[from..], close.as_bytes()).expect("a CDATA section ends");
            assert!(!cdata.contains("]]>") || length < cdata.len(), "nothing follows a CDATA section: {text}");
            found.push(Leaf { path: path(), kind: Kind::Text, place: from..from + length });
            at = from + length;
            at += line_length(&reply[at..]);
        } else if text.starts_with(&format!("<{name}>")) && text.ends_with(&format!("</{name}>")) {
            let place = inside..start + line.len() - name.len() - 3;
            let kind = if is_number(&reply[place.clone()]) { Kind::Number } else { Kind::Text };
            found.push(Leaf { path: path(), kind, place });
        } else if text == format!("<{name}>") && !reply[end..].trim_ascii_start().starts_with(b"<") {
            let close = format!("</{name}>");
            let length = position(&reply[inside..], close.as_bytes()).expect("a text of several lines ends");
            found.push(Leaf { path: path(), kind: Kind::Text, place: inside..inside + length });
            at = inside + length;
            at += line_length(&reply[at..]);
        } else if text == format!("<{name}>") {
            open.push(name);
        } else {
            panic!("not a line of a client: {text}");
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    found
}

fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1)
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn is_number(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite))
}
