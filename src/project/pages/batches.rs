//! `submit_rpc_handler.php`, `query_batches`: the batches of an account that submits work. The server works progress out anew for each
//! request, from all jobs of all unfinished batches.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::user::Names;
use super::values::Text;
use crate::markup::element::{Element, element, read_children, read_element};
use crate::markup::reader::{Reader, Tag};

/// Bytes of an answer. A batch takes 500.
pub const MAX_BODY: usize = 8 << 20;

/// Batches that are kept: the unfinished, then the newest.
pub const MAX_BATCHES: usize = 2_000;

element! {
    /// `batch`.
    Batch {
        /// Id.
        id: Option<i64>,
        /// When it was made, Unix seconds.
        create_time: Option<f64>,
        /// Two things: see [`Batch::expires`] and [`Batch::median_turnaround`]. Since 2013.
        expire_time: Option<f64>,
        /// Jobs. The server forgets them when their rows are purged: 0 then.
        njobs: Option<f64>,
        /// Jobs that succeeded or failed, of all; 0 to 1. `unite` makes what servers write mean that.
        fraction_done: Option<f64>,
        /// Jobs that failed.
        nerror_jobs: Option<f64>,
        /// See [`BatchState`].
        state: Option<i64>,
        /// When it was first seen complete or was aborted, Unix seconds; 0 before.
        completion_time: Option<f64>,
        /// Cobblestones that all its jobs will earn. Only servers before November 2024 work it out, of batches that are under way.
        credit_estimate: Option<f64>,
        /// Cobblestones that it has earned.
        credit_canonical: Option<f64>,
        /// Name, which may hold the name of a person: only kept by choice. Not unique.
        name: Text,
        /// Application.
        app_name: Text,
        /// Seconds of all its tasks, failed ones too; only if asked for.
        total_cpu_time: Option<f64>,
    }
    not_read { "est_completion_time" }
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchState {
    /// Made, without jobs yet.
    Init,
    /// Jobs are under way.
    InProgress,
    /// All jobs are over.
    Complete,
    /// Aborted.
    Aborted,
    /// Its files are gone.
    Retired,
    /// A code that is not known.
    Unknown,
}

impl BatchState {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Init, Self::InProgress, Self::Complete, Self::Aborted, Self::Retired, Self::Unknown];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::InProgress => "in_progress",
            Self::Complete => "complete",
            Self::Aborted => "aborted",
            Self::Retired => "retired",
            Self::Unknown => "unknown",
        }
    }
}

/// Jobs of a batch, worked out from its fraction done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jobs {
    /// Those that succeeded.
    pub succeeded: f64,
    /// Those that failed.
    pub failed: f64,
    /// Those that are not over, or, if the batch was aborted, never will be.
    pub rest: f64,
}

impl Batch {
    /// Where it stands.
    #[must_use]
    pub const fn batch_state(&self) -> BatchState {
        match self.state {
            Some(0) => BatchState::Init,
            Some(1) => BatchState::InProgress,
            Some(2) => BatchState::Complete,
            Some(3) => BatchState::Aborted,
            Some(4) => BatchState::Retired,
            _ => BatchState::Unknown,
        }
    }

    /// It is not over.
    #[must_use]
    pub const fn is_unfinished(&self) -> bool {
        matches!(self.state, Some(0 | 1))
    }

    /// Its jobs; unknown where the server forgot how many they are.
    #[must_use]
    pub fn jobs(&self) -> Option<Jobs> {
        let all = self.njobs.filter(|jobs| *jobs > 0.0)?;
        let done = (self.fraction_done?.clamp(0.0, 1.0) * all).round();
        let failed = self.nerror_jobs.unwrap_or_default().clamp(0.0, done);
        Some(Jobs { succeeded: done - failed, failed, rest: all - done })
    }

    /// Makes the fraction that is done mean the same whatever server wrote it. Before November 2024 it was that of the jobs that
    /// succeeded (`html/inc/submit_util.inc`), and so below 1 in a batch that is complete.
    fn unite(&mut self, of_successes: bool) {
        if self.batch_state() == BatchState::Complete {
            self.fraction_done = Some(1.0);
        } else if let (true, Some(jobs), Some(done)) = (of_successes, self.njobs, self.fraction_done)
            && jobs > 0.0
        {
            let over = (done * jobs).round() + self.nerror_jobs.unwrap_or_default();
            self.fraction_done = Some((over / jobs).min(1.0));
        }
    }

    /// When its lease ends, Unix seconds.
    #[must_use]
    pub fn expires(&self) -> Option<f64> {
        self.expire_time.filter(|time| *time >= EARLIEST_TIME)
    }

    /// The median time from sending to reporting a task of it, seconds: a page of the server's writes it where the end of the
    /// lease stands.
    #[must_use]
    pub fn median_turnaround(&self) -> Option<f64> {
        self.expire_time.filter(|time| *time > 0.0 && *time < EARLIEST_TIME)
    }

    /// When it was first seen complete or was aborted, Unix seconds.
    #[must_use]
    pub fn completed(&self) -> Option<f64> {
        self.completion_time.filter(|time| *time > 0.0)
    }
}

/// What is less is no time but a duration: this is in 1973, and a duration of three years.
const EARLIEST_TIME: f64 = 1e8;

/// The batches of an account.
#[derive(Debug, Clone, Default)]
pub struct Batches {
    /// The unfinished first, then the newest.
    pub batches: Vec<Batch>,
    /// How many are not kept.
    left_out: u32,
    wrappers: usize,
}

/// Elements `batches` that are entered: servers send one at most.
const MAX_WRAPPERS: usize = 1;

impl Batches {
    /// Keeps those that matter most.
    fn shorten(&mut self) {
        let newest_first = |batch: &Batch| std::cmp::Reverse((batch.is_unfinished(), batch.id));
        self.batches.sort_by_key(newest_first);
        self.left_out += u32::try_from(self.batches.len().saturating_sub(MAX_BATCHES)).unwrap_or(u32::MAX);
        self.batches.truncate(MAX_BATCHES);
    }

    fn unite(&mut self) {
        let of_successes = self.batches.iter().any(|batch| batch.credit_estimate.is_some_and(|credit| credit > 0.0));
        self.batches.iter_mut().for_each(|batch| batch.unite(of_successes));
    }
}

impl Element for Batches {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        if tag.is("batch") {
            self.batches.push(read_element(reader, tag));
            if self.batches.len() >= 2 * MAX_BATCHES {
                self.shorten();
            }
        } else if self.wrappers < MAX_WRAPPERS && tag.is("batches") {
            self.wrappers += 1;
            if reader.enter(tag) {
                read_children(self, reader);
            }
        } else {
            return false;
        }
        true
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>, names: Names) -> Result<Page<Batches>, Fault> {
    let mut document = Document::<Batches>::read(answer, &["query_batches", "batches"])?;
    document.page.shorten();
    document.page.unite();
    if names == Names::Drop {
        document.page.batches.iter_mut().for_each(|batch| batch.name = Text::default());
    }
    document.into_page(answer, |batches| batches.left_out)
}
