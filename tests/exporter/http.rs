//! The pages, over real sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use boinc_exporter::cli::Cli;
use boinc_exporter::client::Fleet;
use boinc_exporter::client::collectors::Collectors;
use boinc_exporter::client::data_directory::Place;
use boinc_exporter::client::gui_rpc::address::Address;
use boinc_exporter::client::target::{Password, Target};
use boinc_exporter::clock::Clock;
use boinc_exporter::config::Config;
use boinc_exporter::http::{AppState, app, bind, serve};
use boinc_exporter::project::Watch;
use boinc_exporter::reload::ConfigHandle;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::process::PATIENCE;
#[cfg(target_os = "linux")]
use crate::support::sockets::end;

/// A client at this port of this computer.
fn client(name: &str, port: u16) -> Target {
    Target {
        data_directory: Place::None,
        name: name.to_owned(),
        address: Address::Tcp { host: "127.0.0.1".to_owned(), port },
        password: Password::None,
        labels: std::collections::BTreeMap::new(),
        collectors: Collectors::default(),
        timeout: PATIENCE,
    }
}

/// Something that accepts connections and never says a word.
async fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port that nothing listens on.
async fn closed() -> u16 {
    silent().await.1
}

/// Starts an exporter.
fn start(targets: Vec<Target>, configure: impl FnOnce(&mut Config)) -> SocketAddr {
    let mut config = Config::default();
    configure(&mut config);
    let fleet = Fleet::new(targets, config.scrape.limits());
    let projects = Watch::new(config.projects.settings().expect("valid"), Clock::default());
    let state = AppState::new(ConfigHandle::new(Cli::default(), config, fleet, projects), None);
    let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(vec![listener], app(state), std::future::pending()));
    address
}

fn without_own(config: &mut Config) {
    config.web.disable_exporter_metrics = true;
}

/// Sends a request and returns the whole answer, less the line that tells the time.
async fn ask(address: SocketAddr, request: &str, headers: &str) -> String {
    let answer = ask_bytes(address, request, headers).await;
    let answer = String::from_utf8(answer).unwrap();
    let date = answer.find("date: ").expect("a date");
    let end = date + answer[date..].find("\r\n").unwrap() + 2;
    format!("{}{}", &answer[..date], &answer[end..])
}

async fn ask_bytes(address: SocketAddr, request: &str, headers: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

/// A whole answer that says why there are no metrics.
fn refusal(status: &str, sentence: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n\
         content-type: text/plain; charset=utf-8\r\n\
         vary: accept-encoding\r\n\
         content-length: {}\r\n\
         connection: close\r\n\r\n\
         {sentence}",
        sentence.len()
    )
}

#[tokio::test]
async fn openmetrics_for_those_who_ask_for_it_and_text_for_the_others() {
    let address = start(vec![], without_own);
    assert_eq!(
        ask(address, "GET /metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n").await,
        "HTTP/1.1 200 OK\r\n\
         content-type: application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores\r\n\
         vary: accept\r\n\
         x-content-type-options: nosniff\r\n\
         content-length: 6\r\n\
         connection: close\r\n\r\n\
         # EOF\n"
    );
    let text = "HTTP/1.1 200 OK\r\n\
                content-type: text/plain; version=0.0.4; charset=utf-8; escaping=underscores\r\n\
                vary: accept\r\n\
                x-content-type-options: nosniff\r\n\
                connection: close\r\n\
                content-length: 0\r\n\r\n";
    for headers in ["", "Accept: */*\r\n", "Accept: text/html\r\nAccept: */*;q=0.1\r\n", "Accept: \u{fc}\r\n"] {
        assert_eq!(ask(address, "GET /metrics", headers).await, text, "{headers}");
    }
}

#[tokio::test]
async fn the_exporter_itself_is_in_it() {
    let address = start(vec![], |_| {});
    for path in ["/metrics", "/-/metrics"] {
        let text = ask(address, &format!("GET {path}"), "").await;
        assert!(
            text.contains("\n# TYPE boinc_exporter_build_info gauge\nboinc_exporter_build_info{version="),
            "{text}"
        );
        assert_eq!(text.contains("\n# TYPE process_cpu_seconds_total counter\n"), cfg!(target_os = "linux"), "{text}");
    }
}

#[tokio::test]
async fn gzip_for_those_who_ask_for_it() {
    let address = start(vec![], |_| {});
    let answer = ask_bytes(address, "GET /metrics", "Accept-Encoding: gzip\r\n").await;
    let body = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..body]);
    assert!(head.contains("\r\ncontent-encoding: gzip\r\n"), "{head}");
    assert!(head.contains("\r\nvary: accept\r\nvary: accept-encoding\r\n"), "{head}");

    let http = crate::support::http_client();
    let text = http.get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(text.starts_with("# HELP boinc_exporter_build_info ") && text.ends_with('\n'), "{text}");

    let identity = ask(address, "GET /metrics", "Accept-Encoding: br, identity\r\n").await;
    assert!(!identity.contains("content-encoding"), "{identity}");
}

#[tokio::test]
async fn head_asks_no_client() {
    let (listener, port) = silent().await;
    let address = start(vec![client("attic", port)], |_| {});
    assert_eq!(
        ask(address, "HEAD /metrics", "Accept: application/openmetrics-text\r\n").await,
        "HTTP/1.1 200 OK\r\n\
         content-type: application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores\r\n\
         vary: accept\r\n\
         vary: accept-encoding\r\n\
         x-content-type-options: nosniff\r\n\
         connection: close\r\n\r\n"
    );
    let page = ask(address, "GET /", "").await;
    assert!(page.contains("<p class=\"summary\">1 client, not scraped yet.</p>"), "{page}");
    assert!(tokio::time::timeout(Duration::ZERO, listener.accept()).await.is_err());
}

#[tokio::test]
async fn an_answer_comes_before_prometheus_gives_up() {
    // The client is asked for a second, and a minute is left to answer. But for the header it would be asked for much longer.
    let (wait, offset) = (Duration::from_secs(61), Duration::from_secs(60));
    let (_listener, port) = silent().await;
    let address = start(vec![client("attic", port)], |config| {
        without_own(config);
        (config.scrape.timeout, config.scrape.timeout_offset) = (PATIENCE, offset);
    });
    let start = Instant::now();
    let answer = ask(address, "GET /metrics", "X-Prometheus-Scrape-Timeout-Seconds: 61\r\n").await;
    assert!(start.elapsed() < wait, "{:?}", start.elapsed());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\nboinc_up{client=\"attic\"} 0\n"), "{answer}");
}

#[tokio::test]
async fn a_timeout_that_is_none_is_a_wrong_request() {
    let address = start(vec![], |_| {});
    let sentence = "The header X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds, such as 10 or 2.5.\n";
    for header in ["soon", "-1", "inf"] {
        let headers = format!("X-Prometheus-Scrape-Timeout-Seconds: {header}\r\n");
        assert_eq!(ask(address, "GET /metrics", &headers).await, refusal("400 Bad Request", sentence), "{header}");
    }
}

#[tokio::test]
async fn too_many_scrapes_are_turned_away() {
    let (listener, port) = silent().await;
    let address = start(vec![client("attic", port)], |config| {
        without_own(config);
        config.web.max_requests = 1;
        config.scrape.timeout = PATIENCE;
    });
    let first = tokio::spawn(ask(address, "GET /metrics", ""));
    let connection = listener.accept().await.unwrap();
    let sentence = "Limit of concurrent scrapes reached (--web.max-requests: 1); scrape less often or from fewer places, or \
                    raise the limit.\n";
    assert_eq!(ask(address, "GET /metrics", "").await, refusal("503 Service Unavailable", sentence));
    let healthy = ask(address, "GET /-/healthy", "").await;
    assert!(healthy.starts_with("HTTP/1.1 200 OK\r\n"), "{healthy}");
    drop((connection, listener));
    let first = first.await.unwrap();
    assert!(first.contains("\nboinc_up{client=\"attic\"} 0\n"), "{first}");
    // Its place is free again.
    let next = ask(address, "GET /metrics", "").await;
    assert!(next.starts_with("HTTP/1.1 200 OK\r\n"), "{next}");
}

/// A client that hangs costs its time once, not once for each of those who wait.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn those_who_wait_for_a_client_are_told_how_it_failed() {
    let (listener, port) = silent().await;
    let target = Target { timeout: Duration::from_secs(60), ..client("attic", port) };
    let address = start(vec![target], without_own);
    let mut scrapes = Vec::new();
    for later in 0..5 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             X-Prometheus-Scrape-Timeout-Seconds: {}\r\n\r\n",
            100 + later
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        while end(address, stream.local_addr().unwrap()).is_none_or(|end| end.unread > 0) {
            tokio::task::yield_now().await;
        }
        scrapes.push(stream);
    }
    let connection = listener.accept().await.unwrap();
    // Whoever asks again is refused.
    drop((listener, connection));
    for mut stream in scrapes {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let reason = "\nboinc_scrape_error{client=\"attic\",reason=\"host_denied\"} 1\n";
        assert!(answer.contains(reason), "{answer}");
    }
}

#[tokio::test]
async fn the_overview_says_what_the_last_scrape_found() {
    let address = start(vec![client("<attic>", closed().await)], |_| {});
    ask(address, "GET /metrics", "").await;
    let page = ask(address, "GET /", "").await;
    let (head, html) = page.split_once("\r\n\r\n").unwrap();
    let length = html.len();
    assert_eq!(
        head,
        format!(
            "HTTP/1.1 200 OK\r\n\
             content-type: text/html; charset=utf-8\r\n\
             content-security-policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\r\n\
             x-content-type-options: nosniff\r\n\
             vary: accept-encoding\r\n\
             content-length: {length}\r\n\
             connection: close"
        )
    );
    assert!(html.contains("<p class=\"summary\">1 client, down.</p>"), "{html}");
    assert!(html.contains("<tbody class=\"down\"><tr><th scope=\"row\">&lt;attic&gt;</th>"), "{html}");
    assert!(html.contains("<a href=\"./probe?target=%3Cattic%3E\">metrics</a>"), "{html}");
    assert!(html.contains("<a href=\"./metrics\">Metrics</a>"), "{html}");
}

#[tokio::test]
async fn health() {
    let address = start(vec![], |_| {});
    for (path, line, length) in [("healthy", "healthy", 27), ("ready", "ready", 25)] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        assert_eq!(ask(address, &format!("HEAD /-/{path}"), "").await, head);
        assert_eq!(ask(address, &format!("GET /-/{path}"), "").await, format!("{head}boinc_exporter is {line}.\n"));
    }
}

#[tokio::test]
async fn other_paths_and_methods() {
    let address = start(vec![], |_| {});
    let missing = ask(address, "GET /R&D's?x=1", "").await;
    assert!(missing.starts_with("HTTP/1.1 404 Not Found\r\ncontent-type: text/html; charset=utf-8\r\n"), "{missing}");
    assert!(
        missing.contains(
            "<p>There is no page at <code>/R&amp;D&#39;s</code>. Metrics are at <a href=\"./metrics\">/metrics</a>, an \
             overview is at <a href=\"./\">/</a>, health checks are at <a href=\"./-/healthy\">/-/healthy</a> and \
             <a href=\"./-/ready\">/-/ready</a>.</p>"
        ),
        "{missing}"
    );
    for path in ["/metrics", "/", "/probe", "/sd", "/config", "/runbooks", "/-/healthy", "/-/ready"] {
        let sentence = format!("{path} only supports GET and HEAD; this was POST.\n");
        assert_eq!(
            ask(address, &format!("POST {path}"), "Content-Length: 0\r\n").await,
            format!(
                "HTTP/1.1 405 Method Not Allowed\r\n\
                 content-type: text/plain; charset=utf-8\r\n\
                 allow: GET, HEAD, OPTIONS\r\n\
                 content-length: {}\r\n\
                 connection: close\r\n\r\n\
                 {sentence}",
                sentence.len()
            )
        );
    }
}

#[tokio::test]
async fn metrics_may_take_the_place_of_the_overview() {
    let address = start(vec![], |config| {
        without_own(config);
        "/".clone_into(&mut config.web.telemetry_path);
    });
    let root = ask(address, "GET /", "Accept: application/openmetrics-text\r\n").await;
    assert!(root.ends_with("\r\n\r\n# EOF\n"), "{root}");
    let metrics = ask(address, "GET /metrics", "").await;
    assert!(metrics.starts_with("HTTP/1.1 404 Not Found\r\n"), "{metrics}");
}
