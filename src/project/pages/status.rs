//! `server_status.php?xml=1`: whether daemons run, how much work there is and how fast the project is. It needs no key, and is
//! the page that most projects leave open. Its numbers can be an hour old, and only servers up to 2014 say how old.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::rows::Rows;
use crate::markup::element::{Element, Value, read_element};
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::Escaped;

/// Bytes of an answer. A project with 100 daemons and 50 applications sends 25 kB.
pub const MAX_BODY: usize = 1 << 20;

/// Daemons. Large projects have a hundred.
pub const MAX_DAEMONS: usize = 1_000;

/// Applications. Large projects have fifty.
pub const MAX_APPS: usize = 1_000;

/// What a page of a project's server status says. Counts are unknown where the project leaves them out.
#[derive(Debug, Clone, Default)]
pub struct ServerStatus {
    /// When the numbers were made, Unix seconds; up to 2014.
    pub update_time: Option<f64>,
    /// Version of the server's code; 2010 to 2014.
    pub software_version: Escaped,
    /// Daemons, servers and the scheduler; equal ones can come more than once.
    pub daemons: Rows<Daemon, MAX_DAEMONS>,
    /// Counts over all applications.
    pub counts: Counts,
    /// Hours that the transitioner is behind; negative while it is ahead.
    pub transitioner_backlog_hours: Option<f64>,
    /// Users with an average credit above 1.
    pub users_with_recent_credit: Option<f64>,
    /// Users with credit.
    pub users_with_credit: Option<f64>,
    /// Users who came within a day.
    pub users_registered_in_past_24_hours: Option<f64>,
    /// Hosts with an average credit above 1.
    pub hosts_with_recent_credit: Option<f64>,
    /// Hosts with credit.
    pub hosts_with_credit: Option<f64>,
    /// Hosts that came within a day.
    pub hosts_registered_in_past_24_hours: Option<f64>,
    /// GFLOPS, worked out from credit; some projects count in a unit of their own.
    pub current_floating_point_speed: Option<f64>,
    /// Applications.
    pub apps: Rows<App, MAX_APPS>,
}

/// `daemon`.
#[derive(Debug, Clone, Default)]
pub struct Daemon {
    /// The computer that it runs on, as the operator calls it.
    pub host: Escaped,
    /// The program, such as `sample_trivial_validator`.
    pub program: String,
    /// The application that it works for; empty if it works for all.
    pub app: String,
    /// Whether it runs.
    pub state: DaemonState,
}

/// Whether a daemon runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DaemonState {
    /// It does.
    Running,
    /// It should and does not.
    NotRunning,
    /// It need not.
    Disabled,
    /// Another word.
    #[default]
    Unknown,
}

impl DaemonState {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Running, Self::NotRunning, Self::Disabled, Self::Unknown];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::NotRunning => "not_running",
            Self::Disabled => "disabled",
            Self::Unknown => "unknown",
        }
    }
}

/// Counts of tasks and workunits, of the project or of an application.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Tasks that wait to be sent.
    pub results_ready_to_send: Option<f64>,
    /// Tasks at clients.
    pub results_in_progress: Option<f64>,
    /// Workunits that wait for validation.
    pub workunits_waiting_for_validation: Option<f64>,
    /// Workunits that wait for assimilation.
    pub workunits_waiting_for_assimilation: Option<f64>,
    /// Workunits whose files wait for deletion.
    pub workunits_waiting_for_deletion: Option<f64>,
    /// Tasks whose files wait for deletion.
    pub results_waiting_for_deletion: Option<f64>,
}

/// `app`: an application. Run times and users are of tasks that were found valid within a day: unknown if none was.
#[derive(Debug, Clone, Default)]
pub struct App {
    /// Id.
    pub id: Option<i64>,
    /// Name, as its operator calls it.
    pub name: Escaped,
    /// Counts; of most projects only those of tasks.
    pub counts: Counts,
    /// Hours, on average.
    pub avg_runtime: Option<f64>,
    /// Hours of the shortest.
    pub min_runtime: Option<f64>,
    /// Hours of the longest.
    pub max_runtime: Option<f64>,
    /// Users; 2013 and 2014 as `users_24h`.
    pub users: Option<f64>,
}

impl ServerStatus {
    /// Seconds that the transitioner is behind, not below zero.
    #[must_use]
    pub fn transitioner_backlog_seconds(&self) -> Option<f64> {
        self.transitioner_backlog_hours.map(|hours| hours.max(0.0) * 3600.0)
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<ServerStatus>, Fault> {
    Document::read(answer, &["server_status"])?
        .into_page(|status: &ServerStatus| status.daemons.left_out() + status.apps.left_out())
}

impl Element for ServerStatus {
    fn child<'a>(&mut self, _reader: &mut Reader<'a>, _tag: &Tag<'a>) -> bool {
        let _ = (Escaped::read as fn(&mut Escaped, &mut Reader<'a>, &Tag<'a>), read_element::<Self>);
        false
    }
}
