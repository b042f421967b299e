//! The list in `boinctasks-pp.conf`, where `BoincTasks++` keeps its settings (`~/.config`, or its folder in `%APPDATA%`).
//!
//! The format is not documented. What is known: it is written by wxWidgets' `wxFileConfig`, in UTF-8. A group
//! `[Computers/N]` for each, with `name`, `group`, `host`, `port`, `password` (plain, empty for this computer's own file)
//! and `enabled` (0 or 1, 1 if absent); groups without a `host` are none. Other settings stand in other groups.

use super::Computer;

/// What the group of each computer begins with.
const GROUP: &str = "[Computers/";

/// Whether a text is such a file. One that knows no computer yet has only the number of them.
pub(super) fn is_like(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("[Computers"))
}

/// The computers in the order of the file.
pub(super) fn computers(text: &str) -> Vec<Computer> {
    let mut computers: Vec<Option<Computer>> = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if line.starts_with('[') {
            computers
                .push(line.starts_with(GROUP).then(|| Computer { checked: "1".to_owned(), ..Computer::default() }));
        } else if let Some(Some(computer)) = computers.last_mut()
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            let value = unescaped(value.trim_start());
            match key.trim_end() {
                "name" => computer.id_name = value,
                "group" => computer.id_group = value,
                "host" => computer.ip = value,
                "port" => computer.port = value,
                "password" => computer.password = value.into(),
                "enabled" => computer.checked = value,
                _ => {}
            }
        }
    }
    computers.into_iter().flatten().filter(|computer| !computer.ip.is_empty()).collect()
}

/// A value as it was before `wxFileConfig` wrote it: in quotes if it begins with a blank or a quote, and with a backslash
/// before line breaks, tabs, backslashes and quotes.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let quoted = value.starts_with('"');
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => {}
            },
            '"' if quoted => {}
            other => text.push(other),
        }
    }
    text
}
