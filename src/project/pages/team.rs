//! `team_lookup.php?format=xml`: credit of a team, by its id. It needs no key.

use super::answer::{Answer, Page};
use super::credit::average_now;
use super::document::Document;
use super::fault::Fault;
use super::values::{Rows, Text};
use crate::markup::element::{Element, Value, element};
use crate::markup::reader::{Reader, Tag};

/// Bytes of an answer. A team takes 500, and servers send 100 at most.
pub const MAX_BODY: usize = 1 << 20;

/// Teams. Servers send 100 at most.
pub const MAX_TEAMS: usize = 100;

element! {
    /// `team`.
    Team {
        /// Id.
        id: Option<i64>,
        /// When it was made, Unix seconds; since 2007 like all below but the name.
        create_time: Option<f64>,
        /// Name.
        name: Text,
        /// Kind: 1 other to 12 social, political or religious.
        kind as "type": Option<i64>,
        /// Cobblestones. They can fall.
        total_credit: Option<f64>,
        /// Cobblestones a day, as of `expavg_time`.
        expavg_credit: Option<f64>,
        /// When the average was last written down, Unix seconds.
        expavg_time: Option<f64>,
    }
    not_read { "userid" "url" "country" "name_html" "description" "nusers" }
}

impl Team {
    /// Cobblestones a day now.
    #[must_use]
    pub fn average_now(&self, now: f64) -> Option<f64> {
        average_now(self.expavg_credit, self.expavg_time, now)
    }
}

/// One team, or those that were found.
#[derive(Debug, Clone, Default)]
pub struct Teams {
    /// Teams.
    pub teams: Rows<Team, MAX_TEAMS>,
    /// The team whose elements stand at the top.
    one: Team,
}

impl Teams {
    /// The team with this id.
    #[must_use]
    pub fn with_id(&self, id: i64) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == Some(id))
    }
}

impl Element for Teams {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        if tag.is("team") {
            self.teams.read(reader, tag);
            return true;
        }
        self.one.child(reader, tag)
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<Teams>, Fault> {
    let mut document = Document::<Teams>::read(answer, &["teams", "team"])?;
    if document.root == "team" {
        let one = std::mem::take(&mut document.page.one);
        document.page.teams.push(one);
    }
    document.into_page(answer, |teams| teams.teams.left_out())
}
