//! The sources of settings, and which of them a value came from.

use std::io;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::{Figment, Metadata};

use super::Config;
use super::depth;
use super::environment::{self, PREFIX};
use super::error::{ConfigError, Fault, MAX_FILE_BYTES, Origin};
use super::faults;
use super::lines::line_of;
use super::merge::{Merged, ValueOrigin};
use crate::cli::{Cli, DEFAULT_FILE};
use crate::files::{self, Unreadable};

/// File, environment and flags; later ones override earlier ones.
pub struct Sources {
    figment: Figment,
    /// Before clients were merged.
    lists: Figment,
    file: Option<PathBuf>,
    /// The text of the file.
    text: String,
    /// If clients come from more than one list.
    merged: Option<Merged>,
    /// Whether the list of clients comes from the file.
    clients_in_file: bool,
}

impl Sources {
    /// Reads all sources.
    pub fn read(cli: &Cli) -> Result<Self, ConfigError> {
        let (file, text) = match read_file(cli)? {
            Some((file, text)) => (Some(file), text),
            None => (None, String::new()),
        };
        environment::check().map_err(ConfigError::Invalid)?;
        let mut figment = Figment::new().merge(Toml::string(&text)).merge(environment::settings());
        for (key, value) in cli.settings() {
            figment = figment.merge(Serialized::default(key, value));
        }
        // The simulated clients of `demo` replace all others.
        let (variables, flags) =
            if cli.clients.is_empty() { (environment::of_clients(), &cli.client[..]) } else { (Vec::new(), &[][..]) };
        let list = figment.find_value("clients").ok();
        let merged = Merged::new(list.as_ref(), variables, flags).map_err(ConfigError::Invalid)?;
        let lists = figment.clone();
        if let Some(merged) = &merged {
            figment = figment.merge(Serialized::default("clients", merged.value()));
        }
        let clients_in_file = file.is_some() && lists.find_metadata("clients").is_none_or(is_file);
        Ok(Self { figment, lists, file, text, merged, clients_in_file })
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
        let array = self.client(fault.path()).map(|(number, name)| (number + 1, name));
        let origin = self.origin(fault.path());
        let line = match origin {
            Origin::File(_, line) => line,
            _ => None,
        };
        (line, ConfigError::new(&origin, array, fault))
    }

    /// Whether a value comes from the file.
    pub fn in_file(&self, key: &str) -> bool {
        let path: Vec<_> = key.split('.').map(str::to_owned).collect();
        matches!(self.origin(&path), Origin::File(..))
    }

    /// Whether the password file of a client comes from the file. It is asked of each of thousands of clients.
    pub fn password_in_file(&self, client: usize) -> bool {
        let listed = |merged: &Merged| matches!(merged.origin(client, Some("password_file")), ValueOrigin::List(_));
        self.clients_in_file && self.merged.as_ref().is_none_or(listed)
    }

    fn origin(&self, path: &[String]) -> Origin<'_> {
        if let (Some(merged), [clients, index, ..]) = (&self.merged, path)
            && clients == "clients"
            && let Ok(index) = index.parse()
        {
            match merged.origin(index, path.get(2).map(String::as_str)) {
                ValueOrigin::Variable(variable) => return Origin::Variable(variable),
                ValueOrigin::Flag => return Origin::Flag("--client".to_owned()),
                ValueOrigin::List(index) => {
                    let mut path = path.to_vec();
                    path[1] = index.to_string();
                    return self.origin_in_lists(&path);
                }
            }
        }
        self.origin_in_lists(path)
    }

    /// As if clients came from one list.
    fn origin_in_lists(&self, path: &[String]) -> Origin<'_> {
        // Paths end at lists: a list comes from one source as a whole.
        let key: Vec<_> = path.iter().take_while(|part| part.parse::<usize>().is_err()).map(String::as_str).collect();
        let file = || match self.file.as_deref() {
            Some(file) => Origin::File(file, line_of(&self.text, path)),
            None => Origin::Unknown,
        };
        // If the key is missing, its table tells the source.
        let figment = if key.first() == Some(&"clients") { &self.lists } else { &self.figment };
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

    /// Index and name of the client that a path leads into.
    fn client(&self, path: &[String]) -> Option<(usize, Option<String>)> {
        let [clients, index, ..] = path else { return None };
        let index: usize = Some(index.parse().ok()?).filter(|_| clients == "clients")?;
        let list = self.figment.find_value("clients").ok()?;
        let client = list.as_array().and_then(|list| list.get(index)?.as_dict());
        let text = |key| client?.get(key)?.as_str().map(str::to_owned);
        let address = || text("address").filter(|_| path.get(2).is_none_or(|key| key != "address"));
        // An address with `@` may contain a password.
        Some((index, text("name").or_else(address).filter(|name| !name.trim().is_empty() && !name.contains('@'))))
    }
}

fn is_file(metadata: &Metadata) -> bool {
    metadata.name.contains("TOML")
}

/// The named file, which must exist, or the default one if it exists.
fn read_file(cli: &Cli) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let path = cli.config_file.as_deref().unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
    let read = files::read(&path, MAX_FILE_BYTES);
    if let Err(Unreadable::Io(error)) = &read
        && error.kind() == io::ErrorKind::NotFound
        && cli.config_file.is_none()
    {
        return Ok(None);
    }
    let bytes = read.map_err(|problem| ConfigError::unreadable(path.clone(), problem))?;
    match String::from_utf8(bytes) {
        Ok(text) if depth::is_too_deep(&text) => Err(ConfigError::TooDeep(path)),
        Ok(text) => Ok(Some((path, text))),
        Err(_) => Err(ConfigError::NotUtf8(path)),
    }
}
