//! One batch: `query_batch` of `submit_rpc_handler.php` and of `job_control.php`. The former writes: it works out the number of jobs
//! anew, and of a batch whose jobs were purged sets it to 0 for good. So it is only asked for batches in progress.

use super::answer::{Answer, Page};
use super::batches::Batch;
use super::document::Document;
use super::fault::Fault;
use super::user::Names;
use crate::markup::element::Element;
use crate::markup::reader::{Reader, Tag};

/// Bytes of an answer. A job takes 150, and a batch can have 100 000.
pub const MAX_BODY: usize = 16 << 20;

/// A batch and the states of its jobs.
#[derive(Debug, Clone, Default)]
pub struct BatchDetails {
    /// The batch.
    pub batch: Batch,
    /// Jobs of which no task is on a host.
    pub queued: u64,
    /// Jobs of which a task is on a host.
    pub in_progress: u64,
    /// Jobs that succeeded.
    pub done: u64,
    /// Jobs that failed.
    pub error: u64,
    /// Jobs without a state: details were not asked for.
    pub unknown: u64,
    /// Jobs that are over, as `job_control.php` counts them.
    pub jobs_completed: Option<f64>,
    /// Seconds that are left, as `job_control.php` guesses.
    pub remaining_time: Option<f64>,
}

impl Element for BatchDetails {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        let _ = (reader, tag);
        false
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>, names: Names) -> Result<Page<BatchDetails>, Fault> {
    let _ = names;
    Document::read(answer, &["query_batch", "batch", "batch_status"])?.into_page(|_: &BatchDetails| 0)
}
