//! Way (b): the text is made well-formed, line by line, without knowing any element; then serde reads it.

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::subset::{Field as _, Group};
use crate::text;

/// Makes XML of a reply. A tag is what stands alone on its line, at a line's beginning, or, closing, at its end.
pub fn repair(bytes: &[u8]) -> String {
    let mut xml = String::with_capacity(bytes.len() + bytes.len() / 16);
    for line in bytes.split(|byte| *byte == b'\n') {
        repair_line(line.trim_ascii(), &mut xml);
        xml.push('\n');
    }
    xml
}

fn repair_line(line: &[u8], xml: &mut String) {
    let Some((name, behind)) = opening(line) else {
        let close = memchr::memrchr(b'<', line).filter(|at| is_closing(&line[*at..]));
        let (text, close) = line.split_at(close.unwrap_or(line.len()));
        escape(text, xml);
        xml.push_str(std::str::from_utf8(close).unwrap_or_default());
        return;
    };
    // serde cannot tell `<x/>` (true) from `<x></x>` (false).
    if behind == b"/>" {
        xml.extend(["<", name, ">1</", name, ">"]);
        return;
    }
    xml.extend(["<", name, ">"]);
    let text = &behind[1..];
    let closed = text.strip_suffix(b">").and_then(|text| text.strip_suffix(name.as_bytes()));
    if let Some(text) = closed.and_then(|text| text.strip_suffix(b"</")) {
        escape(text, xml);
        xml.extend(["</", name, ">"]);
    } else {
        escape(text, xml);
    }
}

/// The name of the tag that begins the line, and what follows the name.
fn opening(line: &[u8]) -> Option<(&str, &[u8])> {
    let tag = line.strip_prefix(b"<")?;
    let length = tag.iter().take_while(|byte| is_name(**byte)).count();
    let (name, behind) = tag.split_at(length);
    let is_tag = length > 0 && (behind.starts_with(b">") || behind == b"/>");
    is_tag.then_some((std::str::from_utf8(name).ok()?, behind))
}

fn is_closing(text: &[u8]) -> bool {
    let name = text.strip_prefix(b"</").and_then(|text| text.strip_suffix(b">"));
    name.is_some_and(|name| !name.is_empty() && name.iter().all(|byte| is_name(*byte)))
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':')
}

/// Undoes the client's escapes, where there are any, and escapes what XML wants escaped.
fn escape(text: &[u8], xml: &mut String) {
    match std::str::from_utf8(text) {
        Ok(text) if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'&' && byte != b'<') => {
            xml.push_str(text);
        }
        _ => xml.push_str(&text::decode(&text::unescape(text)).replace('&', "&amp;").replace('<', "&lt;")),
    }
}

/// A leaf that is a text.
#[derive(Deserialize)]
pub struct Text(pub String);

/// A leaf that is a finite number, or none.
pub struct Number(pub Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.trim().parse().ok().filter(|number: &f64| number.is_finite())))
            }
        }
        deserializer.deserialize_str(NumberVisitor)
    }
}

/// The envelope and what is in it.
#[derive(Deserialize)]
struct Reply {
    client_state: State,
}

struct State(Vec<Group>);

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "snake_case")]
        enum Key {
            Project,
            App,
            AppVersion,
            Workunit,
            Result,
            #[serde(other)]
            Other,
        }
        struct StateVisitor;
        impl<'de> Visitor<'de> for StateVisitor {
            type Value = State;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a client's state")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<State, M::Error> {
                let mut groups: Vec<Group> = Vec::new();
                while let Some(key) = map.next_key()? {
                    match (key, groups.last_mut()) {
                        (Key::Project, _) => groups.push(Group { project: map.next_value()?, ..Group::default() }),
                        (Key::App, Some(group)) => group.apps.read_b(&mut map)?,
                        (Key::AppVersion, Some(group)) => group.app_versions.read_b(&mut map)?,
                        (Key::Workunit, Some(group)) => group.workunits.read_b(&mut map)?,
                        (Key::Result, Some(group)) => group.tasks.read_b(&mut map)?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(State(groups))
            }
        }
        let fields = &["project", "app", "app_version", "workunit", "result"];
        deserializer.deserialize_struct("client_state", fields, StateVisitor)
    }
}

/// Reads a reply to `get_state`.
pub fn read(bytes: &[u8]) -> Result<Vec<Group>, quick_xml::DeError> {
    let xml = repair(bytes);
    quick_xml::de::from_str::<Reply>(&xml).map(|reply| reply.client_state.0)
}
