//! What holds of every name: it comes back as it was, or as a label can have it.

use std::collections::BTreeSet;

use boinc_exporter::exposition::Format;
use proptest::prelude::*;

use super::{CASES, GAMMA, busy, config};
use crate::support::{Offline, Samples, check, expose, leaves};

/// What a name may be made of: what hurts readers, what hurts writers, and the rest. No line feed: a client's own reader ends
/// a name there. No `0x03`, which ends a reply.
pub fn name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "</project_name>", "<project_name>", "<result>", "</project>", "</client_state>", "<name/>", "&", "&amp;", "&#195;", "\"",
            "\\", "\\n", "]]>", "<![CDATA[", "<!--", "<", ">", " ", "\t", "\r", "\u{7f}", "\u{85}", "{", "}", ",", "=", "# EOF", "日本",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,4}",
        1 => "[\\x01\\x02\\x04-\\x09\\x0b-\\x1f]",
        1 => "[a-z]{60,120}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// The rule for labels: no blanks around, no control characters, 200 characters, the last of which stand for the whole.
fn as_label(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() <= 200 {
        return text;
    }
    let digest = format!("{:x}", md5::compute(&text));
    format!("{}~{}", text.chars().take(191).collect::<String>(), &digest[..8])
}

/// The reply with another text in the first leaf of this path.
fn with_text(reply: &[u8], path: &str, text: &str) -> Vec<u8> {
    let leaf = leaves(reply).into_iter().find(|leaf| leaf.path == path).expect("it is recorded");
    [&reply[..leaf.place.start], text.as_bytes(), &reply[leaf.place.end..]].concat()
}

/// The value of a label of the one series of this metric.
fn label(samples: &Samples, metric: &str, url: &str, name: &str) -> String {
    let series: Vec<_> = samples.series(metric, &[("project_url", url)]).collect();
    assert_eq!(series.len(), 1, "{metric}: {series:?}");
    series[0].0.label(name).unwrap_or_default().to_owned()
}

#[test]
fn project_names_come_back_as_they_were() {
    let (offline, replies) = (Offline::new(), busy());
    let count = |samples: &Samples| samples.0.len();
    let before = count(&Samples::parse(&expose(offline.snapshot(&replies), Format::Text)));
    proptest!(config(2 * CASES), |(name in name())| {
        // Like BOINC's own reader, this one takes a CDATA section for what is in it.
        let section = name.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
        let expected = section.unwrap_or(&name).trim_matches(|c: char| c.is_ascii_whitespace());
        let expected = if expected.is_empty() { GAMMA } else { expected };
        let state = with_text(replies.get("get_state"), "project/project_name", &name);
        let samples = Samples::parse(&expose(offline.snapshot(&replies.with("get_state", state)), Format::Text));
        prop_assert_eq!(label(&samples, "boinc_project_info", GAMMA, "project"), as_label(expected));
        prop_assert_eq!(count(&samples), before);
    });
}

/// BOINC's `xml_escape`, byte by byte.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.replace("]]>", "]]&gt;").bytes() {
        match byte {
            b'<' => escaped.push_str("&lt;"),
            b'&' => escaped.push_str("&amp;"),
            b'\t' | b'\n' | b'\r' | 128.. => escaped.extend(["&#", &byte.to_string(), ";"]),
            0..32 => {}
            _ => escaped.push(char::from(byte)),
        }
    }
    escaped.replace("]]&amp;gt;", "]]&gt;")
}

#[test]
fn escaped_names_come_back_as_they_were() {
    let (offline, replies) = (Offline::new(), busy());
    proptest!(config(2 * CASES), |(name in name())| {
        let state = with_text(replies.get("get_state"), "project/user_name", &escaped(&name));
        let kept: String = name.chars().filter(|c| *c >= ' ' || matches!(c, '\t' | '\r')).collect();
        let samples = Samples::parse(&expose(offline.snapshot(&replies.with("get_state", state)), Format::Text));
        let shown = label(&samples, "boinc_project_account_info", GAMMA, "user_name");
        prop_assert_eq!(shown, as_label(kept.trim_matches(' ')));
    });
}

/// Names that differ only where a label is shortened stay apart, and none is longer than the others.
#[test]
fn names_that_begin_alike_stay_apart() {
    let (offline, replies) = (Offline::new(), busy());
    let long = "x".repeat(300);
    let state = String::from_utf8_lossy(replies.get("get_state")).replace("<name>a_", &format!("<name>{long}_"));
    let state = state.replace("<wu_name>a_", &format!("<wu_name>{long}_")).replace(">worker<", &format!(">{long}1<"));
    let state = state.replace(">nci<", &format!(">{long}2<"));
    let text = expose(offline.snapshot(&replies.with("get_state", state)), Format::OpenMetrics);
    assert_eq!(check(&text, true), Ok(()));
    let tasks = |text: &str| {
        let samples = Samples::parse(text);
        let series = samples.series("boinc_task_state_code", &[]);
        series.map(|(s, _)| s.label("task").unwrap_or_default().to_owned()).collect::<BTreeSet<_>>()
    };
    let before = tasks(&expose(offline.snapshot(&replies), Format::OpenMetrics));
    let after = tasks(&text);
    assert_eq!(after.len(), before.len());
    assert_eq!(
        after.iter().map(String::len).filter(|length| *length >= 200).collect::<BTreeSet<_>>(),
        BTreeSet::from([200])
    );
}
