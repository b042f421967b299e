//! Counts notices and finds the one that announces a newer BOINC. Notices come in; counts by category and project go
//! out. Their texts are for people and never become labels.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::OfProject;
use crate::client::gui_rpc::model::Notice;

/// The notices of one category and project; the client's own have no project.
#[derive(Debug, Clone, Default)]
pub struct NoticeGroup {
    /// `client`, `scheduler`, or the category given by a feed; `feed` if it gives none.
    pub category: String,
    /// How many.
    pub count: u32,
    /// When the newest arrived.
    pub last_arrival: Option<f64>,
    /// When the newest was created.
    pub last_created: Option<f64>,
}

/// Maximum number of groups: feeds can use any categories. Notices beyond it are counted as `other`.
const MAX_GROUPS: usize = 50;

/// Counts notices. `project` tells which project has a name.
#[must_use]
pub fn notice_groups(notices: &[Notice], project: impl Fn(&str) -> OfProject<()>) -> Vec<OfProject<NoticeGroup>> {
    let mut groups: BTreeMap<(String, Arc<str>, Arc<str>), NoticeGroup> = BTreeMap::new();
    for notice in notices.iter().filter(|notice| is_real(notice)) {
        let category = if notice.category.is_empty() { "feed" } else { &notice.category };
        let OfProject { url, name, .. } = project(&notice.project_name);
        let mut key = (category.to_owned(), name, url);
        if groups.len() >= MAX_GROUPS && !groups.contains_key(&key) {
            key = ("other".to_owned(), "".into(), "".into());
        }
        let new = || NoticeGroup { category: key.0.clone(), ..NoticeGroup::default() };
        let group = groups.entry(key.clone()).or_insert_with(new);
        group.count += 1;
        group.last_arrival = newest(group.last_arrival, notice.arrival_time);
        group.last_created = newest(group.last_created, notice.create_time);
    }
    groups.into_iter().map(|((_, name, url), item)| OfProject { url, name, item }).collect()
}

/// The number −1 marks a list that was changed; it is not a notice.
fn is_real(notice: &Notice) -> bool {
    notice.seqno != Some(-1)
}

fn newest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    [a, b.filter(|time| *time > 0.0)].into_iter().flatten().reduce(f64::max)
}

/// A version of BOINC that is newer than the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerVersion {
    /// `x.y.z`; empty if the notice does not contain it.
    pub version: String,
    /// Download page.
    pub download_url: String,
}

/// Finds the result of the client's own check for a newer version. It posts a notice `A new version of BOINC is
/// available (8.2.4) <a href=URL>…`.
#[must_use]
pub fn newer_version(notices: &[Notice]) -> Option<NewerVersion> {
    let says_so = |notice: &&Notice| {
        notice.category == "client".into() && notice.description.contains("A new version of BOINC is available")
    };
    let text = &notices.iter().rev().find(says_so)?.description;
    let between = |start: &str, ends: &[char]| {
        let rest = &text[text.find(start)? + start.len()..];
        Some(rest[..rest.find(ends)?].trim_matches(['"', '\'']).to_owned())
    };
    let version = between(" (", &[')']).filter(|v| v.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default();
    Some(NewerVersion { version, download_url: between("href=", &['>', ' ']).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::{NewerVersion, newer_version};
    use crate::client::gui_rpc::model::Notice;

    #[test]
    fn a_newer_version_is_read_from_the_clients_notice() {
        let notice = |category: &str, text: &str| Notice {
            category: category.into(),
            description: text.into(),
            ..Notice::default()
        };
        let text = "_(\"A new version of BOINC is available\") (8.2.4). <a href=https://boinc.berkeley.edu/download.php>Download</a>";
        let expected =
            NewerVersion { version: "8.2.4".into(), download_url: "https://boinc.berkeley.edu/download.php".into() };
        assert_eq!(newer_version(&[notice("client", text)]), Some(expected));
        // The same text from a project is ignored.
        assert_eq!(newer_version(&[notice("", text)]), None);
    }
}
