//! Projects whose pages lie on several hosts, that name other addresses in their answers, and whose first page has moved.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use boinc_exporter::clock::Clock;
use boinc_exporter::project::Watch;
use boinc_exporter::project::target::{Target, parse_url};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::process::PATIENCE;
use crate::support::project_server::{ProjectServer, Seen, answer, healthy, page};
use crate::world::{clock, expose, pass, samples, settings, settle, target};

const KEY: &str = "5ecre7f00d5ecre7f00d5ecre7f00d00";

/// Asks for everything once, and returns the exposition.
async fn asked(target: Target) -> String {
    let watch = Arc::new(Watch::new(settings(vec![target]), clock()));
    let _ = watch.scrape();
    settle(&watch).await;
    expose(&watch)
}

/// The pages that a server was asked for.
fn pages(server: &ProjectServer) -> Vec<String> {
    let mut pages: Vec<_> = server.seen().iter().map(|seen| seen.page().to_owned()).collect();
    pages.sort();
    pages.dedup();
    pages
}

#[tokio::test]
async fn each_page_is_asked_for_where_the_configuration_says() {
    let clock = clock();
    let [site, rpc, status, statistics] = [0; 4].map(|_| ProjectServer::start(clock.clone(), healthy));
    let (site, rpc, status, statistics) = tokio::join!(site, rpc, status, statistics);
    let url = |server: &ProjectServer, path: &str| parse_url(&format!("http://{}/{path}", server.address())).ok();
    let text = asked(Target {
        accounts: vec![7],
        team: Some(1),
        web_rpc_url: url(&rpc, "boinc/"),
        status_url: url(&status, "server_status.php"),
        stats_url: url(&statistics, "boinc/stats/"),
        ..target(&site.url())
    })
    .await;
    assert_eq!(pages(&site), ["", "cgi"]);
    assert_eq!(pages(&rpc), ["get_project_config.php", "show_user.php", "team_lookup.php"]);
    assert_eq!(pages(&status), ["server_status.php"]);
    assert_eq!(pages(&statistics), ["tables.xml"]);
    assert_eq!(statistics.seen()[0].target, "/boinc/stats/tables.xml");
    assert_eq!(samples(&text, "boinc_server_collector_error"), Vec::<String>::new());
}

#[tokio::test]
async fn keys_do_not_follow_addresses_that_answers_name() {
    let clock = clock();
    let elsewhere = ProjectServer::start(clock.clone(), healthy).await;
    let there = elsewhere.address().to_owned();
    let server = ProjectServer::start(clock.clone(), move |seen: &Seen, address: &str| match seen.page() {
        "" => page(&format!("<html><!-- <scheduler>http://{there}/alpha_cgi/cgi</scheduler> --></html>")),
        "get_project_config.php" => page(&format!(
            "<project_config>\n<name>Alpha</name>\n<master_url>http://{there}/alpha/</master_url>\n\
             <web_rpc_url_base>http://{there}/alpha/</web_rpc_url_base>\n</project_config>\n"
        )),
        "submit_rpc_handler.php" if !seen.body.contains("ping") => {
            answer(307, &format!("Location: http://{there}/alpha/submit_rpc_handler.php\r\n"), "")
        }
        _ => healthy(seen, address),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).expect("it is writable");
    let target = Target { account_key: Some(file.clone()), submitter: Some(file), ..target(&server.url()) };
    let text = asked(target).await;
    assert!(server.seen().iter().any(|seen| seen.target.contains(KEY)), "the key was sent where it belongs");
    // The scheduler is asked there, without a key.
    assert_eq!(pages(&elsewhere), ["cgi"]);
    for seen in elsewhere.seen() {
        assert!(!format!("{seen:?}").contains(KEY), "{seen:?}");
    }
    let errors = samples(&text, "boinc_server_collector_error");
    assert!(errors.len() == 1 && errors[0].contains("collector=\"batches\",reason=\"redirect\""), "{errors:?}");
}

#[tokio::test]
async fn a_first_page_that_has_moved_names_the_scheduler_all_the_same() {
    let clock = clock();
    let other = ProjectServer::start(clock.clone(), healthy).await;
    let there = other.address().to_owned();
    let server = ProjectServer::start(clock.clone(), move |seen: &Seen, address: &str| match seen.target.as_str() {
        "/alpha/" => answer(302, "Location: /alpha/en/home\r\n", ""),
        "/alpha/en/home" => answer(301, &format!("Location: http://{there}/\r\n"), ""),
        _ => healthy(seen, address),
    })
    .await;
    let text = asked(target(&server.url())).await;
    assert!(samples(&text, "boinc_server_scheduler_up")[0].ends_with(" 1"), "{text}");
    assert_eq!(pages(&other), ["", "cgi"]);
}

/// A project whose pages are on one host, and its scheduler on another.
async fn with_scheduler_at(there: String, clock: &Clock) -> (ProjectServer, Arc<Watch>) {
    let server = ProjectServer::start(clock.clone(), move |seen: &Seen, address: &str| match seen.page() {
        "" => page(&format!("<html><!-- <scheduler>http://{there}/alpha_cgi/cgi</scheduler> --></html>")),
        _ => healthy(seen, address),
    })
    .await;
    let watch = Arc::new(Watch::new(settings(vec![target(&server.url())]), clock.clone()));
    (server, watch)
}

#[tokio::test]
async fn a_scheduler_that_is_off_is_tried_more_and_more_rarely() {
    let clock = clock();
    let nowhere =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").to_string();
    let (server, watch) = with_scheduler_at(nowhere, &clock).await;
    let hours = timeout(PATIENCE, pass(&watch, &clock, Duration::from_secs(4 * 3600)));
    hours.await.expect("the scheduler is not tried all the time");
    let requests = samples(&expose(&watch), "boinc_server_requests_total");
    let failed =
        requests.iter().find(|line| line.contains(r#"collector="scheduler",outcome="error""#)).expect("it is told");
    let failed: u32 = failed.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("a number");
    // After 1 minute, 2, 4, … and up to a fifth more.
    assert!((6..=8).contains(&failed), "{failed}");
    // The project's first page, which names it, answers.
    let asked = server.seen().iter().filter(|seen| seen.page().is_empty()).count();
    assert!((1..=8).contains(&asked), "{asked}");
    assert!(pages(&server).contains(&"get_project_config.php".to_owned()));
}

#[tokio::test]
async fn a_scheduler_that_wants_to_be_left_alone_does_not_speak_for_the_other_host() {
    let clock = clock();
    let busy = |_: &Seen, _: &str| answer(503, "Retry-After: 40000\r\n", "");
    let elsewhere = ProjectServer::start(clock.clone(), busy).await;
    let (server, watch) = with_scheduler_at(elsewhere.address().to_owned(), &clock).await;
    pass(&watch, &clock, Duration::from_secs(4 * 3600)).await;
    assert_eq!(elsewhere.seen().len(), 1);
    let asked = server.seen().iter().filter(|seen| seen.page() == "server_status.php").count();
    assert!(asked >= 3, "{asked}");
}

#[tokio::test]
async fn a_host_that_drops_packets_is_tried_once_and_not_once_a_page() {
    let clock = clock();
    // Nobody accepts, so that the one connection fills the queue, and Linux ignores all others.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = socket.listen(0).expect("it listens");
    let there = listener.local_addr().expect("it is bound");
    let _connected = TcpStream::connect(there).await.expect("the first is let in");
    let target = Target { accounts: vec![7, 8, 9], ..target(&format!("http://{there}/alpha/")) };
    let mut settings = settings(vec![target]);
    settings.limits.timeout = Duration::from_secs(1);
    let watch = Arc::new(Watch::new(settings, clock.clone()));
    let _ = watch.scrape();
    settle(&watch).await;
    let text = expose(&watch);
    let requests = samples(&text, "boinc_server_requests_total");
    let sent: Vec<_> = requests.iter().filter(|line| !line.ends_with(" 0")).collect();
    assert!(sent.len() == 1 && sent[0].contains(r#"outcome="error"} 1"#), "{sent:?}");
    assert!(
        samples(&text, "boinc_server_collector_error").iter().any(|line| line.contains(r#"reason="timeout""#)),
        "{text}"
    );
}
