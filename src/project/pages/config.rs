//! `get_project_config.php`: what a project is called, whether it is stopped, and for which platforms it has work. It needs
//! no key. Since 2016 it opens the database first: a stopped project answers HTML instead.

use std::collections::BTreeSet;

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use super::values::{Rows, Text};
use crate::markup::element::{Element, element};
use crate::markup::reader::{Reader, Tag};

/// Bytes of an answer. Real ones reach 20 kB (54 platforms); terms of use may be long.
pub const MAX_BODY: usize = 1 << 20;

/// Platforms times plan classes. SETI@home had 54.
const MAX_PLATFORMS: usize = 1_000;

/// `ERR_PROJECT_DOWN`.
const PROJECT_DOWN: i64 = -183;

element! {
    /// `project_config`. A flag that is absent is unknown where servers send it as 0 or 1.
    ProjectConfig {
        /// Name of the project.
        name: Text,
        /// Address of the project as its operator wrote it: often `http`, sometimes of another host. Not compared, not followed.
        master_url: Text,
        /// Where the other pages are; since 2014. Not followed with a key.
        web_rpc_url_base: Text,
        /// A label: cannot be ordered, and is not raised with each version; since 2019.
        server_version: Text,
        /// Subversion's number of the server's code; up to 2014.
        local_revision: Text,
        /// Git's name of the server's code; some weeks of 2018.
        git_commit: Text,
        /// It is an account manager, no project.
        account_manager: bool,
        /// The web site is stopped.
        web_stopped: Option<bool>,
        /// The scheduler is stopped.
        sched_stopped: Option<bool>,
        /// −183 while the project is stopped; up to 2016.
        error_num: Option<i64>,
        /// Nobody can make an account.
        account_creation_disabled: bool,
        /// Nobody can make an account from a client: 2005 and 2006, and account managers.
        client_account_creation_disabled: bool,
        /// An account needs an invitation.
        invite_code_required: bool,
        /// The oldest client that gets work: 10000 × major + 100 × minor + release.
        min_client_version: Option<i64>,
        /// The same in an older scale: 100 × major + minor.
        min_core_client_version: Option<i64>,
        /// Platforms.
        platforms: Option<Platforms>,
    }
    not_read {
        "min_passwd_length" "uses_username" "ldap_auth" "forum_version" "rpc_prefix" "system_requirements" "project_keywords"
        "account_ownership_public_key"
    }
}

element! {
    /// `platforms`.
    Platforms {
        /// One a platform and plan class.
        platform: Rows<Platform, MAX_PLATFORMS>,
    }
}

element! {
    /// `platform`.
    Platform {
        /// BOINC's name of it, such as `x86_64-pc-linux-gnu`. For some days of 2007 the element was called `name`.
        platform_name: Text,
        /// Kind of application for it, such as `cuda`.
        plan_class: Text,
        /// The name in the form of 2007.
        name: Text,
    }
    not_read { "user_friendly_name" }
}

impl ProjectConfig {
    /// The project's operator stopped it, as far as this page tells.
    #[must_use]
    pub fn is_stopped(&self) -> Option<bool> {
        if self.error_num.is_some_and(|number| number == PROJECT_DOWN) {
            return Some(true);
        }
        self.web_stopped
    }

    /// An account can be made, with an invitation perhaps.
    #[must_use]
    pub const fn creates_accounts(&self) -> bool {
        !self.account_creation_disabled && !self.client_account_creation_disabled
    }

    /// The oldest client that gets work: 10000 × major + 100 × minor + release.
    #[must_use]
    pub fn oldest_client(&self) -> Option<i64> {
        /// No client has this number in the old scale: it would be version 100.
        const NEW_SCALE: i64 = 10_000;
        let version = self.min_client_version.or(self.min_core_client_version).filter(|version| *version > 0)?;
        Some(if version < NEW_SCALE { version * 100 } else { version })
    }

    /// The names of the platforms, each once.
    #[must_use]
    pub fn platform_names(&self) -> BTreeSet<&str> {
        let rows = self.platforms.iter().flat_map(|platforms| platforms.platform.iter());
        rows.map(|row| if row.platform_name.is_empty() { &*row.name } else { &*row.platform_name }).collect()
    }

    /// The plan classes, each once.
    #[must_use]
    pub fn plan_classes(&self) -> BTreeSet<&str> {
        let rows = self.platforms.iter().flat_map(|platforms| platforms.platform.iter());
        rows.map(|row| &*row.plan_class).filter(|class| !class.is_empty()).collect()
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<ProjectConfig>, Fault> {
    let page = Document::<WithTerms>::read(answer, &["project_config"])?.into_page(answer, |WithTerms(config)| {
        config.platforms.as_ref().map_or(0, |platforms| platforms.platform.left_out())
    })?;
    Ok(Page { content: page.content.0, oddities: page.oddities })
}

/// The page around the project's terms of use: text or HTML that nobody escaped, up to its own closing tag.
#[derive(Debug, Default)]
struct WithTerms(ProjectConfig);

impl Element for WithTerms {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        if tag.is("terms_of_use") {
            return reader.contents(tag).is_some();
        }
        self.0.child(reader, tag)
    }
}
