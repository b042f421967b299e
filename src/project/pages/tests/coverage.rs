//! Nothing that a project says is lost unsaid: whoever changes one leaf of a recording changes what is read, or the leaf stands in
//! `src/project/pages/not_read.md` with the reason why not. A leaf that stands there and is read after all fails as well, and so does
//! one that no server sends.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::user::Names;
use super::patterns::{self, matches};
use super::recording::{PAGES, Recording, read, recordings};

const NOT_READ: &str = include_str!("../not_read.md");

/// An element without others in it.
#[derive(Debug)]
struct Leaf {
    path: String,
    /// Its text; of an empty element all of it.
    place: Range<usize>,
    is_flag: bool,
}

/// The leaves of a page. Texts hold what looks like tags: what is never closed is none.
fn leaves(page: &[u8]) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut open: Vec<(String, usize, bool)> = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'<', &page[at..]).map(|offset| at + offset) {
        at = start + 1;
        let Some(length) = memchr::memchr(b'>', &page[start..]) else { break };
        let tag = std::str::from_utf8(&page[start + 1..start + length]).unwrap_or_default();
        let name = tag.trim_matches('/').split(' ').next().unwrap_or_default();
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name.is_empty() || !is_name {
            continue;
        }
        let path = |open: &[(String, usize, bool)]| {
            open.iter().map(|(name, ..)| name.as_str()).chain([name]).collect::<Vec<_>>().join("/")
        };
        at = start + length + 1;
        if tag.ends_with('/') {
            found.push(Leaf { path: path(&open), place: start..at, is_flag: true });
            open.iter_mut().for_each(|(_, _, has_children)| *has_children = true);
        } else if !tag.starts_with('/') {
            open.push((name.to_owned(), at, false));
        } else if let Some(position) = open.iter().rposition(|(open, ..)| open == name) {
            open.truncate(position + 1);
            let (_, from, has_children) = open.pop().expect("it is open");
            if !has_children {
                found.push(Leaf { path: path(&open), place: from..start, is_flag: false });
            }
            open.iter_mut().for_each(|(_, _, has_children)| *has_children = true);
        }
    }
    found
}

/// Pages with this leaf changed. The second is for what the first leaves as it was, such as a flag that is written as a number.
fn changed(recording: &Recording, leaf: &Leaf) -> Vec<Recording> {
    let text = String::from_utf8_lossy(&recording.body[leaf.place.clone()]).into_owned();
    let texts = match text.trim().parse::<f64>() {
        _ if leaf.is_flag => vec![String::new()],
        Ok(number) => vec![format!("{}", number + 1.0), "0".to_owned()],
        Err(_) => vec![format!("Changed {}", leaf.place.start)],
    };
    let with = |text: String| {
        let mut body = recording.body.clone();
        body.splice(leaf.place.clone(), text.into_bytes());
        Recording { body, ..recording.clone() }
    };
    texts.into_iter().map(with).collect()
}

#[test]
fn every_element_is_read_or_listed_with_the_reason() {
    let listed = patterns::listed(NOT_READ);
    let mut used = BTreeSet::new();
    let mut outcomes: BTreeMap<String, bool> = BTreeMap::new();
    for page in PAGES.into_iter().filter(|page| *page != "master") {
        for recording in recordings(page) {
            let Ok(whole) = read(page, &recording.answer(), Names::Keep) else { continue };
            // What stands outside of the page is PHP's, or says nothing.
            for leaf in leaves(&recording.body).into_iter().filter(|leaf| leaf.path.contains('/')) {
                let path = format!("{page}/{}", leaf.path);
                let patterns: Vec<_> = listed.iter().filter(|pattern| matches(pattern, &path)).collect();
                let shows = changed(&recording, &leaf)
                    .iter()
                    .any(|changed| read(page, &changed.answer(), Names::Keep).as_ref() != Ok(&whole));
                assert!(patterns.len() <= 1, "{path} is listed more than once: {patterns:?}");
                if let Some(pattern) = patterns.first() {
                    used.insert(**pattern);
                    assert!(!shows, "{}: {path} is read although listed", recording.name);
                } else {
                    *outcomes.entry(path).or_default() |= shows;
                }
            }
        }
    }
    let lost: Vec<_> = outcomes.iter().filter(|(_, shows)| !**shows).map(|(path, _)| path).collect();
    assert!(lost.is_empty(), "neither read nor in src/project/pages/not_read.md: {lost:#?}");
    let unused: Vec<_> = listed.iter().filter(|pattern| !used.contains(**pattern)).collect();
    assert!(unused.is_empty(), "src/project/pages/not_read.md lists what no server sends: {unused:#?}");
}

/// What is not known is not met in a recording.
#[test]
fn every_recording_is_understood_whole() {
    for page in PAGES {
        for recording in recordings(page) {
            let Ok(said) = read(page, &recording.answer(), Names::Keep) else { continue };
            for odd in ["unknown_elements", "unreadable_values", "left_out"] {
                let none = format!("{odd}: 0,");
                assert_eq!(
                    said.matches(&none).count(),
                    said.matches(&format!("{odd}: ")).count(),
                    "{page}/{}",
                    recording.name
                );
            }
        }
    }
}
