//! Nothing that a client says is lost unsaid: whoever changes one leaf of a reply changes the exposition, or the leaf stands
//! in `src/client/metrics/not_exported.md` with the reason why not, where users read it. A leaf that stands there and is exported
//! after all fails as well, and so does one that no client sends.

use std::collections::{BTreeMap, BTreeSet};

use boinc_exporter::exposition::Format;

use crate::support::patterns::matches;
use crate::support::{ASKED, Kind, Leaf, Offline, Replies, Samples, expose, leaves, patterns};

const NOT_EXPORTED: &str = include_str!("../../src/client/metrics/not_exported.md");

/// What a client says, reply by reply.
struct Client {
    name: String,
    replies: Replies,
    leaves: BTreeMap<&'static str, Vec<Leaf>>,
}

fn clients() -> Vec<Client> {
    let clients = Replies::of_all_clients().into_iter().map(|(name, replies)| {
        let leaves = ASKED.map(|operation| (operation, leaves(replies.get(operation)))).into();
        Client { name, replies, leaves }
    });
    let mut clients: Vec<_> = clients.collect();
    // The smallest first: most leaves are found in replies that are soon read.
    clients.sort_by_key(|client| client.replies.get("get_state").len());
    clients
}

/// What stands there instead, unlike anything else. The second is for what the first leaves as it was, such as a flag that
/// is written as a number.
fn changes(reply: &[u8], leaf: &Leaf) -> Vec<Vec<u8>> {
    let number = || String::from_utf8_lossy(&reply[leaf.place.clone()]).parse::<f64>().unwrap_or_default();
    match leaf.kind {
        Kind::Flag => vec![Vec::new()],
        Kind::Text => vec![format!("Changed {}", leaf.place.start).into_bytes()],
        Kind::Number => vec![format!("{}", number() + 1.0).into_bytes(), b"0".to_vec()],
    }
}

/// A reply with other texts at these places, which are in order.
fn replaced(reply: &[u8], edits: &[(std::ops::Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let mut edited = Vec::with_capacity(reply.len());
    let mut at = 0;
    for (place, text) in edits {
        edited.extend_from_slice(&reply[at..place.start]);
        edited.extend_from_slice(text);
        at = place.end;
    }
    edited.extend_from_slice(&reply[at..]);
    edited
}

/// The exposition without what is said of the scrape: a longer text makes a longer reply.
fn exposition(offline: &Offline, replies: &Replies) -> String {
    visible(&expose(offline.snapshot(replies), Format::Text))
}

/// The same after a second poll, which counts what was reported since the first.
fn later_exposition(offline: &Offline, replies: &Replies) -> String {
    visible(&expose(offline.snapshot_with_reports(replies), Format::Text))
}

fn visible(text: &str) -> String {
    let about_the_client = |line: &&str| !line.starts_with('#') && !line.starts_with("boinc_scrape_");
    text.split_inclusive('\n').filter(about_the_client).collect()
}

#[test]
fn every_element_is_exported_or_listed_with_the_reason() {
    /// An element that occurs is tried at so many places until one shows.
    const TRIES: usize = 400;
    let (clients, listed, offline) = (clients(), patterns::listed(NOT_EXPORTED), Offline::new());
    let mut shown = BTreeMap::new();
    let mut outcomes: BTreeMap<String, (bool, usize)> = BTreeMap::new();
    for client in &clients {
        for (operation, leaves) in &client.leaves {
            for leaf in leaves {
                let path = format!("{operation}/{}", leaf.path);
                if listed.iter().any(|pattern| matches(pattern, &path)) {
                    continue;
                }
                let (found, tries) = outcomes.entry(path).or_default();
                if *found || *tries >= TRIES {
                    continue;
                }
                *tries += 1;
                let exposition = if *operation == "get_old_results" { later_exposition } else { exposition };
                let before = shown.entry((&client.name, *operation == "get_old_results"));
                let before = before.or_insert_with(|| exposition(&offline, &client.replies));
                let reply = client.replies.get(operation);
                *found = changes(reply, leaf).into_iter().any(|change| {
                    let changed = replaced(reply, &[(leaf.place.clone(), change)]);
                    exposition(&offline, &client.replies.with(operation, changed)) != *before
                });
            }
        }
    }
    let lost: Vec<_> = outcomes.iter().filter(|(_, (found, _))| !found).map(|(path, _)| path).collect();
    assert!(lost.is_empty(), "neither exported nor in src/client/metrics/not_exported.md: {lost:#?}");
}

#[test]
fn what_is_listed_is_not_exported_and_occurs() {
    let (clients, listed, offline) = (clients(), patterns::listed(NOT_EXPORTED), Offline::new());
    let mut used = BTreeSet::new();
    for client in &clients {
        let before = later_exposition(&offline, &client.replies);
        let mut replies = client.replies.clone();
        let mut exported = BTreeSet::new();
        for (operation, leaves) in &client.leaves {
            let reply = client.replies.get(operation);
            let mut edits = Vec::new();
            for leaf in leaves {
                let path = format!("{operation}/{}", leaf.path);
                let patterns: Vec<_> = listed.iter().filter(|pattern| matches(pattern, &path)).collect();
                assert!(patterns.len() <= 1, "{path} is listed more than once: {patterns:?}");
                if let Some(pattern) = patterns.first() {
                    used.insert(*pattern);
                    exported.insert(path);
                    edits.push((leaf.place.clone(), changes(reply, leaf).swap_remove(0)));
                }
            }
            replies = replies.with(operation, replaced(reply, &edits));
        }
        let after = later_exposition(&offline, &replies);
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        let changed: Vec<_> = lines(&before).symmetric_difference(&lines(&after)).cloned().collect();
        assert!(before == after, "{}: exported although listed, one of {exported:#?}\n{changed:#?}", client.name);
    }
    let unused: Vec<_> = listed.iter().filter(|pattern| !used.contains(pattern)).collect();
    assert!(unused.is_empty(), "src/client/metrics/not_exported.md lists what no client sends: {unused:#?}");
}

#[test]
fn every_reply_is_understood_whole() {
    let offline = Offline::new();
    for (name, replies) in Replies::of_all_clients() {
        let samples = Samples::parse(&expose(offline.snapshot(&replies), Format::Text));
        // Made by hand so: a number as old compilers for Windows print it.
        let odd = if name == "made_7.24.1_windows" { 1.0 } else { 0.0 };
        let sum = |metric| samples.series(metric, &[]).map(|(_, value)| value).sum::<f64>();
        assert_eq!((sum("boinc_scrape_unknown_elements"), sum("boinc_scrape_unreadable_values")), (0.0, odd), "{name}");
    }
}
