//! Hostile networks and odd clients, over real sockets: whatever one request, one connection or one client does wrong costs
//! exactly itself, is named, and is over in time; and nothing that watches a client ever harms it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{
    self, Builder, COLLECTORS, FOLDER, FakeClient, Fault, Gate, Scene, assert_down, client_toml, reply_folders,
    successes,
};

/// For each operation a client that misbehaves at it alone: its collector fails for one of the reasons, all else is served.
async fn each_operation(fault: &Fault, reasons: &[&str]) {
    each_operation_but(&[], "", fault, reasons).await;
}

/// The same with what never ends by itself, which this makes of the time that there is.
async fn each_operation_within_time(fault: impl Fn(Duration) -> Fault, reasons: &[&str]) {
    let time = Scene::time_for(COLLECTORS.len() + 1).await;
    let scene = Scene::within(time, odd_ones(&[], &fault(time))).await;
    assert_each_costs_itself(scene, reasons).await;
}

async fn each_operation_but(but: &[&str], config: &str, fault: &Fault, reasons: &[&str]) -> Vec<(String, FakeClient)> {
    let scene = Scene::new(config, odd_ones(but, fault)).await;
    assert_each_costs_itself(scene, reasons).await
}

/// For each operation but some a client that misbehaves at it, by the name of its collector.
fn odd_ones(but: &[&str], fault: &Fault) -> Vec<(String, Builder)> {
    let odd = COLLECTORS.iter().filter(|(name, _)| !but.contains(name));
    let client = |(name, operation): &(&str, &str)| {
        ((*name).to_owned(), FakeClient::playing(FOLDER).fault(operation, fault.clone()))
    };
    odd.map(client).collect()
}

async fn assert_each_costs_itself(scene: Scene, reasons: &[&str]) -> Vec<(String, FakeClient)> {
    let samples = scene.scrape().await;
    for (name, _) in scene.clients.iter().filter(|(name, _)| name != "healthy") {
        scene.assert_outcome(&samples, name, Some((name, reasons)));
        Scene::assert_nothing_wrong(&samples, name);
    }
    let peak = scene.exporter.peak_memory();
    assert!(peak < 64 << 20, "the exporter used {peak} bytes");
    scene.end().await;
    scene.clients
}

/// A client that gives nothing at all: down, for one of these reasons, after so many connections at most.
async fn whole_client(builder: Builder, reasons: &[&str], connections: usize) {
    assert_whole_client(Scene::one(builder).await, reasons, connections).await;
}

async fn assert_whole_client(scene: Scene, reasons: &[&str], connections: usize) {
    let samples = scene.scrape().await;
    assert_down(&samples, "odd", reasons);
    // Each try costs the client work, and some a line in its log.
    assert!(scene.odd().connections() <= connections, "{} connections", scene.odd().connections());
    scene.end().await;
}

/// The same for a client whose password file is this one.
async fn wrong_login(builder: Builder, password_file: &str, reasons: &[&str]) -> Vec<String> {
    let client = builder.start().await;
    let config = client_toml("odd", &client.address()).replace("\"password\"", &format!("\"{password_file}\""));
    let scene = Scene::around("odd", client, &config).await;
    assert_down(&scene.scrape().await, "odd", reasons);
    scene.end().await;
    scene.odd().operations()
}

#[tokio::test]
async fn a_healthy_client_is_asked_everything_once_over_one_connection() {
    let scene = Scene::new("", Vec::new()).await;
    scene.scrape().await;
    let login = ["auth1", "auth2"].map(str::to_owned);
    let operations = COLLECTORS.iter().flat_map(|(_, operation)| match *operation {
        "get_messages" => vec!["get_message_count".to_owned(), "get_messages".to_owned()],
        operation => vec![operation.to_owned()],
    });
    assert_eq!(scene.odd().operations(), login.into_iter().chain(operations).collect::<Vec<_>>());
    assert_eq!(scene.odd().connections(), 1);
    scene.end().await;
}

#[tokio::test]
async fn every_recorded_client_is_served() {
    let folders: Vec<_> = reply_folders().into_iter().filter(|folder| !folder.ends_with("_common")).collect();
    let client = |folder: &String| (folder.clone(), FakeClient::playing(folder));
    let scene = Scene::new("", folders.iter().map(client).collect()).await;
    let samples = scene.scrape().await;
    for folder in &folders {
        let recorded = |operation: &str| {
            let file = format!("{operation}.xml");
            let common = format!("{}_common", folder.split('_').next().unwrap_or_default());
            support::replies(folder).join(&file).exists() || support::replies(&common).join(&file).exists()
        };
        let mut expected: BTreeMap<_, _> =
            COLLECTORS.map(|(name, operation)| (name.to_owned(), f64::from(u8::from(recorded(operation))))).into();
        let mut got = successes(&samples, folder);
        // Without a recorded count the event log may be asked or not.
        if !recorded("get_message_count") {
            got.remove("messages");
            expected.remove("messages");
        }
        assert_eq!(got, expected, "{folder}");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_reply_that_never_comes() {
    each_operation_within_time(|_| Fault::Silence, &["timeout"]).await;
}

#[tokio::test]
async fn a_reply_that_comes_a_byte_at_a_time() {
    // The shortest reply would take five times what there is. A client sees only with its next byte that nobody reads on, and answers
    // nobody else before.
    each_operation_within_time(|time| Fault::Drip(time / 16), &["timeout"]).await;
}

#[tokio::test]
async fn a_connection_that_closes_instead_of_a_reply() {
    each_operation(&Fault::CloseBefore, &["truncated"]).await;
}

#[tokio::test]
async fn a_reply_cut_after_its_first_byte() {
    each_operation(&Fault::Cut(1), &["truncated"]).await;
}

#[tokio::test]
async fn a_reply_cut_in_the_middle() {
    each_operation(&Fault::Cut(40), &["truncated"]).await;
}

#[tokio::test]
async fn a_reply_cut_before_its_terminator() {
    each_operation(&Fault::Cut(usize::MAX), &["truncated"]).await;
}

#[tokio::test]
async fn a_flood_is_cut_off_at_the_limit() {
    let flood = Fault::Flood(200 << 20);
    let clients = each_operation_but(&[], "[scrape]\nmax_reply_bytes = 1048576\n", &flood, &["too_large"]).await;
    for (name, client) in &clients[..COLLECTORS.len()] {
        // What the exporter reads, and what the sockets' buffers hold.
        assert!(client.flooded() < 16 << 20, "{name} could send {} bytes", client.flooded());
    }
}

#[tokio::test]
async fn a_flood_is_cut_off_at_the_default_limit() {
    let scene = Scene::one(FakeClient::playing(FOLDER).fault("get_state", Fault::Flood(200 << 20))).await;
    let samples = scene.scrape().await;
    scene.assert_outcome(&samples, "odd", Some(("state", &["too_large"])));
    scene.odd().closed().await;
    assert!(scene.odd().flooded() < 100 << 20, "it could send {} bytes", scene.odd().flooded());
    assert!(scene.exporter.peak_memory() < 192 << 20, "the exporter used {} bytes", scene.exporter.peak_memory());
    scene.end().await;
}

#[tokio::test]
async fn replies_in_pieces_of_any_size() {
    let sizes = [1, 2, 3, 7, 64, 4096];
    let client = |size: usize| (size.to_string(), FakeClient::playing(FOLDER).fault_of_all(Fault::Pieces(size)));
    let scene = Scene::new("", sizes.map(client).into()).await;
    let samples = scene.scrape().await;
    let said = |client: &str| {
        let mut said = samples.of_client(client);
        said.0.retain(|sample, _| {
            !sample.name.contains("_duration_")
                && !sample.name.contains("_last_success_")
                && !sample.name.contains("_state_timestamp_")
        });
        said
    };
    for size in sizes.map(|size| size.to_string()) {
        scene.assert_outcome(&samples, &size, None);
        assert_eq!(said(&size), said("healthy"), "in pieces of {size}");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_connection_that_closes_after_each_reply() {
    let client = |(name, operation): (&str, &str)| {
        (name.to_owned(), FakeClient::playing(FOLDER).fault(operation, Fault::CloseAfter))
    };
    let scene = Scene::new("", COLLECTORS.map(client).into()).await;
    let samples = scene.scrape().await;
    for (name, _) in COLLECTORS {
        scene.assert_outcome(&samples, name, None);
        Scene::assert_nothing_wrong(&samples, name);
    }
    scene.end().await;
}

#[tokio::test]
async fn a_refused_operation() {
    each_operation(&Fault::Body("<unauthorized/>\n".to_owned()), &["unauthorized"]).await;
}

#[tokio::test]
async fn an_error_instead_of_a_reply() {
    let body = "<error>cannot be read: & <no> such/</error>\n";
    each_operation(&Fault::Body(body.to_owned()), &["server_error"]).await;
}

/// What its version does not know is missing, but nothing is wrong, unless it is the state.
#[tokio::test]
async fn an_operation_that_the_client_does_not_know() {
    let fault = Fault::Body("<error>unrecognized op: & <no> such/</error>\n".to_owned());
    let scene = Scene::new("", odd_ones(&[], &fault)).await;
    let samples = scene.scrape().await;
    for (name, _) in scene.clients.iter().filter(|(name, _)| name != "healthy") {
        let client = ("client", name.as_str());
        assert_eq!(samples.value("boinc_up", &[client]), Some(f64::from(name != "state")), "{name}");
        let without: Vec<_> = successes(&samples, name).into_iter().filter(|(_, success)| *success == 0.0).collect();
        assert_eq!(without, [(name.clone(), 0.0)]);
        let labels = [client, ("collector", name), ("reason", "unsupported")];
        assert_eq!(samples.value("boinc_scrape_collector_error", &labels), Some(1.0), "{name}");
    }
    let errors: Vec<_> = samples.series("boinc_scrape_error", &[]).map(|(sample, _)| sample.clone()).collect();
    let labels = errors.iter().map(|sample| (sample.label("client"), sample.label("reason")));
    assert_eq!(labels.collect::<Vec<_>>(), [(Some("state"), Some("unsupported"))]);
    let page = scene.exporter.get("/", &[]).await.body;
    assert!(!page.contains("part of the data is missing") && page.contains("down: request not known"), "{page}");
    assert!(!scene.exporter.log().contains("a part of it failed"), "{}", scene.exporter.log());
    scene.end().await;
}

#[tokio::test]
async fn a_reply_to_another_question() {
    each_operation(&Fault::Body("<unexpected>\n<n>1</n>\n</unexpected>\n".to_owned()), &["parse"]).await;
}

#[tokio::test]
async fn an_empty_reply() {
    // An empty list of known projects is what a client sends when its file is too large for it: no fault.
    each_operation_but(&["known_projects"], "", &Fault::Body(String::new()), &["parse"]).await;
}

#[tokio::test]
async fn garbage_in_the_form_of_a_reply() {
    let garbage = |_| b"\xff\xfe\0<<<\xc3>>>&&&;&#99999999999;<a b=\"\x1b[31m\n\x03".to_vec();
    each_operation(&Fault::Edit(garbage), &["parse"]).await;
}

#[tokio::test]
async fn elements_nested_without_end() {
    each_operation(&Fault::Body("<a>\n".repeat(200_000)), &["parse"]).await;
}

#[tokio::test]
async fn a_terminator_inside_a_text() {
    // The rest of the reply must not be taken for the reply to the next request.
    let split = |mut reply: Vec<u8>| {
        reply.insert(reply.len() / 2, 3);
        reply
    };
    // Messages behind it can never be read: they are counted as lost, which the test of that looks at.
    each_operation_but(&["messages"], "", &Fault::Edit(split), &["truncated", "parse"]).await;
}

#[tokio::test]
async fn an_http_server() {
    let page =
        |_| b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>\n<body>What?</body>\n</html>\n\x03".to_vec();
    each_operation(&Fault::Edit(page), &["parse"]).await;
}

#[tokio::test]
async fn a_late_reply_within_the_deadline() {
    let gate = Gate::new();
    let scene = Scene::one(FakeClient::playing(FOLDER).fault("get_cc_status", Fault::Late(gate.clone()))).await;
    let (samples, ()) = tokio::join!(scene.scrape(), async {
        gate.reached().await;
        gate.open();
    });
    scene.assert_outcome(&samples, "odd", None);
    Scene::assert_nothing_wrong(&samples, "odd");
    scene.end().await;
}

#[tokio::test]
async fn a_late_reply_after_the_deadline_disturbs_no_later_scrape() {
    let gate = Gate::new();
    let client = FakeClient::playing(FOLDER).fault("get_cc_status", Fault::Late(gate.clone()));
    let scene = Scene::one_within_time(client).await;
    let samples = scene.scrape().await;
    scene.assert_outcome(&samples, "odd", Some(("cc_status", &["timeout"])));
    gate.open();
    scene.odd().set_fault("get_cc_status", None);
    let samples = scene.scrape().await;
    scene.assert_outcome(&samples, "odd", None);
    Scene::assert_nothing_wrong(&samples, "odd");
    scene.end().await;
}

#[tokio::test]
async fn a_client_that_is_silent_throughout() {
    let silent = FakeClient::playing(FOLDER).fault_of_all(Fault::Silence);
    assert_whole_client(Scene::one_within_time(silent).await, &["timeout"], 1).await;
}

#[tokio::test]
async fn a_client_that_floods_from_the_first_byte() {
    whole_client(FakeClient::playing(FOLDER).fault_of_all(Fault::Flood(200 << 20)), &["too_large"], 1).await;
}

#[tokio::test]
async fn a_client_that_does_not_list_this_host() {
    whole_client(FakeClient::playing(FOLDER).deny_hosts(), &["host_denied"], 1).await;
}

#[tokio::test]
async fn a_client_that_closes_during_the_login() {
    for (operation, fault) in [("auth1", Fault::CloseAfter), ("auth2", Fault::CloseBefore)] {
        whole_client(FakeClient::playing(FOLDER).fault(operation, fault), &["truncated"], 1).await;
    }
}

#[tokio::test]
async fn a_client_that_closes_after_the_login() {
    let most = COLLECTORS.len() + 1;
    whole_client(FakeClient::playing(FOLDER).fault("auth2", Fault::CloseAfter), &["truncated"], most).await;
}

#[tokio::test]
async fn a_client_with_another_password_is_asked_nothing_more() {
    let asked = wrong_login(FakeClient::playing(FOLDER), "wrong", &["wrong_password"]).await;
    assert_eq!(asked, ["auth1", "auth2"]);
}

#[tokio::test]
async fn a_remote_client_without_its_password_is_asked_once() {
    let asked = wrong_login(FakeClient::playing(FOLDER).remote(), "empty", &["unauthorized"]).await;
    assert_eq!(asked, ["exchange_versions"]);
}

#[tokio::test]
async fn a_client_without_a_password_is_complete() {
    let client = FakeClient::playing(FOLDER).without_password().start().await;
    let config = client_toml("odd", &client.address()).replace("\"password\"", "\"empty\"");
    let scene = Scene::around("odd", client, &config).await;
    let samples = scene.scrape().await;
    scene.assert_outcome(&samples, "odd", None);
    Scene::assert_nothing_wrong(&samples, "odd");
    scene.end().await;
}

#[tokio::test]
async fn a_computer_without_a_client() {
    let address = FakeClient::playing(FOLDER).start().await.address();
    // The port was free a moment ago, and nobody listens there now.
    let scene = Scene::new(&client_toml("gone", &address), Vec::new()).await;
    assert_down(&scene.scrape().await, "gone", &["refused"]);
    scene.end().await;
}

#[tokio::test]
async fn a_name_that_nobody_knows() {
    let scene = Scene::new(&client_toml("nowhere", "nowhere.invalid"), Vec::new()).await;
    // Whether the resolver says so or says nothing.
    assert_down(&scene.scrape().await, "nowhere", &["unresolved"]);
    scene.end().await;
}
