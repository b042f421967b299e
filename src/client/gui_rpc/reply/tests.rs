use proptest::prelude::*;

use super::*;
use crate::markup::scan;

/// How many times each byte of a reply is looked at, at most: for a tag, for the ends of its line and its text, and twice
/// more in vain.
const TIMES: usize = 10;

/// What replies are made of, and what hurts a reader: each may begin a search.
const TOKENS: [&str; 64] = [
    "\n",
    "\n",
    "\n",
    "\r",
    "\r\n",
    " ",
    "        ",
    "\t",
    "\x0c",
    "\x03",
    "\0",
    "x",
    "1",
    "text ",
    "\u{e4}",
    "&",
    "&amp;",
    "&#195;",
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "]]> ",
    "<!--",
    "-->",
    "<x>",
    "</x>",
    "<x/>",
    "<x a=\"b\">",
    "<x a",
    "<y>",
    "</y>",
    "<result>",
    "</result>",
    "<project>",
    "</project>",
    "<workunit>",
    "<name>",
    "</name>",
    "<wu_name>",
    "<project_name>",
    "</project_name>",
    "<rec>",
    "<rec>1",
    "</rec>",
    "<symstore>",
    "</symstore>",
    "<gui_urls>",
    "<gui_url>",
    "</gui_urls>",
    "<active_task>",
    "<slot>",
    "</active_task>",
    "<host_info>",
    "</host_info>",
    "<p_features>",
    "<coprocs>",
    "<coproc>",
    "<coproc/>",
    "<type>",
    "<client_state>",
    "</client_state>",
];

/// Some of these, over and over again.
fn nasty(begin: &str, tokens: &[&str], end: &str, length: usize) -> Vec<u8> {
    let mut reply = ["<boinc_gui_rpc_reply>\n", begin].concat().into_bytes();
    for token in tokens.iter().cycle() {
        if reply.len() >= length {
            break;
        }
        reply.extend_from_slice(token.as_bytes());
    }
    reply.extend(end.repeat(length / 4).as_bytes());
    reply
}

fn read_in_pieces<T: Content>(reply: &[u8]) {
    let (mut incoming, mut taken) = (Incoming::<T>::default(), 0);
    for end in (0..reply.len()).step_by(80 << 10) {
        taken += incoming.segment(&reply[taken..end.max(taken)]).unwrap_or_default();
    }
    let _ = incoming.end(&reply[taken..]);
}

fn assert_is_linear(what: &dyn std::fmt::Debug, reply: &[u8]) {
    for (how, cost) in [
        ("whole", scan::cost(|| drop(parse::<ClientState>(reply)))),
        ("as something else", scan::cost(|| drop(parse::<Notices>(reply)))),
        ("in pieces", scan::cost(|| read_in_pieces::<ClientState>(reply))),
        ("for a leaf", scan::cost(|| drop(leaf(reply, "nonce")))),
    ] {
        assert!(cost <= TIMES * reply.len(), "{how}: {cost} bytes looked at for {} of {what:?}", reply.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_byte_is_looked_at_more_than_a_few_times(
        begin in prop::sample::select(vec!["", "<client_state>\n", "<client_state>\n<project>\n", "<client_state><project>", "<notices>\n<notice>\n"]),
        tokens in prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 1..12),
        end in prop::sample::select(vec!["", " ", "\n", "x", "]]>", "</x>"]),
    ) {
        for length in [1000, 2000, 4000] {
            assert_is_linear(&(begin, &tokens, end), &nasty(begin, &tokens, end, length));
        }
    }
}

/// Each of these with each other one, at a length that has several segments where there are rows.
#[test]
fn no_pair_of_tokens_makes_a_byte_looked_at_more_than_a_few_times() {
    let pairs = [
        ["\r", "<x>"],
        ["\r", "<project_name>"],
        ["<result>", "</x>"],
        ["<![CDATA[", "]]> "],
        ["<rec>", "\n1"],
        ["</result>\n", "<result>"],
    ];
    for (pair, end) in pairs.iter().flat_map(|pair| [" ", "\n", "]]>"].map(|end| (pair, end))) {
        assert_is_linear(&(pair, end), &nasty("<client_state>\n<project>\n", pair, end, 160_000));
    }
}

/// A text of each kind that never ends: were each searched for to the end, it would be a hundred times too much.
#[test]
fn all_known_texts_that_never_end_cost_what_a_few_do() {
    let names = stringify!(master_url project_name user_name team_name host_venue cpid_time user_total_credit rpc_seqno userid
        teamid hostid host_total_credit host_expavg_credit nrpc_failures min_rpc_time next_rpc_time rec resource_share disk_usage
        njobs_success njobs_error elapsed_time last_rpc_time suspended_via_gui ended symstore email_hash project_dir venue
        sched_priority upload_backoff download_backoff use_symlinks desired_disk_usage disk_share);
    for text in ["\n1\n", "<![CDATA[", "\n]]>\n"] {
        let tokens: Vec<_> = names.split_whitespace().map(|name| format!("<{name}>{text}")).collect();
        let tokens: Vec<_> = tokens.iter().map(String::as_str).collect();
        for end in ["<", "]]>", "x"] {
            assert_is_linear(&(text, end), &nasty("<client_state>\n<project>\n", &tokens, end, 60_000));
        }
    }
}

/// So that these never meet the limit: twice their bytes.
#[test]
fn rows_of_real_clients_take_less_than_their_bytes() {
    use crate::client::gui_rpc::model::{ActiveTask, App, AppVersion, ProjectGroup, Task, Workunit};
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/replies");
    for client in
        ["7.20.5_busy", "7.20.5_busy_many", "7.20.5_gpu", "7.4_gpu_busy_without_platform", "6.11.7_old_elements"]
    {
        let reply = std::fs::read(folder.join(client).join("get_state.xml")).expect("it is recorded");
        let Reply { content: state, dropped, .. } = parse::<ClientState>(&reply).expect("there is a state");
        let of_group = |group: &ProjectGroup| {
            let active = group.tasks.iter().filter(|task| task.active_task.is_some()).count();
            size_of::<ProjectGroup>()
                + group.apps.len() * size_of::<App>()
                + group.app_versions.len() * size_of::<AppVersion>()
                + group.workunits.len() * size_of::<Workunit>()
                + group.tasks.len() * size_of::<Task>()
                + active * size_of::<ActiveTask>()
        };
        let rows: usize = state.projects.iter().map(of_group).sum();
        println!("{client}: {rows} of {}", reply.len());
        assert!(rows < reply.len() && dropped == 0, "{client}: {rows} of {}, {dropped} left out", reply.len());
    }
}

/// Rows that are nothing but their tags, and become structs of hundreds of bytes.
#[test]
fn what_a_reply_becomes_is_a_multiple_of_it() {
    const LENGTH: usize = 1 << 20;
    let of = |before: &str, row: &str| [before, &row.repeat(LENGTH / row.len())].concat();
    let rows = |reply: &str| {
        let Reply { content: state, dropped, .. } = parse::<ClientState>(reply.as_bytes()).expect("there is a state");
        let coprocs = state.host_info.and_then(|host| host.coprocs).map_or(0, |coprocs| coprocs.coproc.len());
        let tasks = state.projects.first().map_or(0, |group| group.tasks.len());
        (coprocs, state.projects.len(), tasks, dropped as usize)
    };
    let coproc = "<coproc/>";
    let all = LENGTH / coproc.len();
    assert_eq!(rows(&of("<client_state><host_info><coprocs>", coproc)), (64, 0, 0, all - 64));
    let all = LENGTH / "<project/>".len();
    assert_eq!(rows(&of("<client_state>", "<project/>")), (0, 200, 0, all - 200));
    let (_, projects, tasks, dropped) =
        rows(&of("<client_state><project><master_url>u</master_url></project>", "<result/>"));
    assert_eq!((projects, tasks + dropped), (1, LENGTH / "<result/>".len()));
    assert!(tasks * size_of::<crate::client::gui_rpc::model::Task>() < 3 * LENGTH, "{tasks} tasks");
}
