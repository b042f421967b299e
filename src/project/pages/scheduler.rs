//! The reply of a scheduler to a request without a key: to a `GET` (the program, its shared memory and its configuration work) or to a
//! `POST` of the part of the protocol that never changes (the database works too). Such a request makes no host record.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use crate::markup::element::Element;
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::Escaped;

/// Bytes of an answer. A reply without an account has 700.
pub const MAX_BODY: usize = 1 << 20;

/// Messages that are kept.
pub const MAX_MESSAGES: usize = 100;

/// What a scheduler said.
#[derive(Debug, Clone, Default)]
pub struct SchedulerReply {
    /// Version of the server's code: 100 × major + minor; absent in early exits.
    pub scheduler_version: Option<i64>,
    /// Seconds that it does not want to be asked again.
    pub request_delay: Option<f64>,
    /// The project is down.
    pub project_is_down: bool,
    /// The project has ended.
    pub ended: bool,
    /// Address of the project as the server writes it.
    pub master_url: Escaped,
    /// Name of the project.
    pub project_name: Escaped,
    /// It took the request for one of an account or a host: it must not be asked like this again.
    pub has_account: bool,
    /// What its messages say, each class once.
    pub said: Vec<Class>,
}

/// What a scheduler's message says.
pub use crate::sentences::Class;

/// The state of a scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchedulerState {
    /// It answers as it should.
    Up,
    /// Stopped by the operator.
    Maintenance,
    /// The program that gives it work does not run, or is of another version.
    Feeder,
    /// The database does not answer.
    Database,
    /// It cannot read its configuration, keys or log file.
    Configuration,
    /// Down, and the reason is not known.
    Down,
    /// The project has ended.
    Ended,
    /// A reply without any sign of either.
    Unknown,
}

impl SchedulerState {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Up,
        Self::Maintenance,
        Self::Feeder,
        Self::Database,
        Self::Configuration,
        Self::Down,
        Self::Ended,
        Self::Unknown,
    ];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Maintenance => "maintenance",
            Self::Feeder => "feeder",
            Self::Database => "database",
            Self::Configuration => "configuration",
            Self::Down => "down",
            Self::Ended => "ended",
            Self::Unknown => "unknown",
        }
    }
}

impl SchedulerReply {
    /// Its state.
    #[must_use]
    pub const fn state(&self) -> SchedulerState {
        SchedulerState::Unknown
    }

    /// Whether the database answered; unknown if the scheduler did not come so far as to ask it.
    #[must_use]
    pub const fn database(&self) -> Option<bool> {
        None
    }
}

impl Element for SchedulerReply {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        let _ = (reader, tag);
        false
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<SchedulerReply>, Fault> {
    Document::read(answer, &["scheduler_reply"])?.into_page(|_: &SchedulerReply| 0)
}
