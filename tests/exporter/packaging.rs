//! The image, the units and the scrape configurations, by what reads them: the build stage is run, `systemd-analyze`,
//! `promtool` and `hadolint` judge. What is missing for that is a failure; `make tools` installs it.

mod dockerfile;
mod generated;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Exporter, client_toml, content, root};

const BINARY: &str = env!("CARGO_BIN_EXE_boinc_exporter");

/// Below this of the 10 points of `systemd-analyze security`. What is left is the network, and /proc/stat.
const EXPOSURE: f64 = 2.0;

#[test]
fn the_image_is_built_from_what_is_committed() {
    let stage = dockerfile::Stage::build(&root().join("target/packaging"), "v1.2.3-test");
    let version = content(Command::new(stage.binary()).arg("--version"));
    assert!(version.starts_with(concat!("boinc_exporter ", env!("CARGO_PKG_VERSION"), "\n")), "{version}");
    assert!(version.contains("revision: v1.2.3-test\n"), "{version}");

    // What the image of the last stage has.
    let image = ["linux-vdso.so.1", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "/lib64/ld-linux-x86-64.so.2"];
    let libraries = content(Command::new("ldd").arg(stage.binary()));
    let libraries: Vec<_> = libraries.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(libraries.iter().all(|library| image.contains(library)), "{libraries:?}");
}

#[test]
fn the_dockerfiles_have_no_lint() {
    let hadolint = root().join("target/judges/bin/hadolint");
    let files = ["Dockerfile", "deploy/image/Dockerfile"].map(|file| root().join(file));
    assert_eq!(content(Command::new(hadolint).arg("--no-color").args(files)), "");
}

#[test]
fn the_image_runs_without_privileges_and_can_be_checked() {
    let text = dockerfile::read();
    let instructions = dockerfile::instructions(&text);
    let last = |name: &str| {
        let found = instructions.iter().rev().find(|instruction| instruction.name == name);
        found.map_or("", |instruction| instruction.rest.as_str())
    };
    assert_eq!(last("USER"), "65532:65532");
    assert_eq!(last("EXPOSE"), boinc_exporter::config::LISTEN_PORT.to_string());
    assert_eq!(last("ENTRYPOINT"), r#"["/usr/bin/boinc_exporter"]"#);
    assert!(
        last("HEALTHCHECK").ends_with(r#"CMD ["/usr/bin/boinc_exporter", "healthcheck"]"#),
        "{}",
        last("HEALTHCHECK")
    );
}

/// Both tell why in the same words, and docs/PERFORMANCE.md has one figure for both.
#[test]
fn the_image_and_the_unit_set_the_same_environment() {
    let instructions = dockerfile::instructions(&dockerfile::read());
    let image = instructions.iter().filter(|i| i.name == "ENV").flat_map(|i| dockerfile::environment(&i.rest));
    let unit = fs::read_to_string(root().join("deploy/systemd/boinc_exporter.service")).expect("it is there");
    let lines = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    let unit: Vec<_> = lines.flat_map(dockerfile::environment).collect();
    assert_eq!(image.collect::<Vec<_>>(), unit);
    assert!(!unit.is_empty());
}

/// Asks as the image does.
fn healthcheck(address: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.env_clear().args(["healthcheck", "--web.listen-address", address]).args(flags);
    command.output().expect("the built binary starts")
}

#[test]
fn the_health_of_a_running_exporter_is_its_exit_code() {
    let exporter = Exporter::start(&client_toml("dead", "127.0.0.1:1"));
    let healthy = healthcheck(exporter.address(), &[]);
    assert!(healthy.status.success() && healthy.stdout.is_empty() && healthy.stderr.is_empty(), "{healthy:?}");
    let address = exporter.address().to_owned();
    drop(exporter);
    let dead = healthcheck(&address, &[]);
    assert_eq!(dead.status.code(), Some(1));
    let words = String::from_utf8_lossy(&dead.stderr);
    let start = format!("boinc_exporter: cannot reach the exporter at {address}; does it run with this configuration?");
    assert!(words.starts_with(&start), "{words}");
}

#[test]
fn an_exporter_with_tls_or_passwords_can_be_checked() {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("the folder is writable");
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    write("cert.pem", &key.cert.pem());
    write("key.pem", &key.signing_key.serialize_pem());
    write("tls.yml", "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n");
    let hash = "$2b$10$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay";
    write("users.yml", &format!("basic_auth_users:\n  prometheus: {hash}\n"));
    for name in ["tls.yml", "users.yml"] {
        let file = folder.path().join(name).display().to_string();
        let exporter = Exporter::start(&format!("config_file = {file:?}\n{}", client_toml("dead", "127.0.0.1:1")));
        let healthy = healthcheck(exporter.address(), &["--web.config.file", &file]);
        assert!(healthy.status.success() && healthy.stderr.is_empty(), "{name}: {healthy:?}");
    }
}

/// The units as they are, but for the path of the program, which is installed nowhere here.
fn units() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for name in ["boinc_exporter.service", "boinc_exporter.socket"] {
        let unit = fs::read_to_string(root().join("deploy/systemd").join(name)).expect("the unit is there");
        let unit = unit.replace("ExecStart=/usr/bin/boinc_exporter", &format!("ExecStart={BINARY}"));
        fs::write(folder.path().join(name), unit).expect("the folder is writable");
    }
    folder
}

#[test]
fn systemd_understands_the_units() {
    let folder = units();
    let files = ["boinc_exporter.service", "boinc_exporter.socket"].map(|name| folder.path().join(name));
    let words = content(Command::new("systemd-analyze").args(["verify", "--man=no"]).args(files));
    // Of the units that systemd has beside ours, it may have something to say as well.
    let ours: Vec<_> = words.lines().filter(|line| line.contains("boinc_exporter")).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}

#[test]
fn the_service_can_do_little_else() {
    let folder = units();
    let unit = folder.path().join("boinc_exporter.service");
    let words = content(Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(unit));
    let (_, rest) = words.split_once("Overall exposure level for boinc_exporter.service: ").expect("a verdict");
    let exposure: f64 = rest.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number");
    assert!(exposure < EXPOSURE, "{words}");
}

fn scrape_configurations() -> Vec<PathBuf> {
    let folder = root().join("deploy/prometheus");
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "yml")).collect();
    files.sort();
    files
}

#[test]
fn prometheus_understands_the_scrape_configurations() {
    let files = scrape_configurations();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        content(Command::new("promtool").args(["check", "config", "--lint=all", "--lint-fatal"]).arg(file));
    }
}

/// What is discovered within the time that promtool is given: it takes all of it. On a busy computer it needs more.
fn discovered(file: &Path) -> Vec<Value> {
    for seconds in [1, 4, 16, 64, 256] {
        let mut command = Command::new("promtool");
        command.args(["check", "service-discovery"]).arg(format!("--timeout={seconds}s")).arg(file).arg("boinc");
        let json = content(&mut command);
        let found: Vec<Value> = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}\n{json}"));
        if !found.is_empty() {
            return found;
        }
    }
    panic!("nothing is discovered");
}

/// What Prometheus would scrape with this configuration: the address and the client of each target.
fn targets(name: &str, exporter: &Exporter, change: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join(name);
    let text = fs::read_to_string(root().join("deploy/prometheus").join(name)).expect("the configuration is there");
    let mut changed = String::new();
    for line in change(&text).lines() {
        match line.split_once("- url: ") {
            Some((indent, _)) => writeln!(changed, "{indent}- url: http://{}/sd", exporter.address()),
            None => writeln!(changed, "{line}"),
        }
        .expect("memory");
    }
    fs::write(&file, changed).expect("the folder is writable");
    let found = discovered(&file);
    let mut kept = Vec::new();
    for target in found {
        let label = |name: &str| target["labels"][name].as_str().map(str::to_owned);
        let Some(address) = label("__address__") else { continue };
        let client = label("__param_target").expect("a client");
        assert_eq!(label("instance").as_ref(), Some(&client));
        assert_eq!(label("__metrics_path__").as_deref(), Some("/probe"));
        kept.push((address, client));
    }
    kept.sort();
    kept
}

/// Names that are no addresses are the hard case: Prometheus takes what is listed for one.
const NAMES: [&str; 6] = ["attic", "cellar", "R&D büro", "10.0.0.7:31417", "a/b c", "plain.example"];

fn exporter_of_many() -> Exporter {
    let clients: Vec<_> =
        NAMES.iter().zip(1..).map(|(name, port)| client_toml(name, &format!("127.0.0.1:{port}"))).collect();
    Exporter::start(&clients.concat())
}

fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    names
}

#[test]
fn every_listed_client_is_probed() {
    let exporter = exporter_of_many();
    let targets = targets("probe.yml", &exporter, str::to_owned);
    let expected = sorted(NAMES.map(str::to_owned)).into_iter().map(|name| ("localhost:31415".to_owned(), name));
    assert_eq!(targets, expected.collect::<Vec<_>>());
}

#[test]
fn exporters_share_the_clients() {
    let exporter = exporter_of_many();
    let targets = targets("exporters.yml", &exporter, str::to_owned);
    assert_eq!(sorted(targets.iter().map(|(_, client)| client.clone())), sorted(NAMES.map(str::to_owned)));
    let addresses: BTreeSet<_> = targets.iter().map(|(address, _)| address.as_str()).collect();
    let all = ["boinc-exporter-0:31415", "boinc-exporter-1:31415", "boinc-exporter-2:31415"];
    assert!(addresses.len() > 1 && addresses.iter().all(|address| all.contains(address)), "{addresses:?}");
}

#[test]
fn servers_share_the_clients() {
    let exporter = exporter_of_many();
    let first = targets("servers.yml", &exporter, str::to_owned);
    let second = targets("servers.yml", &exporter, |text| {
        assert_eq!(text.matches("\"0\"").count(), 2, "the lines to change");
        text.replace("\"0\"", "\"1\"")
    });
    assert!(!first.is_empty() && !second.is_empty(), "{first:?} {second:?}");
    let all = first.into_iter().chain(second).map(|(_, client)| client);
    assert_eq!(sorted(all), sorted(NAMES.map(str::to_owned)));
}

/// Those that `cargo` does not fill in.
#[test]
fn the_version_is_the_same_wherever_it_is_written() {
    for file in ["deploy/README.md", "deploy/kubernetes/deployment.yaml", "deploy/kubernetes/sidecar.yaml"] {
        let text = fs::read_to_string(root().join(file)).expect("it is committed");
        let after_name =
            |name: &'static str| text.split(name).skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let names = ["boinc_exporter:", "boinc-exporter-", "boinc-exporter_"];
        let versions: Vec<_> = names.into_iter().flat_map(after_name).collect();
        assert!(!versions.is_empty(), "{file}");
        for version in versions {
            assert!(
                version.starts_with(env!("CARGO_PKG_VERSION")),
                "{file}: {}",
                version.lines().next().unwrap_or_default()
            );
        }
    }
}
