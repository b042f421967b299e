//! What lies in the data directory beside a client, recorded ones and hostile ones, read through the same poll as a scrape.

mod files;
mod hostile;
mod slots;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::poll_state::PollState;
use boinc_exporter::client::snapshot::Snapshot;
use boinc_exporter::clock::Clock;
use boinc_exporter::exposition::Format;

use crate::support::{DATA, Offline, Replies, expose};

/// When the tests begin, Unix seconds.
const NOW: u64 = 1_800_000_000;

/// Families that come from the data directory, or say how it went with it.
const FAMILIES: [&str; 8] = [
    "boinc_slot",
    "boinc_data_directory",
    "boinc_task_slot",
    "boinc_task_checkpoint_timestamp",
    "boinc_task_status",
    "boinc_task_peak",
    "boinc_tasks_completed",
    "boinc_project_scheduler_",
];

/// A data directory that a test may change, and a client beside it.
struct Beside {
    folder: tempfile::TempDir,
    client: Offline,
    /// What it answers; nothing if it does not run.
    replies: Replies,
    clock: Clock,
    kept: PollState,
}

impl Beside {
    /// A copy of a recorded one, in which all files were written an hour ago.
    fn recorded(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        copy(&Path::new(DATA).join("data_directory").join(name), folder.path());
        let client = Offline::new().beside(Place::Named(folder.path().to_owned()));
        let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(NOW));
        Self { folder, client, replies: Replies::default(), clock, kept: PollState::default() }
    }

    /// One of a client that has never written anything but the account of a project.
    fn made() -> Self {
        Self::recorded("made")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, so many seconds before the tests begin.
    fn write(&self, name: &str, bytes: &[u8], ago: u64) {
        fs::create_dir_all(self.path(name).parent().expect("it is in the folder")).expect("it is writable");
        fs::write(self.path(name), bytes).expect("it is writable");
        self.touch(name, ago);
    }

    /// Sets the time of a file.
    fn touch(&self, name: &str, ago: u64) {
        let time = UNIX_EPOCH + Duration::from_secs(NOW - ago);
        File::open(self.path(name)).and_then(|file| file.set_modified(time)).expect("a time can be set");
    }

    /// Writes a text to a channel of a slot, with its flag.
    fn say(&self, slot: u32, channel: usize, flag: u8, text: &str) {
        let file = self.path(&format!("slots/{slot}/boinc_mmap_file"));
        let mut bytes = fs::read(&file).unwrap_or_else(|_| vec![0; 8192]);
        bytes[channel * 1024..][..1024].fill(0);
        bytes[channel * 1024] = flag;
        bytes[channel * 1024 + 1..][..text.len()].copy_from_slice(text.as_bytes());
        fs::write(file, bytes).expect("it is writable");
    }

    /// A task in a slot, whose process was started so many seconds ago.
    fn task(&self, slot: u32, name: &str, ago: u64) {
        let text = format!(
            "<app_init_data>\n<app_name>fold</app_name>\n<plan_class>mt</plan_class>\n\
             <project_dir>/var/lib/boinc/projects/example.org_fold</project_dir>\n\
             <authenticator>0123456789abcdef0123456789abcdef</authenticator>\n<wu_name>{wu}</wu_name>\n\
             <result_name>{name}</result_name>\n<rsc_disk_bound>1000.000000</rsc_disk_bound>\n\
             <project_preferences>\n<app_name>other</app_name>\n</project_preferences>\n</app_init_data>\n",
            wu = name.rsplit_once('_').map_or(name, |(wu, _)| wu)
        );
        self.write(&format!("slots/{slot}/init_data.xml"), text.as_bytes(), ago);
    }

    /// The state of a task that was saved so many seconds ago.
    fn saved(&self, slot: u32, name: &str, ago: u64) {
        let text = format!(
            "<active_task>\n    <project_master_url>https://example.org/fold/</project_master_url>\n    \
             <result_name>{name}</result_name>\n    <checkpoint_cpu_time>50.000000</checkpoint_cpu_time>\n    \
             <peak_disk_usage>900</peak_disk_usage>\n</active_task>\n"
        );
        self.write(&format!("slots/{slot}/boinc_task_state.xml"), text.as_bytes(), ago);
    }

    fn poll(&mut self) -> Snapshot {
        self.client.poll_at(&self.clock, &self.replies, &mut self.kept)
    }

    /// What is said of the data directory after so many seconds.
    fn after(&mut self, seconds: u64) -> String {
        self.clock.step(Duration::from_secs(seconds));
        told(self.poll())
    }
}

/// Lines of one family.
fn family(told: &str, name: &str) -> String {
    let lines = told.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
    let short = lines.map(|line| line.replace("project=\"Fold\",project_url=\"https://example.org/fold/\",", ""));
    short.map(|line| line.trim_start_matches(name).to_owned()).collect::<Vec<_>>().join("; ")
}

/// The samples of the families that tell of a data directory, with times as seconds since the tests began.
fn told(snapshot: Snapshot) -> String {
    let text = expose(snapshot, Format::Text);
    let lines = text.lines().filter(|line| FAMILIES.iter().any(|family| line.starts_with(family)));
    let mut told = String::new();
    for line in lines {
        let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
        let value: f64 = value.parse().expect("it is a number");
        let value = if series.contains("_timestamp_seconds") {
            format!("start {:+}", value - NOW as f64)
        } else {
            value.to_string()
        };
        let series = series.replace("client=\"attic\",", "").replace("{client=\"attic\"}", "");
        writeln!(told, "{series} {value}").expect("memory");
    }
    told
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it is writable");
    for entry in fs::read_dir(from).expect("a recording can be read") {
        let entry = entry.expect("a recording can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("it is writable");
            fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).expect("it is ours");
            let time = UNIX_EPOCH + Duration::from_secs(NOW - 3600);
            File::open(&target).and_then(|file| file.set_modified(time)).expect("a time can be set");
        }
    }
}
