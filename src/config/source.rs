//! The layers that settings come from, and which of them a value came from.

use std::path::{Path, PathBuf};
use std::{fs, io};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::de::DeserializeOwned;

use super::error::{ConfigError, Fault, Place};
use crate::cli::{Cli, DEFAULT_FILE};

const PREFIX: &str = "BOINC_EXPORTER_";

/// File, environment and flags, later ones over earlier ones.
pub struct Sources {
    figment: Figment,
    file: Option<PathBuf>,
}

impl Sources {
    /// Reads all layers.
    pub fn read(cli: &Cli) -> Result<Self, ConfigError> {
        let (file, text) = match read_file(cli)? {
            Some((file, text)) => (Some(file), text),
            None => (None, String::new()),
        };
        let mut figment = Figment::new().merge(Toml::string(&text)).merge(environment());
        for (key, value) in cli.settings() {
            figment = figment.merge(Serialized::default(key, value));
        }
        Ok(Self { figment, file })
    }

    /// The file that was read.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The settings as a type.
    pub fn extract<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.figment.extract().map_err(|error| self.error(&Fault::from_figment(error)))
    }

    /// The sentence about a fault: where the value came from, which key it is, what is wrong.
    pub fn error(&self, fault: &Fault) -> ConfigError {
        let array = self.client(fault.path()).map(|(number, name)| (number + 1, name));
        ConfigError::new(&self.place(fault.path()), array, fault)
    }

    /// Whether a value stands in the file.
    pub fn in_file(&self, key: &str) -> bool {
        let path: Vec<_> = key.split('.').map(str::to_owned).collect();
        matches!(self.place(&path), Place::File(_))
    }

    fn place(&self, path: &[String]) -> Place<'_> {
        // Paths end at lists: the whole list comes from one place.
        let key: Vec<_> = path.iter().take_while(|part| part.parse::<usize>().is_err()).map(String::as_str).collect();
        let file = || self.file.as_deref().map_or(Place::Unknown, Place::File);
        // What is wrong may be that the key is missing: then its table says where.
        let metadata = (1..=key.len()).rev().find_map(|length| self.figment.find_metadata(&key[..length].join(".")));
        match metadata {
            Some(metadata) if metadata.name.contains("environment") => {
                Place::Environment(format!("{PREFIX}{}", key.join("__").to_ascii_uppercase()))
            }
            Some(metadata) if metadata.name.contains("TOML") => file(),
            Some(_) => Place::Flag(Cli::flag(&key.join("."))),
            None => file(),
        }
    }

    /// Index and name of the client that a path points into.
    fn client(&self, path: &[String]) -> Option<(usize, Option<String>)> {
        let [clients, index, ..] = path else { return None };
        let index: usize = Some(index.parse().ok()?).filter(|_| clients == "clients")?;
        let list = self.figment.find_value("clients").ok()?;
        let client = list.as_array().and_then(|list| list.get(index)?.as_dict());
        let text = |key| client?.get(key)?.as_str().map(str::to_owned);
        let address = || text("address").filter(|_| path.get(2).is_none_or(|key| key != "address"));
        // An `@` may stand behind a password.
        Some((index, text("name").or_else(address).filter(|name| !name.trim().is_empty() && !name.contains('@'))))
    }
}

/// The named file, which must exist, or the default one if it exists.
fn read_file(cli: &Cli) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let path = cli.config_file.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
    let error = match fs::read_to_string(path) {
        Ok(text) => return Ok(Some((path.to_owned(), text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && cli.config_file.is_none() => return Ok(None),
        Err(error) => error,
    };
    Err(ConfigError::unreadable(path, &error))
}

/// The environment, without the variables that start with the same letters and are no settings.
fn environment() -> Env {
    Env::prefixed(PREFIX).filter(|key| !is_foreign(&key.as_str().to_ascii_lowercase())).split("__")
}

fn is_foreign(key: &str) -> bool {
    // A container scheduler that knows a service called `boinc-exporter` says where it listens.
    let service = ["port", "service_host", "service_port"].contains(&key)
        || key.starts_with("port_")
        || key.starts_with("service_port_");
    // Cargo hands what the build script found to every program that it starts.
    let build = ["revision", "rustc", "target"].contains(&key);
    // Read with the flags, because it says which file to read.
    service || build || key.starts_with("config__")
}
