//! `collect[]` and `exclude[]`, unknown parameters, and `OPTIONS`, over real sockets.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::support::{Exporter, FOLDER, FakeClient, Fault, Samples, client_toml};

const HISTORY: &str = "[scrape]\ncollectors = [\"default\", \"history\", \"tasks\"]\n";

/// The operations that this page sent to the client.
async fn asked(exporter: &Exporter, client: &FakeClient, page: &str) -> BTreeSet<String> {
    asked_by(client, async || {
        let answer = exporter.get(page, &[]).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.body);
        assert_eq!(Samples::parse(&answer.body).value("boinc_up", &[("client", "attic")]), Some(1.0), "{page}");
    })
    .await
}

/// The operations that were sent to the client meanwhile.
async fn asked_by(client: &FakeClient, act: impl AsyncFnOnce()) -> BTreeSet<String> {
    let before = client.operations().len();
    act().await;
    client.operations().split_off(before).into_iter().filter(|operation| !operation.starts_with("auth")).collect()
}

fn set(operations: &[&str]) -> BTreeSet<String> {
    operations.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_client_is_only_asked_for_what_is_wanted() {
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&(HISTORY.to_owned() + &client_toml("attic", &client.address())));
    for (query, operations) in [
        ("collect[]=state", set(&["get_state"])),
        ("collect%5B%5D=disk_usage", set(&["get_state", "get_disk_usage"])),
        ("collect[]=notices&collect[]=cc_status", set(&["get_state", "get_notices_public", "get_cc_status"])),
        ("collect[]=tasks", set(&["get_state"])),
    ] {
        assert_eq!(asked(&exporter, &client, &format!("/metrics?{query}")).await, operations, "{query}");
    }
    // Not asked for before, so due.
    let probed = asked(&exporter, &client, "/probe?target=attic&collect[]=statistics").await;
    assert_eq!(probed, set(&["get_state", "get_statistics"]));
    let rest = asked(&exporter, &client, "/metrics?exclude[]=daily_transfers&exclude[]=messages").await;
    assert!(rest.contains("get_file_transfers") && rest.contains("get_old_results"), "{rest:?}");
    assert!(!rest.contains("get_daily_xfer_history") && !rest.contains("get_messages"), "{rest:?}");
    client.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn nothing_else_is_shown_and_nothing_is_lost_for_others() {
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&(HISTORY.to_owned() + &client_toml("attic", &client.address())));
    let samples = async |page: &str| Samples::parse(&exporter.get(page, &[]).await.body).of_client("attic");
    // The first reply is kept for an hour, with all days, although nobody wanted them yet.
    let statistics = samples("/metrics?collect[]=statistics").await;
    let whole = samples("/metrics").await;
    let narrow = samples("/metrics?collect[]=state").await;
    let names = |samples: &Samples| samples.0.keys().map(|sample| sample.name.clone()).collect::<BTreeSet<_>>();
    assert!(names(&statistics).is_subset(&names(&whole)), "{:?}", names(&statistics).difference(&names(&whole)));
    assert!(names(&narrow).is_subset(&names(&whole)));
    for name in ["boinc_disk_free_bytes", "boinc_run_mode", "boinc_notices", "boinc_tasks_reported_total"] {
        assert_eq!(narrow.series(name, &[]).count(), 0, "{name}");
    }
    let separate = FakeClient::playing(FOLDER).start().await;
    let other = Exporter::start(&(HISTORY.to_owned() + &client_toml("attic", &separate.address())));
    let alone = Samples::parse(&other.get("/metrics", &[]).await.body).of_client("attic");
    assert_eq!(names(&whole), names(&alone));
}

#[tokio::test]
async fn the_overview_shows_the_last_poll_of_everything() {
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    exporter.get("/metrics", &[]).await;
    let before = exporter.get("/", &[]).await.body;
    exporter.get("/metrics?collect[]=state", &[]).await;
    let cost = |page: &str| page.split(" kB</dd>").next().unwrap_or_default().rsplit(", ").next().map(str::to_owned);
    assert_eq!(cost(&exporter.get("/", &[]).await.body), cost(&before));
    assert_eq!(exporter.log().matches("client is up").count(), 1, "{}", exporter.log());
}

#[tokio::test]
async fn jobs_that_divide_the_collectors_are_both_remembered() {
    const DISK: &str = "/metrics?collect[]=disk_usage";
    const REST: &str = "/metrics?exclude[]=disk_usage";
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    let logged = |text: &str| exporter.log().matches(text).count();
    for page in [DISK, REST, DISK, REST] {
        exporter.get(page, &[]).await;
    }
    assert_eq!((logged("client is up"), logged("level=warn")), (1, 0), "{}", exporter.log());
    // The overview asks for all, which neither of them did.
    let overview = asked_by(&client, async || drop(exporter.get("/", &[]).await)).await;
    assert!(overview.contains("get_notices_public"), "{overview:?}");
    // What each of them asks for fails, and is well again: once each.
    client.set_fault("get_cc_status", Some(Fault::CloseBefore));
    for page in [DISK, REST, DISK, REST] {
        exporter.get(page, &[]).await;
    }
    assert_eq!((logged("a part of it failed"), logged("client is up\"")), (1, 1), "{}", exporter.log());
    client.set_fault("get_cc_status", None);
    for page in [DISK, REST, DISK, REST] {
        exporter.get(page, &[]).await;
    }
    assert_eq!((logged("a part of it failed"), logged("client is up\"")), (1, 2), "{}", exporter.log());
    // That it is down is one piece of news.
    drop(client);
    for page in [DISK, REST, DISK, REST] {
        exporter.get(page, &[]).await;
    }
    assert_eq!(logged("client is down"), 1, "{}", exporter.log());
}

#[tokio::test]
async fn what_is_not_known_is_refused_in_a_sentence() {
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    let mut text = String::new();
    for page in [
        "/metrics?target=attic",
        "/metrics?debug=true",
        "/metrics?name[]=boinc_up",
        "/metrics?colect[]=state",
        "/metrics?collect=state",
        "/metrics?collect[]=disc_usage",
        "/metrics?collect[]=",
        "/metrics?exclude[]=state",
        "/metrics?collect[]=state&exclude[]=messages",
        "/metrics?collect[]=tasks",
        "/probe?target=attic&collect[]=tasks",
        "/probe?target=attic&exclude[]=-tasks",
    ] {
        let answer = exporter.get(page, &[]).await;
        write!(text, "{} {}", answer.status, answer.body).expect("memory");
    }
    assert_eq!(client.connections(), 0);
    insta::assert_snapshot!(text, @r"
    400 The parameter `target` belongs to /probe, which shows one client or project; this page shows all.
    400 The parameter `debug` belongs to /probe, which shows one client or project; this page shows all.
    400 Unknown parameter `name[]`; valid parameters are `collect[]` and `exclude[]`.
    400 Unknown parameter `colect[]`; did you mean `collect[]`?
    400 Unknown parameter `collect`; did you mean `collect[]`?
    400 Unknown collector `disc_usage`; did you mean `disk_usage`?
    400 Unknown collector ``; valid names are `version`, `cc_status`, `state`, `file_transfers`, `messages`, `notices`, `screensaver_tasks`, `old_results`, `daily_transfers`, `statistics`, `known_projects`, `disk_usage`, `slots`, `files`, `details`, `tasks`, `transfers`, `app_versions`, `history` and `names`.
    400 The collector `state` is always on and cannot be excluded.
    400 The parameters `collect[]` and `exclude[]` cannot be combined; use one of them.
    400 The collector `tasks` is not enabled; add it to `collectors` in the configuration.
    400 The collector `tasks` is not enabled; add it to `collectors` in the configuration.
    400 Unknown collector `-tasks`; did you mean `tasks`?
    ");
}

#[tokio::test]
async fn options_are_told_without_asking_a_client() {
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    let http = crate::support::http_client();
    let options = async |path: &str| {
        let url = format!("http://{}{path}", exporter.address());
        let answer = http.request(reqwest::Method::OPTIONS, url).send().await.expect("an answer");
        let allow = answer.headers().get("allow").map(|allow| allow.to_str().expect("text").to_owned());
        (answer.status().as_u16(), allow)
    };
    for path in ["/", "/metrics", "/probe", "/sd", "/config", "/runbooks", "/-/healthy", "/-/ready", "/-/metrics"] {
        assert_eq!(options(path).await, (204, Some("GET, HEAD, OPTIONS".to_owned())), "{path}");
    }
    assert_eq!(options("/-/reload").await, (204, Some("POST, OPTIONS".to_owned())));
    assert_eq!(options("/metric").await, (404, None));
    assert_eq!(client.connections(), 0);
}
