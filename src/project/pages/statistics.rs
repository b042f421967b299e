//! `stats/tables.xml`: totals of the export for statistics sites, and its age. A static file, written about once a day. Totals
//! can leave out users who do not want to be exported.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::values::{Rows, Text};
use crate::markup::element::element;

/// Bytes of an answer. Some hundred badges are 60 kB.
pub const MAX_BODY: usize = 1 << 20;

/// Applications.
pub const MAX_APPLICATIONS: usize = 1_000;

element! {
    /// `tables`.
    Tables {
        /// When the export was made, Unix seconds.
        update_time: Option<f64>,
        /// Users with credit; only if users are exported.
        nusers_total: Option<f64>,
        /// Teams with credit; only if teams are exported.
        nteams_total: Option<f64>,
        /// Hosts with credit; only if hosts are exported.
        nhosts_total: Option<f64>,
        /// Users who were deleted; since 2018.
        nusers_deleted_total: Option<f64>,
        /// Hosts that were deleted; since 2018.
        nhosts_deleted_total: Option<f64>,
        /// Users, as documented and at some servers of other kinds.
        nusers: Option<f64>,
        /// Teams, likewise.
        nteams: Option<f64>,
        /// Hosts, likewise.
        nhosts: Option<f64>,
        /// Cobblestones of all users. They can fall.
        total_credit: Option<f64>,
        /// Applications.
        applications: Option<Applications>,
    }
    not_read { "credit_by_app" "badges" "nusers_per_file" "nteams_per_file" "nhosts_per_file" "application" }
}

element! {
    /// `applications`.
    Applications {
        /// One an application.
        application: Rows<Application, MAX_APPLICATIONS>,
    }
}

element! {
    /// `application`.
    Application {
        /// Name for people.
        name: Text,
    }
    not_read { "results_unsent" "results_in_progress" "results_over" }
}

impl Tables {
    /// Users with credit.
    #[must_use]
    pub fn users(&self) -> Option<f64> {
        self.nusers_total.or(self.nusers)
    }

    /// Teams with credit.
    #[must_use]
    pub fn teams(&self) -> Option<f64> {
        self.nteams_total.or(self.nteams)
    }

    /// Hosts with credit.
    #[must_use]
    pub fn hosts(&self) -> Option<f64> {
        self.nhosts_total.or(self.nhosts)
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<Tables>, Fault> {
    Document::read(answer, &["tables"])?.into_page(answer, |tables: &Tables| {
        tables.applications.as_ref().map_or(0, |applications| applications.application.left_out())
    })
}
