//! `server_status.php?xml=1`: whether daemons run, how much work there is and how fast the project is. It needs no key, and is
//! the page that most projects leave open. Its numbers can be an hour old, and only servers up to 2014 say how old.

use std::collections::BTreeMap;

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::values::{Rows, Text};
use crate::markup::element::{Element, Value, element, read_children};
use crate::markup::reader::{Reader, Tag};

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
    pub software_version: Text,
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
    /// Counts that say of which application they are.
    counts_by_app: BTreeMap<Text, Counts>,
    /// How many counts are of applications that there is no room for.
    counts_left_out: u32,
}

element! {
    /// `daemon`.
    Daemon {
        /// The computer that it runs on, as the operator calls it.
        host: Text,
        /// The program, and the application that it works for: `sample_trivial_validator (uppercase)`.
        command: Text,
        /// See [`DaemonState`].
        status: Text,
    }
}

impl Daemon {
    /// The program, such as `sample_trivial_validator`.
    #[must_use]
    pub fn program(&self) -> &str {
        self.parts().map_or(&*self.command, |(program, _)| program)
    }

    /// The application that it works for; empty if it works for all.
    #[must_use]
    pub fn app(&self) -> &str {
        self.parts().map_or("", |(_, app)| app)
    }

    /// Whether it runs.
    #[must_use]
    pub fn state(&self) -> DaemonState {
        match self.status.to_lowercase().replace('_', " ").as_str() {
            "running" => DaemonState::Running,
            "not running" | "stopped" => DaemonState::NotRunning,
            "disabled" => DaemonState::Disabled,
            _ => DaemonState::Unknown,
        }
    }

    fn parts(&self) -> Option<(&str, &str)> {
        let (program, app) = self.command.strip_suffix(')')?.split_once(" (")?;
        Some((program.trim_end(), app))
    }
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

impl Counts {
    /// The count with the name of an element.
    fn named(&mut self, tag: &Tag<'_>) -> Option<&mut Option<f64>> {
        [
            ("results_ready_to_send", &mut self.results_ready_to_send),
            ("results_in_progress", &mut self.results_in_progress),
            ("workunits_waiting_for_validation", &mut self.workunits_waiting_for_validation),
            ("workunits_waiting_for_assimilation", &mut self.workunits_waiting_for_assimilation),
            ("workunits_waiting_for_deletion", &mut self.workunits_waiting_for_deletion),
            ("results_waiting_for_deletion", &mut self.results_waiting_for_deletion),
        ]
        .into_iter()
        .find_map(|(name, count)| tag.is(name).then_some(count))
    }

    /// These, and the others where these are unknown.
    fn or(self, other: Self) -> Self {
        Self {
            results_ready_to_send: self.results_ready_to_send.or(other.results_ready_to_send),
            results_in_progress: self.results_in_progress.or(other.results_in_progress),
            workunits_waiting_for_validation: self
                .workunits_waiting_for_validation
                .or(other.workunits_waiting_for_validation),
            workunits_waiting_for_assimilation: self
                .workunits_waiting_for_assimilation
                .or(other.workunits_waiting_for_assimilation),
            workunits_waiting_for_deletion: self
                .workunits_waiting_for_deletion
                .or(other.workunits_waiting_for_deletion),
            results_waiting_for_deletion: self.results_waiting_for_deletion.or(other.results_waiting_for_deletion),
        }
    }
}

/// `app`: an application.
#[derive(Debug, Clone, Default)]
pub struct App {
    /// Id.
    pub id: Option<i64>,
    /// Name, as its operator calls it.
    pub name: Text,
    /// Counts, wherever the page has them; of most projects only those of tasks.
    pub counts: Counts,
    /// Hours of tasks that were found valid within a day, on average; see [`App::runtimes`].
    pub avg_runtime: Option<f64>,
    /// Hours of the shortest.
    pub min_runtime: Option<f64>,
    /// Hours of the longest.
    pub max_runtime: Option<f64>,
    /// Users who sent them; in 2013 and 2014 as `users_24h`.
    pub users: Option<f64>,
}

impl Element for App {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        let users = if tag.is("users") { "users" } else { "users_24h" };
        let fields: [(&str, &mut dyn Value); 8] = [
            ("id", &mut self.id),
            ("name", &mut self.name),
            ("unsent", &mut self.counts.results_ready_to_send),
            ("in_progress", &mut self.counts.results_in_progress),
            ("avg_runtime", &mut self.avg_runtime),
            ("min_runtime", &mut self.min_runtime),
            ("max_runtime", &mut self.max_runtime),
            (users, &mut self.users),
        ];
        read_field(fields, reader, tag)
    }
}

/// The application that an element is about; `None` if it is about all, or does not say.
fn app(reader: &Reader<'_>, tag: &Tag<'_>) -> Option<Text> {
    reader.attribute(tag, "app").filter(|app| *app != b"total").map(Text::decode).filter(|app| !app.is_empty())
}

/// Reads an element into the field with its name.
fn read_field<'a, const N: usize>(fields: [(&str, &mut dyn Value); N], reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
    let field = fields.into_iter().find(|(name, _)| tag.is(name));
    field.map(|(_, field)| field.read(reader, tag)).is_some()
}

/// Seconds that tasks ran.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Runtimes {
    /// On average.
    pub average: Option<f64>,
    /// The shortest.
    pub shortest: Option<f64>,
    /// The longest.
    pub longest: f64,
}

impl App {
    /// How long tasks ran that were found valid within a day. Servers write zeros if there was none.
    #[must_use]
    pub fn runtimes(&self) -> Option<Runtimes> {
        let seconds = |hours: f64| hours * 3600.0;
        let longest = self.max_runtime.filter(|hours| *hours > 0.0)?;
        Some(Runtimes {
            average: self.avg_runtime.map(seconds),
            shortest: self.min_runtime.map(seconds),
            longest: seconds(longest),
        })
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<ServerStatus>, Fault> {
    let mut document = Document::<ServerStatus>::read(answer, &["server_status"])?;
    document.page.join_apps();
    document.into_page(answer, |status| status.daemons.left_out() + status.apps.left_out() + status.counts_left_out)
}

impl Element for ServerStatus {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        if ["daemon_status", "database_file_states", "tasks_by_app"].iter().any(|name| tag.is(name)) {
            // What stands where does not matter: the names are different.
            if reader.enter(tag) {
                read_children(self, reader);
            }
        } else if Counts::default().named(tag).is_some() {
            self.read_count(reader, tag);
        } else if app(reader, tag).is_some() {
            // Of one application only: users and hosts are counted for all.
            reader.skip(tag);
        } else if tag.is("daemon") {
            self.daemons.read(reader, tag);
        } else if tag.is("app") {
            self.apps.read(reader, tag);
        } else {
            return self.read_total(reader, tag);
        }
        true
    }
}

impl ServerStatus {
    /// Seconds that the transitioner is behind, not below zero.
    #[must_use]
    pub fn transitioner_backlog_seconds(&self) -> Option<f64> {
        self.transitioner_backlog_hours.map(|hours| hours.max(0.0) * 3600.0)
    }

    /// Reads a count: of one application if the element says so, of all if it does not or says `total`.
    fn read_count<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let app = app(reader, tag);
        let mut value = None::<f64>;
        value.read(reader, tag);
        let room = self.counts_by_app.len() < MAX_APPS;
        let counts = match app {
            None => &mut self.counts,
            Some(app) if room => self.counts_by_app.entry(app).or_default(),
            Some(app) => match self.counts_by_app.get_mut(&app) {
                Some(counts) => counts,
                None => return self.counts_left_out += 1,
            },
        };
        if let Some(count) = counts.named(tag) {
            *count = value;
        }
    }

    /// Reads an element that stands for the whole project.
    fn read_total<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        // Of CPUs alone, or of integers: no measure of the whole project's speed.
        if tag.is("cpu_flops") || tag.is("current_integer_speed") {
            reader.skip(tag);
            return true;
        }
        let fields: [(&str, &mut dyn Value); 10] = [
            ("update_time", &mut self.update_time),
            ("software_version", &mut self.software_version),
            ("transitioner_backlog_hours", &mut self.transitioner_backlog_hours),
            ("users_with_recent_credit", &mut self.users_with_recent_credit),
            ("users_with_credit", &mut self.users_with_credit),
            ("users_registered_in_past_24_hours", &mut self.users_registered_in_past_24_hours),
            ("hosts_with_recent_credit", &mut self.hosts_with_recent_credit),
            ("hosts_with_credit", &mut self.hosts_with_credit),
            ("hosts_registered_in_past_24_hours", &mut self.hosts_registered_in_past_24_hours),
            ("current_floating_point_speed", &mut self.current_floating_point_speed),
        ];
        read_field(fields, reader, tag)
    }

    /// Joins what is said of applications in two places.
    fn join_apps(&mut self) {
        let mut by_app = std::mem::take(&mut self.counts_by_app);
        for app in self.apps.iter_mut() {
            if let Some(counts) = by_app.remove(&app.name) {
                app.counts = app.counts.or(counts);
            }
        }
        for (name, counts) in by_app {
            self.apps.push(App { name, counts, ..App::default() });
        }
    }
}
