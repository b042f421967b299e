//! What is wrong with the configuration, in sentences for the person who wrote it. Values are repeated only where they
//! cannot be a password under the wrong key: never by the generic code here.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use figment::error::{Actual, Kind};

use super::list::{Entry, List};
use super::{Client, Config};
use crate::files::Unreadable;
use crate::platform::HOW_TO_PROTECT;
use crate::words::{list, nearest, visible};

/// More than a hundred thousand clients take.
pub const MAX_FILE_BYTES: u64 = 32 << 20;

/// Why the settings cannot be used. Contains no secrets.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A sentence that names the source, the key, and what is allowed.
    #[error("{0}")]
    Invalid(String),
    /// The file that was named does not exist.
    #[error("the configuration file {} does not exist; correct --config.file", .0.display())]
    NotFound(PathBuf),
    /// The user may not read the file.
    #[error("the configuration file {} may not be read by the exporter's user; change its owner or mode", .0.display())]
    PermissionDenied(PathBuf),
    /// Whoever may write the file decides what the exporter does, and it may have more rights than they.
    #[error(
        "the configuration file {} is not used, as {others} may write it: let only administrators and the exporter's own \
         user do so ({})", .path.display(), HOW_TO_PROTECT
    )]
    WrittenByOthers {
        /// The file.
        path: PathBuf,
        /// Who: a name.
        others: String,
    },
    /// A pipe would be waited for, and some devices never end.
    #[error("the configuration file {} is not a regular file; correct --config.file", .0.display())]
    NotRegular(PathBuf),
    /// The file is something else.
    #[error("the configuration file {} is larger than {MAX_FILE_BYTES} bytes; correct --config.file", .0.display())]
    TooLarge(PathBuf),
    /// What reads it would run out of stack.
    #[error("the configuration file {} is nested deeper than any setting; remove the tables or lists in tables or lists", .0.display())]
    TooDeep(PathBuf),
    /// The file is not text.
    #[error("the configuration file {} is not valid UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// The file cannot be read for another reason.
    #[error("cannot read the configuration file {}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Of a name, and of what is wrong, a message shows no more: somebody may have pasted a file.
const MAX_NAME_CHARS: usize = 60;
const MAX_PROBLEM_CHARS: usize = 600;

/// Keys that people expect, under which they write a password.
const PASSWORD_KEYS: [&str; 3] = ["password", "passwd", "pass"];

/// What is wrong with one key: the end of a sentence that starts with the key.
#[derive(Debug)]
pub struct Fault {
    path: Vec<String>,
    problem: Problem,
    /// The line of the file, if it is not even TOML.
    line: Option<String>,
}

#[derive(Debug)]
enum Problem {
    /// The end of the sentence.
    Text(String),
    /// An unknown key, and the known ones.
    UnknownKey(&'static [&'static str]),
}

/// The source of a value.
pub enum Origin<'a> {
    /// With the line, counted from 1.
    File(&'a Path, Option<usize>),
    /// With the name of the variable.
    Environment(String),
    /// The variable of this very key.
    Variable(String),
    /// With its dashes.
    Flag(String),
    Unknown,
}

impl Fault {
    pub fn new(path: &str, problem: impl Into<String>) -> Self {
        Self { path: path.split('.').map(str::to_owned).collect(), problem: Problem::Text(problem.into()), line: None }
    }

    /// About an entry of a list.
    pub fn entry(list: &List, index: usize, key: Option<&str>, problem: impl Into<String>) -> Self {
        Self { path: list.path_of(index, key), problem: Problem::Text(problem.into()), line: None }
    }

    pub fn from_figment(error: figment::Error) -> Self {
        let mut path = error.path;
        let mut line = None;
        let problem = match error.kind {
            Kind::UnknownField(key, known) => {
                if path.last() != Some(&key) {
                    path.push(key);
                }
                Problem::UnknownKey(known)
            }
            Kind::InvalidType(Actual::Map, _) if path == ["clients"] => Problem::Text(
                "is a table, but must be an array of tables: write [[clients]], with two brackets".to_owned(),
            ),
            Kind::Message(message) => {
                let text;
                (line, text) = without_source_lines(&message);
                Problem::Text(text)
            }
            kind => Problem::Text(describe(kind)),
        };
        Self { path, problem, line }
    }

    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The heading of the section where a key belongs that stands before all sections.
    fn section(&self) -> Option<&'static str> {
        match (&self.problem, &*self.path) {
            (Problem::UnknownKey(_), [key]) => section_of(key),
            _ => None,
        }
    }
}

impl ConfigError {
    /// `name` is that of the client or project that has the fault.
    pub(super) fn new(origin: &Origin<'_>, name: Option<String>, fault: &Fault) -> Self {
        // A key that is like none that is known could be a password, or anything else.
        let is_like_none = matches!(&fault.problem, Problem::UnknownKey(known) if is_like_none(&fault.path, known));
        let section = fault.section().filter(|_| matches!(origin, Origin::File(..) | Origin::Unknown));
        let is_like_none = is_like_none && section.is_none();
        let hidden = usize::from(is_like_none && matches!(origin, Origin::File(..) | Origin::Unknown));
        let entry = Entry::of(&fault.path);
        let rest = entry.as_ref().map_or(&fault.path[..], |entry| entry.rest);
        let key = key(&rest[..rest.len().saturating_sub(hidden)]);
        let of_entry = entry.as_ref().is_some_and(|entry| !entry.rest.is_empty());
        let mut text = match origin {
            // About the whole file.
            Origin::File(file, _) if fault.path.is_empty() => match &fault.line {
                Some(line) => format!("{}:{line}:", file.display()),
                None => file.display().to_string(),
            },
            Origin::File(file, Some(line)) => format!("{}:{line}:", file.display()),
            Origin::File(file, None) => format!("{}:", file.display()),
            Origin::Environment(variable) | Origin::Variable(variable) => format!("environment variable {variable}"),
            Origin::Flag(flag) => flag.clone(),
            Origin::Unknown => "configuration:".to_owned(),
        };
        let named = matches!(origin, Origin::Environment(_) | Origin::Variable(_) | Origin::Flag(_));
        // A variable or flag that sets nothing else names client and key.
        let sets_one_key = match origin {
            Origin::Variable(_) => true,
            Origin::Flag(flag) => flag == "--client",
            _ => false,
        };
        let exact = sets_one_key && of_entry;
        if let Some(Entry { list, index, .. }) = entry.filter(|_| !exact) {
            let name = name.map(|name| format!(" (`{}`)", shortened(&name, MAX_NAME_CHARS))).unwrap_or_default();
            let colon = if named { ":" } else { "" };
            let comma = if key.is_empty() { "" } else { "," };
            let _ = write!(text, "{colon} [[{}]] number {}{name}{comma}", list.table, index + 1);
        }
        if !exact && !key.is_empty() && (of_entry || !named) {
            let _ = write!(text, " `{key}`");
        }
        let problem = match (&fault.problem, section) {
            (_, Some(section)) => format!("belongs below {section}"),
            (Problem::Text(problem), None) => problem.clone(),
            (Problem::UnknownKey(known), None) if hidden > 0 => {
                let what = if fault.path.len() == 1 { "section" } else { "key" };
                format!("contains a {what} that is not known; {}", all_known(fault.path.len(), known))
            }
            (Problem::UnknownKey(known), None) => unknown_key(origin, &fault.path, known),
        };
        Self::Invalid(visible(&format!("{text} {}", shortened(&problem, MAX_PROBLEM_CHARS))))
    }

    /// About values of unknown origin.
    pub(super) fn without_source(fault: &Fault) -> Self {
        Self::new(&Origin::Unknown, None, fault)
    }

    pub(super) fn unreadable(file: PathBuf, problem: Unreadable) -> Self {
        match problem {
            Unreadable::NotRegular => Self::NotRegular(file),
            Unreadable::TooLarge => Self::TooLarge(file),
            Unreadable::Io(source) => match source.kind() {
                io::ErrorKind::NotFound => Self::NotFound(file),
                io::ErrorKind::PermissionDenied => Self::PermissionDenied(file),
                _ => Self::Unreadable { file, source },
            },
        }
    }
}

/// The beginning of a text that is too long to be read.
fn shortened(text: &str, max_chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The key as it is written in the file, without positions in lists.
fn key(path: &[String]) -> String {
    let parts = path.iter().filter(|part| part.parse::<usize>().is_err());
    parts.map(String::as_str).collect::<Vec<_>>().join(".")
}

/// Keys that people write below `[projects]` if they mean `[[projects]]`.
const OF_ONE_PROJECT: [&str; 10] = [
    "url",
    "name",
    "account",
    "account_key_file",
    "team",
    "submitter",
    "status_url",
    "stats_url",
    "web_rpc_url",
    "scheduler_url",
];

/// The heading of the section that has this key.
fn section_of(key: &str) -> Option<&'static str> {
    let config = Config { clients: vec![Client::local()], ..Config::default() };
    let config = serde_json::to_value(config).ok()?;
    let sections = [
        ("web", "[web]"),
        ("scrape", "[scrape]"),
        ("clients", "[[clients]]"),
        ("log", "[log]"),
        ("probe", "[probe]"),
        ("projects", "[projects]"),
    ];
    let has = |section: &str| {
        let section = &config[section];
        section.get(0).unwrap_or(section).get(key).is_some()
    };
    sections.into_iter().find(|(name, _)| has(name)).map(|(_, heading)| heading)
}

/// Whether a key resembles no known one.
fn is_like_none(path: &[String], known: &[&str]) -> bool {
    let unknown = path.last().map_or("", String::as_str);
    !PASSWORD_KEYS.contains(&unknown)
        && !OF_ONE_PROJECT.contains(&unknown)
        && nearest(unknown, known.iter().copied()).is_none()
}

fn all_known(depth: usize, known: &[&str]) -> String {
    let what = if depth == 1 { "the sections" } else { "valid keys" };
    format!("{what} are {}", list(known, "and"))
}

fn unknown_key(origin: &Origin<'_>, path: &[String], known: &[&str]) -> String {
    let unknown = path.last().map_or("", String::as_str);
    if PASSWORD_KEYS.contains(&unknown) {
        return "is not a known key: passwords do not belong in the configuration; put the password into its own file and \
                set `password_file` of the client"
            .to_owned();
    }
    if let [projects, _] = path
        && projects == "projects"
        && OF_ONE_PROJECT.contains(&unknown)
    {
        return "is not a key of all projects but of one: write [[projects]], with two brackets".to_owned();
    }
    let (what, variable) = match (path.len(), origin) {
        (1, Origin::Environment(variable)) => ("setting", Some(variable)),
        (1, _) => ("section", None),
        (_, Origin::Environment(variable) | Origin::Variable(variable)) => ("key", Some(variable)),
        _ => ("key", None),
    };
    let section = known.iter().find(|section| path.len() == 1 && unknown.starts_with(&format!("{section}_")));
    if let (Some(variable), Some(section)) = (variable, section) {
        let (section, key) = variable.split_at(variable.len() - unknown.len() + section.len());
        return format!("is not a known setting; two underscores follow the section: {section}_{key}");
    }
    let nearest = nearest(unknown, known.iter().copied());
    let known = match (nearest, variable) {
        (None, _) => all_known(path.len(), known),
        (Some(key), Some(variable)) if variable.to_ascii_lowercase().ends_with(unknown) => {
            format!("did you mean {}{}?", &variable[..variable.len() - unknown.len()], key.to_uppercase())
        }
        (Some(key), _) => format!("did you mean `{key}`?"),
    };
    format!("is not a known {what}; {known}")
}

fn describe(kind: Kind) -> String {
    match kind {
        Kind::Message(message) => message,
        Kind::InvalidType(actual, expected) => format!("is {}, but must be {}", type_of(&actual), wanted(&expected)),
        Kind::InvalidValue(actual, expected) => {
            let value = match actual {
                Actual::Unsigned(value) => value.to_string(),
                Actual::Signed(value) => value.to_string(),
                Actual::Float(value) => format!("{value:?}"),
                other => type_of(&other).to_owned(),
            };
            format!("is {value}, but must be {}", wanted(&expected))
        }
        Kind::UnknownVariant(value, known) => format!("is \"{value}\", but must be {}", list(known, "or")),
        Kind::MissingField(key) => format!("lacks `{key}`, which is required"),
        Kind::DuplicateField(key) => format!("has `{key}` twice"),
        Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "is too large".to_owned(),
        Kind::InvalidLength(length, expected) => format!("has {length} items, but must be {}", wanted(&expected)),
        // figment's own texts repeat the value.
        Kind::UnknownField(..) | Kind::Unsupported(_) | Kind::UnsupportedKey(..) => "cannot be understood".to_owned(),
    }
}

/// The line, and what is wrong. The TOML parser quotes the offending line, which may be a password that lacks its quotes.
fn without_source_lines(message: &str) -> (Option<String>, String) {
    let Some(rest) = message.strip_prefix("TOML parse error ") else { return (None, message.to_owned()) };
    let quoted = |line: &str| line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|');
    let mut lines = rest.lines().filter(|line| !quoted(line));
    let position = lines.next().unwrap_or_default();
    // A key could be a password in the wrong place.
    let without_key =
        |line: &str| line.split(" `").next().filter(|start| start.ends_with(" key")).unwrap_or(line).to_owned();
    let reason = lines.map(without_key).collect::<Vec<_>>().join(", ");
    match position.strip_prefix("at line ").and_then(|place| place.split_once(", column ")) {
        Some((line, column)) => (Some(line.to_owned()), format!("invalid TOML at column {column}: {reason}")),
        None => (None, format!("is not valid TOML {position}: {reason}")),
    }
}

fn type_of(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(true) => "true",
        Actual::Bool(false) => "false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "usize" | "u64" => "a whole number, 0 or more",
        "a sequence" => "a list",
        "a map" => "a table",
        "a string" | "path string" => "text in quotes",
        struct_name if struct_name.starts_with("struct ") => "a table",
        other => other,
    }
}
