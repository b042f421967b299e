//! `team_email_list.php?xml=1`: how many members a team has. Its name is historical: addresses went out of it in 2016. Nothing of
//! a single member is kept.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use crate::markup::element::{Element, element, read_element};
use crate::markup::reader::{Reader, Tag};

/// Bytes of an answer. A member takes 400, and the largest teams have tens of thousands.
pub const MAX_BODY: usize = 32 << 20;

/// An average credit above this is what a project's status page calls recent.
const RECENT: f64 = 1.0;

element! {
    /// `user`. All else is personal, and in the oldest form the address is there.
    Member {
        /// Cobblestones.
        total_credit: Option<f64>,
        /// Cobblestones a day, as it was last written down.
        expavg_credit: Option<f64>,
    }
    not_read { "id" "cpid" "create_time" "name" "expavg_time" "has_profile" "country" "url" "email_addr" }
}

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
        if !tag.is("user") {
            return false;
        }
        let member: Member = read_element(reader, tag);
        self.members += 1;
        self.with_credit += u64::from(member.total_credit.is_some_and(|credit| credit > 0.0));
        if let Some(average) = member.expavg_credit {
            *self.with_recent_credit.get_or_insert_default() += u64::from(average > RECENT);
        }
        true
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<Members>, Fault> {
    Document::read(answer, &["users"])?.into_page(answer, |_: &Members| 0)
}
