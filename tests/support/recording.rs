//! Recorded replies that a test may change: a copy in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::replies;

/// The copy. It lives as long as this does.
pub struct Recording {
    path: PathBuf,
    _dir: TempDir,
}

impl Recording {
    /// Of a folder of recorded replies, with what its version's clients have in common.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn of(folder: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let path = dir.path().join(folder);
        fs::create_dir(&path).expect("a temporary folder is writable");
        let version = folder.split('_').next().unwrap_or_default();
        for from in [replies(&format!("{version}_common")), replies(folder)] {
            copy(&from, &path);
        }
        Self { path, _dir: dir }
    }

    /// For [`FakeClient::playing`](super::FakeClient::playing).
    ///
    /// # Panics
    /// When the path of temporary files is not UTF-8.
    pub fn folder(&self) -> &str {
        self.path.to_str().expect("temporary folders have plain names")
    }

    /// A reply, without its final `0x03`.
    ///
    /// # Panics
    /// When there is none, or it is not UTF-8.
    pub fn get(&self, operation: &str) -> String {
        fs::read_to_string(self.file(operation)).expect("the reply was recorded")
    }

    /// Replaces a reply.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn set(&self, operation: &str, reply: &str) {
        fs::write(self.file(operation), reply).expect("a temporary folder is writable");
    }

    /// Gives all elements of this name another text.
    ///
    /// # Panics
    /// When there is none.
    pub fn set_all(&self, operation: &str, element: &str, text: &str) {
        let reply = self.get(operation);
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let mut pieces = reply.split(&open);
        let mut changed = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (_, rest) = piece.split_once(&close).expect("a leaf ends");
            changed.extend([open.as_str(), text, close.as_str(), rest]);
        }
        assert!(changed.contains(&format!("{open}{text}{close}")), "{operation} has no <{element}>");
        self.set(operation, &changed);
    }

    fn file(&self, operation: &str) -> PathBuf {
        self.path.join(operation).with_extension("xml")
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the recorded replies can be read") {
        let entry = entry.expect("the recorded replies can be read");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a temporary folder is writable");
    }
}
