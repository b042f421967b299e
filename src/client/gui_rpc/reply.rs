//! The envelope of a reply. A reply's bytes come in; the typed content or the client's refusal goes out. It does not
//! know sockets or what the content is used for.

use super::error::Error;
use super::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use super::segment::{MOST, Segment, segment};
use crate::markup::element::{Value, read_children};
use crate::markup::kept::Kept;
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::Raw;

/// The content of a reply.
pub trait Content: Default + Send + 'static {
    /// The element that contains it; a second name is the one used by other versions.
    const ROOTS: &'static [&'static str];
    /// Repeated elements that make up most of a long reply, one per task or file, for example.
    const ROWS: &'static [&'static str] = &[];
    /// Whether an empty reply means that there is no content.
    const MAY_BE_EMPTY: bool = false;
    /// Reads the root element.
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>);
    /// Continues reading inside the root element.
    fn resume(&mut self, _: &mut Reader<'_>) {}
}

macro_rules! content {
    ($($type:ty: $($root:literal)+ $(, rows $($row:literal)+)? $(, may be empty $empty:literal)?);* $(;)?) => {$(
        impl Content for $type {
            const ROOTS: &'static [&'static str] = &[$($root),+];
            $( const MAY_BE_EMPTY: bool = $empty; )?
            $( const ROWS: &'static [&'static str] = &[$($row),+]; )?
            fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
                if reader.enter(tag) {
                    read_children(self, reader);
                }
            }
            fn resume(&mut self, reader: &mut Reader<'_>) {
                read_children(self, reader);
            }
        }
    )*};
}
content! {
    CcStatus: "cc_status";
    ClientState: "client_state", rows "project" "app" "app_version" "workunit" "result";
    DailyTransfers: "daily_xfers", rows "dx";
    DiskUsage: "disk_usage_summary", rows "project";
    FileTransfers: "file_transfers", rows "file_transfer";
    HostInfo: "host_info";
    // Empty if the client has no list yet, or one of 100 000 bytes or more.
    KnownProjects: "projects", rows "project" "account_manager", may be empty true;
    Messages: "msgs", rows "msg";
    Notices: "notices", rows "notice";
    OldResults: "old_results", rows "old_result";
    Projects: "projects", rows "project";
    // The first name up to version 8.0, the second from 8.2.
    ScreensaverTasks: "handle_get_screensaver_tasks" "get_screensaver_tasks";
    ServerVersion: "server_version";
    SimpleGuiInfo: "simple_gui_info", rows "project" "result";
    Statistics: "statistics", rows "project_statistics";
    Tasks: "results", rows "result";
}

impl Content for MessageCount {
    const ROOTS: &'static [&'static str] = &["seqno"];
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        Value::read(self, reader, tag);
    }
}

/// A parsed reply.
#[derive(Debug)]
pub struct Reply<T> {
    /// The content.
    pub content: T,
    /// Number of unknown elements: those of a newer version, or damaged ones.
    pub unknown: u32,
    /// Number of leaves with an unexpected value.
    pub unreadable: u32,
    /// Number of rows that were left out, because there were too many.
    pub dropped: u32,
}

/// Parses a reply.
///
/// # Errors
/// The client refused ([`Error::Unauthorized`], [`Error::Server`]), or the expected content is missing.
pub fn parse<T: Content>(bytes: &[u8]) -> Result<Reply<T>, Error> {
    Incoming::default().end(bytes)
}

/// A reply that is still arriving. It is read segment by segment (`segment`) while the client continues to write, so that
/// little more than one segment of a long reply is kept in memory.
#[derive(Debug, Default)]
pub struct Incoming<T> {
    /// Boxed, because a poll holds it while it waits, and most hold none.
    content: Option<Box<T>>,
    /// What the content begins with: that of the reply before, if it helps to read this one.
    earlier: Option<Box<T>>,
    /// The root element, while it is open.
    open_root: Option<&'static str>,
    refused: Option<Error>,
    /// Number of bytes read.
    bytes: usize,
    kept: Kept,
    unknown: u32,
    unreadable: u32,
}

impl<T: Content> Incoming<T> {
    /// A reply of which nothing has arrived yet.
    #[must_use]
    pub fn after(earlier: Option<Box<T>>) -> Self {
        Self { earlier, ..Self::default() }
    }

    /// Reads the next segment, if all of it is in `bytes`, which follow the bytes already read. Returns how many bytes it
    /// has.
    ///
    /// # Errors
    /// [`Error::RowTooLarge`].
    pub fn segment(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.next(bytes, false).map(Option::unwrap_or_default)
    }

    /// Reads the next segment of the rest of the reply, and returns how many bytes it has; `None` if only the last is left,
    /// for [`Self::end`].
    ///
    /// # Errors
    /// [`Error::RowTooLarge`].
    pub fn segment_of_rest(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        self.next(bytes, true)
    }

    fn next(&mut self, bytes: &[u8], at_end: bool) -> Result<Option<usize>, Error> {
        match segment(bytes, T::ROWS, at_end) {
            Some(Segment::Of(length)) => {
                self.read(&bytes[..length]);
                Ok(Some(length))
            }
            Some(Segment::TooLong) => Err(Error::RowTooLarge { what: T::ROOTS[T::ROOTS.len() - 1], limit: MOST }),
            None => Ok(None),
        }
    }

    /// Reads the rest of the reply.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn end(mut self, mut bytes: &[u8]) -> Result<Reply<T>, Error> {
        let was_empty = self.bytes == 0 && is_empty(bytes);
        while let Some(length) = self.segment_of_rest(bytes)? {
            bytes = &bytes[length..];
        }
        self.read(bytes);
        if let Some(error) = self.refused {
            return Err(error);
        }
        let content = self.content.or_else(|| (T::MAY_BE_EMPTY && was_empty).then(Box::default));
        let content = content.ok_or(Error::Parse { expected: T::ROOTS[T::ROOTS.len() - 1], bytes: self.bytes })?;
        let Self { unknown, unreadable, kept, .. } = self;
        Ok(Reply { content: *content, unknown, unreadable, dropped: kept.dropped() })
    }

    fn read(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        let mut reader = Reader::new(bytes).with_kept(self.kept);
        if let (Some(root), Some(content)) = (self.open_root, &mut self.content) {
            reader = Reader::inside(bytes, root).with_kept(self.kept);
            content.resume(&mut reader);
            self.open_root = reader.is_at_end().then_some(root);
        }
        while self.refused.is_none()
            && let Some(tag) = reader.child()
        {
            self.top_level(&mut reader, &tag);
        }
        self.unknown = self.unknown.saturating_add(reader.unknown());
        self.unreadable = self.unreadable.saturating_add(reader.unreadable());
        self.kept = reader.kept().after(bytes.len());
    }

    fn top_level<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let root = T::ROOTS.iter().find(|root| tag.is(root));
        if tag.is("boinc_gui_rpc_reply") {
            // Transparent: its children are read as if it were not there.
        } else if tag.is("unauthorized") {
            self.refused = Some(Error::Unauthorized);
        } else if tag.is("error") && self.content.is_none() {
            let mut text = Raw::default();
            text.read(reader, tag);
            self.refused = Some(Error::Server(text.chars().take(200).collect()));
        } else if let (Some(root), None) = (root, &self.content) {
            let content = self.content.insert(self.earlier.take().unwrap_or_default());
            content.read(reader, tag);
            self.open_root = reader.is_at_end().then_some(*root);
        } else {
            reader.skip_unknown(tag);
        }
    }
}

fn is_empty(reply: &[u8]) -> bool {
    let body = reply.trim_ascii().strip_prefix(b"<boinc_gui_rpc_reply>");
    body.and_then(|rest| rest.strip_suffix(b"</boinc_gui_rpc_reply>")).is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// The text of a leaf directly inside the envelope.
pub(super) fn leaf(bytes: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::new(bytes);
    while let Some(tag) = reader.child() {
        if tag.is(name) {
            let mut text = Raw::default();
            text.read(&mut reader, &tag);
            return Some(text.to_string());
        }
    }
    None
}

#[cfg(test)]
mod tests {
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
            let Reply { content: state, dropped, .. } =
                parse::<ClientState>(reply.as_bytes()).expect("there is a state");
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
}
