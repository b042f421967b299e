//! Everything that is wrong with the settings, not only the first fault: who corrects a file wants to know all of it at once.
//! After each fault, the setting at fault is taken out, and the rest is checked again.

use figment::Figment;
use figment::providers::Serialized;
use figment::value::{Dict, Tag, Value};

use super::Config;
use super::error::Fault;
use super::list::{Entry, List};

/// Nobody reads more at a time, and one mistake may cause many faults.
const MAX_FAULTS: usize = 20;

/// The settings, or what is wrong with them, in the order in which it is found.
pub fn config(figment: &Figment) -> Result<Config, Vec<Fault>> {
    let (first, mut settings) = match (checked(figment), figment.extract::<Dict>()) {
        (Ok(config), _) => return Ok(config),
        (Err(fault), Ok(settings)) => (fault, settings),
        // It is not even TOML.
        (Err(fault), Err(_)) => return Err(vec![fault]),
    };
    let mut faults = vec![first];
    while let Some(last) = faults.last()
        && faults.len() < MAX_FAULTS
        && take_out(&mut settings, last.path(), faults.len())
        && let Err(fault) = checked(&Figment::from(Serialized::defaults(&settings)))
    {
        faults.push(fault);
    }
    Err(faults)
}

fn checked(figment: &Figment) -> Result<Config, Fault> {
    let config: Config = figment.extract().map_err(Fault::from_figment)?;
    config.check().map(|()| config)
}

/// Takes out what is at fault; `number` is a different one each time. Returns whether that has changed anything.
fn take_out(settings: &mut Dict, path: &[String], number: usize) -> bool {
    if let Some(Entry { list, index, rest }) = Entry::of(path) {
        let Some(entry) = entry_of(settings, list, index) else { return false };
        return take_out_of_entry(entry, list, rest, number);
    }
    match path {
        // The default could be shorter than what is compared with it.
        [scrape, timeout] if scrape == "scrape" && timeout == "timeout" => match settings.get_mut("scrape") {
            Some(Value::Dict(_, scrape)) => scrape.insert("timeout".to_owned(), Value::from("366 days")).is_some(),
            _ => false,
        },
        _ => take_out_of(settings, path),
    }
}

fn entry_of<'a>(settings: &'a mut Dict, list: &List, index: usize) -> Option<&'a mut Value> {
    let (key, way) = list.path.split_last()?;
    let table = way.iter().try_fold(settings, |table, part| match table.get_mut(*part) {
        Some(Value::Dict(_, inner)) => Some(inner),
        _ => None,
    })?;
    match table.get_mut(*key) {
        Some(Value::Array(_, entries)) => entries.get_mut(index),
        _ => None,
    }
}

/// A client keeps its place, because others are known by theirs, and needs an address of its own; so does a project.
fn take_out_of_entry(entry: &mut Value, list: &List, path: &[String], number: usize) -> bool {
    let name = || Value::from(format!("fault-{number}.invalid"));
    // A project's keys are only wrong at some addresses.
    let unused = || if list.id == "url" { Value::from(format!("https://fault-{number}.invalid/")) } else { name() };
    match (entry, path) {
        (Value::Dict(_, entry), [key, ..]) if key == list.id => entry.insert(key.clone(), unused()).is_some(),
        (Value::Dict(_, entry), [_, ..]) => take_out_of(entry, path),
        (Value::Dict(_, entry), []) => {
            entry.insert("name".to_owned(), name());
            entry.insert(list.id.to_owned(), unused());
            true
        }
        (entry, _) => {
            let id = [(list.id.to_owned(), unused())];
            *entry = Value::Dict(Tag::default(), id.into_iter().collect());
            true
        }
    }
}

/// Takes out the setting, or the list that contains it.
fn take_out_of(table: &mut Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [key] => table.remove(key).is_some(),
        [key, rest @ ..] => match table.get_mut(key) {
            Some(Value::Dict(_, inner)) => take_out_of(inner, rest),
            Some(_) => table.remove(key).is_some(),
            None => false,
        },
    }
}
