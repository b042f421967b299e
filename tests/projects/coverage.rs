//! Nothing that a project's page says is lost unsaid: whoever changes one leaf of a recorded page changes the exposition, or the leaf
//! stands in `src/project/metrics/not_exported.md` or `src/project/pages/not_read.md` with the reason why not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use boinc_exporter::exposition::{Format, render};
use boinc_exporter::metric::Scrape;
use boinc_exporter::project::collectors::{Collector, Collectors};
use boinc_exporter::project::limits::Intervals;
use boinc_exporter::project::pages::user::{self, Names};
use boinc_exporter::project::pages::{
    Answer, NOT_READ, batches, config, members, results, scheduler, statistics, status, team,
};
use boinc_exporter::project::plan::{PagePlan, What, pages};
use boinc_exporter::project::poll_state::validation::ReportedTask;
use boinc_exporter::project::poll_state::{Moment, PollState, Round};
use boinc_exporter::project::schedule::Pace;
use boinc_exporter::project::snapshot::{AccountReading, BatchesReading, Reading, SchedulerReading, StatusReading};
use boinc_exporter::project::target::Target;
use boinc_exporter::project::{Project, metrics};

use crate::support::patterns::{self, matches};
use crate::world::target;

/// The pages that are exposed, by the folder of their recordings.
const PAGES: [&str; 9] =
    ["config", "status", "scheduler", "user", "team", "members", "statistics", "batches", "results"];

/// Some time after all recordings.
const NOW: u64 = 1_796_000_000;

/// A leaf of a page: the names above it, its place, and whether it is a flag.
#[derive(Debug, Clone)]
struct Leaf {
    path: String,
    place: Range<usize>,
    is_flag: bool,
}

struct Recording {
    page: &'static str,
    status: u16,
    location: String,
    body: Vec<u8>,
}

fn recordings() -> Vec<Recording> {
    let mut found = Vec::new();
    for page in PAGES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/project").join(page);
        let mut files: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read(file).expect("it can be read");
            let end = text.windows(2).position(|two| two == b"\n\n").expect("headers end");
            let head = String::from_utf8_lossy(&text[..end]).into_owned();
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
            let location = head.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default().to_owned();
            found.push(Recording { page, status, location, body: text[end + 2..].to_vec() });
        }
    }
    found
}

/// Finds the leaves by their tags alone: another kind of reader than the one under test.
fn leaves(body: &[u8]) -> Vec<Leaf> {
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let (mut found, mut open, mut at) = (Vec::new(), Vec::<String>::new(), 0);
    while let Some(start) = text[at..].find('<').map(|offset| at + offset) {
        let rest = &text[start + 1..];
        let name: String =
            rest.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        at = start + 1;
        let Some(end) = rest.find('>').map(|end| start + 1 + end) else { break };
        let path = |open: &[String]| open.iter().chain([&name]).map(String::as_str).collect::<Vec<_>>().join("/");
        if name.is_empty() {
            continue;
        }
        if rest.starts_with('/') {
            if let Some(index) = open.iter().rposition(|known| *known == name) {
                open.truncate(index);
            }
        } else if text[..end].ends_with('/') {
            found.push(Leaf { path: path(&open), place: start..end + 1, is_flag: true });
        } else {
            let inside = end + 1;
            let close = text[inside..].find('<').map(|offset| inside + offset);
            match close {
                Some(close) if text[close..].starts_with(&format!("</{name}>")) => {
                    found.push(Leaf { path: path(&open), place: inside..close, is_flag: false });
                    at = close + name.len() + 3;
                }
                _ => open.push(name),
            }
        }
    }
    found
}

fn changed(body: &[u8], leaf: &Leaf) -> Vec<Vec<u8>> {
    let before = String::from_utf8_lossy(&body[leaf.place.clone()]).into_owned();
    let new = match before.trim().parse::<f64>() {
        _ if leaf.is_flag => vec![String::new()],
        Ok(number) => vec![format!("{}", number + 1.0), "0".to_owned(), "5".to_owned()],
        Err(_) => vec![format!("Changed {}", leaf.place.start)],
    };
    let edit = |text: String| [&body[..leaf.place.start], text.as_bytes(), &body[leaf.place.end..]].concat();
    new.into_iter().map(edit).collect()
}

fn everything() -> Target {
    Target {
        accounts: vec![1],
        account_key: Some("key".into()),
        team: Some(1),
        submitter: Some("key".into()),
        collectors: Collectors::of(Collector::ALL),
        ..target("https://example.org/")
    }
}

/// What becomes of a page; nothing if it is none.
fn exposition(recording: &Recording, body: &[u8]) -> Option<String> {
    let answer = Answer { status: recording.status, location: &recording.location, body };
    let now = Moment { instant: Instant::now(), time: UNIX_EPOCH + Duration::from_secs(NOW) };
    let unix = NOW as f64;
    let mut state = PollState::default();
    let (collector, reading) = match recording.page {
        "config" => {
            let config = config::read(&answer).ok()?.content;
            state.name = Some(config.name.to_string());
            (Collector::Config, Reading::Config(Arc::new(config)))
        }
        "status" => {
            let status = StatusReading::new(status::read(&answer).ok()?.content);
            (Collector::Status, Reading::Status(Arc::new(status)))
        }
        "scheduler" => {
            let reading = SchedulerReading { reply: scheduler::read(&answer).ok()?.content, took: Duration::ZERO };
            (Collector::Scheduler, Reading::Scheduler(Arc::new(reading)))
        }
        "user" => {
            let user = user::read(&answer, Names::Keep).ok()?.content;
            (Collector::Account, Reading::Account(Arc::new(AccountReading::new(user, true, 1000, unix))))
        }
        "team" => {
            let team = team::read(&answer).ok()?.content.teams.first()?.clone();
            (Collector::Team, Reading::Team(Arc::new(team)))
        }
        "members" => (Collector::Members, Reading::Members(members::read(&answer).ok()?.content)),
        "statistics" => (Collector::Statistics, Reading::Statistics(Arc::new(statistics::read(&answer).ok()?.content))),
        "batches" => {
            let batches = batches::read(&answer, Names::Keep).ok()?.content.batches;
            (Collector::Batches, Reading::Batches(Arc::new(BatchesReading::new(batches, 1000, unix))))
        }
        _ => {
            let results = results::read(&answer).ok()?.content;
            let original = Answer { body: &recording.body, ..answer };
            let tasks = results::read(&original).ok()?.content.results;
            let names: Vec<_> = tasks.iter().map(|task| task.name.to_string()).collect();
            for name in names.iter().cloned() {
                state.tasks.add(ReportedTask { name, app: "lab".into(), resource: "CPU".into() }, now.instant);
            }
            state.tasks.answer(&names, &results, now.instant);
            (Collector::Validation, Reading::Nothing)
        }
    };
    let target = everything();
    let plans = pages(&target);
    let is_wanted = |plan: &&PagePlan| plan.collector == collector && !matches!(plan.what, What::Account(_));
    let plan = plans.iter().find(is_wanted).expect("all collectors are on");
    let pace = Pace::of(collector, &Intervals::default());
    let round = Round { reading: Some(reading), ..Round::default() };
    state.end(&plan.name, &plan.host, pace, round, now);
    let snapshot = state.snapshot(&target, &plans, &Intervals::default(), now);
    Some(render(None, Scrape::of::<Project>(vec![Arc::new(snapshot)]), Format::Text))
}

#[test]
fn every_element_is_exported_or_listed_with_the_reason() {
    /// An element that occurs is tried at so many places until one shows.
    const TRIES: usize = 60;
    let listed = [patterns::listed(metrics::NOT_EXPORTED), patterns::listed(NOT_READ)].concat();
    let mut outcomes: BTreeMap<String, (bool, usize)> = BTreeMap::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for recording in recordings() {
        let Some(before) = exposition(&recording, &recording.body) else { continue };
        for leaf in leaves(&recording.body) {
            let path = format!("{}/{}", recording.page, leaf.path);
            used.extend(listed.iter().filter(|pattern| matches(pattern, &path)).copied());
            let (found, tries) = outcomes.entry(path).or_default();
            if *found || *tries >= TRIES {
                continue;
            }
            *tries += 1;
            let shows = |body: Vec<u8>| exposition(&recording, &body).is_none_or(|text| text != before);
            *found = changed(&recording.body, &leaf).into_iter().any(shows);
        }
    }
    assert!(outcomes.len() > 100, "{}", outcomes.len());
    let lost: Vec<_> = outcomes
        .iter()
        .filter(|(path, (found, _))| !found && !listed.iter().any(|pattern| matches(pattern, path)))
        .map(|(path, _)| path)
        .collect();
    assert!(lost.is_empty(), "neither exported nor listed: {lost:#?}");
    let own = patterns::listed(metrics::NOT_EXPORTED);
    let wrong: Vec<_> = outcomes
        .iter()
        .filter(|(path, (found, _))| *found && own.iter().any(|pattern| matches(pattern, path)))
        .map(|(path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "exported although listed: {wrong:#?}");
    let unused: Vec<_> = own.iter().filter(|pattern| !used.contains(*pattern)).collect();
    assert!(unused.is_empty(), "listed, and in no recording: {unused:#?}");
}
