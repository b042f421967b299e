//! One batch: `query_batch` of `submit_rpc_handler.php` and of `job_control.php`. The former writes: it works out the number of jobs
//! anew, and of a batch whose jobs were purged sets it to 0 for good. So it is only asked for batches in progress.

use super::answer::{Answer, Page};
use super::batches::Batch;
use super::document::Document;
use super::fault::Fault;
use super::user::Names;
use super::values::Text;
use crate::markup::element::{Element, Value, element, read_children, read_element};
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
    /// The batch stands in an element of its own.
    is_nested: bool,
}

element! {
    /// `job`.
    Job {
        /// `queued`, `in_progress`, `done` or `error`; only if details were asked for.
        status: Text,
    }
    not_read { "id" "name" "canonical_instance_id" "n_outfiles" "error" "exit_status" "cpu_time" }
}

impl Element for BatchDetails {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        if tag.is("job") {
            let job: Job = read_element(reader, tag);
            *match &*job.status {
                "queued" => &mut self.queued,
                "in_progress" => &mut self.in_progress,
                "done" => &mut self.done,
                "error" => &mut self.error,
                _ => &mut self.unknown,
            } += 1;
        } else if tag.is("batch") && !self.is_nested {
            self.is_nested = true;
            if reader.enter(tag) {
                read_children(self, reader);
            }
        } else if tag.is("jobs_completed") {
            self.jobs_completed.read(reader, tag);
        } else if tag.is("remaining_time") {
            self.remaining_time.read(reader, tag);
        } else {
            return self.batch.child(reader, tag);
        }
        true
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>, names: Names) -> Result<Page<BatchDetails>, Fault> {
    let mut document = Document::<BatchDetails>::read(answer, &["query_batch", "batch", "batch_status"])?;
    if names == Names::Drop {
        document.page.batch.name = Text::default();
    }
    document.into_page(answer, |_| 0)
}
