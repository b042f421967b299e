//! Way (a): quick-xml finds the tags; texts of leaves are jumped over. What quick-xml takes for a tag and cannot be one
//! of the client's is given back to the text.

use quick_xml::events::Event;

use crate::subset::{Field as _, Group, Node};
use crate::text;

const MAX_DEPTH: usize = 16;

pub struct Tag<'a> {
    name: &'a [u8],
    start: usize,
    empty: bool,
}

impl Tag<'_> {
    pub fn is(&self, name: &str) -> bool {
        self.name == name.as_bytes()
    }
    pub const fn is_empty(&self) -> bool {
        self.empty
    }
}

pub struct Reader<'a> {
    bytes: &'a [u8],
    xml: quick_xml::Reader<&'a [u8]>,
    open: Vec<&'a [u8]>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, xml: lenient(bytes), open: Vec::new() }
    }

    fn at(&self) -> usize {
        self.bytes.len() - self.xml.get_ref().len()
    }

    fn jump(&mut self, to: usize) {
        *self.xml.get_mut() = &self.bytes[to..];
    }

    pub fn enter(&mut self, tag: &Tag<'a>) -> bool {
        let enters = !tag.empty && self.open.len() < MAX_DEPTH;
        if enters {
            self.open.push(tag.name);
        }
        enters
    }

    pub fn child(&mut self) -> Option<Tag<'a>> {
        loop {
            let before = self.at();
            let event = self.xml.read_event();
            let at = self.at();
            let (length, name, empty) = match event {
                Ok(Event::Start(tag)) => (tag.len() + 2, tag.name().as_ref().len(), false),
                Ok(Event::Empty(tag)) => (tag.len() + 3, tag.name().as_ref().len(), true),
                Ok(Event::End(tag)) => {
                    let start = at - tag.len() - 3;
                    let name = &self.bytes[start + 2..at - 1];
                    if self.open.last() == Some(&name) {
                        self.open.pop();
                        return None;
                    }
                    if self.open.contains(&name) {
                        self.again(start);
                        self.open.pop();
                        return None;
                    }
                    continue;
                }
                Ok(Event::Eof) => {
                    self.open.pop();
                    return None;
                }
                Ok(_) => continue,
                Err(_) => {
                    // Where it failed is not where it stands: look for the next `<` behind where it stood before.
                    let next = memchr::memchr(b'<', &self.bytes[(before + 1).min(self.bytes.len())..]);
                    self.again(next.map_or(self.bytes.len(), |next| before + 1 + next));
                    continue;
                }
            };
            let start = at - length;
            if self.bytes[start + 1..at].iter().any(|byte| matches!(byte, b'<' | b'\n')) {
                self.again(start + 1);
                continue;
            }
            return Some(Tag { name: &self.bytes[start + 1..=start + name], start, empty });
        }
    }

    /// Begins anew at a position: quick-xml does not go back.
    fn again(&mut self, position: usize) {
        self.xml = lenient(&self.bytes[position..]);
    }

    pub fn leaf(&mut self, tag: &Tag<'a>, raw: bool) -> Option<&'a [u8]> {
        if tag.empty {
            return Some(b"");
        }
        let start = self.at();
        let rest = &self.bytes[start..];
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
        let close = |text: &[u8]| text.ends_with(b">") && text[..text.len() - 1].ends_with(tag.name);
        let is_close = |text: &[u8]| close(text) && text[..text.len() - 1 - tag.name.len()].ends_with(b"</");
        let end = if raw && self.begins_line(tag.start) && is_close(line) {
            line.len() - tag.name.len() - 3
        } else {
            memchr::memchr_iter(b'<', rest).find(|at| {
                let behind = &rest[at + 1..];
                behind.starts_with(b"/")
                    && behind[1..].starts_with(tag.name)
                    && behind.get(1 + tag.name.len()) == Some(&b'>')
            })?
        };
        self.jump(start + end);
        // The end tag, which quick-xml must see, or it would keep the names of all leaves.
        let _ = self.xml.read_event();
        Some(&rest[..end])
    }

    pub fn skip(&mut self, tag: &Tag<'a>) {
        let line = self.bytes[self.at()..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let closed = line.trim_ascii_end().strip_suffix(b">").is_some_and(|line| line.ends_with(tag.name));
        if tag.empty || ((closed || tag.is("command_line")) && self.leaf(tag, true).is_some()) {
            return;
        }
        if self.enter(tag) {
            while let Some(child) = self.child() {
                self.skip(&child);
            }
        }
    }

    fn begins_line(&self, position: usize) -> bool {
        let before = self.bytes[..position].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        matches!(before, None | Some(b'\n'))
    }
}

/// quick-xml, told to take as much as it can.
pub fn lenient(bytes: &[u8]) -> quick_xml::Reader<&[u8]> {
    let mut xml = quick_xml::Reader::from_reader(bytes);
    let config = xml.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    xml
}

pub fn node<'a, T: Node>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> T {
    let mut node = T::default();
    if reader.enter(tag) {
        while let Some(child) = reader.child() {
            if !node.child(reader, &child) {
                reader.skip(&child);
            }
        }
    }
    node
}

pub fn raw<'a>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> String {
    reader.leaf(tag, true).map(|bytes| text::decode(bytes.trim_ascii())).unwrap_or_default()
}

pub fn escaped<'a>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> String {
    reader.leaf(tag, false).map(|bytes| text::decode(&text::unescape(bytes.trim_ascii()))).unwrap_or_default()
}

pub fn number<'a>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> Option<f64> {
    let text = std::str::from_utf8(reader.leaf(tag, false)?).ok()?;
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads a reply to `get_state`.
pub fn read(bytes: &[u8]) -> Vec<Group> {
    let mut reader = Reader::new(bytes);
    let mut groups: Vec<Group> = Vec::new();
    while let Some(tag) = reader.child() {
        if tag.is("project") {
            groups.push(Group { project: node(&mut reader, &tag), ..Group::default() });
        } else if let Some(group) = groups.last_mut() {
            match tag.name {
                b"app" => group.apps.read_a(&mut reader, &tag),
                b"app_version" => group.app_versions.read_a(&mut reader, &tag),
                b"workunit" => group.workunits.read_a(&mut reader, &tag),
                b"result" => group.tasks.read_a(&mut reader, &tag),
                _ => reader.skip(&tag),
            }
        } else if !tag.is("boinc_gui_rpc_reply") && !tag.is("client_state") {
            reader.skip(&tag);
        }
    }
    groups
}
