//! What holds of every reply, however odd: it is read to its end, what is damaged costs itself alone, names come back as they
//! were, and the exposition can be read.

mod names;

use std::collections::BTreeMap;
use std::time::Duration;

use boinc_exporter::client::gui_rpc::model;
use boinc_exporter::client::gui_rpc::reply::{Content, Incoming, parse};
use boinc_exporter::exposition::Format;
use proptest::prelude::*;
use proptest::sample::Index;

use self::names::name;
use crate::support::{self, ASKED, Kind, Leaf, Offline, Replies, Samples, check, expose, leaves, processor_time};

/// The projects of the busy client, in their order.
const GAMMA: &str = "https://gamma.example.invalid/gamma/";
const ALPHA: &str = "http://127.0.0.1:18080/alpha/";
const BETA: &str = "https://beta.example.invalid/beta/";

/// Few enough that all of this takes seconds in a debug build.
const CASES: u32 = 48;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Reads bytes as every kind of reply. What comes of it does not matter here: that it ends does, and does not panic.
fn read_as_everything(bytes: &[u8]) {
    macro_rules! read {
        ($($content:ident)+) => { $(let _ = parse::<model::$content>(bytes);)+ };
    }
    read!(CcStatus ClientState DailyTransfers DiskUsage FileTransfers HostInfo KnownProjects MessageCount Messages Notices
        OldResults Projects ScreensaverTasks ServerVersion SimpleGuiInfo Statistics Tasks);
    in_pieces::<model::ClientState>(bytes, &[1000]);
}

fn busy() -> Replies {
    client("7.20.5_busy")
}

fn client(name: &str) -> Replies {
    let mut clients = Replies::of_all_clients().into_iter();
    clients.find(|(client, _)| client == name).expect("it is recorded").1
}

/// Pieces that mean something to a reader, and some that do not.
fn markup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "<project>",
        "</project>",
        "<result>",
        "</result>",
        "<project_name>",
        "</project_name>",
        "<client_state>",
        "</client_state>",
        "<boinc_gui_rpc_reply>",
        "</boinc_gui_rpc_reply>",
        "<error>",
        "<unauthorized/>",
        "<name/>",
        "<a b=\"c\">",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<",
        ">",
        "</",
        "/>",
        "&",
        "&#195;",
        "&amp;",
        "\n",
        "    ",
        "\"",
        "\\",
        "nan",
        "-1",
        "1e999",
        "\u{e4}",
        "\0",
        "<?xml?>",
    ]);
    let piece = prop_oneof![8 => piece.prop_map(|text| text.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..8)];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// One thing that a network, a disk or an odd client may do to a reply.
fn damage() -> impl Strategy<Value = (u8, Index, Index, Vec<u8>)> {
    (0..5_u8, any::<Index>(), any::<Index>(), markup())
}

fn damaged(mut reply: Vec<u8>, (kind, at, to, markup): (u8, Index, Index, Vec<u8>)) -> Vec<u8> {
    let (at, to) = (at.index(reply.len()), to.index(reply.len()));
    let line = |at: usize| reply[..at].iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let (from, until) = (line(at.min(to)), line(at.max(to)));
    match kind {
        0 => reply[at] ^= 1 << (to % 8),
        1 => reply.truncate(at),
        2 => drop(reply.drain(from..until)),
        3 => drop(reply.splice(from..from, reply[from..until.min(from + 2000)].to_vec())),
        _ => drop(reply.splice(at..at, markup)),
    }
    reply
}

#[test]
fn any_bytes_are_read_to_their_end() {
    proptest!(config(200), |(markup in markup(), bytes in prop::collection::vec(any::<u8>(), 0..400))| {
        read_as_everything(&markup);
        read_as_everything(&bytes);
        read_as_everything(&[b"<boinc_gui_rpc_reply>\n<client_state>\n<project>\n".as_slice(), &markup].concat());
    });
}

#[test]
fn damaged_replies_are_read_to_their_end() {
    let clients = [busy(), client("7.20.5_gpu"), client("made_8.2.15_linux")];
    let strategy = (0..clients.len(), prop::sample::select(ASKED.to_vec()), prop::collection::vec(damage(), 1..4));
    proptest!(config(CASES), |((client, operation, damages) in strategy)| {
        let reply = clients[client].get(operation).to_vec();
        read_as_everything(&damages.into_iter().fold(reply, |reply, damage| if reply.is_empty() { reply } else { damaged(reply, damage) }));
    });
}

/// Reads a reply that comes in pieces of these sizes, one after another and again from the first.
fn in_pieces<T: Content + std::fmt::Debug>(reply: &[u8], sizes: &[usize]) -> (String, usize) {
    let (mut incoming, mut taken, mut end) = (Incoming::<T>::default(), 0, 0_usize);
    for size in sizes.iter().cycle() {
        end = end.saturating_add(*size);
        if end >= reply.len() {
            break;
        }
        loop {
            let read = incoming.segment(&reply[taken..end]).unwrap_or_default();
            taken += read;
            if read == 0 {
                break;
            }
        }
    }
    (format!("{:?}", incoming.end(&reply[taken..])), taken)
}

#[test]
fn replies_that_come_in_pieces_are_read_as_those_that_come_whole() {
    for (client, replies) in Replies::of_all_clients() {
        // Only clients with many tasks are asked for these, so not each recording has them.
        let results = std::fs::read(support::replies(&client).join("get_results.xml")).unwrap_or_default();
        let whole = |size| {
            let state = in_pieces::<model::ClientState>(replies.get("get_state"), &[size]);
            let tasks = in_pieces::<model::Tasks>(&results, &[size]);
            [state, tasks, in_pieces::<model::FileTransfers>(replies.get("get_file_transfers"), &[size])]
        };
        let texts = |size: usize| whole(size).map(|(text, _)| text);
        for size in [1000, 777, 4096] {
            assert!(texts(usize::MAX) == texts(size), "{client} in pieces of {size}");
        }
        if client == "7.20.5_busy_many" {
            assert!(whole(1000)[0].1 > 5000, "nothing was read early");
        }
    }
}

/// A reply with its rows, which are all from the first to what follows them, several times.
fn longer(reply: &[u8], first: &str, after: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(reply);
    let (begin, end) = (text.find(first).expect("it has rows"), text.rfind(after).expect("it ends"));
    [&text[..begin], &text[begin..end].repeat(5), &text[end..]].concat().into_bytes()
}

/// The bytes of a long reply may be cut anywhere, and what is damaged in it may be where they are.
#[test]
fn damaged_long_replies_are_read_in_one_way_however_they_come() {
    let many = client("7.20.5_busy_many");
    let results = std::fs::read(support::replies("7.20.5_busy_many").join("get_results.xml")).expect("it is recorded");
    let state = &longer(many.get("get_state"), "<project>", "<platform_name>");
    let results = longer(&results, "<result>", "</results>");
    assert!(state.len() > 3 * (64 << 10) && results.len() > 3 * (64 << 10), "they have several segments");
    let sizes =
        prop::collection::vec(prop_oneof![1 => 1..200_usize, 2 => 200..20_000_usize, 1 => 20_000..200_000_usize], 1..6);
    let damages = prop::collection::vec(damage(), 1..6);
    proptest!(config(CASES), |(damages in damages, sizes in sizes)| {
        prop_assume!(sizes.iter().sum::<usize>() > 100 * sizes.len());
        let apply = |reply: &[u8]| damages.iter().cloned().fold(reply.to_vec(), damaged);
        let (state, results) = (apply(state), apply(&results));
        let whole = |reply: &[u8]| in_pieces::<model::ClientState>(reply, &[usize::MAX]).0;
        prop_assert!(in_pieces::<model::ClientState>(&state, &sizes).0 == whole(&state), "the state in pieces of {:?}", sizes);
        let whole = |reply: &[u8]| in_pieces::<model::Tasks>(reply, &[usize::MAX]).0;
        prop_assert!(in_pieces::<model::Tasks>(&results, &sizes).0 == whole(&results), "tasks in pieces of {:?}", sizes);
    });
}

/// What a hostile reply consists of, by number.
type Unit = Box<dyn Fn(usize) -> String>;

/// A reply of such units, at least this long, with something at its end.
fn hostile(unit: &Unit, end: &str, length: usize) -> String {
    let mut reply = "<boinc_gui_rpc_reply>\n<client_state>\n<project>\n".to_owned();
    for number in 0.. {
        reply.push_str(&unit(number));
        if reply.len() > length {
            break;
        }
    }
    reply + end
}

/// Replies that make a careless reader search them to their end once for each tag. To such a one, a reply is much more work
/// than as many bytes in parts.
#[test]
fn hostile_replies_take_no_longer_than_their_length() {
    const LENGTH: usize = 1 << 20;
    const PARTS: usize = 16;
    /// A reader that goes back in each part would take as many times as there are parts.
    const FACTOR: u32 = 4;
    /// Linux counts by its clock's ticks.
    const TICKS: Duration = Duration::from_millis(20);
    let same = |unit: &'static str| -> Unit { Box::new(move |_| unit.to_owned()) };
    let units: [Unit; 14] = [
        Box::new(|n| format!("<x{n}><![CDATA[")),
        Box::new(|n| format!("<x{n}>")),
        Box::new(|n| format!("<x{n}>\n")),
        Box::new(|n| format!("<x{n}>\ntext\n")),
        Box::new(|n| format!("</x{n}>")),
        same("<a>\n"),
        same("<project><result>"),
        same("<project>\n<rec>"),
        same("<rec>1\n1"),
        same("<project_name><![CDATA[ ]]> "),
        same("<symstore>x</symstore>"),
        same("<symstore>\n\n"),
        same("<!--"),
        same("&#1;&&&<"),
    ];
    let read = |reply: &str| drop(parse::<model::ClientState>(reply.as_bytes()));
    for unit in units {
        for blanks in [0, 1] {
            let of_length = |length: usize| {
                let end = if blanks == 0 { "]]>".to_owned() } else { " ".repeat(length / 4) };
                hostile(&unit, &end, length)
            };
            let (whole, part) = (of_length(LENGTH), of_length(LENGTH / PARTS));
            let time = processor_time(|| read(&whole));
            let in_parts = processor_time(|| (0..PARTS).for_each(|_| read(&part)));
            println!("{:?}: {time:?}, in parts {in_parts:?}", unit(1));
            assert!(time < FACTOR * in_parts + TICKS, "{:?}: {time:?}, in parts {in_parts:?}", unit(1));
        }
    }
}

/// Samples by project.
fn by_project(samples: &Samples) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut projects: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (sample, value) in &samples.0 {
        if let Some(url) = sample.label("project_url") {
            projects.entry(url.to_owned()).or_default().insert(format!("{sample:?}"), value.to_bits());
        }
    }
    projects
}

/// The samples of each project of a client.
fn projects(offline: &Offline, replies: &Replies) -> BTreeMap<String, BTreeMap<String, u64>> {
    by_project(&Samples::parse(&expose(offline.snapshot(replies), Format::Text)))
}

#[test]
fn a_damaged_text_costs_no_other_project_anything() {
    let (offline, replies) = (Offline::new(), busy());
    let state = replies.get("get_state");
    let whole = projects(&offline, &replies);
    // Each project's part of the list begins with its URL, and ends where the next begins.
    let leaves = leaves(state);
    let begin = leaves.iter().position(|leaf| leaf.path == "project/master_url").expect("there is a project");
    let end = leaves.iter().position(|leaf| leaf.path == "platform_name").expect("it ends");
    let leaves = &leaves[begin..end];
    proptest!(config(2 * CASES), |(leaf in any::<Index>(), at in any::<Index>(), byte in any::<u8>())| {
        let number = leaf.index(leaves.len());
        let place = &leaves[number].place;
        prop_assume!(!place.is_empty() && byte != 3);
        let url = leaves[..=number].iter().rfind(|leaf| leaf.path == "project/master_url").expect("it comes first");
        let url = std::str::from_utf8(&state[url.place.clone()]).expect("it is recorded so");
        let mut reply = state.to_vec();
        reply[place.start + at.index(place.len())] = byte;
        let others = projects(&offline, &replies.with("get_state", reply));
        // Messages about a project whose name is damaged are no known project's.
        for (other, before) in whole.iter().filter(|(other, _)| *other != url && !other.is_empty()) {
            prop_assert_eq!(others.get(other), Some(before), "{} was damaged", leaves[number].path);
        }
    });
}

#[test]
fn a_damaged_tag_costs_no_other_project_anything() {
    let (offline, replies) = (Offline::new(), busy());
    let state = String::from_utf8_lossy(replies.get("get_state")).into_owned();
    let whole = projects(&offline, &replies);
    // Alpha has rows of all kinds, and other projects stand before and after it.
    let (alpha, end) = (state.find(ALPHA).expect("it is recorded"), state.find(BETA).expect("it is recorded"));
    for tag in ["app", "app_version", "workunit", "result", "active_task", "gui_urls", "rec", "name", "plan_class"] {
        for (sound, damaged) in [
            (format!("</{tag}>"), format!("</{tag}x>")),
            (format!("</{tag}>"), format!("<{tag}>")),
            (format!("</{tag}>"), format!("</{tag}")),
            (format!("</{tag}>"), String::new()),
            (format!("<{tag}>"), format!("<{tag}x>")),
            (format!("<{tag}>"), format!("<{tag}")),
            (format!("<{tag}>"), String::new()),
        ] {
            let part = state[alpha..end].replacen(&sound, &damaged, 1);
            assert_ne!(part, state[alpha..end], "{sound} occurs");
            let state = [&state[..alpha], &part, &state[end..]].concat();
            let others = projects(&offline, &replies.with("get_state", state));
            for other in [BETA, GAMMA] {
                assert_eq!(others.get(other), whole.get(other), "{sound} became {damaged}");
            }
        }
    }
}

/// A number as C's `%f` prints it, or what it prints of none.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<f64>().prop_map(|n| format!("{n:.6}")),
        2 => any::<i32>().prop_map(|n| n.to_string()),
        1 => prop::sample::select(vec!["inf", "-inf", "nan", "-nan", "1.#INF00", "nan(ind)", "", "-1", "0", "18446744073709551615"])
            .prop_map(str::to_owned),
    ]
}

#[test]
fn every_exposition_can_be_read() {
    let offline = Offline::new();
    let clients = [busy(), client("7.20.5_gpu"), client("made_8.0.4_mac"), client("made_7.24.1_windows")];
    let found: Vec<Vec<(&str, Leaf)>> = clients
        .iter()
        .map(|client| {
            ASKED
                .into_iter()
                .flat_map(|operation| leaves(client.get(operation)).into_iter().map(move |leaf| (operation, leaf)))
                .collect()
        })
        .collect();
    let edits = prop::collection::vec((any::<Index>(), name(), number()), 1..30);
    proptest!(config(CASES), |((client, edits) in (0..clients.len(), edits))| {
        let mut replies = clients[client].clone();
        // From the end, so that places before stay where they are.
        let chosen: BTreeMap<_, _> = edits.into_iter().map(|(at, name, number)| (at.index(found[client].len()), (name, number))).collect();
        for (index, (name, number)) in chosen.into_iter().rev() {
            let (operation, leaf) = &found[client][index];
            let text = match leaf.kind { Kind::Flag => String::new(), Kind::Number => number, Kind::Text => name };
            let reply = replies.get(operation);
            let reply = [&reply[..leaf.place.start], text.as_bytes(), &reply[leaf.place.end..]].concat();
            replies = replies.with(operation, reply);
        }
        for (format, openmetrics) in [(Format::Text, false), (Format::OpenMetrics, true)] {
            let text = expose(offline.snapshot_with_reports(&replies), format);
            prop_assert_eq!(check(&text, openmetrics), Ok(()));
        }
    });
}
