//! The file with the times at which projects were asked, while the exporter runs: what was in it at the start, and where it is
//! written. It does not know what is in it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::project::poll_state::file::Saved;
use crate::project::poll_state::{Moment, PollState};

/// The file.
#[derive(Debug, Default)]
pub struct Store {
    file: Option<PathBuf>,
    saved: Saved,
    /// Whether it has changed since it was written.
    changed: bool,
    /// Whether a failure to write has been logged.
    warned: bool,
}

impl Store {
    /// Reads the file. Blocks.
    pub fn open(file: Option<&Path>, now: SystemTime) -> Self {
        let read = file.map(Saved::read);
        if let (Some(file), Some(Err(error))) = (file, &read) {
            tracing::warn!(
                file = %file.display(),
                "cannot read when projects were last asked, so all of them are asked now: {error}"
            );
        }
        let mut saved = read.and_then(Result::ok).unwrap_or_default();
        saved.forget_old(now);
        Self { file: file.map(Path::to_owned), saved, ..Self::default() }
    }

    /// What was written is there when the exporter is started again; to this file from now on.
    pub fn move_to(&mut self, file: Option<&Path>) {
        if self.file.as_deref() != file {
            self.file = file.map(Path::to_owned);
            self.warned = false;
        }
    }

    /// The state of a project as of now.
    pub fn state(&self, key: &str, now: Moment) -> PollState {
        self.saved.state(key, now)
    }

    /// What the file holds, to change it.
    pub fn saved(&mut self) -> &mut Saved {
        self.changed = true;
        &mut self.saved
    }

    /// What to write, and where; `None` if there is no file, or somebody else has written it.
    pub fn take_text(&mut self, now: SystemTime) -> Option<(PathBuf, io::Result<Vec<u8>>)> {
        self.saved.forget_old(now);
        let changed = std::mem::take(&mut self.changed);
        self.file.as_ref().filter(|_| changed).map(|file| (file.clone(), self.saved.text()))
    }

    /// Takes note of a failure to write, and logs it once.
    pub fn wrote(&mut self, result: &io::Result<()>) {
        match (result, &self.file) {
            (Ok(()), _) => self.warned = false,
            (Err(error), Some(file)) if !self.warned => {
                self.warned = true;
                tracing::warn!(
                    file = %file.display(),
                    "cannot write when projects were asked; after a restart they would be asked again at once: {error}"
                );
            }
            _ => {}
        }
    }
}
