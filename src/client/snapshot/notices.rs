//! Notices, counted. Their texts are for people and become no labels.

use std::collections::BTreeMap;

use crate::client::gui_rpc::model::Notice;

/// Notices of a category and project.
#[derive(Debug, Clone, Default)]
pub struct NoticeGroup {
    /// `client`, `scheduler`, or what a feed says; `feed` where it says nothing.
    pub category: String,
    /// Project name, empty for the client's own.
    pub project: String,
    /// How many.
    pub count: u32,
    /// When the newest came.
    pub last_arrival: Option<f64>,
    /// When the newest was written.
    pub last_created: Option<f64>,
}

/// Feeds name categories as they like; more kinds than this are counted as `other`.
const MAX_GROUPS: usize = 50;

/// Counts notices.
#[must_use]
pub fn notice_groups(notices: &[Notice]) -> Vec<NoticeGroup> {
    let mut groups: BTreeMap<(String, String), NoticeGroup> = BTreeMap::new();
    for notice in notices.iter().filter(|notice| is_real(notice)) {
        let category = if notice.category.is_empty() { "feed" } else { &notice.category };
        let mut key = (category.to_owned(), notice.project_name.to_string());
        if groups.len() >= MAX_GROUPS && !groups.contains_key(&key) {
            key = ("other".to_owned(), String::new());
        }
        let group = groups.entry(key.clone()).or_insert_with(|| NoticeGroup {
            category: key.0,
            project: key.1,
            ..Default::default()
        });
        group.count += 1;
        group.last_arrival = newest(group.last_arrival, notice.arrival_time);
        group.last_created = newest(group.last_created, notice.create_time);
    }
    groups.into_values().collect()
}

/// Number −1 marks a list that was changed.
fn is_real(notice: &Notice) -> bool {
    notice.seqno != Some(-1)
}

fn newest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    [a, b.filter(|time| *time > 0.0)].into_iter().flatten().reduce(f64::max)
}

/// A version of BOINC that is newer than the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerVersion {
    /// `x.y.z`, empty if the notice does not say it.
    pub version: String,
    /// Where to get it.
    pub download_url: String,
}

/// What the client's own check for a newer version found: it posts a notice
/// `A new version of BOINC is available (8.2.4) <a href=URL>…`.
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
        // A project that writes the same is not believed.
        assert_eq!(newer_version(&[notice("", text)]), None);
    }
}
