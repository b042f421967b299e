//! `team_email_list.php?xml=1`: how many members a team has. Its name is historical: addresses went out of it in 2016. Nothing of
//! a single member is kept.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use crate::markup::element::Element;
use crate::markup::reader::{Reader, Tag};

/// Bytes of an answer. A member takes 400, and the largest teams have tens of thousands.
pub const MAX_BODY: usize = 32 << 20;

/// The members of a team.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Members {
    /// All.
    pub members: u64,
    /// Those with credit.
    pub with_credit: u64,
    /// Those with an average credit above 1 as it was last written down: what the status page calls recent. Unknown in a short list.
    pub with_recent_credit: Option<u64>,
}

impl Element for Members {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        let _ = (reader, tag);
        false
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<Members>, Fault> {
    Document::read(answer, &["users"])?.into_page(|_: &Members| 0)
}
