//! `/sd` and `/config`: what is configured, for Prometheus and for people.

use boinc_exporter::cli::Cli;
use boinc_exporter::config::Config;
use clap::Parser;

use crate::support::{Exporter, PASSWORD};

#[tokio::test]
async fn each_client_is_a_target_that_needs_no_more_than_the_address_of_the_exporter() {
    let exporter = Exporter::start(
        "[[clients]]\nname = \"attic \\\"1\\\"\"\naddress = \"attic.lan\"\nlabels = { room = \"attic\", group = \"home\" }\n\
         [[clients]]\naddress = \"127.0.0.1:1\"\n",
    );
    let page = exporter.get("/sd", &[]).await;
    assert_eq!((page.status, page.headers["content-type"].as_bytes()), (200, b"application/json".as_slice()));
    let found: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(
        found,
        serde_json::json!([
            {
                "targets": ["attic \"1\""],
                "labels": {
                    "__metrics_path__": "/probe",
                    "__param_target": "attic \"1\"",
                    "instance": "attic \"1\"",
                    "__meta_boinc_address": "attic.lan:31416",
                    "__meta_boinc_label_group": "home",
                    "__meta_boinc_label_room": "attic",
                },
            },
            {
                "targets": ["127.0.0.1:1"],
                "labels": {
                    "__metrics_path__": "/probe",
                    "__param_target": "127.0.0.1:1",
                    "instance": "127.0.0.1:1",
                    "__meta_boinc_address": "127.0.0.1:1",
                },
            },
        ])
    );
}

#[tokio::test]
async fn without_clients_the_one_on_this_computer_is_the_target() {
    let exporter = Exporter::start("");
    let found: serde_json::Value = serde_json::from_str(&exporter.get("/sd", &[]).await.body).expect("JSON");
    assert_eq!(found[0]["targets"], serde_json::json!(["localhost"]));
    let config = exporter.get("/config", &[]).await.body;
    assert!(config.contains("\n# No clients configured: monitoring the one on this computer.\n"), "{config}");
}

/// The settings of a file.
fn load(file: &std::path::Path) -> Config {
    let cli = Cli::try_parse_from(["boinc_exporter".as_ref(), "--config.file".as_ref(), file.as_os_str()]);
    Config { file: None, ..Config::load(&cli.expect("good flags")).expect("a good file") }
}

#[tokio::test]
async fn the_settings_in_force_are_a_file_that_says_the_same() {
    let exporter = Exporter::start(
        "max_requests = 7\n[scrape]\ntimeout = \"8.5s\"\ncollectors = \"default,tasks\"\n\
         [probe]\nallow = [\"10.0.0.0/8\"]\n[probe.modules.lab]\npassword_file = \"password\"\n\
         [[clients]]\nname = \"attic\"\naddress = \"attic.lan\"\npassword_file = \"password\"\nlabels = { room = \"attic\" }\n\
         timeout = \"1h 30m\"\n[[clients]]\naddress = \"cellar.lan\"\ncollectors = [\"state\"]\n",
    );
    let page = exporter.get("/config", &[]).await;
    assert_eq!(page.headers["content-type"].as_bytes(), b"application/toml; charset=utf-8");
    assert!(!page.body.contains(PASSWORD), "{}", page.body);
    let (original, shown) = (exporter.folder().join("config.toml"), exporter.folder().join("shown.toml"));
    std::fs::write(&shown, &page.body).expect("the folder is writable");
    assert_eq!(load(&shown), load(&original));
    let folder = exporter.folder().display().to_string();
    insta::assert_snapshot!(page.body.replace(&folder, "FOLDER"), @r#"
    # In force, including defaults, environment and flags. Configuration file: "FOLDER/config.toml".

    [web]
    listen_address = ["127.0.0.1:0"]
    telemetry_path = "/metrics"
    max_requests = 7
    disable_exporter_metrics = false
    systemd_socket = false
    enable_lifecycle = false

    [scrape]
    timeout = "8s 500ms"
    timeout_offset = "500ms"
    client_timeout = "10s"
    concurrency = 100
    collectors = ["default", "tasks"]
    max_reply_bytes = 67108864
    max_tasks = 1000
    max_transfers = 200
    max_app_versions = 500
    max_series = 100000

    [scrape.intervals]
    state = "5m"
    disk_usage = "10m"
    old_results = "0s"
    daily_transfers = "10m"
    statistics = "1h"
    known_projects = "1day"
    version = "1h"

    [probe]
    allow = ["10.0.0.0/8"]

    [probe.modules.lab]
    password_file = "FOLDER/password"

    [log]
    level = "info"
    format = "logfmt"

    [[clients]]
    name = "attic"
    address = "attic.lan"
    password_file = "FOLDER/password"
    timeout = "1h 30m"

    [clients.labels]
    room = "attic"

    [[clients]]
    address = "cellar.lan"
    collectors = ["state"]

    [projects]
    watch = "listed"
    collectors = ["default"]
    timeout = "30s"
    concurrency = 8
    max_hosts = 100
    max_batches = 100

    [projects.intervals]
    config = "1h"
    status = "1h"
    scheduler = "1h"
    account = "1h"
    team = "6h"
    statistics = "1day"
    batches = "15m"
    validation = "1h"
    members = "1day"
    "#);
}
