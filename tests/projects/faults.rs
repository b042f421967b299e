//! What is made of answers that are not the page: each has its reason, costs its own collector, and says nothing of keys.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use boinc_exporter::project::Limits;
use boinc_exporter::project::Watch;
use boinc_exporter::project::collectors::{Collector, Collectors};
use boinc_exporter::project::target::Target;
use boinc_exporter::project::watch::Settings;

use crate::support::project_server::{Does, ProjectServer, Seen, answer, healthy, page};
use crate::world::{clock, expose, samples, settings, settle, target};

const CONFIG: &str = "get_project_config.php";

/// What the configuration can be instead.
fn faults() -> Vec<(&'static str, Does)> {
    let html = |title: &str| {
        answer(200, "Content-Type: text/html\r\n", &format!("<html><title>{title}</title><body>x</body></html>"))
    };
    let redirect = |to: &str| answer(302, &format!("Location: {to}\r\n"), "");
    let config = "<project_config>\n<name>A</name>\n</project_config>\n";
    vec![
        ("maintenance", html("Project down for maintenance")),
        ("database down", page("Unable to handle request<br>Can't connect to database")),
        ("login wall", redirect("login_form.php?next_url=x")),
        ("another host", redirect("https://example.org/")),
        ("missing page", answer(404, "", "<html><title>404</title></html>")),
        ("forbidden", answer(403, "", "<html><title>403</title></html>")),
        ("password of HTTP", answer(401, "WWW-Authenticate: Basic realm=x\r\n", "")),
        ("too many requests", answer(429, "Retry-After: 7200\r\n", "")),
        ("PHP died", answer(500, "", "<project_config>\n<name>A</na")),
        ("front end", answer(503, "", "<html><title>503</title></html>")),
        ("bad gateway", answer(502, "", "")),
        ("teapot", answer(418, "", "")),
        ("empty", answer(200, "", "")),
        ("captive portal", html("Welcome to the hotel")),
        ("cut off", page("<project_config>\n<name>A</name>\n")),
        ("cut off by HTTP", Does::Sends(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<project_config>".to_vec())),
        ("closed", Does::Closes),
        ("no HTTP", Does::Sends(b"SSH-2.0-x\r\n".to_vec())),
        ("endless", Does::Sends(format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(3 << 20)).into_bytes())),
        ("account manager", page("<project_config>\n<name>A</name>\n<account_manager/>\n</project_config>\n")),
        (
            "stopped, as servers up to 2016 say it",
            page(
                "<project_config>\n<name>A</name>\n<error_num>-183</error_num>\n<web_stopped>1</web_stopped>\n</project_config>",
            ),
        ),
        ("error page with status 200", html("500 Internal Server Error")),
        ("error of old code", page("<error>\n<error_num>-183</error_num>\n<error_msg>down</error_msg>\n</error>\n")),
        (
            "notice of PHP before it",
            page(&format!("<br />\n<b>Deprecated</b>: x in <b>/a.php</b> on line <b>1</b><br />\n{config}")),
        ),
        ("HTML around it", page(&format!("<html><body>{config}</body></html>"))),
    ]
}

fn only(collectors: &[Collector], target: Target) -> Target {
    Target { collectors: Collectors::of(collectors.iter().copied()), ..target }
}

/// The reason label of a sample that is 1.
fn reason(text: &str, name: &str) -> String {
    let sample = samples(text, name).into_iter().next().unwrap_or_default();
    let reason = sample.split("reason=\"").nth(1).and_then(|rest| rest.split('"').next());
    reason.unwrap_or("-").to_owned()
}

fn value(text: &str, name: &str) -> String {
    let sample = samples(text, name).into_iter().next();
    sample.and_then(|sample| Some(sample.rsplit_once(' ')?.1.to_owned())).unwrap_or_else(|| "-".to_owned())
}

#[tokio::test]
async fn every_fault_has_its_reason_and_costs_itself() {
    let mut table = String::new();
    for (name, does) in faults() {
        let clock = clock();
        let script = move |seen: &Seen, address: &str| {
            if seen.page() == CONFIG { does.clone() } else { healthy(seen, address) }
        };
        let server = ProjectServer::start(clock.clone(), script).await;
        let collectors = [Collector::Config, Collector::Account];
        let target = Target { accounts: vec![7], ..only(&collectors, target(&server.url())) };
        let watch = Arc::new(Watch::new(settings(vec![target]), clock));
        let _ = watch.scrape();
        settle(&watch).await;
        let text = expose(&watch);
        let (up, why) = (value(&text, "boinc_server_up"), reason(&text, "boinc_server_error"));
        writeln!(table, "{name:24} up {up} {why}").expect("memory");
        // Who asks for fewer requests is asked for nothing else either.
        let other = if why == "too_many_requests" { "-" } else { "5000.5" };
        assert_eq!(value(&text, "boinc_account_credit"), other, "{name}");
    }
    insta::assert_snapshot!("faults", table);
}

#[tokio::test]
async fn a_server_that_never_answers_times_out() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), |_, _| Does::Hangs).await;
    let settings = settings(vec![only(&[Collector::Config], target(&server.url()))]);
    let limits = Limits { timeout: Duration::from_millis(200), ..settings.limits.clone() };
    let watch = Arc::new(Watch::new(Settings { limits, ..settings }, clock));
    let _ = watch.scrape();
    settle(&watch).await;
    let text = expose(&watch);
    assert_eq!((value(&text, "boinc_server_up"), reason(&text, "boinc_server_error")), ("0".into(), "timeout".into()));
}

#[tokio::test]
async fn nothing_listens() {
    let clock = clock();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let watch = Arc::new(Watch::new(settings(vec![target(&format!("http://{address}/alpha/"))]), clock));
    let _ = watch.scrape();
    settle(&watch).await;
    let text = expose(&watch);
    assert_eq!((value(&text, "boinc_server_up"), reason(&text, "boinc_server_error")), ("0".into(), "refused".into()));
    // One page tries for all.
    let tries: Vec<_> =
        samples(&text, "boinc_server_requests_total").into_iter().filter(|line| line.ends_with(" 1")).collect();
    assert_eq!(tries.len(), 1, "{tries:?}");
}

#[tokio::test]
async fn a_scheduler_that_is_down_is_asked_no_more_than_that() {
    let clock = clock();
    let script = |seen: &Seen, address: &str| match seen.page() {
        "cgi" => page(
            "<scheduler_reply>\n<message priority=\"low\">Project is temporarily shut down for maintenance</message>\n\
             <request_delay>7200</request_delay>\n<project_is_down/>\n</scheduler_reply>\n",
        ),
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(clock.clone(), script).await;
    let watch =
        Arc::new(Watch::new(settings(vec![only(&[Collector::Scheduler], target(&server.url()))]), clock.clone()));
    let _ = watch.scrape();
    settle(&watch).await;
    let text = expose(&watch);
    assert_eq!(value(&text, "boinc_server_scheduler_up"), "0");
    let states = samples(&text, "boinc_server_scheduler_state");
    let state: Vec<_> = states.iter().filter(|line| line.ends_with(" 1")).collect();
    assert!(state.len() == 1 && state[0].contains("state=\"maintenance\""), "{state:?}");
    let asked: Vec<_> = server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    assert_eq!(asked, ["GET /alpha/", "GET /alpha_cgi/cgi"]);
    // It asked for two hours.
    clock.step(Duration::from_secs(7000));
    let _ = watch.scrape();
    settle(&watch).await;
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn the_scheduler_is_never_told_who_asks() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    std::fs::write(&key, "5ecre7\n").expect("it is writable");
    let target = Target { account_key: Some(key), accounts: vec![7], ..target(&server.url()) };
    let watch = Arc::new(Watch::new(settings(vec![target]), clock));
    let _ = watch.scrape();
    settle(&watch).await;
    let posts: Vec<_> =
        server.seen().into_iter().filter(|seen| seen.page() == "cgi" && seen.method == "POST").collect();
    assert_eq!(posts.len(), 1);
    for word in ["authenticator", "hostid", "cross_project_id", "5ecre7", "rpc_seqno", "work_req"] {
        assert!(!posts[0].body.contains(word), "{word}");
    }
}

#[tokio::test]
async fn redirects_are_followed_to_the_same_address_over_https_and_no_further() {
    let clock = clock();
    let elsewhere = ProjectServer::start(clock.clone(), healthy).await;
    let there = elsewhere.address().to_owned();
    // Nobody speaks TLS at that port: that the request went there shows in the reason.
    let script = move |seen: &Seen, address: &str| match seen.page() {
        CONFIG => answer(301, &format!("Location: https://{address}{}\r\n", seen.target), ""),
        "server_status.php" => answer(302, &format!("Location: http://{there}{}\r\n", seen.target), ""),
        "show_user.php" => answer(307, &format!("Location: http://{there}{}\r\n", seen.target), ""),
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(clock.clone(), script).await;
    let mut errors = Vec::new();
    for collectors in [&[Collector::Config][..], &[Collector::Status, Collector::Account]] {
        let target = Target { accounts: vec![7], ..only(collectors, target(&server.url())) };
        let watch = Arc::new(Watch::new(settings(vec![target]), clock.clone()));
        let _ = watch.scrape();
        settle(&watch).await;
        errors.extend(samples(&expose(&watch), "boinc_server_collector_error"));
    }
    insta::assert_snapshot!(errors.join("\n").replace(server.address(), "SERVER"), @r#"
    boinc_server_collector_error{project="http://SERVER/alpha/",project_url="http://SERVER/alpha/",collector="config",reason="tls"} 1
    boinc_server_collector_error{project="http://SERVER/alpha/",project_url="http://SERVER/alpha/",collector="status",reason="redirect"} 1
    boinc_server_collector_error{project="http://SERVER/alpha/",project_url="http://SERVER/alpha/",collector="account",reason="redirect"} 1
    "#);
    assert_eq!(elsewhere.seen(), []);
}

#[tokio::test]
async fn who_asks_says_so() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let watch = Arc::new(Watch::new(settings(vec![target(&server.url())]), clock));
    let _ = watch.scrape();
    settle(&watch).await;
    for seen in server.seen() {
        let agent = format!("boinc_exporter/{} (+me@example.org)", env!("CARGO_PKG_VERSION"));
        assert_eq!(seen.header("user-agent"), Some(agent.as_str()));
        assert_eq!(seen.header("referer"), None);
        assert_eq!(seen.header("accept-language"), None);
    }
}
