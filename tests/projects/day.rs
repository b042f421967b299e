//! How often a project is asked within a day, as its server sees it: by an exporter that runs, and by those to which something
//! happens all the time. `cargo test --test projects day:: -- --nocapture` prints the table of
//! `docs/decisions/0012-when-projects-are-asked.md`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::project::target::Target;
use boinc_exporter::project::watch::Settings;
use boinc_exporter::project::{Limits, Watch};
use tempfile::TempDir;

use crate::support::project_server::{ProjectServer, Seen, healthy};
use crate::world::{START, clock, die, pass, settings_with_file, settle, target};

const MINUTE: Duration = Duration::from_secs(60);
const HOURS: usize = 24;

/// The pages, their interval in seconds, and how many requests one round of them takes.
const PAGES: [(&str, &str, u64, usize); 7] = [
    ("config, status", "GET server_status.php", 3600, 1),
    ("account", "GET show_user.php", 3600, 1),
    ("scheduler", "POST cgi", 3600, 1),
    ("batches", "POST submit_rpc_handler.php", 900, 2),
    ("team", "GET team_lookup.php", 21_600, 1),
    ("statistics", "GET tables.xml", 86_400, 1),
    ("first page", "GET ", 3600, 1),
];

/// A project, and what its watchers keep.
struct Day {
    clock: Clock,
    server: ProjectServer,
    folder: TempDir,
}

impl Day {
    async fn begin() -> Self {
        let clock = clock();
        let server = ProjectServer::start(clock.clone(), healthy).await;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("key"), "5ecre7\n").expect("it is writable");
        Self { clock, server, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// All collectors of this project, with these accounts.
    fn settings(&self, accounts: &[u64], file: &Path) -> Settings {
        let submitter = Some(self.file("key"));
        let target = Target { accounts: accounts.to_vec(), team: Some(1), submitter, ..target(&self.server.url()) };
        settings_with_file(vec![target], file.to_owned())
    }

    /// An exporter that is started now, with a clock of its own.
    fn start(&self, clock: &Clock) -> Arc<Watch> {
        Arc::new(Watch::new(self.settings(&[7], &self.file("state.json")), clock.clone()))
    }
}

/// It runs, and is scraped each minute.
async fn undisturbed(day: &Day) {
    pass(&day.start(&day.clock), &day.clock, MINUTE * 60 * 24).await;
}

/// Its configuration is changed back and forth each minute.
async fn reloads(day: &Day) {
    let mut watch = day.start(&day.clock);
    for round in 0..HOURS * 60 {
        let accounts: &[u64] = if round % 2 == 0 { &[7] } else { &[] };
        let limits = Limits { max_hosts: round, ..day.settings(&[], Path::new("")).limits };
        let settings = Settings { limits, ..day.settings(accounts, &day.file("state.json")) };
        let settings = if round % 3 == 0 { Settings { targets: vec![], ..settings } } else { settings };
        watch = Arc::new(watch.after(settings));
        pass(&watch, &day.clock, MINUTE).await;
    }
}

/// It is started once a minute: every second time it is killed while it waits for the first answer.
async fn crashes(day: &Day) {
    for round in 0..HOURS * 60 {
        let watch = day.start(&day.clock);
        let _ = watch.scrape();
        if round % 2 == 0 {
            settle(&watch).await
        } else {
            die(&watch).await
        };
        day.clock.step(MINUTE);
    }
}

/// It is started each two hours, with a clock that is right, in 1970, a year behind, an hour behind, or a minute ahead.
async fn clocks(day: &Day) {
    for round in 0..HOURS / 2 {
        let now = START + 7200 * round as u64;
        let shown = [now, 0, now - 31_536_000, now - 3600, now + 60][round % 5];
        let own = Clock::stepped(UNIX_EPOCH + Duration::from_secs(shown));
        let watch = day.start(&own);
        for _ in 0..120 {
            pass(&watch, &own, MINUTE).await;
            day.clock.step(MINUTE);
        }
    }
}

/// Ten have the same configuration, and one of them is scraped.
async fn ten(day: &Day) {
    let start = |number: usize| {
        let settings = day.settings(&[7], &day.file(&format!("{number}.json")));
        Arc::new(Watch::new(settings, day.clock.clone()))
    };
    let watches: Vec<_> = (0..10).map(start).collect();
    for _ in 0..HOURS * 60 {
        let _ = watches[3].scrape();
        for watch in &watches {
            settle(watch).await;
        }
        day.clock.step(MINUTE);
    }
}

/// Nobody scrapes it.
async fn unread(day: &Day) {
    let watch = day.start(&day.clock);
    for _ in 0..HOURS * 60 {
        settle(&watch).await;
        day.clock.step(MINUTE);
    }
}

/// The requests for a page: how many, and the most within any time of this length.
fn requests(seen: &[Seen], page: &str, within: u64) -> (usize, usize) {
    let times: Vec<_> =
        seen.iter().filter(|seen| format!("{} {}", seen.method, seen.page()) == page).map(|seen| seen.at).collect();
    let from = |start: &f64| times.iter().filter(|time| (0.0..within as f64).contains(&(*time - start))).count();
    (times.len(), times.iter().map(from).max().unwrap_or_default())
}

/// The row of one kind of day: of each page the requests of a day, and the most of them within an hour.
/// Within an interval, but at most so many seconds, so many rounds are fit to be seen.
fn row(name: &str, seen: &[Seen], (rounds, seconds): (usize, u64)) -> String {
    let mut row = format!("| {name} |");
    for (title, page, interval, of_round) in PAGES {
        let within = interval.min(seconds);
        let (of_day, most) = requests(seen, page, within);
        assert!(most <= rounds * of_round, "{name}: {title} was asked for {most} times within {within} s");
        let (_, of_hour) = requests(seen, page, 3600);
        write!(row, " {of_day} ({of_hour}) |").expect("memory");
    }
    let most = requests_of_all(seen);
    row + &format!(" {} ({most}) |", seen.len())
}

/// The most requests of all kinds within an hour.
fn requests_of_all(seen: &[Seen]) -> usize {
    let from = |start: f64| seen.iter().filter(|seen| (0.0..3600.0).contains(&(seen.at - start))).count();
    seen.iter().map(|seen| from(seen.at)).max().unwrap_or_default()
}

/// One round within an interval.
const USUAL: (usize, u64) = (1, u64::MAX);

/// Runs a day, and fails if the server was asked more often than by an exporter that runs.
macro_rules! day {
    ($($test:ident: $name:literal, $happens:ident, $rounds:expr, $least:literal;)+) => {$(
        #[tokio::test]
        async fn $test() {
            let day = Day::begin().await;
            $happens(&day).await;
            let seen = day.server.seen();
            println!("{}", row($name, &seen, $rounds));
            let (status, _) = requests(&seen, "GET server_status.php", 3600);
            assert!(($least..=HOURS).contains(&status), "{status} requests for the status");
        }
    )+};
}

day! {
    one_that_runs: "runs", undisturbed, USUAL, 19;
    a_storm_of_reloads: "reloaded each minute", reloads, USUAL, 15;
    a_crash_loop: "started anew each minute, half of the times killed in a request", crashes, USUAL, 1;
    // A clock that is set forward before a start makes pages due: once.
    clocks_that_are_wrong: "started every two hours, with a wrong clock", clocks, (2, 7200), 12;
    ten_of_which_one_is_read: "ten, of which one is scraped", ten, USUAL, 19;
    one_that_nobody_reads: "never scraped", unread, USUAL, 0;
}
