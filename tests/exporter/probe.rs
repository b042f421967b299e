//! `/probe`: one client a request, over real sockets.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use crate::support::{Exporter, FOLDER, FakeClient, Fault, Gate, PASSWORD, Page, Samples, TIMEOUT, client_toml};

const OPENMETRICS: (&str, &str) = ("Accept", "application/openmetrics-text;version=1.0.0");

/// Beside [`SHORTLY`] it leaves a second until the answer, and a minute for the answer.
const OFFSET: &str = "[scrape]\ntimeout = \"10m\"\ntimeout_offset = \"60s\"\nclient_timeout = \"10m\"\n";
const SHORTLY: (&str, &str) = (TIMEOUT, "61");

/// What is permitted in the tests of addresses outside of the configuration.
const PROBE: &str = "[probe]\nallow = [\"127.0.0.1\"]\n[probe.modules.lab]\npassword_file = \"password\"\n\
                     [probe.modules.brief]\npassword_file = \"password\"\ncollectors = [\"state\"]\n";

fn content_type(page: &Page) -> &str {
    page.headers["content-type"].to_str().expect("a readable header")
}

/// A refusal: its status and its sentence.
async fn refused(exporter: &Exporter, query: &str) -> (u16, String) {
    let page = exporter.get(&format!("/probe{query}"), &[]).await;
    assert_eq!(content_type(&page), "text/plain; charset=utf-8", "{query}");
    (page.status, page.body)
}

async fn up(exporter: &Exporter, query: &str, client: &str) -> Option<f64> {
    let page = exporter.get(&format!("/probe?{query}"), &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    Samples::parse(&page.body).value("boinc_up", &[("client", client)])
}

#[tokio::test]
async fn a_probe_shows_one_client_as_the_metrics_do() {
    let (attic, cellar) = (FakeClient::playing(FOLDER).start().await, FakeClient::playing(FOLDER).start().await);
    let exporter =
        Exporter::start(&(client_toml("attic & co", &attic.address()) + &client_toml("cellar", &cellar.address())));
    let probe = exporter.get("/probe?target=attic%20%26+co", &[]).await;
    assert_eq!(
        (probe.status, content_type(&probe)),
        (200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
    );
    assert_eq!(cellar.connections(), 0);
    let (probe, metrics) = (Samples::parse(&probe.body), Samples::parse(&exporter.get("/metrics", &[]).await.body));
    let series = |samples: &Samples| samples.of_client("attic & co").0.into_keys().collect::<BTreeSet<_>>();
    assert_eq!(series(&probe), series(&metrics));
    assert!(probe.0.keys().all(|sample| sample.label("client") == Some("attic & co")));
    let openmetrics = exporter.get("/probe?target=cellar", &[OPENMETRICS]).await;
    assert!(content_type(&openmetrics).starts_with("application/openmetrics-text; version=1.0.0;"));
    assert!(openmetrics.body.ends_with("# EOF\n"));
    attic.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn head_asks_no_client() {
    let attic = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&client_toml("attic", &attic.address()));
    let http = crate::support::http_client();
    let head = |query: &str| http.head(format!("http://{}/probe{query}", exporter.address())).send();
    assert_eq!(head("?target=attic").await.expect("an answer").status(), 200);
    assert_eq!(head("?target=cellar").await.expect("an answer").status(), 400);
    assert_eq!(attic.connections(), 0);
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let exporter = Exporter::start(&(client_toml("attic", "127.0.0.1:1") + &client_toml("cellar", "127.0.0.1:2")));
    let mut text = String::new();
    let long = format!("?target={}", "x".repeat(300));
    for query in [
        "",
        "?target=",
        "?target=attic&target=cellar",
        "?target=atic",
        "?target=127.0.0.1:1",
        "?target=attic&modul=lab",
        "?target=attic&module=lab",
        "?target=attic&debug=yes",
        &long,
    ] {
        let (status, sentence) = refused(&exporter, query).await;
        write!(text, "{status} {sentence}").expect("memory");
    }
    insta::assert_snapshot!(text, @r#"
    400 The parameter `target` is missing: use /probe?target=NAME with the name of a client; /sd lists them. For a project, use /probe?project=NAME.
    400 The parameter `target` is empty, but must be the name of a client; /sd lists them.
    400 The parameter `target` is given twice.
    400 No client is called `atic`; did you mean `attic`? /sd lists all clients. Other addresses can be probed only if `[probe] allow` in the configuration permits it.
    400 No client is called `127.0.0.1:1`. /sd lists all clients. Other addresses can be probed only if `[probe] allow` in the configuration permits it.
    400 Unknown parameter `modul`; did you mean `module`?
    400 The client `attic` is configured, with its own password; remove `module`, which is for other addresses.
    400 The parameter `debug` is "yes", but must be true or false.
    400 No client is called `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`. /sd lists all clients. Other addresses can be probed only if `[probe] allow` in the configuration permits it.
    "#);
}

#[tokio::test]
async fn a_probe_ends_in_time_and_shares_its_poll() {
    let gate = Gate::new();
    let attic = FakeClient::playing(FOLDER).fault("get_cc_status", Fault::Late(gate.clone())).start().await;
    let exporter = Exporter::start(&(OFFSET.to_owned() + &client_toml("attic", &attic.address())));
    let (metrics, probe) = tokio::join!(exporter.get("/metrics", &[]), async {
        gate.reached().await;
        // The client is being asked: this one waits for its turn, in vain.
        let page = exporter.get("/probe?target=attic", &[SHORTLY]).await;
        gate.open();
        page
    });
    assert!(probe.took < Duration::from_secs(61), "{:?}", probe.took);
    let samples = Samples::parse(&probe.body);
    assert_eq!(samples.value("boinc_up", &[("client", "attic")]), Some(0.0));
    assert_eq!(samples.value("boinc_scrape_error", &[("client", "attic"), ("reason", "timeout")]), Some(1.0));
    assert_eq!(Samples::parse(&metrics.body).value("boinc_up", &[("client", "attic")]), Some(1.0));
    attic.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn probes_are_scrapes_to_the_limit_of_requests() {
    let gate = Gate::new();
    let attic = FakeClient::playing(FOLDER).fault("get_cc_status", Fault::Late(gate.clone())).start().await;
    let exporter = Exporter::start(&("max_requests = 1\n".to_owned() + &client_toml("attic", &attic.address())));
    let (first, second) = tokio::join!(exporter.get("/probe?target=attic", &[]), async {
        gate.reached().await;
        let page = exporter.get("/probe?target=attic", &[]).await;
        gate.open();
        page
    });
    assert_eq!((first.status, second.status), (200, 503));
}

#[tokio::test]
async fn addresses_outside_of_the_configuration_need_permission() {
    let (attic, other) =
        (FakeClient::playing(FOLDER).start().await, FakeClient::playing(FOLDER).remote().start().await);
    let exporter = Exporter::start(&[OFFSET, PROBE, &client_toml("attic", &attic.address())].concat());
    let (address, port) = (other.address(), other.address().split_once(':').expect("a port").1.to_owned());

    assert_eq!(up(&exporter, &format!("target={address}&module=lab"), &address).await, Some(1.0));
    let named = format!("localhost:{port}");
    assert_eq!(up(&exporter, &format!("target={named}&module=lab"), &named).await, Some(1.0));
    // Without a module, no password goes out: not even to who would take the one of a configured client.
    let logins = |client: &FakeClient| client.operations().iter().filter(|operation| *operation == "auth1").count();
    let before = logins(&other);
    assert_eq!(up(&exporter, &format!("target={address}"), &address).await, Some(0.0));
    assert_eq!(logins(&other), before);

    let (connections, mut text) = (other.connections(), String::new());
    for query in [
        format!("?target=127.0.0.2:{port}&module=lab"),
        format!("?target={address}&module=lap"),
        format!("?target={}&module=lab", attic.address()),
        format!("?target=localhost:{}", attic.address().split_once(':').expect("a port").1),
        "?target=unix:/run/x".to_owned(),
        "?target=[::1]:31416".to_owned(),
    ] {
        let (status, sentence) = refused(&exporter, &query).await;
        let sentence = sentence.replace(&port, "PORT").replace(&attic.address(), "ATTIC");
        write!(text, "{status} {sentence}").expect("memory");
    }
    insta::assert_snapshot!(text, @r#"
    403 127.0.0.2:PORT is not in a network that `[probe] allow` permits, and no client has this name.
    400 There is no module `lap`; did you mean `lab`?
    400 ATTIC is configured as client `attic`; probe it by that name.
    400 ATTIC is configured as client `attic`; probe it by that name.
    400 No client is called `unix:/run/x`. /sd lists all clients. It is also not HOST or HOST:PORT with a name or an IPv4 address.
    400 No client is called `[::1]:31416`. /sd lists all clients. It is also not HOST or HOST:PORT with a name or an IPv4 address.
    "#);
    assert_eq!((other.connections(), attic.connections()), (connections, 0));
    other.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_a_client_that_is_down() {
    let exporter = Exporter::start(&[OFFSET, PROBE, &client_toml("attic", "127.0.0.1:1")].concat());
    let page = exporter.get("/probe?target=attik.invalid&debug=true", &[]).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("\nreason:    unresolved: no client is called `attik.invalid`, and as the name of a host it fails: cannot resolve"),
        "{}",
        page.body
    );
    assert!(page.body.contains("\nboinc_up{client=\"attik.invalid\"} 0\n"), "{}", page.body);
}

#[tokio::test]
async fn visited_clients_are_remembered_and_asked_once_at_a_time() {
    let gate = Gate::new();
    let other = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&[OFFSET, PROBE, &client_toml("attic", "127.0.0.1:1")].concat());
    let address = other.address();
    let probe = |module: &str| format!("target={address}&module={module}");
    assert_eq!(up(&exporter, &probe("lab"), &address).await, Some(1.0));
    assert_eq!(up(&exporter, &probe("lab"), &address).await, Some(1.0));
    // The slow request is not due again.
    assert_eq!(other.operations().iter().filter(|operation| *operation == "get_disk_usage").count(), 1);
    assert_eq!(up(&exporter, &probe("brief"), &address).await, Some(1.0));

    other.set_fault("get_state", Some(Fault::Late(gate.clone())));
    let lab = format!("/probe?{}", probe("lab"));
    let (first, second) = tokio::join!(exporter.get(&lab, &[]), async {
        gate.reached().await;
        let page = exporter.get(&format!("/probe?{}", probe("brief")), &[SHORTLY]).await;
        gate.open();
        page
    });
    let up = |page: &Page| Samples::parse(&page.body).value("boinc_up", &[("client", &address)]);
    assert_eq!((up(&first), up(&second)), (Some(1.0), Some(0.0)));
    other.assert_was_left_in_peace().await;
}

/// Words, with those before `ms` and `s` replaced, and what looks like a time.
fn without_times(page: &str) -> String {
    let line = |line: &str| {
        let mut words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        for index in 1..words.len() {
            if ["ms", "s"].contains(&words[index].trim_end_matches(',')) {
                "N".clone_into(&mut words[index - 1]);
            }
        }
        words
            .iter_mut()
            .filter(|word| word.starts_with("20") && word.ends_with('Z'))
            .for_each(|word| "TIME".clone_into(word));
        words.join(" ")
    };
    page.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn debug_tells_what_was_asked_and_answered() {
    let attic = FakeClient::playing(FOLDER).fault("get_notices_public", Fault::CloseBefore).start().await;
    let exporter = Exporter::start(&client_toml("attic", &attic.address()));
    exporter.get("/metrics", &[]).await;
    let page = exporter.get("/probe?target=attic&debug=true", &[OPENMETRICS]).await;
    assert_eq!((page.status, content_type(&page)), (200, "text/plain; charset=utf-8"));
    assert!(!page.body.contains(PASSWORD));
    let (report, metrics) = page.body.split_once("\nMetrics:\n\n").expect("a report and metrics");
    assert_eq!(Samples::parse(metrics).value("boinc_up", &[("client", "attic")]), Some(1.0));
    let report = report.replace(&attic.address(), "ADDRESS");
    insta::assert_snapshot!(without_times(&report), @r#"
    Probe of attic at ADDRESS

    up: yes
    reason: truncated: the connection ended after 0 bytes of the reply to get_notices_public: check whether the client stopped
    password: accepted
    version: 7.20.5 x86_64-pc-linux-gnu
    time: N ms of N ms available
    poll: N ms, finished TIME

    collector outcome time bytes unknown unreadable
    version not due using the reply from N s ago
    cc_status ok N ms 783 0 0
    state ok N ms 29682 0 0
    file_transfers ok N ms 1583 0 0
    messages ok N ms 63 0 0
    notices failed N ms 0
    truncated: the connection ended after 0 bytes of the reply to get_notices_public: check whether the client stopped
    old_results ok N ms 2609 0 0
    daily_transfers not due using the reply from N s ago
    disk_usage not due using the reply from N s ago
    "#);

    let down = exporter.get("/probe?target=attic&debug=true", &[(TIMEOUT, "soon")]).await;
    assert_eq!(down.status, 400);
}
