//! The form of pages: which elements there are, what they hold, and in which order they stand. It is found as leniently as pages are
//! written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Children.
    Children,
    /// `<x/>`
    Flag,
    /// Nothing.
    Empty,
    /// Digits.
    Integer,
    /// Digits with a point.
    Decimal,
    /// Other text.
    Text,
}

impl Shape {
    /// Whether it is a number where there are numbers.
    pub fn is_number_among(self, known: &BTreeSet<Self>) -> bool {
        let is_number = |shape: &Self| matches!(shape, Self::Integer | Self::Decimal);
        is_number(&self) && known.iter().any(is_number)
    }

    fn of(text: &str) -> Self {
        let text = text.trim();
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match unsigned.split_once('.') {
            _ if text.is_empty() => Self::Empty,
            None if digits(unsigned) => Self::Integer,
            Some((whole, part)) if digits(whole) && digits(part) => Self::Decimal,
            _ => Self::Text,
        }
    }
}

/// What is found in pages.
#[derive(Debug, Default)]
pub struct Form {
    /// By path: the page, then tags from the root on.
    pub shapes: BTreeMap<String, BTreeSet<Shape>>,
    /// Parent and two children of it, of which the first stands before the second.
    pub orders: BTreeSet<[String; 3]>,
}

/// An element that is open.
struct Open {
    tag: String,
    start: usize,
    children: Vec<String>,
}

impl Form {
    /// Adds a page. Pages for people have no form.
    pub fn add(&mut self, page: &str, body: &[u8]) {
        let text = String::from_utf8_lossy(body);
        if text.contains("<html") {
            return;
        }
        let mut open: Vec<Open> = Vec::new();
        let mut at = 0;
        while let Some(start) = text[at..].find('<').map(|offset| at + offset) {
            at = start + 1;
            let Some(end) = text[start..].find('>').map(|length| start + length) else { break };
            let inside = &text[start + 1..end];
            let tag = inside.trim_matches('/').split(' ').next().unwrap_or_default();
            // Texts hold what looks like tags, and are not escaped.
            let is_name = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let is_closed =
                inside.ends_with('/') || inside.starts_with('/') || text[end..].contains(&format!("</{tag}>"));
            if !(is_name && is_closed) {
                continue;
            }
            at = end + 1;
            if let Some(closed) = inside.strip_prefix('/') {
                let Some(position) = open.iter().rposition(|open| open.tag == closed) else { continue };
                open.truncate(position + 1);
                let element = open.pop().expect("it is open");
                let shape =
                    if element.children.is_empty() { Shape::of(&text[element.start..start]) } else { Shape::Children };
                self.close(page, &open, &element, shape);
                continue;
            }
            if let Some(parent) = open.last_mut() {
                parent.children.push(tag.to_owned());
            }
            let element = Open { tag: tag.to_owned(), start: at, children: Vec::new() };
            if inside.ends_with('/') {
                self.close(page, &open, &element, Shape::Flag);
            } else {
                open.push(element);
            }
        }
        assert!(open.is_empty(), "{page}: not closed: {}: {text}", open[0].tag);
    }

    fn close(&mut self, page: &str, parents: &[Open], element: &Open, shape: Shape) {
        let tags =
            [page].into_iter().chain(parents.iter().map(|parent| parent.tag.as_str())).chain([element.tag.as_str()]);
        let path = tags.collect::<Vec<_>>().join("/");
        let mut places = BTreeMap::<&str, [usize; 2]>::new();
        for (at, tag) in element.children.iter().enumerate() {
            places.entry(tag).or_insert([at; 2])[1] = at;
        }
        for (one, [first, _]) in &places {
            for (other, [_, last]) in places.iter().filter(|(other, _)| *other != one) {
                if first < last {
                    self.orders.insert([path.clone(), (*one).to_owned(), (*other).to_owned()]);
                }
            }
        }
        self.shapes.entry(path).or_default().insert(shape);
    }

    /// Whether there is this element, or anything below it.
    pub fn has(&self, begin: &str) -> bool {
        self.shapes.keys().any(|path| super::is_below(path, begin))
    }
}

/// What the recordings of a page hold.
pub fn recorded(page: &str) -> Form {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/project").join(page);
    let mut form = Form::default();
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        let text = std::fs::read(&path).expect("a recording can be read");
        let end = text.windows(2).position(|two| two == b"\n\n").expect("headers end with an empty line");
        // One was cut off when it was found, and one is broken by its server.
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        if !name.ends_with("_cut") {
            form.add(page, &text[end + 2..]);
        }
    }
    form
}
