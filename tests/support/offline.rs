//! The way from a client's bytes to the exposition, as a function: replies that a test holds in its hands, and may change as
//! it likes, go over a real socket through the same poll that serves a scrape.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::poll_state::PollState;
use boinc_exporter::client::snapshot::Snapshot;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::client::{Capacity, Client, Fleet, Limits, Lookups, Session, poll};
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::{Format, render};
use boinc_exporter::metric::Scrape;

use super::process::PATIENCE;

/// The operations that a scrape sends.
pub const ASKED: [&str; 13] = [
    "exchange_versions",
    "get_cc_status",
    "get_state",
    "get_file_transfers",
    "get_message_count",
    "get_messages",
    "get_notices_public",
    "get_screensaver_tasks",
    "get_old_results",
    "get_daily_xfer_history",
    "get_statistics",
    "get_all_projects_list",
    "get_disk_usage",
];

/// What a client that never reported anything answers to `get_old_results`.
const NOTHING_REPORTED: &[u8] = b"<boinc_gui_rpc_reply>\n<old_results>\n</old_results>\n</boinc_gui_rpc_reply>\n";

/// A reply to each operation, without the final `0x03`.
#[derive(Debug, Clone, Default)]
pub struct Replies(pub BTreeMap<String, Vec<u8>>);

impl Replies {
    /// What stands in a folder, or else in one of the `others`.
    ///
    /// # Panics
    /// When a file cannot be read.
    pub fn of(folder: &Path, others: &[&Path]) -> Self {
        let mut replies = BTreeMap::new();
        for operation in ASKED {
            let mut files =
                [folder].into_iter().chain(others.iter().copied()).map(|f| f.join(operation).with_extension("xml"));
            if let Some(file) = files.find(|file| file.exists()) {
                replies.insert(operation.to_owned(), std::fs::read(file).expect("a recorded reply can be read"));
            }
        }
        Self(replies)
    }

    /// All clients that can be played as a whole: the recorded ones and those made by hand.
    pub fn of_all_clients() -> Vec<(String, Self)> {
        let common = super::replies("7.20.5_common");
        let newest = super::replies("8.3.0_fresh");
        let recorded = super::reply_folders().into_iter().map(|name| (super::replies(&name), name));
        let recorded = recorded.filter(|(folder, _)| folder.join("get_state.xml").exists());
        let recorded = recorded.map(|(folder, name)| (name, Self::of(&folder, &[&common])));
        let made = Path::new(super::DATA).join("made");
        let made = super::folders(&made).into_iter().map(|name| {
            let replies = Self::of(&made.join(&name), &[&newest, &common]);
            (format!("made_{name}"), replies)
        });
        recorded.chain(made).collect()
    }

    /// One reply.
    pub fn get(&self, operation: &str) -> &[u8] {
        self.0.get(operation).map_or(&[], Vec::as_slice)
    }

    /// The same with another reply to one operation.
    #[must_use]
    pub fn with(&self, operation: &str, reply: impl Into<Vec<u8>>) -> Self {
        let mut replies = self.clone();
        replies.0.insert(operation.to_owned(), reply.into());
        replies
    }
}

/// A client that answers what it is told to.
pub struct Offline {
    runtime: tokio::runtime::Runtime,
    target: Target,
    replies: Arc<Mutex<Replies>>,
    /// Limits of the polls.
    pub limits: Limits,
    capacity: Capacity,
}

impl Offline {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// When there is none.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let replies = Arc::new(Mutex::new(Replies::default()));
        let answers = Arc::clone(&replies);
        // Ends with the process. A poll has one connection at a time, so one thread is enough.
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(converse(stream, &answers))));
        let collectors = ["default", "details", "tasks", "transfers", "app_versions", "history", "names"];
        let limits = Limits::default();
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made"),
            target: Target {
                name: "attic".to_owned(),
                address: Address::Tcp { host: "127.0.0.1".to_owned(), port },
                password: Password::None,
                data_directory: Place::None,
                labels: BTreeMap::from([("room".to_owned(), "attic".to_owned())]),
                collectors: Collectors::parse(&collectors).expect("all of these exist"),
                timeout: PATIENCE,
            },
            replies,
            capacity: Capacity::new(&limits),
            limits,
        }
    }

    /// The same with a data directory.
    #[must_use]
    pub fn beside(mut self, data_directory: Place) -> Self {
        self.target.data_directory = data_directory;
        self
    }

    /// Polls a client that answers so.
    pub fn poll(&self, replies: &Replies, kept: &mut PollState) -> Snapshot {
        self.poll_at(&Clock::default(), replies, kept)
    }

    /// The same at a time of choice.
    pub fn poll_at(&self, clock: &Clock, replies: &Replies, kept: &mut PollState) -> Snapshot {
        self.replies.lock().expect("the server does not panic").clone_from(replies);
        let deadline = Instant::now() + self.target.timeout;
        self.runtime.block_on(async {
            let access = Lookups::default().entrance(&self.target).find(deadline).await;
            let session = Session::new(&self.target, access, &self.capacity, self.limits.max_reply_bytes, deadline);
            poll(session, kept, &self.limits, clock).await
        })
    }

    /// A fleet of this one client, which has not been polled yet.
    pub fn fleet(&self, limits: Limits) -> Fleet {
        let _runtime = self.runtime.enter();
        Fleet::new(vec![self.target.clone()], limits)
    }

    /// Scrapes its fleet while it answers so.
    pub fn scrape(&self, fleet: &Fleet, replies: &Replies) -> Vec<Arc<Snapshot>> {
        self.replies.lock().expect("the server does not panic").clone_from(replies);
        self.runtime.block_on(fleet.scrape(Instant::now() + self.target.timeout))
    }

    /// Polls a client for the first time.
    pub fn snapshot(&self, replies: &Replies) -> Snapshot {
        self.poll(replies, &mut PollState::default())
    }

    /// Polls a client that has reported nothing, and twice once it has: new counters are shown as 0 first. All at one time, so that
    /// nobody else can have come in between.
    pub fn snapshot_with_reports(&self, replies: &Replies) -> Snapshot {
        let (clock, mut kept) = (Clock::stepped(SystemTime::now()), PollState::default());
        let mut poll = |replies: &Replies| self.poll_at(&clock, replies, &mut kept);
        poll(&replies.with("get_old_results", NOTHING_REPORTED));
        poll(replies);
        poll(replies)
    }
}

/// The exposition of one snapshot.
pub fn expose(snapshot: Snapshot, format: Format) -> String {
    render(None, Scrape::of::<Client>(vec![Arc::new(snapshot)]), format)
}

/// Answers requests until the visitor leaves.
fn converse(mut stream: TcpStream, replies: &Mutex<Replies>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..length]);
        if request.last() == Some(&3) {
            let text = String::from_utf8_lossy(&request);
            let operation = text.split('<').nth(2).unwrap_or_default();
            let operation = operation.split(['/', '>']).next().unwrap_or_default();
            let mut reply = replies.lock().expect("the test does not panic meanwhile").get(operation).to_vec();
            reply.push(3);
            stream.write_all(&reply)?;
            request.clear();
        }
    }
}
