//! `show_user.php?format=xml`: credit of an account, by its public id; by its key also its hosts. Each request is a query of
//! the project's database.

use super::answer::{Answer, Page};
use super::credit::average_now;
use super::document::Document;
use super::fault::Fault;
use super::values::{Rows, Text};
use crate::markup::element::element;

/// Bytes of an answer. A host takes 900, and accounts of pools have thousands.
pub const MAX_BODY: usize = 8 << 20;

/// Hosts that are kept. An account lists every host that it ever had.
pub const MAX_HOSTS: usize = 10_000;

element! {
    /// `user`. Name, country, web site and identifiers across projects are personal: not kept.
    User {
        /// Id of the account.
        id: Option<i64>,
        /// When it was made, Unix seconds.
        create_time: Option<f64>,
        /// Cobblestones. They can fall.
        total_credit: Option<f64>,
        /// Cobblestones a day, as of `expavg_time`.
        expavg_credit: Option<f64>,
        /// When the average was last written down, Unix seconds.
        expavg_time: Option<f64>,
        /// Id of the team, 0 without one.
        teamid: Option<i64>,
        /// Hosts, with the key only.
        hosts as "host": Rows<Host, MAX_HOSTS>,
    }
    not_read { "cpid" "name" "has_profile" "venue" "country" "url" "email_addr" "authenticator" "weak_auth" }
}

element! {
    /// `host`.
    Host {
        /// Id.
        id: Option<i64>,
        /// When it first came, Unix seconds.
        create_time: Option<f64>,
        /// When it last asked the scheduler, Unix seconds; since 2012, 0 if never.
        rpc_time: Option<f64>,
        /// Scheduler requests so far.
        rpc_seqno: Option<f64>,
        /// Cobblestones.
        total_credit: Option<f64>,
        /// Cobblestones a day, as of `expavg_time`.
        expavg_credit: Option<f64>,
        /// When the average was last written down, Unix seconds.
        expavg_time: Option<f64>,
        /// Its name: personal, so only kept by choice.
        domain_name: Text,
        /// CPUs.
        p_ncpus: Option<f64>,
        /// Floating-point operations a second and CPU.
        p_fpops: Option<f64>,
        /// Integer operations a second and CPU.
        p_iops: Option<f64>,
        /// Operating system.
        os_name: Text,
        /// Bytes of RAM; since 2010.
        m_nbytes: Option<f64>,
        /// Bytes free on its disk; since 2010.
        d_free: Option<f64>,
        /// Bytes of its disk; since 2010.
        d_total: Option<f64>,
    }
    not_read { "host_cpid" "p_vendor" "p_model" "os_version" "venue" }
}

impl User {
    /// Cobblestones a day now.
    #[must_use]
    pub fn average_now(&self, now: f64) -> Option<f64> {
        average_now(self.expavg_credit, self.expavg_time, now)
    }
}

impl Host {
    /// Cobblestones a day now.
    #[must_use]
    pub fn average_now(&self, now: f64) -> Option<f64> {
        average_now(self.expavg_credit, self.expavg_time, now)
    }

    /// When it last asked the scheduler, Unix seconds. Unknown if the server does not say, or it never did.
    #[must_use]
    pub fn last_contact(&self) -> Option<f64> {
        self.rpc_time.filter(|time| *time > 0.0)
    }
}

/// Whether names of hosts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// They are.
    Keep,
    /// They are not.
    Drop,
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>, names: Names) -> Result<Page<User>, Fault> {
    let mut page = Document::read(answer, &["user"])?.into_page(answer, |user: &User| user.hosts.left_out())?;
    if names == Names::Drop {
        page.content.hosts.iter_mut().for_each(|host| host.domain_name = Text::default());
    }
    Ok(page)
}
