//! `boinc_exporter import-computers`: converts `BoincTasks`' `computers.xml`, or `boinctasks-pp.conf` of `BoincTasks++`, to
//! `[[clients]]` of a configuration. Passwords go to separate files or nowhere.
//!
//! The format of the first is not documented. What is known: one `<computer>` each, with `id_name`, `id_group`, `ip`, `port` (0 or less: the
//! default), `checked` (0: disabled), `password`, and on Windows `encryption` (`yes`: only that Windows account can decrypt
//! the password) and `encrypted_connection`. The newer version in JavaScript adds `cpid`, and URL-encodes names and
//! passwords. Neither version escapes everything that XML requires to be escaped.

mod boinctasks_pp;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use figment::Figment;
use figment::providers::{Format as _, Toml};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::client::gui_rpc::address::PORT;
use crate::client::target::Target;
use crate::config::Config;
use crate::files::{Unreadable, read_to_end};
use crate::platform;

/// A thousand times what a hundred computers take.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// File systems allow 255 bytes; this leaves room for suffixes.
const MAX_FILE_NAME_CHARS: usize = 100;

#[derive(Deserialize)]
struct Computers {
    #[serde(rename = "$value", default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
enum Item {
    #[serde(rename = "computer")]
    Computer(Box<Computer>),
    #[serde(other)]
    Other,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Computer {
    id_name: String,
    id_group: String,
    ip: String,
    port: String,
    checked: String,
    cpid: Option<String>,
    password: SecretString,
    encryption: String,
    encrypted_connection: String,
}

/// One `[[clients]]`.
struct Entry {
    /// Comments above it.
    notes: Vec<String>,
    toml: String,
    /// Whether it is enabled, and not commented out.
    enabled: bool,
    password: Option<(PathBuf, SecretString)>,
}

/// What is already in use.
#[derive(Default)]
struct Taken {
    names: Names,
    files: Names,
    /// Addresses, each with the name of its client.
    addresses: HashMap<String, String>,
}

/// Names that are already in use, each with the number that was tried last to make another one of it.
#[derive(Default)]
struct Names(HashMap<String, u32>);

/// Converts a list of computers to TOML. With a directory for the passwords, writes each of them there, to a file that only this
/// user can read.
///
/// # Errors
/// The file cannot be read or parsed, or a password cannot be written. Errors contain no passwords.
pub fn computers(file: &Path, passwords: Option<&Path>) -> anyhow::Result<String> {
    let shown = file.display();
    // A pipe is welcome.
    let opened = fs::File::open(file).map_err(Unreadable::Io);
    let bytes = match opened.and_then(|file| read_to_end(file, MAX_FILE_BYTES)) {
        Ok(bytes) => bytes,
        Err(Unreadable::Io(error)) => return Err(error).with_context(|| format!("cannot read {shown}")),
        Err(_) => anyhow::bail!("{shown} is larger than {MAX_FILE_BYTES} bytes, so it is no list of computers"),
    };
    let text = decode(&bytes);
    let computers = if boinctasks_pp::is_like(&text) {
        let computers = boinctasks_pp::computers(&text);
        anyhow::ensure!(
            !computers.is_empty(),
            "{shown} lists no computer: BoincTasks++ then watches this one, and so does the exporter without [[clients]]"
        );
        computers
    } else {
        parse(&text).map_err(|problem| anyhow::anyhow!("{shown} {problem}"))?
    };
    let directory = match passwords {
        Some(directory) => std::path::absolute(directory)
            .with_context(|| format!("cannot use {} as the directory for passwords", directory.display()))?,
        None => PathBuf::new(),
    };
    let mut taken = Taken::default();
    let entries: Vec<_> = computers.iter().map(|computer| entry(computer, &directory, &mut taken)).collect();
    if passwords.is_some() {
        create(&directory)?;
        for (path, password) in entries.iter().filter_map(|entry| entry.password.as_ref()) {
            super::write_secret(path, password)?;
        }
    }
    Ok(render(&entries, passwords.is_some()))
}

/// `BoincTasks` on Windows writes in the code page of the computer. The most common one agrees with Latin-1 for letters.
fn decode(bytes: &[u8]) -> String {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}

/// The error is the end of a sentence that starts with the name of the file. It quotes nothing from the file: a password
/// that contains `<` is the most likely cause.
fn parse(text: &str) -> Result<Vec<Computer>, String> {
    const EMPTY: &str = "is neither a computers.xml of BoincTasks nor a boinctasks-pp.conf, or is empty: it contains no \
                         <computer> and no [Computers]";
    if !text.contains("<computer>") {
        return Err(EMPTY.to_owned());
    }
    let text = escape_ampersands(text);
    let Ok(computers) = quick_xml::de::from_str::<Computers>(&text) else {
        return Err(match broken_line(&text) {
            Some(line) => {
                format!("is not well-formed XML in line {line}: write a < in a name or password as &lt;")
            }
            None => "is not a computers.xml of BoincTasks: a <computer> may have a duplicate element".to_owned(),
        });
    };
    let list: Vec<_> = computers.items.into_iter().filter_map(Item::computer).collect();
    if list.is_empty() { Err(EMPTY.to_owned()) } else { Ok(list) }
}

impl Item {
    fn computer(self) -> Option<Computer> {
        match self {
            Self::Computer(computer) => Some(*computer),
            Self::Other => None,
        }
    }
}

/// Escapes each `&` that does not start a reference.
fn escape_ampersands(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, part) in text.split('&').enumerate() {
        if index > 0 {
            escaped.push_str(if is_reference(part) { "&" } else { "&amp;" });
        }
        escaped.push_str(part);
    }
    escaped
}

/// Whether this is the rest of an XML reference, after its `&`.
fn is_reference(text: &str) -> bool {
    let Some((name, _)) = text.split_once(';') else { return false };
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        },
        None => return ["amp", "lt", "gt", "quot", "apos"].contains(&name),
    };
    number.is_ok_and(|number| number != 0 && char::from_u32(number).is_some())
}

/// The line of the first syntax error.
fn broken_line(text: &str) -> Option<usize> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return None,
            Ok(_) => {}
            Err(_) => {
                let position = usize::try_from(reader.error_position()).unwrap_or(usize::MAX).min(text.len());
                return Some(text.as_bytes()[..position].split(|byte| *byte == b'\n').count());
            }
        }
    }
}

fn entry(computer: &Computer, directory: &Path, taken: &mut Taken) -> Entry {
    let text = |raw: &str| clean(&if computer.cpid.is_some() { decode_uri(raw) } else { raw.to_owned() });
    let host = clean(&computer.ip);
    let address = match computer.port.trim().parse::<i64>() {
        Ok(port) if port > 0 && port != i64::from(PORT) => format!("{host}:{port}"),
        _ => host,
    };
    let mut notes = Vec::new();
    let given = Some(text(&computer.id_name)).filter(|name| !name.is_empty()).unwrap_or_else(|| address.clone());
    let name = taken.names.unused(&given, str::to_owned);
    if name != given {
        notes.push(format!("Another client is also called {}.", quoted(&given)));
    }
    let password = SecretString::from(text(computer.password.expose_secret()));
    let encrypted = computer.encryption.trim().eq_ignore_ascii_case("yes");
    let has_password = !password.expose_secret().is_empty();
    let path = has_password.then(|| directory.join(taken.files.unused(&file_name(&name), str::to_lowercase) + ".pw"));
    let mut toml = format!("[[clients]]\nname = {}\naddress = {}\n", quoted(&name), quoted(&address));
    if let Some(path) = &path {
        let _ = writeln!(toml, "password_file = {}", quoted(&path.to_string_lossy()));
    }
    let group = text(&computer.id_group);
    if !group.is_empty() {
        let _ = writeln!(toml, "labels = {{ group = {} }}", quoted(&group));
    }
    if encrypted && has_password {
        notes.push("BoincTasks has encrypted this password; take it from the client's gui_rpc_auth.cfg.".to_owned());
    }
    if computer.encrypted_connection.trim().eq_ignore_ascii_case("yes") {
        notes.push("BoincTasks uses an encrypted connection to it, which the exporter does not support.".to_owned());
    }
    let enabled = match obstacle(&computer.checked, &toml, &name, &mut taken.addresses) {
        Some(obstacle) => {
            notes.push(obstacle);
            false
        }
        None => true,
    };
    let password = path.filter(|_| !encrypted).map(|path| (path, password));
    Entry { notes, toml, enabled, password }
}

/// Why a client is disabled.
fn obstacle(checked: &str, toml: &str, name: &str, addresses: &mut HashMap<String, String>) -> Option<String> {
    let target = match target(toml) {
        Ok(target) => target,
        Err(problem) => return Some(format!("The exporter cannot use it: {problem}.")),
    };
    if !checked.trim().parse::<i64>().is_ok_and(|checked| checked > 0) {
        return Some("It is not checked in BoincTasks.".to_owned());
    }
    let address = target.address.to_string();
    if let Some(first) = addresses.get(&address) {
        return Some(format!("It is the same client as {}.", quoted(first)));
    }
    addresses.insert(address, name.to_owned());
    None
}

/// The target of these lines of a configuration.
fn target(toml: &str) -> Result<Target, String> {
    let config: Config = Figment::from(Toml::string(toml)).extract().map_err(|error| error.to_string())?;
    let targets = config.targets().map_err(|error| {
        let sentence = error.to_string();
        sentence.strip_prefix("configuration: [[clients]] number 1, ").unwrap_or(&sentence).to_owned()
    })?;
    targets.into_iter().next().ok_or_else(|| "it has no address".to_owned())
}

/// A single line, as labels and comments require.
fn clean(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

/// As JavaScript's `decodeURI`, but returns the text unchanged if that would fail.
fn decode_uri(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte.filter(|byte| !b";/?:@&=+$,#".contains(byte)) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

impl Names {
    /// The text, with a number if it is taken. Texts with the same `key` count as equal.
    fn unused(&mut self, text: &str, key: impl Fn(&str) -> String) -> String {
        let Some(mut number) = self.0.get(&key(text)).copied() else {
            self.0.insert(key(text), 1);
            return text.to_owned();
        };
        // Others may have been called like this from the start.
        let numbered = loop {
            number += 1;
            let numbered = format!("{text}-{number}");
            if !self.0.contains_key(&key(&numbered)) {
                break numbered;
            }
        };
        self.0.insert(key(text), number);
        self.0.insert(key(&numbered), 1);
        numbered
    }
}

/// A name that is safe in every file system and in a shell.
fn file_name(name: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let name: String = name.chars().take(MAX_FILE_NAME_CHARS).map(|c| if is_safe(c) { c } else { '_' }).collect();
    // A leading dash would look like an option, and without a name, the dot of `.pw` would hide the file.
    if name.is_empty() || name.starts_with('-') { format!("_{name}") } else { name }
}

/// A basic string in TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn render(entries: &[Entry], passwords_written: bool) -> String {
    let disabled = entries.iter().filter(|entry| !entry.enabled).count();
    let mut text = format!("# Clients of BoincTasks: {}. Commented out: {disabled}.\n", entries.len());
    text.push_str(if passwords_written { platform::HOW_TO_HAND_OVER } else { platform::HOW_TO_KEEP_PRIVATE });
    for entry in entries {
        text.push('\n');
        for note in &entry.notes {
            let _ = writeln!(text, "# {note}");
        }
        for line in entry.toml.lines() {
            let _ = writeln!(text, "{}{line}", if entry.enabled { "" } else { "#" });
        }
    }
    text
}

fn create(directory: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        directory.to_str().is_some(),
        "the directory for passwords, {}, is not valid UTF-8",
        directory.display()
    );
    platform::create_folders(directory).with_context(|| format!("cannot create the directory {}", directory.display()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn equal_names_are_numbered_in_linear_time() {
        const COUNT: u32 = 1000;
        let (mut names, compared) = (Names::default(), Cell::new(0));
        let key = |text: &str| {
            compared.set(compared.get() + 1);
            text.to_lowercase()
        };
        // Some are called so already.
        for number in (2..COUNT).step_by(2) {
            assert_eq!(names.unused(&format!("a-{number}"), key), format!("a-{number}"));
        }
        let numbered: Vec<_> = (0..COUNT).map(|_| names.unused("A", key)).collect();
        assert_eq!(numbered[..4], ["A", "A-3", "A-5", "A-7"]);
        assert_eq!(names.unused("a-3", key), "a-3-2");
        assert!(compared.get() < 10 * COUNT, "{} comparisons", compared.get());
    }
}
