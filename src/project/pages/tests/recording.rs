//! Answers of real servers: `tests/data/project/PAGE/NAME.http`, with the headers that matter.

use std::path::Path;

use memchr::memmem;

use super::super::user::Names;
use super::super::{
    Answer, Fault, Oddities, Page, batch, batches, config, master, members, ping, results, scheduler, statistics,
    status, team, user,
};

/// The pages, which are the names of the folders.
pub const PAGES: [&str; 12] = [
    "batch",
    "batches",
    "config",
    "master",
    "members",
    "ping",
    "results",
    "scheduler",
    "statistics",
    "status",
    "team",
    "user",
];

/// An answer.
#[derive(Debug, Clone)]
pub struct Recording {
    pub name: String,
    pub status: u16,
    pub location: String,
    pub body: Vec<u8>,
}

impl Recording {
    /// As it comes from the network.
    pub fn answer(&self) -> Answer<'_> {
        Answer { status: self.status, location: &self.location, body: &self.body }
    }

    fn parse(name: String, text: &[u8]) -> Self {
        let end = memmem::find(text, b"\n\n").expect("headers end with an empty line");
        let head = std::str::from_utf8(&text[..end]).expect("headers are text");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it begins with the status");
        let location = head.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default();
        Self { name, status, location: location.to_owned(), body: text[end + 2..].to_vec() }
    }
}

/// All recordings of a page, by name.
pub fn recordings(page: &str) -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/project").join(page);
    let files = std::fs::read_dir(folder).expect("recordings can be read");
    let mut recordings: Vec<_> = files
        .map(|file| {
            let path = file.expect("recordings can be read").path();
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            Recording::parse(name, &std::fs::read(path).expect("recordings can be read"))
        })
        .collect();
    recordings.sort_by(|one, other| one.name.cmp(&other.name));
    recordings
}

/// What an answer says as this page.
pub fn read(page: &str, answer: &Answer<'_>, names: Names) -> Result<String, Fault> {
    /// Values of one line on one line.
    fn show<T: std::fmt::Debug>(page: T) -> String {
        let text = format!("{page:#?}");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for at in (1..lines.len().saturating_sub(1)).rev() {
            if lines[at - 1].ends_with("Some(") && lines[at + 1].trim() == ")," {
                let value = lines.drain(at..at + 2).next().unwrap_or_default();
                let value = value.trim().trim_end_matches(',');
                lines[at - 1].push_str(value);
                lines[at - 1].push_str("),");
            }
        }
        lines.join("\n")
    }
    match page {
        "batch" => batch::read(answer, names).map(show),
        "batches" => batches::read(answer, names).map(show),
        "config" => config::read(answer).map(show),
        "master" => master::read(answer).map(show),
        "members" => members::read(answer).map(show),
        "ping" => ping::read(answer).map(show),
        "results" => results::read(answer).map(show),
        "scheduler" => scheduler::read(answer).map(show),
        "statistics" => statistics::read(answer).map(show),
        "status" => status::read(answer).map(show),
        "team" => team::read(answer).map(show),
        "user" => user::read(answer, names).map(show),
        page => panic!("no such page: {page}"),
    }
}

/// An answer as it should be.
pub const fn answer(body: &str) -> Answer<'_> {
    Answer { status: 200, location: "", body: body.as_bytes() }
}

/// A recording.
pub fn recording(page: &str, name: &str) -> Recording {
    recordings(page).into_iter().find(|recording| recording.name == name).expect("it is there")
}

/// The content of a page without anything odd.
pub fn clean<T>(page: Result<Page<T>, Fault>) -> T {
    let page = page.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(page.oddities, Oddities::default());
    page.content
}
