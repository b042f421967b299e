//! What is wrong with recorded clients, in the words of the overview and of `check`.

use std::fmt::Write as _;
use std::process::Command;

use boinc_exporter::client::snapshot::Snapshot;
use boinc_exporter::client::trouble::{Trouble, troubles};

use crate::support::{Exporter, FOLDER, FakeClient, Offline, Replies, client_toml};

/// The troubles, less that recordings are old, and that some are of a few requests.
fn told(snapshot: &Snapshot) -> String {
    let found =
        troubles(snapshot).into_iter().filter(|finding| ![Trouble::Clock, Trouble::Request].contains(&finding.trouble));
    let told: Vec<_> = found.map(|finding| format!("{}: {}", finding.trouble.shown().0, finding.detail)).collect();
    told.join("\n  ")
}

#[test]
fn every_recorded_client() {
    let offline = Offline::new();
    let mut text = String::new();
    for (client, replies) in Replies::of_all_clients() {
        writeln!(text, "{client}\n  {}", told(&offline.snapshot_with_reports(&replies))).expect("memory");
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_of_a_client_that_answers() {
    let client = FakeClient::playing(FOLDER).start().await;
    // For its folder, in which the password is.
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .arg("--config.file")
        .arg(exporter.folder().join("config.toml"))
        .arg("check")
        .env_clear()
        .output()
        .expect("the built binary starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let told: Vec<_> = text.lines().filter(|line| line.contains("trouble") && !line.contains("clock")).collect();
    assert!(output.status.success(), "{text}");
    assert_eq!(told, ["  trouble                       transfers fail: 1 upload to be tried again"], "{text}");
}

#[tokio::test]
async fn the_overview_remembers_a_client_that_is_down() {
    let client = FakeClient::playing(FOLDER).start().await;
    let exporter = Exporter::start(&client_toml("attic", &client.address()));
    exporter.get("/metrics", &[]).await;
    drop(client);
    exporter.get("/metrics", &[]).await;
    let page = exporter.get("/", &[]).await.body;
    assert!(page.contains("<span class=\"state\">down: refused</span><span class=\"why\">down since "), "{page}");
    for words in ["<dt>Down<dd>since ", "; last seen up ", "<dt>Version<dd>BOINC 7.20.5</dd>"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
