//! Clients and projects from several sources: the list in the file or in one variable, variables for single keys
//! (`BOINC_EXPORTER_CLIENTS__0__ADDRESS`), and `--client`. One list goes out, and where each of its values came from.

use std::collections::BTreeMap;

use figment::value::{Dict, Tag, Value};

use super::environment::{EntryVariable, PREFIX};
use super::list::List;
use crate::client::gui_rpc::address::Address;

/// All clients or projects, in order.
#[derive(Debug)]
pub struct Merged {
    list: &'static List,
    entries: Vec<Merging>,
}

/// A client or project, and where it came from.
#[derive(Debug, Default)]
pub struct Merging {
    settings: Dict,
    /// The position in the list.
    listed: Option<usize>,
    /// The number or word in its variables.
    word: Option<String>,
    /// Variables by key: `address`, `labels.room`.
    variables: BTreeMap<String, String>,
    from_flag: bool,
}

/// Where a value came from.
pub enum ValueOrigin {
    /// The list in the file or in one variable, with the position there.
    List(usize),
    /// The variable, with its whole name.
    Variable(String),
    /// `--client`.
    Flag,
}

impl Merged {
    /// Merges the sources; `None` if there is only the list, or it is no list of tables.
    ///
    /// # Errors
    /// A sentence.
    pub fn new(
        list: &'static List,
        listed: Option<&Value>,
        variables: Vec<EntryVariable>,
        flags: &[String],
    ) -> Result<Option<Self>, String> {
        if variables.is_empty() && flags.is_empty() {
            return Ok(None);
        }
        let listed = match listed {
            None => &[],
            Some(Value::Array(_, listed)) => listed.as_slice(),
            Some(_) => return Ok(None),
        };
        let mut entries = Vec::new();
        for (index, entry) in listed.iter().enumerate() {
            let Some(settings) = entry.as_dict() else { return Ok(None) };
            entries.push(Merging { settings: settings.clone(), listed: Some(index), ..Merging::default() });
        }
        let mut merged = Self { list, entries };
        let configured = listed.len();
        variables.into_iter().try_for_each(|variable| merged.add(variable, configured))?;
        if !flags.is_empty() {
            merged.choose(flags);
        }
        match merged.entries.iter().find_map(|entry| entry.without_id(list)) {
            Some(problem) => Err(problem),
            None => Ok(Some(merged)),
        }
    }

    /// Puts a variable's value in its entry: a configured one with this number or name, or a new one.
    fn add(&mut self, variable: EntryVariable, configured: usize) -> Result<(), String> {
        let EntryVariable { name, entry: word, keys, value } = variable;
        let Some((key, inner)) = keys.split_first().filter(|(key, _)| !key.is_empty()) else {
            let example = example(self.list, &word);
            return Err(format!("environment variable {name} names no key; write {example}"));
        };
        let known = self.entries.iter().position(|client| client.word.as_ref() == Some(&word));
        let at = known.or_else(|| match word.parse::<usize>() {
            Ok(number) => Some(number).filter(|number| *number < configured),
            Err(_) => self.entries.iter().position(|client| client.is_called(&word, self.list)),
        });
        let at = at.unwrap_or_else(|| {
            self.entries.push(Merging::default());
            self.entries.len() - 1
        });
        let client = &mut self.entries[at];
        if client.word.is_none() && at >= configured && word.parse::<usize>().is_err() {
            client.settings.insert("name".to_owned(), text(&lowercase(&word)));
        }
        client.word = Some(word);
        match inner {
            [] => {
                client.settings.insert(key.clone(), typed(key, &value));
                client.variables.insert(key.clone(), name);
            }
            inner => {
                let inner = inner.join("__");
                client.variables.insert(format!("{key}.{inner}"), name);
                let mut table = client.settings.get(key).and_then(Value::as_dict).cloned().unwrap_or_default();
                table.insert(inner, text(&value));
                client.settings.insert(key.clone(), Value::Dict(Tag::default(), table));
            }
        }
        Ok(())
    }

    /// Keeps the clients that flags name. What is configured of a client with the same address or name applies to it, and so
    /// do variables with its number that name no address. A password is never sent to another address than the one it is
    /// configured for.
    fn choose(&mut self, flags: &[String]) {
        let list = self.list;
        let mut configured: Vec<_> = std::mem::take(&mut self.entries).into_iter().map(Some).collect();
        for (number, flag) in flags.iter().enumerate() {
            let of_number = |client: &Merging| {
                client.text("address").is_none() && client.word.as_deref() == Some(&number.to_string())
            };
            let at =
                |is: &dyn Fn(&Merging) -> bool| configured.iter().position(|client| client.as_ref().is_some_and(is));
            let found = at(&|client| client.has_address(flag))
                .or_else(|| at(&|client| client.is_called(flag, list)))
                .or_else(|| at(&of_number));
            let mut client = found.and_then(|at| configured[at].take()).unwrap_or_default();
            if client.text("address").is_none() {
                client.settings.insert("address".to_owned(), text(flag));
                client.from_flag = true;
            }
            self.entries.push(client);
        }
    }

    /// As a value of the configuration.
    pub fn value(&self) -> Value {
        let entry = |entry: &Merging| Value::Dict(Tag::default(), entry.settings.clone());
        Value::Array(Tag::default(), self.entries.iter().map(entry).collect())
    }

    /// Where a value came from; without a key, the entry as a whole.
    pub fn origin(&self, index: usize, key: Option<&str>) -> ValueOrigin {
        let Some(client) = self.entries.get(index) else { return ValueOrigin::List(index) };
        let key = key.unwrap_or(self.list.id);
        if client.from_flag && key == "address" {
            return ValueOrigin::Flag;
        }
        if let Some(variable) = client.variables.get(key) {
            return ValueOrigin::Variable(variable.clone());
        }
        let mut inner = client.variables.iter().filter(|(path, _)| path.split('.').next() == Some(key));
        match (inner.next(), inner.next()) {
            (Some((_, variable)), None) => ValueOrigin::Variable(variable.clone()),
            (Some((_, variable)), Some(_)) => {
                let start = variable.rsplit_once("__").map_or(variable.as_str(), |(start, _)| start);
                ValueOrigin::Variable(format!("{start}__*"))
            }
            _ => client.elsewhere(index, self.list),
        }
    }
}

impl Merging {
    fn text(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(Value::as_str)
    }

    /// Words in variables are usually in upper case, and cannot contain a dash.
    fn is_called(&self, word: &str, list: &List) -> bool {
        let name = self.text("name").or_else(|| self.text(list.id));
        name.is_some_and(|name| {
            name.replace(['-', '.', ' '], "_").eq_ignore_ascii_case(&word.replace(['-', '.', ' '], "_"))
        })
    }

    fn has_address(&self, written: &str) -> bool {
        let address = |text: &str| Address::parse(text).map(|address| address.to_string()).ok();
        self.text("address")
            .is_some_and(|own| own == written || address(own).is_some() && address(own) == address(written))
    }

    /// Where what no variable sets came from. A key that is missing has the origin of the address.
    fn elsewhere(&self, index: usize, list: &List) -> ValueOrigin {
        match (self.listed, self.variables.get(list.id)) {
            (Some(listed), _) => ValueOrigin::List(listed),
            (None, Some(variable)) => ValueOrigin::Variable(variable.clone()),
            (None, None) if self.from_flag => ValueOrigin::Flag,
            (None, None) => ValueOrigin::List(index),
        }
    }

    /// The sentence about variables that belong to no client or project.
    fn without_id(&self, list: &List) -> Option<String> {
        let (word, variable) = (self.word.as_ref()?, self.variables.values().next()?);
        let missing = !self.settings.contains_key(list.id);
        missing.then(|| {
            let example = example(list, word);
            format!("environment variable {variable} belongs to a {} without {}; set {example}", list.noun, list.needs)
        })
    }
}

/// The variable that every entry needs.
fn example(list: &List, word: &str) -> String {
    format!("{PREFIX}{}__{word}__{}", list.table.to_uppercase(), list.id.to_uppercase())
}

/// A value of a variable. Only these may be numbers, lists or tables.
fn typed(key: &str, value: &str) -> Value {
    match key {
        "timeout" | "labels" | "collectors" | "account" | "team" => {
            value.parse().unwrap_or_else(|never| match never {})
        }
        _ => text(value),
    }
}

fn text(value: &str) -> Value {
    Value::from(value)
}

/// Names in upper case only are those of variables.
fn lowercase(word: &str) -> String {
    if word.contains(|c: char| c.is_lowercase()) { word.to_owned() } else { word.to_lowercase() }
}
