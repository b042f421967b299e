//! That no one is asked too often, whatever happens to the exporter: restarts, reloads, clocks, neighbours.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::project::collectors::{Collector, Collectors};
use boinc_exporter::project::target::Target;
use boinc_exporter::project::watch::Settings;
use boinc_exporter::project::{Limits, Watch};

use crate::support::project_server::{Does, ProjectServer, Seen, answer, healthy};
use crate::world::{START, clock, die, expose, pass, samples, settings, settings_with_file, settle, target};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The times at which each page was asked for, by method, page and query.
fn times(seen: &[Seen]) -> BTreeMap<String, Vec<f64>> {
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for seen in seen {
        times.entry(format!("{} {}", seen.method, seen.target)).or_default().push(seen.at);
    }
    times
}

fn gaps(times: &[f64]) -> Vec<f64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Fails if a page was asked for again sooner than after this time.
fn assert_rare(server: &ProjectServer, seconds: f64) {
    for (page, times) in times(&server.seen()) {
        let shortest = gaps(&times).into_iter().fold(f64::INFINITY, f64::min);
        assert!(shortest >= seconds, "{page} was asked for again after {shortest} s");
    }
}

fn only(collectors: &[Collector], target: Target) -> Target {
    Target { collectors: Collectors::of(collectors.iter().copied()), ..target }
}

#[tokio::test]
async fn who_is_not_read_asks_nobody() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    // Of ten exporters with one configuration only one is read.
    let watches: Vec<_> =
        (0..10).map(|_| Arc::new(Watch::new(settings(vec![target(&server.url())]), clock.clone()))).collect();
    for _ in 0..180 {
        let _ = watches[3].scrape();
        for watch in &watches {
            settle(watch).await;
        }
        clock.step(MINUTE);
    }
    assert_rare(&server, 3600.0);
    let asked = server.seen().len();
    // Its reader stops.
    for _ in 0..600 {
        for watch in &watches {
            settle(watch).await;
        }
        clock.step(MINUTE);
    }
    assert!(server.seen().len() <= asked + 5, "{} requests after the last scrape", server.seen().len() - asked);
}

#[tokio::test]
async fn showing_the_overview_is_no_reason_to_ask() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let watch = Arc::new(Watch::new(settings(vec![target(&server.url())]), clock.clone()));
    let new = |watch: &Watch| -> Vec<_> { watch.rows().iter().map(|row| row.is_new).collect() };
    assert_eq!(new(&watch), [false]);
    settle(&watch).await;
    assert_eq!(server.seen(), []);
    // One project of two is read.
    let other = ProjectServer::start(clock.clone(), healthy).await;
    let watch = Arc::new(Watch::new(settings(vec![target(&server.url()), target(&other.url())]), clock));
    assert!(watch.scrape_one(&other.url()).is_some());
    assert_eq!(new(&watch).into_iter().filter(|is_new| *is_new).count(), 1, "it is asked for the first time");
    settle(&watch).await;
    assert_eq!(server.seen(), []);
    assert!(!other.seen().is_empty());
    assert_eq!(new(&watch), [false, false]);
}

#[tokio::test]
async fn a_crash_loop_is_no_storm() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state/projects.json");
    // For six hours it is killed twice a minute, each second time while it waits for an answer.
    for run in 0..720 {
        let target = Target { accounts: vec![7], ..target(&server.url()) };
        let watch = Arc::new(Watch::new(settings_with_file(vec![target], file.clone()), clock.clone()));
        let _ = watch.scrape();
        if run % 2 == 0 {
            settle(&watch).await
        } else {
            die(&watch).await
        };
        clock.step(Duration::from_secs(30));
    }
    assert_rare(&server, 3600.0);
    let status = || times(&server.seen())["GET /alpha/server_status.php?xml=1"].len();
    let asked = status();
    // A page counts as asked for even if its round was killed before its turn.
    assert!((1..=6).contains(&asked), "{asked}");
    // One that is no longer killed asks as ever.
    let target = Target { accounts: vec![7], ..target(&server.url()) };
    let watch = Arc::new(Watch::new(settings_with_file(vec![target], file.clone()), clock.clone()));
    pass(&watch, &clock, 3 * HOUR).await;
    assert_rare(&server, 3600.0);
    assert!((asked + 1..=asked + 3).contains(&status()), "{asked}, then {}", status());
    let text = std::fs::read_to_string(&file).expect("it was written");
    assert!(text.contains("Alpha & Omega") && !text.contains("c0ffee"), "{text}");
}

#[tokio::test]
async fn a_clock_that_is_set_makes_no_storm() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("projects.json");
    let server = ProjectServer::start(clock(), healthy).await;
    let mut asked = Vec::new();
    // Started at noon, then with a clock that a dead battery has set to 1970, then one that is a year behind, then a minute ahead.
    for start in [START, 0, 600, START - 31_536_000, START - 60, START + 60] {
        let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(start));
        let watch = Arc::new(Watch::new(settings_with_file(vec![target(&server.url())], file.clone()), clock));
        let _ = watch.scrape();
        settle(&watch).await;
        asked.push(server.seen().len());
    }
    assert!(asked[0] > 0 && asked.iter().all(|count| *count == asked[0]), "{asked:?}");
}

#[tokio::test]
async fn a_storm_of_reloads_is_none_of_requests() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let of = |accounts: &[u64], limits: Limits| Settings {
        limits,
        ..settings(vec![Target { accounts: accounts.to_vec(), ..target(&server.url()) }])
    };
    let mut watch = Arc::new(Watch::new(of(&[7], settings(vec![]).limits), clock.clone()));
    for round in 0..360_usize {
        let limits = Limits { max_hosts: round, ..settings(vec![]).limits };
        // Back and forth: another account, none, no project at all, the same.
        let next = match round % 4 {
            0 => of(&[7], limits),
            1 => of(&[8], limits),
            2 => Settings { targets: vec![], ..of(&[], limits) },
            _ => of(&[7, 8], limits),
        };
        watch = Arc::new(watch.after(next));
        let _ = watch.scrape();
        settle(&watch).await;
        clock.step(Duration::from_secs(30));
    }
    assert_rare(&server, 3600.0);
    assert_eq!(times(&server.seen())["GET /alpha/show_user.php?userid=8&format=xml"].len(), 3);
}

#[tokio::test]
async fn a_server_that_breaks_off_is_asked_more_and_more_rarely_and_its_values_go() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let target = Target { accounts: vec![7], ..only(&[Collector::Config, Collector::Account], target(&server.url())) };
    let watch = Arc::new(Watch::new(settings(vec![target]), clock.clone()));
    pass(&watch, &clock, MINUTE).await;
    assert!(expose(&watch).contains("boinc_account_credit{"));
    server.plays(|_, _| Does::Closes);
    pass(&watch, &clock, 24 * HOUR).await;
    for (page, floor) in
        [("/alpha/get_project_config.php", 600.0), ("/alpha/show_user.php?userid=7&format=xml", 3600.0)]
    {
        let waits = gaps(&times(&server.seen())[&format!("GET {page}")]);
        // A connection that was kept open is tried once more.
        let waits: Vec<_> = waits.into_iter().filter(|wait| *wait > 0.0).collect();
        assert!(waits.iter().all(|wait| (floor..=17_400.0).contains(wait)), "{page}: {waits:?}");
        assert!(waits.len() > 5 && *waits.last().expect("some") >= 14_400.0, "{page}: {waits:?}");
    }
    let text = expose(&watch);
    assert!(!text.contains("boinc_account_credit{") && !text.contains("boinc_server_info{"), "{text}");
    assert!(samples(&text, "boinc_server_up")[0].ends_with(" 0"));
    assert_eq!(samples(&text, "boinc_server_error").len(), 1);
    // It comes back.
    server.plays(healthy);
    pass(&watch, &clock, 5 * HOUR).await;
    assert!(expose(&watch).contains("boinc_account_credit{"));
}

#[tokio::test]
async fn a_server_that_is_off_is_tried_after_a_minute_and_then_up_to_four_hours() {
    let clock = clock();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let watch = Arc::new(Watch::new(settings(vec![target(&format!("http://{address}/alpha/"))]), clock.clone()));
    let (mut tries, mut minutes) = (0.0, Vec::new());
    for minute in 0..24 * 60_u32 {
        pass(&watch, &clock, MINUTE).await;
        let text = expose(&watch);
        let requests = samples(&text, "boinc_server_requests_total");
        let now: f64 = requests.iter().filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum();
        if now > tries {
            minutes.push(f64::from(minute));
        }
        // All pages wait for one.
        assert!(now <= tries + 1.0, "{text}");
        tries = now;
    }
    let waits = gaps(&minutes);
    assert!(waits[0] <= 3.0 && waits.iter().all(|wait| (1.0..=290.0).contains(wait)), "{waits:?}");
    assert!(waits.windows(2).all(|pair| pair[1] >= 1.5 * pair[0] - 1.0 || pair[0] >= 240.0), "{waits:?}");
    assert!(waits.len() > 10 && waits.iter().any(|wait| *wait >= 240.0), "{waits:?}");
}

#[tokio::test]
async fn what_a_server_asks_for_is_obeyed() {
    let clock = clock();
    let script = |seen: &Seen, address: &str| match seen.page() {
        "get_project_config.php" => answer(503, "Retry-After: 20000\r\n", ""),
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(clock.clone(), script).await;
    let watch = Arc::new(Watch::new(settings(vec![target(&server.url())]), clock.clone()));
    pass(&watch, &clock, Duration::from_secs(19_900)).await;
    // All pages of the host are left alone.
    let asked: Vec<_> = server.seen().iter().map(|seen| seen.page().to_owned()).collect();
    assert_eq!(asked, ["get_project_config.php"]);
    pass(&watch, &clock, HOUR).await;
    assert!(server.seen().len() > 1);
}

#[tokio::test]
async fn a_walled_page_is_tried_at_its_interval_at_most() {
    let clock = clock();
    let script = |seen: &Seen, address: &str| match seen.page() {
        "server_status.php" => answer(302, "Location: login_form.php\r\n", ""),
        "get_project_config.php" => answer(200, "", "<html><title>Project down for maintenance</title></html>"),
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(clock.clone(), script).await;
    let watch = Arc::new(Watch::new(settings(vec![target(&server.url())]), clock.clone()));
    pass(&watch, &clock, 24 * HOUR).await;
    let times = times(&server.seen());
    let status = gaps(&times["GET /alpha/server_status.php?xml=1"]);
    assert!(status.iter().all(|gap| (3600.0..=17_400.0).contains(gap)) && status.len() >= 5, "{status:?}");
    // A project that says that it is down is asked for the same page no more often than it may be asked at all.
    let config = gaps(&times["GET /alpha/get_project_config.php"]);
    assert!(config.iter().all(|gap| (600.0..=17_400.0).contains(gap)) && config.len() >= 8, "{config:?}");
}

#[tokio::test]
async fn a_file_that_has_not_changed_is_not_sent_again() {
    let clock = clock();
    let script = |seen: &Seen, address: &str| match seen.header("if-none-match") {
        Some("\"one\"") => answer(304, "ETag: \"one\"\r\n", ""),
        _ if seen.page() == "tables.xml" => {
            let tables =
                "<tables>\n<update_time>1795322000</update_time>\n<total_credit>77</total_credit>\n</tables>\n";
            answer(200, "ETag: \"one\"\r\nLast-Modified: Sun, 22 Nov 2026 04:46:28 GMT\r\n", tables)
        }
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(clock.clone(), script).await;
    let target = only(&[Collector::Statistics], target(&server.url()));
    let watch = Arc::new(Watch::new(settings(vec![target]), clock.clone()));
    pass(&watch, &clock, 100 * HOUR).await;
    let seen = server.seen();
    assert!(seen.len() >= 3, "{seen:?}");
    assert_eq!(seen[0].header("if-none-match"), None);
    for seen in &seen[1..] {
        assert_eq!(seen.header("if-none-match"), Some("\"one\""));
        assert_eq!(seen.header("if-modified-since"), Some("Sun, 22 Nov 2026 04:46:28 GMT"));
    }
    assert!(samples(&expose(&watch), "boinc_server_credit")[0].ends_with(" 77"));
}
