//! Finds the page in an answer, reads it, and finds errors in it.

use super::answer::{Answer, Oddities, Page};
use super::fault::Fault;
use crate::markup::element::Element;
use crate::project::reason::Reason;

/// `ERR_PROJECT_DOWN`.
pub const PROJECT_DOWN: i64 = -183;

/// A page and what stands beside it.
#[derive(Debug, Default)]
pub struct Document<T> {
    page: T,
    oddities: Oddities,
}

impl<T: Element> Document<T> {
    /// Reads the element with one of these names, wherever it begins.
    pub fn read(answer: &Answer<'_>, roots: &[&'static str]) -> Result<Self, Fault> {
        let _ = (answer, roots);
        Err(Fault { reason: Reason::Unknown, status: None, error_num: None })
    }

    /// The page, if it has no error in it.
    pub fn into_page(self, left_out: impl FnOnce(&T) -> u32) -> Result<Page<T>, Fault> {
        let oddities = Oddities { left_out: left_out(&self.page), ..self.oddities };
        Ok(Page { content: self.page, oddities })
    }
}
