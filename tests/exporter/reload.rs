//! The configuration is replaced while the exporter runs: all at once or not at all, and without harm to what is known.

use std::process::Command;

use crate::support::process::PATIENCE;
use crate::support::{Exporter, FOLDER, FakeClient, Fault, Gate, Samples, TIMEOUT, client_toml, client_toml_within};

const SUCCESSFUL: &str = "boinc_exporter_config_last_reload_successful";
const TIMESTAMP: &str = "boinc_exporter_config_last_reload_success_timestamp_seconds";
const SHORTLY: (&str, &str) = (TIMEOUT, "1");

/// Changes the configuration file; `config` as for [`Exporter::start`].
fn write(exporter: &Exporter, config: &str) {
    let text = format!("[web]\nlisten_address = [\"127.0.0.1:0\"]\n{config}");
    let (new, file) = (exporter.folder().join("new.toml"), exporter.folder().join("config.toml"));
    std::fs::write(&new, text).and_then(|()| std::fs::rename(new, file)).expect("the folder is writable");
}

/// Starts an exporter that a POST reloads.
fn start(config: &str) -> Exporter {
    Exporter::start_with(config, &["--web.enable-lifecycle"])
}

/// Asks for a reload; gives the status and the text.
async fn reload(exporter: &Exporter) -> (u16, String) {
    let answer = crate::support::http_client().post(format!("http://{}/-/reload", exporter.address())).send().await;
    let answer = answer.expect("an answer");
    let folder = format!("{}/", exporter.folder().display());
    (answer.status().as_u16(), answer.text().await.expect("a whole answer").replace(&folder, ""))
}

async fn samples(exporter: &Exporter) -> Samples {
    Samples::parse(&exporter.get("/metrics", &[]).await.body)
}

/// The targets that the exporter has.
async fn targets(exporter: &Exporter) -> Vec<String> {
    let found: serde_json::Value = serde_json::from_str(&exporter.get("/sd", &[]).await.body).expect("JSON");
    let found = found.as_array().expect("a list");
    found.iter().map(|group| group["targets"][0].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn a_post_replaces_what_is_configured() {
    let exporter = start(&client_toml("attic", "127.0.0.1:1"));
    let before = samples(&exporter).await;
    assert_eq!(before.value(SUCCESSFUL, &[]), Some(1.0));
    write(&exporter, &(client_toml("cellar", "127.0.0.1:2") + &client_toml("shed", "127.0.0.1:3")));
    assert_eq!(targets(&exporter).await, ["attic"]);
    assert_eq!(reload(&exporter).await, (200, "The configuration was reloaded: 2 clients.\n".to_owned()));
    assert_eq!(targets(&exporter).await, ["cellar", "shed"]);
    let after = samples(&exporter).await;
    assert!(after.value(TIMESTAMP, &[]) > before.value(TIMESTAMP, &[]));
    assert_eq!(after.value("boinc_up", &[("client", "shed")]), Some(0.0));
    assert_eq!(after.value("boinc_up", &[("client", "attic")]), None);

    let page = exporter.get("/-/reload", &[]).await;
    let sentence = "/-/reload only supports POST, which reloads the configuration; this was GET.\n";
    assert_eq!(
        (page.status, page.body.as_str(), page.headers["allow"].as_bytes()),
        (405, sentence, b"POST, OPTIONS".as_slice())
    );
}

#[tokio::test]
async fn a_post_is_refused_unless_the_operator_wants_it() {
    let exporter = Exporter::start(&client_toml("attic", "127.0.0.1:1"));
    write(&exporter, &client_toml("cellar", "127.0.0.1:2"));
    let sentence =
        "Reloading by POST is not enabled; start the exporter with --web.enable-lifecycle, or send it SIGHUP.\n";
    assert_eq!(reload(&exporter).await, (403, sentence.to_owned()));
    assert_eq!(targets(&exporter).await, ["attic"]);
}

#[tokio::test]
async fn pages_of_other_sites_cannot_reload() {
    let exporter = start(&client_toml("attic", "127.0.0.1:1"));
    let own = format!("http://{}", exporter.address());
    let post = async |headers: &[(&str, &str)]| {
        let request = reqwest::Client::new().post(format!("{own}/-/reload"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a whole answer"))
    };
    let sentence = "Another site's page asked for this, so it is refused; reload with curl -X POST, or send SIGHUP.\n";
    for headers in [
        [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")].as_slice(),
        &[("sec-fetch-site", "cross-site")],
        // Another port, or another name of the same site: pages that others may have written.
        &[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:1")],
        // Browsers from before 2023 do not say more.
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
    ] {
        assert_eq!(post(headers).await, (403, sentence.to_owned()), "{headers:?}");
    }
    for headers in
        [[("sec-fetch-site", "same-origin")].as_slice(), &[("sec-fetch-site", "none")], &[("origin", &own)], &[]]
    {
        assert_eq!(post(headers).await.0, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_refused_and_the_old_one_stays() {
    let exporter = start(&client_toml("attic", "127.0.0.1:1"));
    let before = samples(&exporter).await;
    write(&exporter, "[scrape]\ntimeout = \"soon\"\n[[clients]]\naddress = \"127.0.0.1:2\"\n");
    let failure = "config.toml:4: `scrape.timeout` is \"soon\", but must be a duration such as \"10s\", \"500ms\" or \"1h 30m\", \
                   or a number of seconds, of at most 366 days";
    let sentence = format!("The configuration could not be reloaded; the previous one stays in force: {failure}\n");
    assert_eq!(reload(&exporter).await, (500, sentence));
    assert_eq!(targets(&exporter).await, ["attic"]);
    let after = samples(&exporter).await;
    assert_eq!((after.value(SUCCESSFUL, &[]), after.value(TIMESTAMP, &[])), (Some(0.0), before.value(TIMESTAMP, &[])));
    assert!(exporter.log().contains("level=error"), "{}", exporter.log());
    let folder = format!("{}/", exporter.folder().display());
    let overview = exporter.get("/", &[]).await.body.replace(&folder, "");
    let top = overview.split("</nav>\n<main>\n").nth(1).and_then(|main| main.split("<p class=\"summary\">").next());
    let sentence = failure.replace('"', "&quot;");
    assert_eq!(
        top,
        Some(&*format!(
            "<p class=\"failed red\"><b class=\"state\">The configuration could not be reloaded.</b> The previous one is still in \
             force. {sentence}</p>\n"
        ))
    );

    std::fs::remove_file(exporter.folder().join("config.toml")).expect("the file is there");
    let sentence = "The configuration could not be reloaded; the previous one stays in force: the configuration file config.toml does \
                    not exist; correct --config.file\n";
    assert_eq!(reload(&exporter).await, (500, sentence.to_owned()));
    write(&exporter, &client_toml("attic", "127.0.0.1:1"));
    assert_eq!(reload(&exporter).await, (200, "The configuration was reloaded: 1 client.\n".to_owned()));
    assert_eq!(samples(&exporter).await.value(SUCCESSFUL, &[]), Some(1.0));
    assert!(!exporter.get("/", &[]).await.body.contains("class=\"failed"));
}

#[tokio::test]
async fn the_web_configuration_is_replaced_with_it_or_neither_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (web, new) = (folder.path().join("web.yml"), folder.path().join("new.yml"));
    let write_web = |option: &str| {
        let text = format!("http_server_config:\n  headers:\n    X-Frame-Options: {option}\n");
        std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &web)).expect("the folder is writable");
    };
    let key = format!("config_file = {:?}\n", web.display().to_string());
    write_web("deny");
    let exporter = start(&(key.clone() + &client_toml("attic", "127.0.0.1:1")));
    let frames = async || {
        let answer = exporter.get("/-/healthy", &[]).await;
        answer.headers["x-frame-options"].to_str().expect("text").to_owned()
    };
    write_web("perhaps");
    write(&exporter, &(key.clone() + &client_toml("cellar", "127.0.0.1:2")));
    let (status, text) = reload(&exporter).await;
    assert_eq!(status, 500);
    let start =
        "The configuration could not be reloaded; the previous one stays in force: the web configuration is invalid: ";
    assert!(text.starts_with(start) && text.contains("X-Frame-Options"), "{text}");
    assert_eq!((targets(&exporter).await, frames().await), (vec!["attic".to_owned()], "deny".to_owned()));
    write_web("sameorigin");
    write(&exporter, &(key.clone() + "[[clients]]\n"));
    assert_eq!(reload(&exporter).await.0, 500);
    write(&exporter, &(key + &client_toml("cellar", "127.0.0.1:2")));
    assert_eq!(reload(&exporter).await.0, 200);
    assert_eq!((targets(&exporter).await, frames().await), (vec!["cellar".to_owned()], "sameorigin".to_owned()));
}

#[tokio::test]
async fn a_client_that_stays_keeps_its_memory() {
    let attic = FakeClient::playing(FOLDER).start().await;
    let config = client_toml("attic", &attic.address());
    let exporter = start(&config);
    let slow = || attic.operations().iter().filter(|operation| *operation == "get_disk_usage").count();
    let before = samples(&exporter).await;
    for changed in [
        // Nothing, then others, then what does not matter to what is remembered.
        config.clone(),
        client_toml("cellar", "127.0.0.1:1") + &config,
        client_toml_within(PATIENCE / 2, "attic", &attic.address()) + "labels = { room = \"attic\" }\n",
        "[scrape]\nconcurrency = 3\nmax_tasks = 5\n".to_owned() + &config,
    ] {
        write(&exporter, &changed);
        assert_eq!(reload(&exporter).await.0, 200, "{}", exporter.log());
        let after = samples(&exporter).await;
        let counters = before.of_client("attic").0.into_iter().filter(|(sample, _)| sample.name.ends_with("_total"));
        for (counter, value) in counters {
            let now = after.of_client("attic").0.get(&counter).copied();
            assert!(now >= Some(value), "{counter:?} fell from {value} to {now:?}");
        }
        assert_eq!(slow(), 1, "{changed}");
    }
    // Asked for other things, it begins anew.
    write(&exporter, &(config + "collectors = [\"default\", \"history\"]\n"));
    assert_eq!(reload(&exporter).await.0, 200);
    samples(&exporter).await;
    assert_eq!(slow(), 2);
    attic.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn what_is_known_of_a_client_that_is_down_stays() {
    let attic = FakeClient::playing(FOLDER).start().await;
    let config = client_toml("attic", &attic.address());
    let exporter = start(&config);
    samples(&exporter).await;
    drop(attic);
    samples(&exporter).await;
    write(&exporter, &(config + "labels = { room = \"attic\" }\n"));
    assert_eq!(reload(&exporter).await.0, 200, "{}", exporter.log());
    samples(&exporter).await;
    let page = exporter.get("/", &[]).await.body;
    assert!(
        page.contains("; last seen up ") && page.contains("BOINC 7.20.5") && page.contains("room: attic"),
        "{page}"
    );
}

#[tokio::test]
async fn a_scrape_under_way_ends_as_it_began_and_nobody_else_asks_meanwhile() {
    let gate = Gate::new();
    let attic = FakeClient::playing(FOLDER).fault("get_cc_status", Fault::Late(gate.clone())).start().await;
    let exporter = start(&client_toml("attic", &attic.address()));
    let ((), old) = tokio::join!(
        async {
            gate.reached().await;
            // The client goes, and comes back under another name.
            write(&exporter, &client_toml("other", "127.0.0.1:1"));
            assert_eq!(reload(&exporter).await.0, 200);
            write(&exporter, &client_toml("renamed", &attic.address()));
            assert_eq!(reload(&exporter).await.0, 200);
            let new = Samples::parse(&exporter.get("/metrics", &[SHORTLY]).await.body);
            assert_eq!(new.value("boinc_up", &[("client", "renamed")]), Some(0.0));
            assert_eq!(attic.connections(), 1);
            gate.open();
        },
        samples(&exporter)
    );
    assert_eq!(old.value("boinc_up", &[("client", "attic")]), Some(1.0));
    assert_eq!(samples(&exporter).await.value("boinc_up", &[("client", "renamed")]), Some(1.0));
    attic.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn what_is_decided_at_the_start_stays() {
    let exporter = start(&client_toml("attic", "127.0.0.1:1"));
    write(
        &exporter,
        &("telemetry_path = \"/m\"\n[log]\nlevel = \"error\"\n".to_owned() + &client_toml("cellar", "127.0.0.1:1")),
    );
    assert_eq!(reload(&exporter).await.0, 200);
    assert_eq!(samples(&exporter).await.value("boinc_up", &[("client", "cellar")]), Some(0.0));
    for sentence in ["[web] has changed; except for disable_exporter_metrics", "[log] has changed; this takes effect"] {
        assert!(exporter.log().contains(sentence), "{}", exporter.log());
    }
    let config = exporter.get("/config", &[]).await.body;
    assert!(config.contains("telemetry_path = \"/metrics\"") && config.contains("level = \"info\""), "{config}");
}

#[cfg(unix)]
#[tokio::test]
async fn sighup_reloads() {
    let exporter = Exporter::start(&client_toml("attic", "127.0.0.1:1"));
    write(&exporter, &client_toml("cellar", "127.0.0.1:1"));
    let killed = Command::new("kill").args(["-HUP", &exporter.pid().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    exporter.logged(1, "reloaded the configuration").await;
    assert_eq!(targets(&exporter).await, ["cellar"]);
}

#[tokio::test]
async fn a_changed_file_is_seen() {
    let flags = ["--config.enable-auto-reload", "--config.auto-reload-interval=100ms"];
    let exporter = Exporter::start_with(&client_toml("attic", "127.0.0.1:1"), &flags);
    write(&exporter, &client_toml("cellar", "127.0.0.1:1"));
    exporter.logged(1, "reloaded the configuration").await;
    assert_eq!(targets(&exporter).await, ["cellar"]);
    write(&exporter, "[[clients]]\n");
    let successful = async || samples(&exporter).await.value(SUCCESSFUL, &[]);
    exporter.logged(1, "cannot reload the configuration").await;
    assert_eq!(successful().await, Some(0.0));
    write(&exporter, &client_toml("cellar", "127.0.0.1:1"));
    exporter.logged(2, "reloaded the configuration").await;
    assert_eq!(successful().await, Some(1.0));
    let lines = |part: &str| exporter.log().lines().filter(|line| line.contains(part)).count();
    assert_eq!(
        (lines("cannot reload the configuration"), lines("reloaded the configuration")),
        (1, 2),
        "{}",
        exporter.log()
    );
}
