//! What clients tell: which projects to watch, whose account, under which name, and which tasks were reported.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use boinc_exporter::project::Watch;
use boinc_exporter::project::collectors::{Collector, Collectors};
use boinc_exporter::project::poll_state::validation::ReportedTask;
use boinc_exporter::project::target::Target;
use boinc_exporter::project::watch::{Attachment, Settings, Told};

use crate::support::project_server::{ProjectServer, Seen, answer, healthy, page};
use crate::world::{clock, expose, pass, samples, settings, settle, target};

const HOUR: Duration = Duration::from_secs(3600);

fn attachment(url: &str, account: u64) -> Attachment {
    Attachment { url: url.to_owned(), name: "Alpha".to_owned(), account: Some(account), reported: Vec::new() }
}

fn told(client: &str, attachments: Option<Vec<Attachment>>) -> Told {
    Told { client: client.to_owned(), attachments }
}

fn attached() -> Settings {
    Settings { attached: Some(Collectors::default()), ..settings(vec![]) }
}

#[tokio::test]
async fn every_project_of_a_client_is_watched_with_its_account() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let watch = Arc::new(Watch::new(attached(), clock.clone()));
    assert_eq!(expose(&watch), "");
    let url = server.url();
    watch.hear(vec![told("attic", Some(vec![attachment(&url, 7)])), told("cellar", Some(vec![attachment(&url, 7)]))]);
    let _ = watch.scrape();
    settle(&watch).await;
    let credit = samples(&expose(&watch), "boinc_account_credit").join("\n").replace(server.address(), "SERVER");
    insta::assert_snapshot!(credit, @r#"boinc_account_credit{project="Alpha & Omega",project_url="http://SERVER/alpha/",user_id="7"} 5000.5"#);
    // A client that is down is no news; one that detached is.
    watch.hear(vec![told("attic", None), told("cellar", Some(vec![]))]);
    assert_eq!(samples(&expose(&watch), "boinc_account_credit").len(), 1);
    watch.hear(vec![told("attic", Some(vec![])), told("cellar", Some(vec![]))]);
    assert_eq!(expose(&watch), "");
    // It comes back, and was asked not long ago.
    let asked = server.seen().len();
    watch.hear(vec![told("attic", Some(vec![attachment(&url, 7)]))]);
    let _ = watch.scrape();
    settle(&watch).await;
    assert_eq!(server.seen().len(), asked);
}

#[tokio::test]
async fn labels_join_with_those_of_clients_whatever_the_scheme() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let configured = Target { name: Some("mine".to_owned()), ..target(&server.url()) };
    let watch = Arc::new(Watch::new(Settings { targets: vec![configured], ..attached() }, clock));
    let as_client_says = server.url().replace("http://", "https://");
    watch.hear(vec![told("attic", Some(vec![attachment(&as_client_says, 7)]))]);
    let _ = watch.scrape();
    settle(&watch).await;
    let up = samples(&expose(&watch), "boinc_server_up").join("\n").replace(server.address(), "SERVER");
    insta::assert_snapshot!(up, @r#"boinc_server_up{project="mine",project_url="https://SERVER/alpha/"} 1"#);
    assert!(server.seen().iter().any(|seen| seen.target.contains("userid=7")));
}

#[tokio::test]
async fn projects_that_are_none_are_left_alone() {
    let watch = Watch::new(attached(), clock());
    let urls = ["", "not a url", "ftp://example.org/", "http://", "file:///etc/passwd", "http://me:pw@example.org/"];
    watch.hear(vec![told("attic", Some(urls.iter().map(|url| attachment(url, 1)).collect()))]);
    assert_eq!(watch.targets(), []);
    // A client that lies does not make the exporter ask thousands.
    let many =
        |of: usize| (0..5000).map(|number| attachment(&format!("http://{number}.{of}.example.org/"), 1)).collect();
    watch.hear(vec![told("attic", Some(many(0)))]);
    assert_eq!(watch.targets().len(), 50);
    watch.hear((0..10).map(|of| told(&format!("client {of}"), Some(many(of)))).collect());
    assert_eq!(watch.targets().len(), 200);
    let watch = Watch::new(attached(), clock());
    let accounts = (0..5000).map(|number| attachment("http://example.org/", number)).collect();
    watch.hear(vec![told("attic", Some(accounts))]);
    assert_eq!(watch.targets()[0].accounts.len(), 10);
}

fn task(number: usize) -> ReportedTask {
    let resource = if number.is_multiple_of(2) { "CPU" } else { "NVIDIA" };
    ReportedTask { name: format!("t{number}"), app: "lab".to_owned(), resource: resource.to_owned() }
}

/// Task 0 is valid, 1 invalid, 2 inconclusive, 3 pending, 4 gone; the others are valid.
fn results(seen: &Seen) -> String {
    let names = seen.target.split("names=").nth(1).unwrap_or_default();
    let mut text = String::from("<results>\n");
    for name in names.split("%2C") {
        let (validate, credit) = match name {
            "t1" => (2, 0.0),
            "t2" => (4, 0.0),
            "t3" => (0, 0.0),
            _ => (1, 10.0),
        };
        if name == "t4" {
            writeln!(text, "<error>name {name} unknown</error>").expect("memory");
        } else {
            writeln!(
                text,
                "<result>\n<name>{name}</name>\n<server_state>5</server_state>\n<outcome>1</outcome>\n\
                 <validate_state>{validate}</validate_state>\n<granted_credit>{credit}</granted_credit>\n</result>"
            )
            .expect("memory");
        }
    }
    text + "</results>\n"
}

fn validating(url: &str) -> Settings {
    settings(vec![Target { collectors: Collectors::of([Collector::Validation]), ..target(url) }])
}

#[tokio::test]
async fn reported_tasks_are_followed_until_the_project_has_decided() {
    let clock = clock();
    let script = |seen: &Seen, _: &str| page(&results(seen));
    let server = ProjectServer::start(clock.clone(), script).await;
    let watch = Arc::new(Watch::new(validating(&server.url()), clock.clone()));
    let hear = |count: usize| {
        let reported = (0..count).map(task).collect();
        watch.hear(vec![told("attic", Some(vec![Attachment { reported, ..attachment(&server.url(), 7) }]))]);
    };
    hear(0);
    pass(&watch, &clock, 2 * HOUR).await;
    assert_eq!(server.seen(), []);
    hear(50);
    // Listed again and again, as clients do.
    for _ in 0..12 {
        hear(50);
        pass(&watch, &clock, HOUR / 2).await;
    }
    let names: Vec<_> = server.seen().iter().map(|seen| seen.target.split("%2C").count()).collect();
    assert!(names.iter().all(|names| *names <= 20), "{names:?}");
    let seen = server.seen();
    assert!(seen.windows(2).all(|pair| pair[1].at - pair[0].at >= 3600.0), "{seen:?}");
    let text = expose(&watch);
    let all =
        [samples(&text, "boinc_validation_tasks_total"), samples(&text, "boinc_validation_tasks_waiting")].concat();
    let all =
        [all, samples(&text, "boinc_validation_credit_total")].concat().join("\n").replace(server.address(), "SERVER");
    insta::assert_snapshot!("validation", all);
}

#[tokio::test]
async fn a_project_that_does_not_answer_it_is_asked_once_a_day() {
    let clock = clock();
    let script = |seen: &Seen, address: &str| match seen.page() {
        "result_status.php" => answer(404, "", "<html></html>"),
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(clock.clone(), script).await;
    let collectors = Collectors::of([Collector::Config, Collector::Validation]);
    let watch = Arc::new(Watch::new(settings(vec![Target { collectors, ..target(&server.url()) }]), clock.clone()));
    let reported = (0..3).map(task).collect();
    watch.hear(vec![told("attic", Some(vec![Attachment { reported, ..attachment(&server.url(), 7) }]))]);
    pass(&watch, &clock, 70 * HOUR).await;
    let seen = server.seen();
    let asked = |page: &str| seen.iter().filter(|seen| seen.page() == page).count();
    assert_eq!(asked("result_status.php"), 3);
    // That page alone is left alone.
    assert!(asked("get_project_config.php") > 55, "{} requests", asked("get_project_config.php"));
    assert_eq!(samples(&expose(&watch), "boinc_server_collector_error").len(), 1);
}
