//! `result_status.php?names=`: what became of tasks. It needs no key, and names the user and the host of any task: those are not
//! kept. Since 2016; tasks are purged some days after their end.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::values::{Rows, Text};
use crate::markup::element::element;

/// Bytes of an answer. A task takes 1100.
pub const MAX_BODY: usize = 1 << 20;

/// Tasks. At most 20 are asked for at a time.
pub const MAX_RESULTS: usize = 256;

element! {
    /// `results`.
    ResultsPage {
        /// Tasks that the project still knows.
        results as "result": Rows<TaskResult, MAX_RESULTS>,
    }
}

element! {
    /// `result`: a task.
    TaskResult {
        /// Name.
        name: Text,
        /// When it was made, Unix seconds.
        create_time: Option<f64>,
        /// 1 inactive, 2 unsent, 4 in progress, 5 over.
        server_state: Option<i64>,
        /// 0 none yet, 1 success, 2 not sent, 3 client error, 4 no reply, 5 not needed, 6 validate error, 7 detached.
        outcome: Option<i64>,
        /// The client's state of the task when it was reported.
        client_state: Option<i64>,
        /// 0 none yet, 1 valid, 2 invalid, 3 no check, 4 inconclusive, 5 too late.
        validate_state: Option<i64>,
        /// Unix seconds; 0 before it was sent.
        report_deadline: Option<f64>,
        /// Unix seconds; 0 before.
        sent_time: Option<f64>,
        /// Unix seconds; 0 before.
        received_time: Option<f64>,
        /// Cobblestones.
        granted_credit: Option<f64>,
        /// Id of the application.
        appid: Option<i64>,
        /// Version of the application: 101 is 1.01. Negative for a version of the user's own.
        app_version_num: Option<i64>,
        /// Seconds.
        cpu_time: Option<f64>,
        /// Seconds.
        elapsed_time: Option<f64>,
        /// The application's exit status.
        exit_status: Option<i64>,
    }
    not_read {
        "id" "workunitid" "hostid" "userid" "batch" "file_delete_state" "flops_estimate" "peak_working_set_size" "peak_swap_size"
        "peak_disk_usage"
    }
}

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Validation {
    /// Not over yet, as far as the project knows.
    Unfinished,
    /// Over without a result to validate: client error, no reply, not needed, detached.
    Failed,
    /// Waits for validation.
    Pending,
    /// Found valid.
    Valid,
    /// Found invalid, too broken to be checked, or never to be checked because the workunit failed elsewhere: without credit.
    Invalid,
    /// Compared with others, without a decision yet.
    Inconclusive,
    /// Came too late to be compared.
    TooLate,
    /// A code that is not known.
    Unknown,
}

impl Validation {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Unfinished,
        Self::Failed,
        Self::Pending,
        Self::Valid,
        Self::Invalid,
        Self::Inconclusive,
        Self::TooLate,
        Self::Unknown,
    ];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Inconclusive => "inconclusive",
            Self::TooLate => "too_late",
            Self::Unknown => "unknown",
        }
    }

    /// It does not change any more: no need to ask again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Failed | Self::Valid | Self::Invalid | Self::TooLate)
    }
}

/// What kind of device ran a task, where the version's number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// CPU.
    Cpu,
    /// NVIDIA GPU.
    Nvidia,
    /// AMD GPU.
    Amd,
    /// Intel GPU.
    Intel,
    /// Apple GPU.
    Apple,
}

impl Device {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Cpu, Self::Nvidia, Self::Amd, Self::Intel, Self::Apple];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Nvidia => "nvidia",
            Self::Amd => "amd",
            Self::Intel => "intel_gpu",
            Self::Apple => "apple_gpu",
        }
    }
}

/// What became of the tasks that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// Tasks that the project still knows.
    pub results: Vec<TaskResult>,
    /// Names of tasks that it does not know any more.
    pub gone: Vec<Text>,
}

impl TaskResult {
    /// What became of it.
    #[must_use]
    pub const fn validation(&self) -> Validation {
        match (self.server_state, self.outcome, self.validate_state) {
            (Some(1 | 2 | 4), _, _) => Validation::Unfinished,
            (Some(5), Some(1), Some(0)) => Validation::Pending,
            (Some(5), Some(1), Some(1)) => Validation::Valid,
            (Some(5), Some(1), Some(2 | 3)) | (Some(5), Some(6), _) => Validation::Invalid,
            (Some(5), Some(1), Some(4)) => Validation::Inconclusive,
            (Some(5), Some(1), Some(5)) => Validation::TooLate,
            (Some(5), Some(2 | 3 | 4 | 5 | 7), _) => Validation::Failed,
            _ => Validation::Unknown,
        }
    }

    /// What ran it, if its version's number tells it: servers write the kind of device there if the version is the user's own
    /// (`ANON_PLATFORM_…` in `db/boinc_db_types.h`). Elsewhere the client knows.
    #[must_use]
    pub const fn device(&self) -> Option<Device> {
        match self.app_version_num {
            Some(-2) => Some(Device::Cpu),
            Some(-3) => Some(Device::Nvidia),
            Some(-4) => Some(Device::Amd),
            Some(-5) => Some(Device::Intel),
            Some(-6) => Some(Device::Apple),
            _ => None,
        }
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<Results>, Fault> {
    let mut document = Document::<ResultsPage>::read(answer, &["results"])?;
    let mut gone = Vec::new();
    document.errors.retain(|error| match unknown(error) {
        Some(name) => {
            gone.push(name);
            false
        }
        None => true,
    });
    let page = document.into_page(answer, |page| page.results.left_out())?;
    Ok(Page { content: Results { results: page.content.results.into_vec(), gone }, oddities: page.oddities })
}

/// The task that a project does not know: `name N unknown`, `ID N unknown`. Names come as they were asked for.
fn unknown(error: &[u8]) -> Option<Text> {
    let text = error.trim_ascii();
    let text = text.strip_prefix(b"name ").or_else(|| text.strip_prefix(b"ID "))?;
    Some(Text::decode(text.strip_suffix(b" unknown")?))
}
