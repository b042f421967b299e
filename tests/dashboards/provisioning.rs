//! What is committed is what the mixin renders; rules are right by promtool, and fire when they should; and the files that
//! set up Grafana and Prometheus name only files that there are.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::files::{ask, must, path, text};

const COMPOSE: &str = "dashboards/provisioning/compose.yaml";

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn what_is_committed_is_what_the_mixin_renders() {
    let verdict = ask(Command::new(path("dashboards/render")).arg("--check"));
    assert!(verdict.content, "run dashboards/render, and commit what it changes:\n{}", verdict.words);
}

#[test]
fn rules_are_right() {
    must(
        Command::new("promtool").args(["check", "rules", "--lint=all", "--lint-fatal"]).args(files("dashboards/rules")),
    );
}

#[test]
fn alerts_fire_when_they_should_and_not_else() {
    // promtool uses one processor, for minutes.
    std::thread::scope(|scope| {
        for file in files("dashboards/rules/tests") {
            scope.spawn(move || must(Command::new("promtool").args(["test", "rules"]).arg(file)));
        }
    });
}

#[test]
fn prometheus_takes_its_configuration() {
    must(Command::new("promtool").args(["check", "config"]).arg(path("dashboards/provisioning/prometheus.yml")));
}

#[test]
fn grafana_finds_dashboards_and_prometheus() {
    let compose = yaml(COMPOSE);
    let providers = yaml("dashboards/provisioning/grafana/dashboards/boinc.yml");
    let provider = &providers["providers"][0];
    assert_eq!(provider["type"], "file");
    let folder = provider["options"]["path"].as_str().expect("the provider has a path");
    assert_eq!(mounted(&compose, "grafana", folder).as_deref(), Some("../"), "{folder} is this folder of dashboards");

    let sources = yaml("dashboards/provisioning/grafana/datasources/prometheus.yml");
    let source = &sources["datasources"][0];
    assert_eq!(source["type"], "prometheus");
    let url = source["url"].as_str().expect("the data source has a URL");
    let host = url.trim_start_matches("http://").split(':').next().unwrap_or_default();
    assert_eq!(called(&compose, host), [("clients", "prometheus"), ("demo", "demo-prometheus")]);
    let home = compose["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].as_str();
    let home = home.and_then(|home| home.strip_prefix(&format!("{folder}/"))).expect("Grafana opens with a dashboard");
    assert!(path("dashboards").join(home).exists(), "{home} is none of the dashboards");
    let interval = &yaml("dashboards/provisioning/prometheus.yml")["global"]["scrape_interval"];
    assert_eq!(source["jsonData"]["timeInterval"], *interval, "Grafana knows how often Prometheus scrapes");
}

#[test]
fn compose_mounts_what_there_is_and_names_versions() {
    let compose = yaml(COMPOSE);
    let services = compose["services"].as_object().expect("there are services");
    for (name, service) in services {
        if let Some(image) = service["image"].as_str().filter(|_| service["build"].is_null()) {
            let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag).trim_start_matches('v');
            let numbers = tag.split('.').filter(|part| part.parse::<u32>().is_ok()).count();
            assert_eq!(numbers, 3, "{name}: {image} is no fixed version");
        }
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let from = volume.as_str().and_then(|text| text.split(':').next()).expect("a volume is text");
            let named = compose["volumes"].as_object().is_some_and(|volumes| volumes.contains_key(from));
            // The user makes this one, as the comment on top says.
            let made = from == "./boinc_exporter";
            let there = Path::new(&path("dashboards/provisioning")).join(from).exists();
            assert!(named || made || there, "{name} mounts {from}, which is not there");
        }
    }
    let rules = yaml("dashboards/provisioning/prometheus.yml");
    assert_eq!(rules["rule_files"][0], "rules/*.yaml");
    for service in ["prometheus", "demo-prometheus"] {
        assert_eq!(mounted(&compose, service, "/etc/prometheus/rules").as_deref(), Some("../rules"));
        assert_eq!(mounted(&compose, service, "/etc/prometheus/prometheus.yml").as_deref(), Some("./prometheus.yml"));
    }
}

/// By the schema that Compose itself has: newer versions leave out services of profiles that are not named.
#[test]
fn compose_takes_the_file() {
    let config = ["--profile=clients", "--profile=demo", "--file", COMPOSE, "config"];
    let text = must(Command::new("docker-compose").args(config).current_dir(path("")));
    let compose: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let services = compose["services"].as_object().expect("there are services");
    let names: Vec<_> = services.keys().collect();
    assert_eq!(names, ["demo", "demo-prometheus", "exporter", "grafana", "prometheus"]);
    for (name, service) in services {
        for port in service["ports"].as_array().expect("each service can be opened") {
            // As text, or in its long form.
            let local =
                port.as_str().is_some_and(|port| port.starts_with("127.0.0.1:")) || port["host_ip"] == "127.0.0.1";
            assert!(local, "{name} can be reached from outside at {port}");
        }
    }
}

#[test]
fn one_profile_simulates_and_the_default_one_does_not() {
    assert_eq!(text("dashboards/provisioning/.env"), "COMPOSE_PROFILES=clients\n");
    let compose = yaml(COMPOSE);
    let target =
        &yaml("dashboards/provisioning/prometheus.yml")["scrape_configs"][0]["static_configs"][0]["targets"][0];
    let host = target.as_str().and_then(|target| target.strip_suffix(":31415")).expect("an exporter");
    assert_eq!(called(&compose, host), [("clients", "exporter"), ("demo", "demo")]);
    assert_eq!(compose["services"]["demo"]["command"], serde_json::json!(["demo"]));
    // What is simulated is gone with its container.
    let volumes = compose["services"]["demo-prometheus"]["volumes"].as_array().expect("it has files");
    assert!(volumes.iter().all(|volume| volume.as_str().is_some_and(|volume| volume.ends_with(":ro"))), "{volumes:?}");
}

/// The services that others reach under this name, and the profile of each.
fn called<'a>(compose: &'a Value, host: &str) -> Vec<(&'a str, &'a str)> {
    let services = compose["services"].as_object().expect("there are services");
    let called = services.iter().filter(|(name, service)| {
        let aliases = service["networks"]["default"]["aliases"].as_array();
        *name == host || aliases.is_some_and(|aliases| aliases.contains(&host.into()))
    });
    let mut called: Vec<_> =
        called.map(|(name, service)| (service["profiles"][0].as_str().expect("a profile"), name.as_str())).collect();
    called.sort_unstable();
    called
}

/// What stands at a path of a container.
fn mounted(compose: &Value, service: &str, inside: &str) -> Option<String> {
    let volumes = compose["services"][service]["volumes"].as_array()?;
    volumes.iter().find_map(|volume| {
        let (from, to) = volume.as_str()?.split_once(':')?;
        (to.trim_end_matches(":ro") == inside).then(|| from.to_owned())
    })
}

/// The YAML files in a folder.
fn files(folder: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(path(folder)).expect("the folder can be read");
    let files = entries.map(|entry| entry.expect("its entries can be read").path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(!files.is_empty(), "{folder} is empty");
    files
}
