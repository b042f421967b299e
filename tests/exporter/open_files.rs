//! A low limit on open files: fewer clients at a time, and none is blamed.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::process::Command;

use crate::support::{FOLDER, FakeClient, PASSWORD, Samples, client_toml};

#[tokio::test(flavor = "multi_thread")]
async fn fewer_clients_are_polled_at_a_time() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("password"), PASSWORD).expect("it is writable");
    let (mut config, mut clients) =
        (String::from("[scrape]\ntimeout = \"60s\"\nclient_timeout = \"60s\"\n"), Vec::new());
    for number in 0..60 {
        let client = FakeClient::playing(FOLDER).start().await;
        write!(config, "{}", client_toml(&format!("c{number}"), &client.address())).expect("memory");
        clients.push(client);
    }
    std::fs::write(folder.path().join("config.toml"), config).expect("it is writable");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 40 && exec \"$0\" --config.file \"$1\" --log.level warn scrape"]);
    command.arg(env!("CARGO_BIN_EXE_boinc_exporter")).arg(folder.path().join("config.toml")).env_clear();
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("sh starts");
    let (text, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let up: f64 = Samples::parse(&text).series("boinc_up", &[]).map(|(_, value)| value).sum();
    assert_eq!(up, 60.0, "{log}");
    let expected = "polling fewer clients at a time than configured, because the limit on open files is low";
    assert_eq!((log.lines().count(), log.contains(expected)), (1, true), "{log}");
    assert!(log.contains("concurrency=6 configured=100"), "{log}");
}
