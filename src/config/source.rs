//! The sources of settings, and which of them a value came from.

use std::io;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Tag, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::Config;
use super::depth;
use super::environment::{self, PREFIX};
use super::error::{ConfigError, Fault, MAX_FILE_BYTES, Origin};
use super::faults;
use super::lines::line_of;
use super::list::{CLIENTS, Entry, List, PROJECTS};
use super::merge::{Merged, ValueOrigin};
use crate::cli::Cli;
use crate::files::{self, Unreadable};
use crate::platform;

/// File, environment and flags; later ones override earlier ones.
pub struct Sources {
    figment: Figment,
    /// Before clients and projects were merged.
    lists: Figment,
    file: Option<PathBuf>,
    /// The text of the file.
    text: String,
    /// The lists that come from more than one source.
    merged: Vec<(&'static List, Merged)>,
    /// The lists that come from the file, or would.
    lists_in_file: Vec<&'static List>,
}

impl Sources {
    /// Reads all sources.
    pub fn read(cli: &Cli) -> Result<Self, ConfigError> {
        let (file, text) = match read_file(cli)? {
            Some((file, text)) => (Some(file), spelled_out(&text)),
            None => (None, String::new()),
        };
        environment::check().map_err(ConfigError::Invalid)?;
        let mut figment =
            Figment::new().merge(ProjectsAsTable(Toml::string(&text))).merge(ProjectsAsTable(environment::settings()));
        for (key, value) in cli.settings() {
            figment = figment.merge(Serialized::default(key, value));
        }
        // The simulated clients of `demo` replace all others.
        let (variables, flags) = if cli.clients.is_empty() {
            (environment::of_entries(&CLIENTS), &cli.client[..])
        } else {
            (Vec::new(), &[][..])
        };
        let lists = figment.clone();
        let mut merged = Vec::new();
        for (list, variables, flags) in
            [(&CLIENTS, variables, flags), (&PROJECTS, environment::of_entries(&PROJECTS), &[][..])]
        {
            let key = list.path.join(".");
            let listed = figment.find_value(&key).ok();
            let all = Merged::new(list, listed.as_ref(), variables, flags).map_err(ConfigError::Invalid)?;
            if let Some(all) = all {
                figment = figment.merge(Serialized::default(&key, all.value()));
                merged.push((list, all));
            }
        }
        let in_file =
            |list: &&'static List| file.is_some() && lists.find_metadata(&list.path.join(".")).is_none_or(is_file);
        let lists_in_file = [&CLIENTS, &PROJECTS].into_iter().filter(in_file).collect();
        Ok(Self { figment, lists, file, text, merged, lists_in_file })
    }

    /// The file that was read, if any.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The settings, checked.
    pub fn config(&self) -> Result<Config, ConfigError> {
        faults::config(&self.figment).map_err(|faults| {
            let mut faults: Vec<_> = faults.iter().map(|fault| self.error(fault)).collect();
            faults.sort_by_key(|(line, _)| *line);
            let sentences: Vec<_> = faults.iter().map(|(_, error)| error.to_string()).collect();
            ConfigError::Invalid(sentences.join("\n"))
        })
    }

    /// The line of a fault in the file, and the sentence about it: the source, the key, and what is wrong.
    fn error(&self, fault: &Fault) -> (Option<usize>, ConfigError) {
        let origin = self.origin(fault.path());
        let line = match origin {
            Origin::File(_, line) => line,
            _ => None,
        };
        (line, ConfigError::new(&origin, self.name(fault.path()), fault))
    }

    /// Whether a value comes from the file.
    pub fn in_file(&self, key: &str) -> bool {
        let path: Vec<_> = key.split('.').map(str::to_owned).collect();
        matches!(self.origin(&path), Origin::File(..))
    }

    /// Whether a key of a client or a project comes from the file. It is asked of each of thousands of clients.
    pub fn of_entry_in_file(&self, list: &'static List, index: usize, key: &str) -> bool {
        let listed = |merged: &Merged| matches!(merged.origin(index, Some(key)), ValueOrigin::List(_));
        let merged = self.merged.iter().find(|(merged, _)| *merged == list).map(|(_, merged)| merged);
        self.lists_in_file.contains(&list) && merged.is_none_or(listed)
    }

    fn origin(&self, path: &[String]) -> Origin<'_> {
        if let Some(Entry { list, index, rest }) = Entry::of(path)
            && let Some((_, merged)) = self.merged.iter().find(|(merged, _)| *merged == list)
        {
            match merged.origin(index, rest.first().map(String::as_str)) {
                ValueOrigin::Variable(variable) => return Origin::Variable(variable),
                ValueOrigin::Flag => return Origin::Flag("--client".to_owned()),
                ValueOrigin::List(index) => {
                    let path: Vec<_> = list.path_of(index, None).into_iter().chain(rest.iter().cloned()).collect();
                    return self.origin_in_lists(&path);
                }
            }
        }
        self.origin_in_lists(path)
    }

    /// As if each list came from one source.
    fn origin_in_lists(&self, path: &[String]) -> Origin<'_> {
        // Paths end at lists: a list comes from one source as a whole.
        let key: Vec<_> = path.iter().take_while(|part| part.parse::<usize>().is_err()).map(String::as_str).collect();
        let file = || match self.file.as_deref() {
            Some(file) => Origin::File(file, line_of(&self.text, path)),
            None => Origin::Unknown,
        };
        // If the key is missing, its table tells the source.
        let figment = if Entry::of(path).is_some() { &self.lists } else { &self.figment };
        let metadata = (1..=key.len()).rev().find_map(|length| figment.find_metadata(&key[..length].join(".")));
        match metadata {
            Some(metadata) if metadata.name.contains("environment") => {
                Origin::Environment(format!("{PREFIX}{}", key.join("__").to_ascii_uppercase()))
            }
            Some(metadata) if is_file(metadata) => file(),
            Some(_) => Origin::Flag(Cli::flag(&key.join("."))),
            None => file(),
        }
    }

    /// The name of the client or project that a path leads into.
    fn name(&self, path: &[String]) -> Option<String> {
        let Entry { list, index, rest } = Entry::of(path)?;
        let entries = self.figment.find_value(&list.path.join(".")).ok()?;
        let entry = entries.as_array().and_then(|entries| entries.get(index)?.as_dict());
        let text = |key| entry?.get(key)?.as_str().map(str::to_owned);
        let id = || text(list.id).filter(|_| rest.first().is_none_or(|key| key != list.id));
        // An address with `@` may contain a password, one with `?` a key.
        text("name").or_else(id).filter(|name| !name.trim().is_empty() && !name.contains(['@', '?']))
    }
}

/// `[[projects]]` as `[[projects.list]]`, which can stand beside the settings of `[projects]`: TOML has no key that is a table and a
/// list of tables.
fn spelled_out(text: &str) -> String {
    let heads_project = |line: &str| {
        let heading = line.trim_start().strip_prefix("[[").and_then(|rest| rest.split_once("]]"));
        heading.is_some_and(|(name, _)| name.trim() == "projects")
    };
    let spell = |line: &str| {
        if heads_project(line) { line.replacen("projects", "projects.list", 1) } else { line.to_owned() }
    };
    text.split_inclusive('\n').map(spell).collect()
}

/// The same for `projects = [{ url = … }]`.
struct ProjectsAsTable<P>(P);

impl<P: Provider> Provider for ProjectsAsTable<P> {
    fn metadata(&self) -> Metadata {
        self.0.metadata()
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let mut data = self.0.data()?;
        for settings in data.values_mut() {
            if let Some(projects @ Value::Array(..)) = settings.get_mut("projects") {
                let list = std::mem::replace(projects, Value::from(0));
                *projects = Value::Dict(Tag::default(), [("list".to_owned(), list)].into_iter().collect());
            }
        }
        Ok(data)
    }
}

fn is_file(metadata: &Metadata) -> bool {
    metadata.name.contains("TOML")
}

/// The named file, which must exist, or the default one if it exists.
fn read_file(cli: &Cli) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let path = cli.config_file.clone().unwrap_or_else(platform::default_config_file);
    let read = files::read(&path, MAX_FILE_BYTES);
    if let Err(Unreadable::Io(error)) = &read
        && error.kind() == io::ErrorKind::NotFound
        && cli.config_file.is_none()
    {
        return Ok(None);
    }
    let bytes = read.map_err(|problem| ConfigError::unreadable(path.clone(), problem))?;
    match platform::written_by_others(&path) {
        Ok(None) => {}
        Ok(Some(others)) => return Err(ConfigError::WrittenByOthers { path, others }),
        Err(error) => return Err(ConfigError::unreadable(path, error.into())),
    }
    match String::from_utf8(bytes) {
        Ok(text) if depth::is_too_deep(&text) => Err(ConfigError::TooDeep(path)),
        Ok(text) => Ok(Some((path, text))),
        Err(_) => Err(ConfigError::NotUtf8(path)),
    }
}
