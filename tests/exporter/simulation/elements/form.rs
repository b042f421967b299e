//! The form of replies: which elements there are, what their texts look like, and in which order they stand. It goes by
//! lines, as clients write them, and fails at a line that is none of theirs.

use std::collections::{BTreeMap, BTreeSet};

/// Major and minor.
pub type Version = [u32; 2];

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Children.
    Children,
    /// `<x/>`
    Flag,
    /// Nothing.
    Empty,
    /// `%d`
    Integer,
    /// `%f`
    Number,
    /// `%.2f`
    Hundredths,
    /// What `%f` prints of what is no number.
    NoNumber,
    /// Text in a section.
    Section,
    /// Text on lines of its own.
    Lines,
    /// Other text.
    Text,
}

/// What is found in replies.
#[derive(Debug, Default)]
pub struct Form {
    /// By path: the operation, then tags from the reply's own on.
    pub shapes: BTreeMap<String, BTreeSet<Shape>>,
    /// By path: how many blanks stand before it.
    pub blanks: BTreeMap<String, BTreeSet<usize>>,
    /// Parent and two children of it, of which the first stands before the second.
    pub orders: BTreeSet<[String; 3]>,
    /// Parents with their children's tags: most are like one that was seen before.
    seen: BTreeSet<(String, String)>,
}

/// Elements that several operations have, or that stand in several others: by where they are found, and under one name.
const SHARED: [(&str, &str); 9] = [
    ("get_host_info/host_info", "host_info"),
    ("get_state/client_state/host_info", "host_info"),
    ("get_project_status/projects/project", "project"),
    ("get_simple_gui_info/simple_gui_info/project", "project"),
    ("get_state/client_state/project", "project"),
    ("get_results/results/result", "result"),
    ("get_simple_gui_info/simple_gui_info/result", "result"),
    ("get_state/client_state/result", "result"),
    ("get_screensaver_tasks/get_screensaver_tasks/result", "result"),
];

/// The one name, or the path.
fn place(path: String) -> String {
    if path.ends_with("/coproc_opencl") || path.ends_with("/opencl_cpu_info") {
        return "opencl".to_owned();
    }
    // A rare case, which need not be looked for among the leaves.
    if path.matches('/').count() > 2 {
        return path;
    }
    let shared = SHARED.iter().find(|(place, _)| path.replace("handle_", "") == *place);
    shared.map_or(path, |(_, name)| (*name).to_owned())
}

impl Form {
    /// Adds what stands between the tags of an envelope.
    pub fn add(&mut self, operation: &str, body: &str) {
        let mut lines = body.lines();
        let mut open = vec![Parent::new(operation, operation.to_owned())];
        while let Some(line) = lines.next() {
            let (all, line) = (line.len(), line.trim_start());
            let blanks = all - line.len();
            if line.trim_end().is_empty() {
                continue;
            }
            let tag = line.trim_start_matches(['<', '/']).split(['>', '/']).next().expect("a split has a first part");
            let end = format!("</{tag}>");
            if line == end {
                let closed = open.pop().expect("no more ends than begins");
                assert_eq!(closed.tag, tag, "{} ends", closed.path);
                self.close(&closed);
                continue;
            }
            let path = open.last_mut().expect("the operation is never closed").child(tag);
            let begin = format!("<{tag}>");
            let shape = match line.strip_prefix(&begin) {
                None if line == format!("<{tag}/>") => Shape::Flag,
                None => panic!("not a line of a client in {path}: {line}"),
                Some(rest) if rest.starts_with("<![CDATA[") => {
                    let end = format!("]]>{end}");
                    assert!(line.ends_with(&end) || lines.any(|line| line.ends_with(&end)), "{path} does not end");
                    Shape::Section
                }
                Some("") if tag == "command_line" => {
                    assert!(lines.any(|line| line.trim_start() == end), "{path} does not end");
                    Shape::Lines
                }
                Some("") => {
                    open.push(Parent::new(tag, path.clone()));
                    Shape::Children
                }
                Some(rest) => shape(rest.strip_suffix(&end).unwrap_or_else(|| panic!("{path} does not end: {line}"))),
            };
            self.blanks.entry(path.clone()).or_default().insert(blanks);
            self.shapes.entry(path).or_default().insert(shape);
        }
        assert_eq!(open.len(), 1, "{operation}: elements that do not end");
        self.close(&open.remove(0));
    }

    fn close(&mut self, parent: &Parent<'_>) {
        if self.seen.insert((parent.path.clone(), parent.tags.clone())) {
            self.orders.extend(parent.orders());
        }
    }

    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (path, shapes) in &other.shapes {
            self.shapes.entry(path.clone()).or_default().extend(shapes);
        }
        for (path, blanks) in &other.blanks {
            self.blanks.entry(path.clone()).or_default().extend(blanks);
        }
        self.orders.extend(other.orders.iter().cloned());
    }

    /// Whether there is an element whose path ends so, or anything below one.
    pub fn has(&self, end: &str) -> bool {
        self.shapes.keys().any(|path| is_below(path, end))
    }
}

/// Whether the path ends so, or goes on from there.
pub fn is_below(path: &str, end: &str) -> bool {
    format!("/{path}/").contains(&format!("/{end}/"))
}

/// An element that is open.
struct Parent<'a> {
    tag: &'a str,
    path: String,
    /// Its children's, one after another.
    tags: String,
}

impl<'a> Parent<'a> {
    fn new(tag: &'a str, path: String) -> Self {
        Self { tag, path, tags: String::new() }
    }

    fn child(&mut self, tag: &str) -> String {
        self.tags.extend([tag, " "]);
        place(format!("{}/{tag}", self.path))
    }

    fn orders(&self) -> impl Iterator<Item = [String; 3]> {
        let mut places = BTreeMap::<&str, [usize; 2]>::new();
        for (at, tag) in self.tags.split_terminator(' ').enumerate() {
            places.entry(tag).or_insert([at; 2])[1] = at;
        }
        let others = places.clone();
        places.into_iter().flat_map(move |(one, [first, _])| {
            let after = others.clone().into_iter().filter(move |(other, [_, last])| *other != one && first < *last);
            after.map(move |(other, _)| [self.path.clone(), one.to_owned(), other.to_owned()])
        })
    }
}

fn shape(text: &str) -> Shape {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        _ if text.is_empty() => Shape::Empty,
        None if digits(unsigned) => Shape::Integer,
        Some((whole, part)) if digits(whole) && digits(part) && part.len() == 6 => Shape::Number,
        Some((whole, part)) if digits(whole) && digits(part) && part.len() == 2 => Shape::Hundredths,
        _ if ["inf", "nan", "1.#INF00"].contains(&unsigned) => Shape::NoNumber,
        _ => Shape::Text,
    }
}
