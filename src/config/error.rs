//! What is wrong with the configuration, in sentences for the person who wrote it. Values are repeated only where they
//! cannot be a password under the wrong key: never by the generic code here.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use figment::error::{Actual, Kind};

use super::list::{Entry, List};
use crate::words::{list, nearest};

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
}

impl ConfigError {
    /// `name` is that of the client or project that has the fault.
    pub(super) fn new(origin: &Origin<'_>, name: Option<String>, fault: &Fault) -> Self {
        let entry = Entry::of(&fault.path);
        let key = key(entry.as_ref().map_or(&fault.path, |entry| entry.rest));
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
            let name = name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
            let colon = if named { ":" } else { "" };
            let comma = if key.is_empty() { "" } else { "," };
            let _ = write!(text, "{colon} [[{}]] number {}{name}{comma}", list.table, index + 1);
        }
        if !exact && !key.is_empty() && (of_entry || !named) {
            let _ = write!(text, " `{key}`");
        }
        let problem = match &fault.problem {
            Problem::Text(problem) => problem.clone(),
            Problem::UnknownKey(known) => unknown_key(origin, &fault.path, known),
        };
        Self::Invalid(format!("{text} {problem}"))
    }

    /// About values of unknown origin.
    pub(super) fn without_source(fault: &Fault) -> Self {
        Self::new(&Origin::Unknown, None, fault)
    }

    pub(super) fn unreadable(file: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound(file),
            io::ErrorKind::PermissionDenied => Self::PermissionDenied(file),
            io::ErrorKind::InvalidData => Self::NotUtf8(file),
            _ => Self::Unreadable { file, source },
        }
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

fn unknown_key(origin: &Origin<'_>, path: &[String], known: &[&str]) -> String {
    let unknown = path.last().map_or("", String::as_str);
    if ["password", "passwd", "pass"].contains(&unknown) {
        return "is not a known key: passwords do not belong in the configuration; put the password into its own file and \
                set `password_file` of the client"
            .to_owned();
    }
    if let [projects, _] = path
        && projects == "projects"
        && OF_ONE_PROJECT.contains(&unknown)
    {
        return "is not a key of all projects but of one: write [[projects]], with two brackets, or [[projects.list]] beside \
                [projects]"
            .to_owned();
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
        (None, _) if path.len() == 1 => format!("the sections are {}", list(known, "and")),
        (None, _) => format!("valid keys are {}", list(known, "and")),
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
    let reason = lines.collect::<Vec<_>>().join(", ");
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
