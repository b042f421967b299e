//! The reply of a scheduler to a request without a key: to a `GET` (the program, its shared memory and its configuration work) or to a
//! `POST` of the part of the protocol that never changes (the database works too). Such a request makes no host record.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::values::Text;
use crate::markup::element::{Value, element};
use crate::markup::reader::{Reader, Tag};
use crate::sentences::message;

/// Bytes of an answer. A reply without an account has 700.
pub const MAX_BODY: usize = 1 << 20;

element! {
    /// `scheduler_reply`.
    SchedulerReply {
        /// Version of the server's code: 100 × major + minor; absent where it gives up early.
        scheduler_version: Option<i64>,
        /// Seconds that it does not want to be asked again.
        request_delay: Option<f64>,
        /// What its messages say.
        said as "message": Said,
        /// The project is down.
        project_is_down: bool,
        /// The project has ended.
        ended: bool,
        /// Address of the project as the server writes it. Not compared, not followed.
        master_url: Text,
        /// Name of the project.
        project_name: Text,
        /// Id of the account that the server took the request for.
        userid: Option<i64>,
        /// Id of the host that the server took the request for, or made.
        hostid: Option<i64>,
        /// When that account was made, Unix seconds.
        user_create_time: Option<f64>,
        /// When that host was made, Unix seconds.
        host_create_time: Option<f64>,
    }
    not_read {
        "dont_use_dcf" "send_time_stats_log" "send_full_workload" "send_job_log" "next_rpc_delay" "symstore" "redirect" "prefs_mod_time"
        "preferences" "user_name" "user_total_credit" "user_expavg_credit" "total_credit" "expavg_credit"
        "email_hash" "cross_project_id" "cpid_time" "external_cpid" "global_preferences" "project_preferences" "host_total_credit"
        "host_expavg_credit" "host_venue" "teamid" "team_name" "result_ack" "result_abort"
        "result_abort_if_not_started" "app" "app_version" "workunit" "result" "file" "file_info" "code_sign_key"
        "code_sign_key_signature" "message_ack" "trickle_down" "non_cpu_intensive" "strict_memory_bound"
        "verify_files_on_app_start" "delete_file_info" "file_upload_request" "no_rsc_apps" "no_cpu_apps" "no_cuda_apps" "no_ati_apps"
        "gui_urls" "rss_feeds" "project_files" "trickle_up_urls" "desired_disk_usage" "auto_update" "sched_send_work_rand"
    }
}

/// What messages say: each class once, and what is broken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Classes.
    pub classes: Vec<Class>,
    /// The part of the server that does not work.
    broken: Option<SchedulerState>,
}

impl Value for Said {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        if let Some(text) = reader.contents(tag) {
            self.add(&Text::decode(text));
        }
    }
}

impl Said {
    /// Takes one message.
    fn add(&mut self, message: &str) {
        let Some(class) = message::class(message) else { return };
        if class == Class::ServerDown {
            self.broken = BROKEN.iter().find(|(word, _)| message.contains(word)).map(|(_, state)| *state);
        }
        if !self.classes.contains(&class) {
            self.classes.push(class);
        }
    }

    fn has(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }
}

/// The parts of a server by the words that sentences about them have (`sched/sched_main.cpp`).
const BROKEN: [(&str, SchedulerState); 7] = [
    ("feeder", SchedulerState::Feeder),
    ("shared memory", SchedulerState::Feeder),
    ("recompile", SchedulerState::Feeder),
    ("database", SchedulerState::Database),
    ("configuration file", SchedulerState::Configuration),
    ("key file", SchedulerState::Configuration),
    ("log file", SchedulerState::Configuration),
];

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
    pub fn state(&self) -> SchedulerState {
        let answers = self.scheduler_version.is_some() || self.request_delay.is_some() || !self.said.classes.is_empty();
        if self.ended {
            SchedulerState::Ended
        } else if let Some(state) = self.said.broken {
            state
        } else if self.said.has(Class::Maintenance) {
            SchedulerState::Maintenance
        } else if self.project_is_down || self.said.has(Class::ServerDown) {
            SchedulerState::Down
        } else if answers {
            SchedulerState::Up
        } else {
            SchedulerState::Unknown
        }
    }

    /// Whether the database answered; unknown if the scheduler did not come so far as to ask it.
    #[must_use]
    pub fn database(&self) -> Option<bool> {
        if self.said.broken == Some(SchedulerState::Database) {
            return Some(false);
        }
        // A key is looked up before it is refused.
        self.said.has(Class::Reattach).then_some(true)
    }

    /// It took the request for one of an account or a host, and may have made a host: it must not be asked like this again.
    #[must_use]
    pub const fn has_account(&self) -> bool {
        self.userid.is_some()
            || self.hostid.is_some()
            || self.user_create_time.is_some()
            || self.host_create_time.is_some()
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<SchedulerReply>, Fault> {
    Document::<SchedulerReply>::read(answer, &["scheduler_reply"])?.into_page(answer, |_| 0)
}
