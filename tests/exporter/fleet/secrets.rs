//! Secrets that a client knows, or that open it, planted wherever they can stand: nothing that the exporter says, in any
//! format, at any level, in any failure, holds one of them.

use std::path::Path;
use std::process::Command;

use crate::support::{Exporter, FOLDER, FakeClient, PASSWORD, Recording, client_toml};

/// Elements of replies that tell who somebody is, with what is planted there.
const PLANTED: [(&str, &[&str], &str); 5] = [
    ("ip_addr", &["get_state", "get_host_info"], "203.0.113.77"),
    ("host_cpid", &["get_state", "get_host_info"], "planted0host0cpid000000000000001"),
    ("email_hash", &["get_state", "get_project_status"], "planted0email0hash00000000000002"),
    ("cross_project_id", &["get_state", "get_project_status"], "planted0cross0project0id00000003"),
    ("external_cpid", &["get_state", "get_project_status"], "planted0external0cpid00000000004"),
];

/// Elements that clients of other versions send, or should not send at all: they are put before another one.
const INSERTED: [(&str, &str, &str); 3] = [
    ("mac_address", "host_cpid", "de:ad:be:ef:00:05"),
    ("authenticator", "email_hash", "planted0authenticator00000000006"),
    ("account_key", "email_hash", "planted0account0key0000000000007"),
];

/// In texts that are for people.
const IN_TEXTS: &str = "planted0in0a0text000000000000008";

/// What else nobody may see.
const WRONG_PASSWORD: &str = "wrong horse";
const INLINE_PASSWORD: &str = "planted0inline0password000000009";
/// Where the name of a file belongs.
const NAMED_PASSWORD: &str = "planted0named0password0000000010";

/// A client that knows all these secrets, and says other things as well.
fn recording() -> Recording {
    let recording = Recording::of(FOLDER);
    for (element, operations, text) in PLANTED {
        operations.iter().for_each(|operation| recording.set_all(operation, element, text));
    }
    for (element, before, text) in INSERTED {
        let state = recording.get("get_state");
        let changed = state.replace(&format!("<{before}>"), &format!("<{element}>{text}</{element}>\n    <{before}>"));
        assert_ne!(changed, state);
        recording.set("get_state", &changed);
    }
    for (operation, place) in [
        ("get_messages", "<body><![CDATA[\n"),
        ("get_notices_public", "<description><![CDATA[\n"),
        ("get_file_transfers", "<url>http://"),
        ("get_state", "<command_line>\n"),
        ("get_state", "<web_graphics_url>"),
    ] {
        let reply = recording.get(operation);
        assert!(reply.contains(place), "{operation} has {place:?}");
        recording.set(operation, &reply.replace(place, &format!("{place}{IN_TEXTS} ")));
    }
    recording
}

/// What a command prints, on both streams.
fn run(config: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .arg("--config.file")
        .arg(config)
        .args(["--log.level", "debug"])
        .args(arguments)
        .env_clear()
        .output()
        .expect("the built binary starts");
    format!("{arguments:?}\n{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()))
}

/// Everything that an exporter shows by HTTP and logs.
async fn pages(exporter: &Exporter, visited: &str) -> String {
    let mut shown = String::new();
    let visit = format!("/probe?target={visited}&module=lab&debug=true");
    for path in [
        "/metrics",
        "/probe?target=attic",
        "/probe?target=cellar",
        "/probe?target=attic&debug=true",
        "/probe?target=cellar&debug=true",
        &visit,
        "/",
        "/config",
        "/sd",
        "/nothing",
    ] {
        for accept in ["text/plain", "application/openmetrics-text;version=1.0.0"] {
            let page = exporter.get(path, &[("Accept", accept)]).await;
            let headers = format!("{:?}", page.headers);
            shown.extend([path, " ", accept, "\n", &page.body, "\n", &headers, "\n"]);
        }
    }
    let reload = crate::support::http_client().post(format!("http://{}/-/reload", exporter.address())).send().await;
    shown += &reload.expect("there is an answer").text().await.expect("it is whole");
    shown + &exporter.log()
}

// The commands are awaited by a thread that would otherwise serve the clients.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_shown_anywhere() {
    let recording = recording();
    let (attic, cellar, visited) = (
        FakeClient::playing(recording.folder()).start().await,
        FakeClient::playing(recording.folder()).start().await,
        FakeClient::playing(recording.folder()).remote().start().await,
    );
    let everything = "collectors = [\"default\", \"tasks\", \"transfers\", \"app_versions\", \"history\", \"names\"]\n";
    let config = [
        "[log]\nlevel = \"debug\"\n[probe]\nallow = [\"127.0.0.1\"]\n[probe.modules.lab]\npassword_file = \"wrong\"\n",
        &client_toml("attic", &attic.address()),
        everything,
        &client_toml("cellar", &cellar.address()).replace("\"password\"", "\"wrong\""),
        everything,
        &client_toml("shed", "127.0.0.1:1").replace("\"password\"", &format!("\"{NAMED_PASSWORD}\"")),
    ];
    let exporter = Exporter::start_with(&config.concat(), &["--web.enable-lifecycle"]);
    let mut shown = pages(&exporter, &visited.address()).await;
    let file = exporter.folder().join("config.toml");
    for arguments in [&["check"][..], &["scrape"], &["scrape", "--log.format", "json"], &["--config.check"]] {
        shown += &run(&file, arguments);
    }
    let bad = exporter.folder().join("bad.toml");
    std::fs::write(&bad, format!("[[clients]]\naddress = \"attic\"\npassword = \"{INLINE_PASSWORD}\"\n"))
        .expect("writable");
    shown += &run(&bad, &["--config.check"]);
    shown += &run(&bad, &["check"]);

    // What stands beside the secrets is there, so they were read; and each failure was told.
    for told in [
        "client=\"attic\"",
        "reason=\"wrong_password\"",
        "rejected the password",
        "could be the password itself",
        "debug=true",
        "level=warn",
    ] {
        assert!(shown.contains(told), "{told} is not in\n{shown}");
    }
    let hashes = [&attic, &cellar, &visited].map(FakeClient::requests);
    let hashes = hashes.iter().flatten().filter_map(|request| {
        let (_, rest) = request.text.split_once("<nonce_hash>")?;
        Some(rest.split_once('<')?.0.to_owned())
    });
    let hashes: Vec<_> = hashes.collect();
    assert!(hashes.len() > 5, "these clients were logged in to: {hashes:?}");
    let planted = PLANTED.iter().map(|(.., text)| *text).chain(INSERTED.iter().map(|(.., text)| *text));
    let others = [IN_TEXTS, PASSWORD, WRONG_PASSWORD, INLINE_PASSWORD, NAMED_PASSWORD];
    for secret in planted.chain(others).chain(hashes.iter().map(String::as_str)) {
        let line = shown.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is shown");
    }
    for client in [attic, cellar, visited] {
        client.assert_was_left_in_peace().await;
    }
}
