//! The fenced blocks of the documents, the commands in those of shells, and those that stand in sentences and tables.

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block.
pub struct Block {
    /// The document, relative to the repository.
    pub file: String,
    /// What follows the fence.
    pub language: String,
    pub text: String,
}

/// The documents of a folder, and of those in it.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("the folder is readable").path();
        // Records of decisions say how something was measured at some commit.
        if path.is_dir() && !path.ends_with("decisions") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|file| root.join(file)).into();
    ["docs", "deploy", "dashboards"].iter().for_each(|folder| collect(&root.join(folder), &mut found));
    found.sort();
    found
}

/// All fenced blocks of all documents.
pub fn blocks(root: &Path) -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in documents(root) {
        let text = fs::read_to_string(&path).expect("a document is text");
        let file = path.strip_prefix(root).expect("it is below").display().to_string();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(language) = line.trim_start().strip_prefix("```") else { continue };
            let indent = line.len() - line.trim_start().len();
            let inside = lines.by_ref().take_while(|line| line.trim() != "```");
            let text: Vec<_> = inside.map(|line| line.get(indent..).unwrap_or_default()).collect();
            let text = text.join("\n");
            blocks.push(Block { file: file.clone(), language: language.to_owned(), text });
        }
    }
    blocks
}

/// The commands of a block of a shell, each with its document: without comments, continued lines as one, a here-document with its
/// command.
pub fn commands(block: &Block) -> Vec<(String, String)> {
    if !["sh", "powershell"].contains(&block.language.as_str()) {
        return Vec::new();
    }
    let mut commands = Vec::new();
    let mut lines = block.text.lines();
    while let Some(line) = lines.next() {
        let mut command = without_comment(line).to_owned();
        while let Some(start) = command.strip_suffix('\\') {
            command =
                format!("{} {}", start.trim_end(), without_comment(lines.next().unwrap_or_default()).trim_start());
        }
        if let Some((_, end)) = command.split_once("<<'") {
            let end = end.trim_end_matches('\'').to_owned();
            for line in lines.by_ref() {
                command = format!("{command}\n{line}");
                if line == end {
                    break;
                }
            }
        }
        if !command.is_empty() {
            commands.push((block.file.clone(), command));
        }
    }
    commands
}

fn without_comment(line: &str) -> &str {
    let line = line.split_once("  #").map_or(line, |(command, _)| command);
    let line = line.split_once(" # ").map_or(line, |(command, _)| command);
    if line.trim_start().starts_with('#') { "" } else { line.trim_end() }
}

/// The documents by which people install.
const GUIDES: [&str; 4] = ["README.md", "deploy/README.md", "deploy/macos/README.md", "deploy/windows/README.md"];

/// What a command of a guide can begin with.
const PROGRAMS: [&str; 22] = [
    "sudo",
    "apt",
    "systemctl",
    "journalctl",
    "cargo",
    "boinc_exporter",
    ".\\boinc_exporter.exe",
    "boinc_exporter.exe",
    "docker",
    "kubectl",
    "chown",
    "chmod",
    "adduser",
    "brew",
    "msiexec",
    "icacls",
    "sc.exe",
    "Stop-Service",
    "Start-Service",
    "Get-Content",
    "tail",
    "xattr",
];

/// The commands in sentences and tables of the guides: a program and what it is given.
pub fn spans(root: &Path) -> Vec<(String, String)> {
    let of = |file: &str| {
        let text = fs::read_to_string(root.join(file)).expect("a document is text");
        let outside: String = text.split("```").step_by(2).collect();
        let spans = outside.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " "));
        let commands = spans.filter(|span| span.split_once(' ').is_some_and(|(first, _)| PROGRAMS.contains(&first)));
        commands.map(|command| (file.to_owned(), command)).collect::<Vec<_>>()
    };
    GUIDES.into_iter().flat_map(of).collect()
}
